// The factors of nccl-tests.
#include "sim/collective/bus_factor.h"

namespace orrery {

double bus_factor(CollectiveKind kind, std::size_t members) {
  const auto n = static_cast<double>(members);
  switch (kind) {
    case CollectiveKind::kAllReduce:
      return 2 * (n - 1) / n;
    case CollectiveKind::kAllGather:
    case CollectiveKind::kReduceScatter:
    case CollectiveKind::kAllToAll:
    case CollectiveKind::kAllToAllV:
    case CollectiveKind::kGather:
    case CollectiveKind::kScatter:
      return (n - 1) / n;
    case CollectiveKind::kBroadcast:
    case CollectiveKind::kReduce:
    case CollectiveKind::kSendRecv:
      return 1;
    case CollectiveKind::kBarrier:
      break;
  }
  return 0;
}

}  // namespace orrery
