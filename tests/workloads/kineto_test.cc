// Profiles of PyTorch become what they were measured on: launches, kernels, collectives, and what waited for what.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/base/temporary_folder.h"
#include "tests/workloads/traced.h"
#include "workloads/kineto/profile.h"
#include "workloads/kineto/profile_program.h"

namespace {

using namespace orrery;

std::string event(std::string_view category, std::string_view name, int begin, int length, std::string_view args,
                  int thread = 1) {
  return fmt::format(R"({{"ph": "X", "cat": "{}", "name": "{}", "tid": {}, "ts": {}, "dur": {}, "args": {{{}}}}})",
                     category, name, thread, 1'700'000'000'000'000 + begin, length, args);
}
std::string launch(int correlation, int begin) {
  return event("cuda_runtime", "cudaLaunchKernel", begin, 4, fmt::format(R"("correlation": {})", correlation));
}
std::string kernel(std::string_view name, int stream, int correlation, int begin, int length,
                   std::string_view more = "") {
  return event(
      "kernel", name, begin, length,
      fmt::format(R"("stream": {}, "correlation": {}{}{})", stream, correlation, more.empty() ? "" : ", ", more));
}
std::string of(int rank, int world, const std::vector<std::string>& events) {
  return fmt::format(R"({{"distributedInfo": {{"rank": {}, "world_size": {}}}, "traceEvents": [{}]}})", rank, world,
                     fmt::join(events, ","));
}

kineto::Profile read(std::string_view text) {
  const TemporaryFolder folder({{"profile.json", text}});
  return kineto::read_profile(folder.path("profile.json"));
}

void says(const std::function<void()>& what, std::string_view words) {
  const std::string message = message_of(what);
  CAPTURE(message);
  CHECK(message.find(words) != std::string::npos);
}

constexpr std::string_view kAllReduce =
    R"("Collective name": "allreduce", "In msg nelems": 1000, "dtype": "BFloat16", "Process Group Name": "0")";

std::vector<std::string> two_kernels_and_a_sum() {
  return {launch(1, 0),
          kernel("forward", 7, 1, 10, 100),
          launch(2, 20),
          kernel("ncclDevKernel_AllReduce_Sum_bf16_RING_LL(int)", 20, 2, 110, 50, kAllReduce),
          event("cuda_runtime", "cudaStreamWaitEvent", 30, 1, ""),
          launch(3, 40),
          kernel("update", 7, 3, 161, 30),
          event("cuda_runtime", "cudaDeviceSynchronize", 50, 150, "")};
}

TEST_CASE("a profile's events are read, and what its collectives bring") {
  const kineto::Profile profile = read(of(3, 8, two_kernels_and_a_sum()));
  CHECK(profile.rank == 3);
  CHECK(profile.world_size == 8);
  CHECK(profile.calls.size() == 5);
  REQUIRE(profile.ops.size() == 3);
  CHECK(profile.ops[0].length == Duration::microseconds(100));
  REQUIRE(profile.ops[1].communication);
  CHECK(profile.ops[1].communication->kind == CollectiveKind::kAllReduce);
  CHECK(profile.ops[1].communication->bytes == Bytes(2000));
}

TEST_CASE("older profiles say it in the annotation around the launch") {
  const kineto::Profile profile =
      read(of(0, 2,
              {event("user_annotation", "nccl:_allgather_base", 15, 20,
                     R"("Input Dims": [[4, 8], [2]], "Input type": ["float", "long int"])"),
               launch(2, 20), kernel("ncclKernel_AllGather_RING_LL_Sum_int8_t(x)", 84, 2, 40, 9),
               kernel("ncclKernel_AllGather_RING_LL_Sum_int8_t(x)", 84, 2, 50, 9)}));
  REQUIRE(profile.ops[0].communication);
  CHECK(profile.ops[0].communication->kind == CollectiveKind::kAllGather);
  CHECK(profile.ops[0].communication->bytes == Bytes(4 * 8 * 4 + 2 * 8));
  CHECK(!profile.ops[1].communication);
}

TEST_CASE("launches, streams and waits become a role") {
  const std::vector<kineto::Profile> profiles = {read(of(0, 2, two_kernels_and_a_sum())),
                                                 read(of(1, 2, two_kernels_and_a_sum()))};
  const Program program = kineto::program_of(profiles, "ring").program;
  validate(program);
  CHECK(program.grid.rank_count() == 2);
  CHECK(program.streams == std::vector<std::string>{"host", "compute", "cpu", "stream 20"});
  REQUIRE(program.collectives.size() == 1);
  CHECK(program.collectives[0].bytes == Bytes(2000));
  CHECK(waits_of(program, 0, "forward") == Waits{{2, 1}});  // its launch
  CHECK(waits_of(program, 0, "ncclDevKernel_AllReduce_Sum_bf16_RING_LL(int)") ==
        Waits{{2, 2}, {1, 1}});                                    // what was computed before
  CHECK(waits_of(program, 0, "update") == Waits{{2, 3}, {3, 1}});  // the sum
}

TEST_CASE("ranks without a profile do as others, and members must agree") {
  const kineto::ProfiledProgram lent = kineto::program_of({read(of(0, 4, two_kernels_and_a_sum()))}, "ring");
  CHECK(lent.program.role_of_rank == std::vector<std::uint32_t>{0, 0, 0, 0});
  REQUIRE(lent.warnings.size() == 1);
  CHECK(lent.warnings[0] == "profiles of 1 of 4 ranks: the others do as these do, in turn");
  const kineto::Profile whole = read(of(0, 2, two_kernels_and_a_sum()));
  says([&] { (void)kineto::program_of({whole, whole}, "ring"); }, "is of rank 0, and so is");
  const kineto::Profile none = read(of(1, 2, {launch(1, 0), kernel("forward", 7, 1, 10, 100)}));
  says([&] { (void)kineto::program_of({whole, none}, "ring"); }, "1 of 2 members take part in collective 1");
}

TEST_CASE("what is no profile is said with file and byte") {
  says([] { (void)read("{}"); }, "lacks 'traceEvents'");
  says([] { (void)read(""); }, "profile.json:byte ");
  says([] { (void)read(R"({"traceEvents": [{"ph": "X", )"); }, "is no JSON");
  says([] { (void)read(R"({"traceEvents": [{"ph": "X", "cat": "kernel", "name": "k", "ts": "soon"}]})"); },
       "has no time");
  says([] { (void)read(R"({"traceEvents": [{"ph": "X", "cat": "kernel", "name": "k", "ts": 1, "dur": -4}]})"); },
       "lies days away");
}

}  // namespace
