// What lies with the host: bytes here and there, copies beside passes, updates as slow as the slowest of three.
#include <cmath>

#include "tests/workloads/fixture.h"

using namespace orrery;
using test::bytes_of;
using test::chip_named;
using test::model_named;
using test::plan_of;
using test::stack_named;

namespace {

constexpr const char* kPlan = "data: 8, zero: 1, microbatch: 1, batch: 16, sequence: 4096";

Program step(const DecoderModel& model, const std::string& more, const Chip& chip = chip_named("h100_sxm")) {
  return training_step(model, plan_of(model, "{" + std::string(kPlan) + more + "}"), stack_named("megatron_core"),
                       chip);
}
MemoryUse memory(const DecoderModel& model, const std::string& more) {
  return memory_use(model, plan_of(model, "{" + std::string(kPlan) + more + "}"), stack_named("megatron_core"),
                    chip_named("h100_sxm"));
}

// Of the first role: how long ops of this name last together, and how many there are.
struct Delays {
  Duration sum;
  int count = 0;
};
Delays delays_named(const Program& program, std::string_view name) {
  Delays found;
  for (const Op& op : program.roles.front().ops) {
    if (op.kind != OpKind::kDelay || program.names[op.name] != name) continue;
    found.sum += program.delays[op.body];
    ++found.count;
  }
  return found;
}

}  // namespace

TEST_CASE("activations of all layers but the last go to the host and come back, once a microbatch") {
  const DecoderModel model = model_named("llama3_8b");
  const Chip chip = chip_named("h100_sxm");
  const Plan plan = plan_of(model, "{" + std::string(kPlan) + "}");
  const double layer = layer_activations(model, plan, stack_named("megatron_core")).as_double();
  const Program program = step(model, ", offload: [activations]");
  const double copy = chip.host->latency.in_seconds() + layer / chip.host->link.as_double();
  for (const char* way : {"activations to host", "activations from host"}) {
    const Delays found = delays_named(program, way);
    CHECK(found.count == 31 * 2);
    CHECK(found.sum.in_seconds() == doctest::Approx(31 * 2 * copy).epsilon(1e-6));
  }
  CHECK(delays_named(step(model, ""), "activations to host").count == 0);
}

TEST_CASE("what the chip no longer holds, the host does") {
  const DecoderModel model = model_named("llama3_8b");
  const MemoryUse here = memory(model, "");
  const MemoryUse both = memory(model, ", offload: [activations, optimizer]");
  const Plan plan = plan_of(model, "{" + std::string(kPlan) + "}");
  const std::int64_t layer = layer_activations(model, plan, stack_named("megatron_core")).count();
  CHECK(here.host == Bytes(0));
  CHECK(here.host_capacity == Bytes(0));
  CHECK(bytes_of(here, "activations") - bytes_of(both, "activations") == 31 * layer);
  CHECK(bytes_of(both, "buffers") - bytes_of(here, "buffers") == 2 * layer);
  CHECK(bytes_of(both, "optimizer") == 0);
  CHECK(both.host.count() == 31 * layer + bytes_of(here, "optimizer"));
  CHECK(both.host_capacity == chip_named("h100_sxm").host->memory);
}

TEST_CASE("as many microbatches lie with the host as are in flight") {
  const DecoderModel model = model_named("llama3_8b");
  const auto host = [&](const std::string& plan) {
    return stage_memory(model, plan_of(model, plan), stack_named("megatron_core"), chip_named("h100_sxm"), 0)
        .host.count();
  };
  const std::int64_t one = host("{pipeline: 4, batch: 1, sequence: 4096, offload: [activations]}");
  CHECK(one > 0);
  CHECK(host("{pipeline: 4, batch: 16, sequence: 4096, offload: [activations]}") == 4 * one);
}

TEST_CASE("a host updates what ZeRO gives its chip: gradients there, weights back, its memory in between") {
  const DecoderModel model = model_named("llama3_8b");
  const Chip chip = chip_named("h100_sxm");
  const Program program = step(model, ", offload: [optimizer]");
  const double own = 8'030'261'248.0 / 8;  // 16 bytes of gradient and weight pass besides the states
  const auto seconds = [&](std::string_view name) { return delays_named(program, name).sum.in_seconds(); };
  const double launches = 8 * chip.host->latency.in_seconds();
  CHECK(seconds("gradients to host") ==
        doctest::Approx(launches + 4 * own / chip.host->link.as_double()).epsilon(1e-6));
  CHECK(seconds("weights from host") ==
        doctest::Approx(launches + 2 * own / chip.host->link.as_double()).epsilon(1e-6));
  // Gradient read; master weight and two moments read and written; the weight written.
  CHECK(seconds("update on host") ==
        doctest::Approx((4 + 2 * 12 + 2) * own / chip.host->memory_bandwidth.as_double()).epsilon(1e-6));
  CHECK(delays_named(program, "update on host").count == 8);
  for (const KernelRow& kernel : program.kernels) CHECK(program.names[kernel.name] != "adam");
}

TEST_CASE("it trains the same") {
  const DecoderModel model = model_named("llama3_8b");
  const StepFlops plain = step_flops(step(model, ", recompute: full"));
  const StepFlops offloaded = step_flops(step(model, ", recompute: full, offload: [activations, optimizer]"));
  CHECK(offloaded.model.count() == plain.model.count());
  CHECK(offloaded.hardware.count() == plain.hardware.count());
}

TEST_CASE("what can't be offloaded is refused, with what could be") {
  const DecoderModel model = model_named("llama3_8b");
  const auto error = [&](const std::string& plan) { return test::input_error([&] { return plan_of(model, plan); }); };
  CHECK(error("{batch: 1, offload: [weights]}").find("activations") != std::string::npos);
  CHECK(error("{batch: 1, offload: []}").find("nothing is offloaded") != std::string::npos);
  CHECK(error("{batch: 1, offload: [optimizer, optimizer]}").find("twice") != std::string::npos);
  CHECK(error("{batch: 1, optimizer: muon, offload: [optimizer]}").find("adam or sgd") != std::string::npos);
  CHECK(error("{pipeline: 32, batch: 32, offload: [activations]}").find("one layer") != std::string::npos);
  CHECK(error("{pipeline: 4, batch: 8, schedule: zb_h1, offload: [activations]}").find("1f1b") != std::string::npos);
  CHECK_THROWS_AS(step(model, ", offload: [optimizer]", chip_named("tpu_v5p")), RunError);
}
