// Workloads of SimAI: what is read, in which order a rank does it, and what can be wrong.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/workloads/traced.h"
#include "workloads/simai/workload_program.h"
#include "workloads/simai/workload_text.h"

namespace {

using namespace orrery;

constexpr std::string_view kHeader =
    "HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: 2 ep: 2 pp: 1 vpp: 1 ga: 1 all_gpus: 8 ";

std::string two_layers(std::string_view checkpoints = "checkpoints: 0 checkpoint_initiates: 0") {
  return fmt::format(
      "{}{} pp_comm: 0\n2\n"
      "first -1 1000 ALLGATHER 4096 2000 REDUCESCATTER 4096 3000 ALLREDUCE 8192 50\n"
      "second\t-1\t1001\tALLTOALL_EP\t512\t2001\tNONE\t99\t3001\tALLREDUCE_DP_EP\t1024\t0\n",
      kHeader, checkpoints);
}
simai::Workload parse(std::string text) { return simai::parse_workload("moe.txt", std::move(text)); }

std::string said(const std::string& text) {
  return message_of([&] { (void)parse(text); });
}

// "first f, all_gather, …": names of ops with their phases.
std::vector<std::string> order(const Program& program) {
  std::vector<std::string> names;
  for (const Op& op : program.roles[0].ops)
    names.push_back(fmt::format("{} {}{}", program.names[op.name], to_name(op.phase),
                                op.kind == OpKind::kCollective ? " collective"
                                : op.kind == OpKind::kDelay    ? " delay"
                                                               : ""));
  return names;
}

TEST_CASE("a workload's groups, layers and collectives are read") {
  const simai::Workload workload = parse("# Two layers.\n" + two_layers());
  CHECK(workload.ranks == 8);
  REQUIRE(workload.layers.size() == 2);
  CHECK(workload.layers[0].forward.compute == Duration::nanoseconds(1000));
  CHECK(workload.layers[0].forward.kind == CollectiveKind::kAllGather);
  CHECK(workload.layers[0].weight_gradient.among == simai::Among::kData);
  CHECK(workload.layers[0].update == Duration::nanoseconds(50));
  CHECK(workload.layers[1].forward.among == simai::Among::kExpert);
  CHECK(!workload.layers[1].input_gradient.kind);
  const Program program = simai::program_of(workload, "ring").program;
  validate(program);
  CHECK(program.members(GroupSpecId(0), RankId(2)) == std::vector<RankId>{RankId(2), RankId(3)});
  CHECK(program.members(GroupSpecId(1), RankId(1)) == std::vector<RankId>{RankId(1), RankId(3), RankId(5), RankId(7)});
  CHECK(program.members(GroupSpecId(2), RankId(6)) == std::vector<RankId>{RankId(4), RankId(6)});
  CHECK(program.members(GroupSpecId(3), RankId(6)) == std::vector<RankId>{RankId(2), RankId(6)});
}

TEST_CASE("forward, then backward with gradients of inputs awaited and of weights not") {
  const Program program = simai::program_of(parse(two_layers()), "ring").program;
  CHECK(order(program) == std::vector<std::string>{"first forward", "first forward collective", "second forward",
                                                   "second forward collective", "second backward", "second backward",
                                                   "second gradients collective", "first backward",
                                                   "first backward collective", "first backward",
                                                   "first gradients collective", "first optimizer delay"});
  // Streams: 2 tensor, 3 data, 4 expert, 5 expert data.
  CHECK(waits_of(program, 0, "first") == Waits{{1, 1}, {1, 5}, {2, 2}, {1, 6}, {3, 1}});
}

TEST_CASE("checkpoints run forward passes again") {
  const Program program =
      simai::program_of(parse(two_layers("checkpoints: 1 0 checkpoint_initiates: 1 1")), "ring").program;
  const std::vector<std::string> names = order(program);
  CHECK(names[4] == "first recompute");
  CHECK(names[5] == "first recompute collective");
  CHECK(names[6] == "second backward");
}

TEST_CASE("more data ranks grow what reaches over them") {
  const simai::Workload grown = simai::on_ranks(parse(two_layers()), 16);
  const Program program = simai::program_of(grown, "ring").program;
  CHECK(program.grid.rank_count() == 16);
  CHECK(program.members(GroupSpecId(1), RankId(0)).size() == 8);
  REQUIRE(grown.notes.size() == 1);
  CHECK(grown.notes[0].find("'data' and 'expert data' grow from 4 and 2 to 8 and 4") != std::string::npos);
  CHECK(message_of([] { (void)simai::on_ranks(parse(two_layers()), 6); }).find("can't be shared out") !=
        std::string::npos);
}

TEST_CASE("what is wrong in a workload is said with line and caret") {
  CHECK(said("DATA\n1\n").find("moe.txt:1:1: error: expected 'HYBRID_TRANSFORMER_FWD_IN_BCKWD'") == 0);
  CHECK(said(fmt::format("{} tp: 3\n1\n", kHeader)).find("no key is called 'tp'") != std::string::npos);
  CHECK(said(two_layers("checkpoints: 0 checkpoint_initiates: 1 1")).find("no layer up to 1 is a checkpoint") !=
        std::string::npos);
  CHECK(said(two_layers("checkpoints: 1 7 checkpoint_initiates: 0")).find("there are layers 0 to 1") !=
        std::string::npos);
  std::string strange = two_layers();
  strange.replace(strange.find("ALLTOALL_EP"), 11, "ALLTOALL_XY");
  CHECK(said(strange).find("moe.txt:4:16: error: expected NONE, ALLREDUCE, ALLGATHER") == 0);
  std::string shorter = two_layers();
  shorter.resize(shorter.find("second"));
  CHECK(said(shorter).find("expected 2 layers, of which 1 are there") != std::string::npos);
  CHECK(said("HYBRID_TRANSFORMER model_parallel_NPU_group: 3 all_gpus: 8\n1\n").find("can't be shared out") !=
        std::string::npos);
}

}  // namespace
