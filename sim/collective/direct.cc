// The direct algorithms: every member sends to every other at once, one hop for everything.
//
// All-reduce is a direct reduce-scatter (each sends piece j to member j, who adds them all up) and a direct all-gather.
// It sends as many bytes as the ring, in 2 steps of latency instead of 2(n − 1), but needs n(n − 1) messages a step and
// a fabric on which all pairs are near. To and from a root it is what MPI calls linear: n − 1 messages at one member.
//
// Where each member's link has bandwidth B and latency α: all-reduce 2(α + (n−1)S/(nB)), its halves and all-to-all half
// of that, gather and scatter α + (n−1)S/(nB), broadcast and reduce α + (n−1)S/B.
#include <cassert>

#include "sim/collective/blocks.h"
#include "sim/collective/ring_steps.h"

namespace orrery {

namespace {

// From every member to every other one; everyone starts with the next one up, so that no receiver is first on all
// lists.
template <class Write>
Step each_to_each(std::size_t n, Bytes unit, Write transfer) {
  check_members("direct", n, kMostAllPairs);
  Step step;
  step.bytes = unit;
  step.transfers.reserve(n * (n - 1));
  for (std::size_t distance = 1; distance < n; ++distance) {
    for (std::size_t from = 0; from < n; ++from) {
      const std::size_t to = (from + distance) % n;
      const Transfer message =
          transfer(Transfer{.from = static_cast<std::int32_t>(from), .to = static_cast<std::int32_t>(to)});
      if (message.pieces > 0) step.transfers.push_back(message);
    }
  }
  return step;
}

Step scatter_sums(std::size_t n, Bytes piece) {
  return each_to_each(n, piece, [](Transfer transfer) {
    transfer.reduces = true;
    transfer.piece = transfer.to;
    return transfer;
  });
}

Step gather_pieces(std::size_t n, Bytes piece) {
  return each_to_each(n, piece, [](Transfer transfer) {
    transfer.piece = transfer.from;
    return transfer;
  });
}

Schedule exchange(const Group& group, Bytes bytes) {
  const ExchangeBlocks blocks(group, bytes);
  const std::size_t n = group.size();
  const bool even = group.sizes.empty();
  const Step step = each_to_each(n, blocks.unit(), [&blocks, n, even](Transfer transfer) {
    const auto from = static_cast<std::size_t>(transfer.from);
    const auto to = static_cast<std::size_t>(transfer.to);
    transfer.pieces = blocks.units(from, to);
    transfer.piece = even ? static_cast<std::int32_t>(from * n + to) : kAnyPiece;
    return transfer;
  });
  return {{step}, static_cast<std::int32_t>(n * n)};
}

// Between the root and each other member.
Schedule at_root(CollectiveKind kind, std::size_t n, Bytes bytes) {
  const bool to_root = kind == CollectiveKind::kReduce || kind == CollectiveKind::kGather;
  const bool in_pieces = kind == CollectiveKind::kGather || kind == CollectiveKind::kScatter;
  Schedule schedule;
  schedule.pieces = in_pieces ? static_cast<std::int32_t>(n) : 1;
  Step step;
  step.bytes = piece_of(bytes, schedule.pieces);
  for (std::int32_t p = 1; p < static_cast<std::int32_t>(n); ++p)
    step.transfers.push_back({.from = to_root ? p : 0,
                              .to = to_root ? 0 : p,
                              .reduces = kind == CollectiveKind::kReduce,
                              .piece = in_pieces ? p : 0});
  schedule.steps.push_back(std::move(step));
  return schedule;
}

bool supports_direct(CollectiveKind) { return true; }

Schedule write_direct(CollectiveKind kind, const Group& group, Bytes bytes) {
  const std::size_t n = group.size();
  if (n < 2) return {};
  const Bytes piece = piece_of(bytes, static_cast<std::int64_t>(n));
  const auto pieces = static_cast<std::int32_t>(n);
  switch (kind) {
    case CollectiveKind::kAllReduce:
      return {{scatter_sums(n, piece), gather_pieces(n, piece)}, pieces};
    case CollectiveKind::kReduceScatter:
      return {{scatter_sums(n, piece)}, pieces};
    case CollectiveKind::kAllGather:
      return {{gather_pieces(n, piece)}, pieces};
    case CollectiveKind::kBarrier:
      return {{gather_pieces(n, Bytes(0))}, pieces};
    case CollectiveKind::kAllToAll:
    case CollectiveKind::kAllToAllV:
      return exchange(group, bytes);
    case CollectiveKind::kSendRecv:
      return {{{{{.from = 0, .to = 1}}, bytes, 1}}, 1};
    default:
      return at_root(kind, n, bytes);
  }
}

const CollectiveAlgorithms::Entry kDirect{{"direct",
                                           "every member to every other at once: one hop of latency, n(n - 1) messages",
                                           kMostAllPairs, &supports_direct, &write_direct}};

}  // namespace

}  // namespace orrery
