// Puts gathers on the data stream, as early as what holds the weights allows.
//
// Law. Under ZeRO 3 a rank has room for two units: unit i + 1 is gathered once unit i − 1 has run, beside unit i. Under
// ZeRO 1 and 2 it has room for all: gathers of a stage's first chunk begin with the step, those of the next with the
// first pass through the chunk before; they follow each other without a break, and a unit waits for its own.
//
// Source: Zhao et al. 2023 (arXiv 2304.11277), PyTorch FSDP with one unit prefetched and weights dropped after the
// forward pass; Megatron-LM's --overlap-param-gather,
// which begins a chunk's gathers one chunk ahead.
#include "workloads/decoder/gathering.h"

#include <utility>

#include "workloads/compute/kernel.h"
#include "workloads/decoder/prediction.h"
#include "workloads/decoder/weights.h"

namespace orrery::decoder {

using step::Mark;
using step::Stream;

std::vector<WeightUnit> weight_units(const Shapes& shapes, const Chunk& chunk, Gathers how) {
  std::vector<WeightUnit> units;
  const bool packed = shapes.stack.roles.weights && !shapes.frozen();
  const auto add = [&](const Weights& all, const Weights& adapters = {}) {
    // What is frozen is gathered where it isn't held, never because it has been updated.
    const Weights weights = shapes.frozen() && how == Gathers::kOnce ? Weights{} : all;
    const Bytes beside = shapes.bytes(adapters.all());
    const auto sent = [&](const Weights& some) {
      return packed ? gathered_bytes(shapes, some) : stored_bytes(shapes, some);
    };
    WeightUnit unit{.shared = sent(weights.without_experts()) + beside,
                    .experts = sent(weights.only_experts()),
                    .held = stored_bytes(shapes, weights) + beside,
                    .own = {},
                    .all = {}};
    if (packed) {
      const auto share = [](Bytes bytes, std::int64_t among) {
        return Bytes(divide(bytes.count(), among, Rounding::kUp));
      };
      const Bytes shared = stored_bytes(shapes, weights.without_experts()) + beside;
      unit.own = {share(shared, shapes.sharded_over), share(unit.shared, shapes.sharded_over)};
      unit.all = {shared, unit.shared};
      if (shapes.experts_sharded_over > 1) {
        const Bytes experts = stored_bytes(shapes, weights.only_experts());
        unit.own.held += share(experts, shapes.experts_sharded_over);
        unit.own.sent += share(unit.experts, shapes.experts_sharded_over);
        unit.all.held += experts;
        unit.all.sent += unit.experts;
      }
    }
    units.push_back(unit);
  };
  if (chunk.embeds) add(end_weights(shapes, {.layers = {}, .embeds = true}));
  for (const std::string_view layer : chunk.layers) add(layer_weights(shapes, layer), layer_adapters(shapes, layer));
  if (chunk.ends) {
    add(end_weights(shapes,
                    {.layers = {}, .ends = true, .shares_weight = chunk.shares_weight && how == Gathers::kOnce}));
    for (std::int64_t p = 0; p < shapes.model.predicted; ++p) add(prediction_weights(shapes));
  }
  return units;
}

// Whoever waits for the later of the two waits for both.
Mark gather_weights(const WeightUnit& unit, step::TapeWriter& tape) {
  if (unit.own.sent > Bytes(0)) tape.run(stream("pack weights", unit.own.held, unit.own.sent));
  const Mark shared =
      tape.collective(Stream::kData, CollectiveKind::kAllGather, tape.groups().data, unit.shared, "weights");
  const Mark experts = tape.collective(Stream::kData, CollectiveKind::kAllGather, tape.groups().expert_data,
                                       unit.experts, "expert weights");
  return experts ? experts : shared;
}

Gathering::Gathering(Gathers how, std::vector<WeightUnit> units, const std::vector<WeightUnit>& following,
                     step::TapeWriter& tape)
    : how_(how), units_(std::move(units)), tape_(&tape), marks_(units_.size()) {
  if (how_ == Gathers::kNone || units_.empty()) return;
  if (how_ == Gathers::kAhead) {
    marks_[0] = gather_weights(units_[0], *tape_);
    return;
  }
  std::uint32_t later = 0;
  for (std::size_t i = units_.size(); i-- > 0;) {
    marks_[i] = step::before_tape(Stream::kData, later);
    later += gathers_of(units_[i]);
  }
  for (const WeightUnit& unit : following) gather_weights(unit, *tape_);
}

std::uint32_t Gathering::gathers_of(const WeightUnit& unit) const {
  const bool shared = tape_->groups().data && unit.shared > Bytes(0);
  const bool experts = tape_->groups().expert_data && unit.experts > Bytes(0);
  return (shared ? 1 : 0) + (experts ? 1 : 0);
}

void Gathering::enter() {
  if (how_ == Gathers::kNone) return;
  const std::size_t unit = next_++;
  if (how_ == Gathers::kAhead && unit + 1 < units_.size()) marks_[unit + 1] = gather_weights(units_[unit + 1], *tape_);
  tape_->wait(marks_[unit]);
  const WeightUnit::Repacked& all = units_[unit].all;
  if (all.sent > Bytes(0) && marks_[unit]) tape_->run(stream("unpack weights", all.sent, all.held));
}

}  // namespace orrery::decoder
