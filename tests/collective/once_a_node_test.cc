// Rows with several takers cross to a node once: what is sent on each kind of link, against the closed form.
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "tests/collective/groups.h"

using namespace orrery;

namespace {

// Bytes that a position sends to members of its own node and to those of others.
struct Sent {
  std::int64_t within = 0;
  std::int64_t across = 0;
};

Sent sent_by(const Schedule& schedule, const Group& group, std::size_t position) {
  Sent sent;
  for (const Step& step : schedule.steps)
    for (const Transfer& transfer : step.transfers) {
      if (transfer.from != static_cast<std::int32_t>(position)) continue;
      const bool own = group.node[position] == group.node[static_cast<std::size_t>(transfer.to)];
      (own ? sent.within : sent.across) += step.bytes.count() * transfer.count * transfer.pieces;
    }
  return sent;
}

}  // namespace

TEST_CASE("a row crosses to each node that takes it once, and is handed out there") {
  const std::int64_t bytes = 256 << 20;
  for (const std::uint32_t copies : {1U, 2U, 8U}) {
    for (const auto& [nodes, each] : {std::pair(2, 8), std::pair(8, 8), std::pair(4, 2), std::pair(3, 5)}) {
      CAPTURE(copies);
      CAPTURE(nodes);
      CAPTURE(each);
      Group group = block_group(static_cast<std::size_t>(nodes), static_cast<std::size_t>(each));
      group.copies = copies;
      const Schedule schedule = write("once_a_node", CollectiveKind::kAllToAll, group, bytes);
      const double share = 1 - std::pow(1 - 1.0 / nodes, copies);  // of the rows, that a node takes
      for (std::size_t p = 0; p < group.size(); ++p) {
        const Sent sent = sent_by(schedule, group, p);
        CHECK(static_cast<double>(sent.across) ==
              doctest::Approx((nodes - 1) * share * static_cast<double>(bytes) / copies).epsilon(1e-4));
        CHECK(static_cast<double>(sent.within) ==
              doctest::Approx((each - 1) * static_cast<double>(bytes) / each).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("rows of one taker cross as an all-to-all by rails does") {
  const Group group = block_group(4, 4);
  const Schedule schedule = write("once_a_node", CollectiveKind::kAllToAll, group, 1 << 24);
  CHECK(sent_by(schedule, group, 0).across == doctest::Approx(0.75 * (1 << 24)).epsilon(1e-4));
}

TEST_CASE("within one node every copy goes straight to its taker") {
  Group group = block_group(1, 8);
  group.copies = 8;
  const Schedule schedule = write("once_a_node", CollectiveKind::kAllToAll, group, 1 << 24);
  CHECK(sent_by(schedule, group, 3).across == 0);
  CHECK(sent_by(schedule, group, 3).within == 7 * (1 << 24) / 8);
}

TEST_CASE("it is taken only where it is named") {
  CHECK(CollectiveAlgorithms::find("once_a_node")->only_named);
  CHECK_FALSE(CollectiveAlgorithms::find("pxn")->only_named);
}
