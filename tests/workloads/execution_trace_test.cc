// Execution traces of PyTorch: which operators run, what their shapes cost, what waits for what, and who plays whom.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "tests/base/temporary_folder.h"
#include "tests/workloads/traced.h"
#include "workloads/pytorch_trace/execution_program.h"
#include "workloads/pytorch_trace/operator_kernel.h"
#include "workloads/pytorch_trace/operator_tree.h"
#include "workloads/pytorch_trace/schema_names.h"
#include "workloads/recorded/group_pattern.h"

namespace {

using namespace orrery;
using namespace orrery::pytorch_trace;

const std::filesystem::path kExample =
    std::filesystem::path(ORRERY_SOURCE_DIR) / "scenarios/executions/two_layers.0.et.json";
const std::filesystem::path kItsProfile =
    std::filesystem::path(ORRERY_SOURCE_DIR) / "scenarios/executions/two_layers.0.profile.json";

ExecutionTrace read(std::string_view nodes) {
  const TemporaryFolder folder({{"et.json", fmt::format(R"({{"schema": "1.0.1", "nodes": [{}]}})", nodes)}});
  return read_execution_trace(folder.path("et.json"));
}

// A node as schema 1.0.1 writes it. Tensors as values, shapes and types of them.
std::string node(int id, int parent, std::string_view name, std::string_view schema, std::string_view values,
                 std::string_view shapes, std::string_view types, std::string_view outputs = "",
                 std::string_view output_shapes = "") {
  return fmt::format(
      R"({{"name": "{}", "id": {}, "rf_id": {}, "parent": {}, "op_schema": "{}", "inputs": [{}], "input_shapes": [{}],)"
      R"t( "input_types": [{}], "outputs": [{}], "output_shapes": [{}], "output_types": ["Tensor(float)"]}})t",
      name, id, id, parent, schema, values, shapes, types, outputs, output_shapes);
}

constexpr std::string_view kMm = "aten::mm(Tensor self, Tensor mat2) -> Tensor";
std::string product(int id, int parent, std::string_view type = "c10::BFloat16") {
  return node(id, parent, "aten::mm", kMm, R"([1, 101, 0, 32, 2, "cuda:0"], [2, 102, 0, 64, 2, "cuda:0"])",
              "[4, 8], [8, 8]", fmt::format(R"t("Tensor({0})", "Tensor({0})")t", type),
              R"([3, 103, 0, 32, 2, "cuda:0"])", "[4, 8]");
}
std::string add(int id, int parent, int storage) {
  return node(id, parent, "aten::add_", "aten::add_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)",
              fmt::format(R"([5, {}, 0, 1000, 4, "cuda:0"], [6, 106, 0, 1000, 4, "cuda:0"])", storage),
              "[1000], [1000]", R"t("Tensor(float)", "Tensor(float)")t",
              fmt::format(R"([5, {}, 0, 1000, 4, "cuda:0"])", storage), "[1000]");
}
std::string all_reduce(int id, int sequence, int storage, int rank = 0) {
  return node(id, 1, "record_param_comms", "",
              fmt::format(R"([[7, {}, 0, 1000, 4, "cuda:0"]], {}, 94594108284448, {}, "allreduce", [], [])", storage,
                          sequence, rank),
              "[[1000]], [], [], [], [], [], []",
              R"("GenericList[Tensor(float)]", "Int", "Int", "Int", "String", "GenericList[]", "GenericList[]")",
              fmt::format(R"([[7, {}, 0, 1000, 4, "cuda:0"]])", storage), "[[1000]]");
}
std::string wait(int id, int sequence) {
  return node(id, 1, "record_param_comms", "", fmt::format(R"({}, 0, 0, "wait", [], [])", sequence), "", "");
}

Chip chip() {
  const Library library = Library::standard();
  return load_chip(library, yaml::parse("a100_sxm_80gb", "chip"));
}

Program written(const ExecutionTrace& trace, const Chip& on, std::vector<std::string>* warnings = nullptr) {
  TracedOperators made = program_of({trace}, {}, {.chip = &on, .algorithm = "ring"});
  validate(made.program);
  if (warnings != nullptr) *warnings = made.warnings;
  return std::move(made.program);
}

TEST_CASE("schemas name arguments and say what is a view") {
  CHECK(
      argument_names("aten::slice.Tensor(Tensor(a) self, int dim=0, SymInt? start=None, *, Scalar x=1) -> Tensor(a)") ==
      std::vector<std::string>{"self", "dim", "start", "x"});
  CHECK(argument_names("none").empty());
  CHECK(makes_view("aten::view(Tensor(a) self, SymInt[] size) -> Tensor(a)"));
  CHECK(!makes_view("aten::add_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)"));
  CHECK(!makes_view("aten::mm(Tensor self, Tensor mat2) -> Tensor"));
  CHECK(tensor_type("GenericList[Tensor(int),Tensor(float)]", 1) == "float");
}

TEST_CASE("of operators that call each other one runs") {
  // linear calls mm; a clone calls copy_; an addition calls nothing.
  const std::string linear = node(2, 1, "aten::linear", "aten::linear(Tensor input, Tensor weight) -> Tensor",
                                  R"([1, 101, 0, 32, 2, "cuda:0"], [2, 102, 0, 64, 2, "cuda:0"])", "[4, 8], [8, 8]",
                                  R"t("Tensor(c10::BFloat16)", "Tensor(c10::BFloat16)")t");
  const ExecutionTrace trace = read(fmt::format("{}, {}, {}", linear, product(3, 2), add(4, 1, 105)));
  const std::vector<OperatorPlace> places = places_of(trace);
  REQUIRE(places.size() == 3);
  CHECK(places[0].work == Work::kNothing);
  CHECK(places[1].work == Work::kShaped);
  CHECK(places[2].work == Work::kStream);
  CHECK(places[1].parent == 0);
}

TEST_CASE("products cost what the chip makes of their shapes, additions their bytes") {
  const Chip a100 = chip();
  const ExecutionTrace trace = read(product(3, 1) + "," + add(4, 1, 105) + "," + product(5, 1, "float"));
  const std::vector<Kernel> half = kernels_of(trace.operators[0], a100, Precision::kBf16);
  REQUIRE(half.size() == 1);
  CHECK(half[0].hardware_flops == FlopCount(2.0 * 4 * 8 * 8));
  CHECK(half[0].precision == Precision::kBf16);
  CHECK(half[0].engine_share == 1);
  const std::vector<Kernel> sum = kernels_of(trace.operators[1], a100, Precision::kBf16);
  REQUIRE(sum.size() == 1);
  CHECK(sum[0].read == Bytes(8000));
  CHECK(sum[0].written == Bytes(4000));
  // 32 bits: 19.5 of TF32's 156 TFLOP/s.
  const std::vector<Kernel> full = kernels_of(trace.operators[2], a100, Precision::kBf16);
  REQUIRE(full.size() == 1);
  CHECK(full[0].precision == Precision::kTf32);
  CHECK(full[0].engine_share == doctest::Approx(0.125));
}

TEST_CASE("lookups read a row for each index, not the table") {
  const ExecutionTrace trace =
      read(node(2, 1, "aten::embedding", "aten::embedding(Tensor weight, Tensor indices) -> Tensor",
                R"([1, 101, 0, 128000000, 2, "cuda:0"], [2, 102, 0, 10, 8, "cuda:0"])", "[1000000, 128], [10]",
                R"t("Tensor(c10::Half)", "Tensor(long int)")t", R"([3, 103, 0, 1280, 2, "cuda:0"])", "[10, 128]"));
  const std::vector<Kernel> lookup = kernels_of(trace.operators[0], chip(), Precision::kBf16);
  REQUIRE(lookup.size() == 1);
  CHECK(lookup[0].read == Bytes(10 * 128 * 2 + 10 * 8));
  CHECK(lookup[0].written == Bytes(2560));
}

TEST_CASE("a collective waits for what was computed, and for it wait who is told to or touches its memory") {
  const Chip a100 = chip();
  const ExecutionTrace trace =
      read(product(2, 1) + "," + all_reduce(3, 7, 107) + "," + product(4, 1) + "," + all_reduce(5, 8, 108) + "," +
           wait(6, 7) + "," + product(7, 1) + "," + add(8, 1, 108));
  const Program program = written(trace, a100);
  REQUIRE(program.streams.size() == 3);
  CHECK(waits_of(program, 0, "all_reduce") == Waits{{1, 1}, {1, 2}});
  CHECK(waits_of(program, 0, "aten::mm") == Waits{{2, 1}});    // the last of three was told to
  CHECK(waits_of(program, 0, "aten::add_") == Waits{{2, 2}});  // it adds to what is summed
}

TEST_CASE("what has no known cost is said") {
  std::vector<std::string> warnings;
  const std::string strange =
      node(2, 1, "aten::mm", kMm, R"([1, 101, 0, 32, 2, "cuda:0"])", "[4, 8]", R"t("Tensor(int)")t");
  const std::string own = node(3, 1, "mine::op", "mine::op(Tensor x) -> Tensor", R"([1, 101, 0, 32, 2, "cuda:0"])",
                               "[4, 8]", R"t("Tensor(float)")t", R"([3, 103, 0, 32, 2, "cuda:0"])", "[4, 8]");
  (void)written(read(strange + "," + own), chip(), &warnings);
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0] == "1 operators run something of which no cost is known, and take no time: 1 of aten::mm");
  CHECK(warnings[1] == "1 operators aren't ATen's, and are taken to stream their tensors once: 1 of mine::op");
}

