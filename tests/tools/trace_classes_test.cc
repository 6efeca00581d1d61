// Which kinds --trace-only chooses, what it refuses, and how large a trace will be.
#include "tools/orrery/trace_classes.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "sim/base/error.h"
#include "tools/orrery/trace_file.h"

namespace {

using namespace orrery;

std::string refused_kinds(std::string_view wanted) {
  try {
    (void)read_trace_classes(wanted);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("kinds of a trace are named, all where none is") {
  CHECK(read_trace_classes("") == kEveryTraceClass);
  CHECK(read_trace_classes("compute,counters") == TraceClasses{true, false, false, false, true});
  CHECK(refused_kinds("compute,colective") ==
        "--trace-only:1:9: error: no kind is called 'colective'; did you mean 'collective'?\n"
        "  1 | compute,colective\n"
        "    |         ^~~~~~~~~\n"
        "  note: kinds: compute, collective, message, host, counters");
  CHECK(refused_kinds("compute,").find("--trace-only:1:9") == 0);
}

TEST_CASE("a trace is estimated by what it shows") {
  Program program;
  Role role;
  role.ops.resize(3);
  role.ops[1].kind = OpKind::kCollective;
  program.roles.push_back(role);
  program.role_of_rank = {0, 0};
  Segment segment;
  segment.kernel_count = 10;
  (void)program.segments.add(segment);
  TraceRequest request{.ranks = {RankId(0), RankId(1)}};
  const double ops = estimated_bytes(program, request, false);
  CHECK(estimated_bytes(program, request, true) > ops);
  request.kernels = true;
  CHECK(estimated_bytes(program, request, false) > 2 * ops);
  request.classes = read_trace_classes("collective");
  CHECK(estimated_bytes(program, request, false) < ops / 3);
  request.ranks.pop_back();
  CHECK(estimated_bytes(program, request, false) < ops / 6);
}

}  // namespace
