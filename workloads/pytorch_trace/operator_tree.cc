// Ids count as operators begin, so what calls stands before what it calls: one pass up, one down.
#include "workloads/pytorch_trace/operator_tree.h"

#include <algorithm>
#include <unordered_map>

namespace orrery::pytorch_trace {
namespace {

Phase phase_named(std::string_view name) {
  if (name.starts_with("autograd::engine::")) return Phase::kBackward;
  if (name.starts_with("Optimizer.step")) return Phase::kOptimizer;
  return Phase::kOther;
}

}  // namespace

std::vector<OperatorPlace> places_of(const ExecutionTrace& trace) {
  const std::vector<Operator>& operators = trace.operators;
  std::unordered_map<std::int64_t, std::uint32_t> index;
  std::vector<OperatorPlace> places(operators.size());
  bool goes_back = false;
  for (std::uint32_t i = 0; i < operators.size(); ++i) {
    OperatorPlace& place = places[i];
    const auto parent = index.find(operators[i].parent);
    place.parent = parent == index.end() ? i : parent->second;
    index.emplace(operators[i].id, i);
    place.phase = phase_named(operators[i].name);
    if (place.phase == Phase::kOther && place.parent != i) place.phase = places[place.parent].phase;
    goes_back = goes_back || place.phase == Phase::kBackward;
    place.work = work_of(operators[i]);
  }
  struct Below {
    bool shaped = false;
    bool own = false;
    bool any = false;
  };
  std::vector<Below> below(operators.size());
  for (std::size_t i = operators.size(); i-- > 0;) {
    OperatorPlace& place = places[i];
    const Below here = below[i];
    const bool hidden = place.work == Work::kShaped    ? here.shaped
                        : place.work == Work::kOwn     ? here.shaped || here.own
                        : place.work == Work::kUnknown ? here.shaped || here.own
                        : place.work == Work::kStream  ? here.any
                                                       : false;
    if (hidden) place.work = Work::kNothing;
    if (place.phase == Phase::kOther && goes_back) place.phase = Phase::kForward;
    if (place.parent == i) continue;
    Below& above = below[place.parent];
    above.shaped = above.shaped || here.shaped || place.work == Work::kShaped;
    above.own = above.own || here.own || place.work == Work::kOwn;
    above.any = above.any || here.any || (place.work != Work::kNothing && place.work != Work::kSync);
  }
  return places;
}

}  // namespace orrery::pytorch_trace