TEST_CASE("the new schema: groups, ranks and times of a profile") {
  const ExecutionTrace trace = read_execution_trace(kExample);
  CHECK(is_execution_trace(kExample));
  CHECK(!is_execution_trace(kItsProfile));
  CHECK(trace.rank == 0);
  CHECK(trace.world_size == 4);
  const Chip a100 = chip();
  const Rules rules{.chip = &a100, .algorithm = "ring"};
  const Program program = program_of({trace}, {}, rules).program;
  REQUIRE(program.groups.size() == 2);
  CHECK(program.groups[0].name == "tensor");
  CHECK(program.groups[0].listed.size() == 2);
  CHECK(program.groups[1].listed[0] == std::vector<RankId>{RankId(0), RankId(2)});

  const TracedOperators measured = program_of({trace}, {read_measured_kernels(kItsProfile)}, rules);
  Duration longest;
  for (std::size_t s = 0; s < measured.program.segments.size(); ++s)
    longest = std::max(longest, measured.program.segments[SegmentId(s)].duration);
  CHECK(longest == Duration::nanoseconds(923'100));  // the slowest product, as measured
}

TEST_CASE("on more ranks groups that reach over all grow, others repeat") {
  using recorded::carried_on;
  using recorded::GroupPattern;
  using recorded::pattern_of;
  CHECK(pattern_of({0, 2}, 4) == GroupPattern{2, 2});
  CHECK(pattern_of({1, 3}, 4) == GroupPattern{2, 2});
  CHECK(!pattern_of({1, 2}, 4));     // begins in the middle
  CHECK(!pattern_of({0, 1, 3}, 4));  // isn't even
  CHECK(carried_on({2, 2}, 4, 64) == GroupPattern{2, 32});
  CHECK(carried_on({1, 2}, 4, 64) == GroupPattern{1, 2});
  CHECK(!carried_on({1, 2}, 4, 7));
  CHECK(GroupPattern{2, 4}.members_of(11) == std::vector<RankId>{RankId(9), RankId(11), RankId(13), RankId(15)});

  const ExecutionTrace trace = read_execution_trace(kExample);
  const Chip a100 = chip();
  const Rules rules{.chip = &a100, .algorithm = "ring"};
  const TracedOperators grown = program_of({trace}, {}, rules, 64);
  validate(grown.program);
  CHECK(grown.program.groups[0].listed.size() == 32);
  REQUIRE(grown.program.groups[1].listed.size() == 2);
  CHECK(grown.program.groups[1].listed[0].size() == 32);
  CHECK(message_of([&] { (void)program_of({trace}, {}, rules, 7); }).find("doesn't say how it goes on over 7") !=
        std::string::npos);
  CHECK(message_of([&] { (void)program_of({trace}, {}, rules, 2); }).find("was recorded on 4 ranks") !=
        std::string::npos);
}

TEST_CASE("a real trace, in the folder that ORRERY_TRACES names: eight ranks, collectives, products") {
  const char* folder = std::getenv("ORRERY_TRACES");
  const std::filesystem::path file =
      std::filesystem::path(folder == nullptr ? "" : folder) / "param-dlrm/dlrm_pytorch_et_0.json.gz";
  if (folder == nullptr || !std::filesystem::is_regular_file(file)) {
    MESSAGE("skipped: ORRERY_TRACES names no folder of traces");
    return;
  }
  const ExecutionTrace trace = read_execution_trace(file);
  CHECK(trace.operators.size() == 1675);
  CHECK(trace.world_size == 8);
  CHECK(trace.unknown == 0);
  const Program program = written(trace, chip());
  std::size_t collectives = 0;
  std::size_t products = 0;
  for (const Op& op : program.roles[0].ops) {
    collectives += op.kind == OpKind::kCollective ? 1 : 0;
    const std::string& name = program.names[op.name];
    products += name == "aten::mm" || name == "aten::addmm" || name == "aten::bmm" ? 1 : 0;
  }
  CHECK(collectives == 8);
  CHECK(products == 13 + 7 + 3);
}

TEST_CASE("what is no execution trace is said with file and byte") {
  CHECK(message_of([] { (void)read(R"({"name": "x"})"); }).find("has no id") != std::string::npos);
  CHECK(message_of([] {
          (void)read(R"({"id": 3, "name": "x", "inputs": [[1, 2, 0, -4, 4, "cuda:0"]]})");
        }).find("of a size that can't be") != std::string::npos);
  CHECK(message_of([] { (void)read(R"({"id": )"); }).find("is no JSON") != std::string::npos);
  CHECK(message_of([] { (void)read(R"({"id": 3, "name": "x", "fw_tid": 1e999})"); }).find("too large") !=
        std::string::npos);
  const std::string deep =
      R"({"id": 3, "name": "x", "attrs": )" + std::string(5000, '[') + std::string(5000, ']') + "}";
  CHECK(message_of([&] { (void)read(deep); }).find("more than 256 deep") != std::string::npos);
}

}  // namespace
