// Which of two woven tapes goes on, op by op.
#include "workloads/step/weave.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <string_view>

using namespace orrery;
using step::Stream;
using step::Tape;

namespace {

// A tape of one letter an op: c kernels, e an exchange with experts after them, w kernels that wait for all of those.
Tape tape_of(std::string_view letters) {
  Tape tape;
  for (const char letter : letters) {
    const Stream stream = letter == 'e' ? Stream::kExpert : Stream::kCompute;
    Op op;
    op.kind = letter == 'e' ? OpKind::kCollective : OpKind::kCompute;
    op.stream = static_cast<std::uint16_t>(stream);
    op.first_wait = static_cast<std::uint32_t>(tape.waits.size());
    if (letter != 'c') {
      const auto on = static_cast<std::uint32_t>(letter == 'e' ? Stream::kCompute : Stream::kExpert);
      tape.waits.push_back({on, tape.counts[on]});
      op.wait_count = 1;
    }
    tape.ops.push_back(op);
    ++tape.counts[op.stream];
  }
  return tape;
}

std::string turns(std::string_view first, std::string_view second) {
  std::string text;
  for (const std::uint8_t turn : step::weave(tape_of(first), tape_of(second))) text += turn == 0 ? 'a' : 'b';
  return text;
}

}  // namespace

TEST_CASE("a tape goes on until it waits for experts, then the other does") {
  CHECK(turns("ccc", "ccc") == "aaabbb");
  CHECK(turns("cew", "c") == "aaba");
  CHECK(turns("cew", "cew") == "aabbab");
  CHECK(turns("cewew", "cew") == "aabbaaba");
  CHECK(turns("", "cew") == "bbb");
  CHECK(turns("cew", "") == "aaa");
}

TEST_CASE("a woven pair holds every op of both tapes once") {
  CHECK(rc::check([] {
    const auto letters = rc::gen::container<std::string>(rc::gen::elementOf(std::string("cew")));
    const std::string first = *letters;
    const std::string second = *letters;
    const auto order = step::weave(tape_of(first), tape_of(second));
    RC_ASSERT(std::count(order.begin(), order.end(), 0) == static_cast<std::ptrdiff_t>(first.size()));
    RC_ASSERT(std::count(order.begin(), order.end(), 1) == static_cast<std::ptrdiff_t>(second.size()));
  }));
}
