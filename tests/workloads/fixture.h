// What the workload tests share: models, stacks, chips and plans from the library or from a line of YAML.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "sim/base/error.h"
#include "sim/base/library.h"
#include "topology/chip.h"
#include "topology/fabric.h"
#include "workloads/memory.h"
#include "workloads/model.h"
#include "workloads/plan.h"
#include "workloads/stack.h"
#include "workloads/training_step.h"

namespace orrery::test {

inline Library library() { return Library({ORRERY_SOURCE_DIR}); }

inline DecoderModel model_named(std::string_view name) { return read_model(library().open("workloads/models", name)); }
inline Stack stack_named(std::string_view name) { return read_stack(library().open("workloads/stacks", name)); }
inline Chip chip_named(std::string_view name) { return read_chip(library().open("topology/chips", name)); }

// A plan from a flow mapping: "{tensor: 8, batch: 64}".
inline Plan plan_of(const DecoderModel& model, const std::string& plan) {
  return read_plan(yaml::parse(plan, "plan.yaml"), model);
}

// Of a category of memory; −1: there is none of that name.
inline std::int64_t bytes_of(const MemoryUse& use, std::string_view category) {
  for (const auto& each : use.categories)
    if (each.name == category) return each.bytes.count();
  return -1;
}

// Chips on one switch over links of 1 TB/s each way.
inline Fabric star(const Chip& chip, std::size_t chips) {
  Fabric fabric(chip);
  const VertexId middle = fabric.add_vertex({VertexKind::kSwitch, {}, "switch"});
  for (std::size_t c = 0; c < chips; ++c) {
    Link link;
    link.from = fabric.engine(fabric.add_chip(0, "chip" + std::to_string(c)));
    link.to = middle;
    link.bandwidth = Bandwidth::bytes_per_second(1'000'000'000'000);
    fabric.add_cable(link);
  }
  return fabric;
}

// A GPT small enough to reckon with by hand.
inline DecoderModel small_gpt(std::int64_t layers = 8) {
  DecoderModel model;
  model.name = "small";
  model.layers = layers;
  model.hidden = 256;
  model.heads = model.kv_heads = 8;
  model.head_dim = 32;
  model.ffn = 1024;
  model.vocab = 2048;
  model.positions = 128;
  return model;
}

// What the InputError says that `read` throws, or nothing.
template <class Read>
std::string input_error(Read read) {
  try {
    static_cast<void>(read());
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace orrery::test
