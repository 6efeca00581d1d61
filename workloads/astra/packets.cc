// The counts of each algorithm: messages, packets in flight, and which of them are reduced.
#include "workloads/astra/packets.h"

#include <algorithm>
#include <bit>

namespace orrery::astra {
namespace {

std::uint32_t log2_of(std::uint32_t members) { return static_cast<std::uint32_t>(std::bit_width(members)) - 1; }

}  // namespace

Packets::Packets(Kind kind, Implementation implementation, std::uint32_t members, std::uint32_t place,
                 std::uint64_t bytes, bool in_group)
    : kind_(kind), algorithm_(implementation.algorithm), members_(members), place_(place), bytes_(bytes) {
  const std::uint64_t others = members - 1;
  final_bytes_ = kind == Kind::kAllGather ? bytes * members : kind == Kind::kReduceScatter ? bytes / members : bytes;
  if (algorithm_ == Algorithm::kHalvingDoubling) {
    const std::uint32_t rounds = log2_of(members);
    to_send_ = kind == Kind::kAllReduce ? 2 * rounds : rounds;
    later_ = rounds - 1;
    if (kind == Kind::kAllGather) {
      doubling_ = true;
      distance_ = members / 2;
    } else {
      bytes_ = bytes / 2;
    }
    return;
  }
  if (kind != Kind::kAllGather) bytes_ = bytes / members;
  // A ring's all-to-all hands on what isn't its own: N(N−1)/2 messages.
  to_send_ = kind == Kind::kAllReduce ? 2 * others : kind == Kind::kAllToAll ? others * members / 2 : others;
  if (algorithm_ == Algorithm::kDirect) {
    if (kind == Kind::kAllToAll) to_send_ = others;
    parallel_ = implementation.window < 0 ? members - 1
                                          : std::min(static_cast<std::uint32_t>(implementation.window), members - 1);
  }
  later_ = algorithm_ == Algorithm::kDirect && !in_group ? parallel_ : others * parallel_;
}

Packets::Packet Packets::next_packet() const {
  if (algorithm_ != Algorithm::kHalvingDoubling) return {bytes_, distance_, members_ - distance_};
  // Partners meet: whoever has an even number of distances before it goes up.
  const std::uint32_t partner = distance_ == 0 || place_ / distance_ % 2 == 0 ? distance_ : members_ - distance_;
  return {bytes_, partner % members_, partner % members_};
}

void Packets::move_on() {
  switch (algorithm_) {
    case Algorithm::kDirect:
      distance_ = distance_ + 1 == members_ ? 1 : distance_ + 1;
      break;
    case Algorithm::kHalvingDoubling:
      if (doubling_) {
        distance_ /= 2;
        bytes_ *= 2;
        break;
      }
      distance_ *= 2;
      bytes_ /= 2;
      if (distance_ == members_ && kind_ == Kind::kAllReduce) {
        doubling_ = true;
        distance_ /= 2;
        bytes_ *= 2;
      }
      distance_ %= members_;
      break;
    default:
      break;
  }
}

Packets::Made Packets::make() {
  if (first_left_ == 0 && later_left_ == 0) {
    first_left_ = parallel_;
    later_left_ = later_;
    odd_round_ = !odd_round_;
  }
  Made made{bytes_, false};
  packets_.push_back(next_packet());
  if (first_left_ > 0) {
    --first_left_;
  } else {
    made.reduced = kind_ == Kind::kReduceScatter || (kind_ == Kind::kAllReduce && odd_round_);
    --later_left_;
  }
  move_on();
  return made;
}

std::uint32_t Packets::ready() {
  ++free_;
  // The second half of a direct all-reduce begins when the first has come in whole.
  if (algorithm_ == Algorithm::kDirect && kind_ == Kind::kAllReduce && to_send_ <= members_ - 1)
    return received_ < members_ - 1 ? 0 : parallel_;
  return 1;
}

std::optional<Packets::Packet> Packets::send() {
  if (packets_.empty() || to_send_ == 0 || free_ == 0) return std::nullopt;
  const Packet packet = packets_.front();
  packets_.pop_front();
  --to_send_;
  --free_;
  return packet;
}

}  // namespace orrery::astra
