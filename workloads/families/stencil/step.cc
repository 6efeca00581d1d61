// Writes the stages of a box once for each way to stand in the domain.
#include "workloads/families/stencil/step.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "workloads/step/tape.h"

namespace orrery::stencil {
namespace {

constexpr std::uint32_t kDataAxis = kAxes;

// Whether a box has neighbours towards lower and higher coordinates of an axis.
struct Sides {
  bool low = false;
  bool high = false;
  friend auto operator<=>(const Sides&, const Sides&) = default;
};
using Place = std::array<Sides, kAxes>;

Sides sides_of(const Scheme& scheme, const Boxes& boxes, std::size_t axis, std::int64_t coordinate) {
  if (boxes.ranks[axis] == 1) return {};
  return {scheme.periodic[axis] || coordinate > 0, scheme.periodic[axis] || coordinate + 1 < boxes.ranks[axis]};
}

// "box", "box at x low, y high": the edges where nobody stands beyond.
std::string name_of(const Boxes& boxes, const Place& place) {
  std::string edges;
  for (std::size_t d = 0; d < kAxes; ++d) {
    if (boxes.ranks[d] == 1) continue;
    for (const auto& [there, side] : {std::pair{place[d].low, "low"}, std::pair{place[d].high, "high"}})
      if (!there) edges += fmt::format("{}{} {}", edges.empty() ? " at " : ", ", kAxisNames[d], side);
  }
  return "box" + edges;
}

std::int64_t volume(const Extent3& box) { return box[0] * box[1] * box[2]; }

Bytes number_size(const Scheme& scheme) { return size_of(scheme.precision); }

Bytes halo_bytes(const Scheme& scheme, const Stage& stage, const Extent3& box, std::size_t axis) {
  return number_size(scheme) * (stage.exchanged * stage.halo * (volume(box) / box[axis]));
}

class BoxWriter {
 public:
  BoxWriter(const Scheme& scheme, const Boxes& boxes, step::Draft& draft, const Place& place)
      : scheme_(&scheme), boxes_(&boxes), box_(boxes.box()), place_(place), tape_(draft) {
    double cells = 1;
    for (std::size_t d = 0; d < kAxes; ++d)
      cells *= static_cast<double>(boxes.cells[d]) / static_cast<double>(boxes.ranks[d]);
    share_ = cells / static_cast<double>(volume(box_));
  }

  step::Tape write() {
    tape_.phase(Phase::kForward);
    for (std::int64_t copy = 0; copy < boxes_->batch / boxes_->data; ++copy)
      for (const Stage& stage : scheme_->stages)
        for (std::int64_t t = 0; t < stage.times; ++t) play(stage);
    return tape_.finish();
  }

 private:
  void play(const Stage& stage) {
    tape_.part(stage.name);
    const std::vector<step::Mark> halos = exchange(stage);
    const std::int64_t all = volume(box_);
    std::int64_t inside = halos.empty() ? all : inner_cells(stage);
    if (!boxes_->overlap && !halos.empty()) inside = 0;
    if (inside > 0) compute(stage, halos.empty() ? stage.name : stage.name + ", inside", inside);
    for (const step::Mark& mark : halos) tape_.wait(mark);
    if (inside < all) compute(stage, inside > 0 ? stage.name + ", at the sides" : stage.name, all - inside);
  }

  void compute(const Stage& stage, std::string name, std::int64_t cells) {
    Kernel kernel = stream(std::move(name), number_size(*scheme_) * (stage.reads * cells),
                           number_size(*scheme_) * (stage.writes * cells));
    kernel.precision = scheme_->precision;
    kernel.vector_flops = kernel.hardware_flops = FlopCount(stage.flops * static_cast<double>(cells));
    kernel.model_flops = kernel.hardware_flops * share_;
    tape_.run(std::move(kernel));
  }

  // Cells whose neighbours are all in the box.
  [[nodiscard]] std::int64_t inner_cells(const Stage& stage) const {
    std::int64_t cells = 1;
    for (std::size_t d = 0; d < kAxes; ++d) {
      const std::int64_t sides = (place_[d].low ? 1 : 0) + (place_[d].high ? 1 : 0);
      cells *= std::max<std::int64_t>(0, box_[d] - sides * stage.halo);
    }
    return cells;
  }

  // The ends of all receives; empty: there is nobody to exchange with.
  std::vector<step::Mark> exchange(const Stage& stage) {
    std::vector<step::Mark> marks;
    if (stage.exchanged == 0) return marks;
    for (std::size_t d = 0; d < kAxes; ++d) {
      for (const bool up : {true, false}) {
        const Sides& sides = place_[d];
        if (!sides.low && !sides.high) continue;
        const std::size_t stream = 4 * d + (up ? 0 : 2);
        marks.push_back(tape_.exchange({.dimension = static_cast<std::uint32_t>(d),
                                        .delta = up ? 1 : -1,
                                        .bytes = halo_bytes(*scheme_, stage, box_, d),
                                        .channel = up ? 0U : 1U,
                                        .send = step::own_stream(stream),
                                        .receive = step::own_stream(stream + 1),
                                        .sends = up ? sides.high : sides.low,
                                        .receives = up ? sides.low : sides.high},
                                       "halo"));
      }
    }
    return marks;
  }

  const Scheme* scheme_;
  const Boxes* boxes_;
  Extent3 box_;
  Place place_;
  double share_ = 1;  // of the largest box that a box holds on average
  step::TapeWriter tape_;
};

Place place_of(const Scheme& scheme, const Boxes& boxes, const Grid& grid, RankId rank) {
  Place place;
  for (std::size_t d = 0; d < kAxes; ++d) place[d] = sides_of(scheme, boxes, d, grid.coordinate(rank, d));
  return place;
}

}  // namespace

Extent3 Boxes::box() const {
  Extent3 box{};
  for (std::size_t d = 0; d < kAxes; ++d) box[d] = divide(cells[d], ranks[d], Rounding::kUp);
  return box;
}

Program write_step(const Scheme& scheme, const Boxes& boxes, const Stack& stack, const Chip& chip) {
  Grid grid;
  std::vector<std::string> streams;
  for (std::size_t d = 0; d < kAxes; ++d) {
    grid.dimensions.push_back({kAxisNames[d], static_cast<std::uint32_t>(boxes.ranks[d])});
    for (const char* stream : {"send {} up", "from {} below", "send {} down", "from {} above"})
      streams.push_back(fmt::format(fmt::runtime(stream), kAxisNames[d]));
  }
  grid.dimensions.push_back({"data", static_cast<std::uint32_t>(boxes.data)});
  step::Draft draft(grid, streams, stack, chip);
  // Neighbours are equals: what one waits for the other is skew, not a pipeline's bubble.
  for (std::uint32_t d = 0; d < kAxes; ++d) static_cast<void>(draft.group(kAxisNames[d], {d}));

  std::map<Place, std::uint32_t> roles;
  const std::size_t ranks = grid.rank_count() / static_cast<std::size_t>(boxes.data);
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    const Place place = place_of(scheme, boxes, grid, RankId(rank));
    if (!roles.emplace(place, static_cast<std::uint32_t>(roles.size())).second) continue;
    step::Tape tape = BoxWriter(scheme, boxes, draft, place).write();
    draft.add({name_of(boxes, place), std::move(tape.ops), std::move(tape.waits)});
  }
  return draft.finish([&](const Grid& whole, RankId rank) { return roles.at(place_of(scheme, boxes, whole, rank)); });
}

MemoryUse memory_of(const Scheme& scheme, const Boxes& boxes, const Chip& chip) {
  const Extent3 box = boxes.box();
  Bytes most;
  for (const Stage& stage : scheme.stages) {
    Bytes halos;
    for (std::size_t d = 0; d < kAxes; ++d)
      if (boxes.ranks[d] > 1) halos += halo_bytes(scheme, stage, box, d) * 4;
    most = std::max(most, halos);
  }
  MemoryUse use;
  use.capacity = chip.hbm.capacity;
  use.categories = {{"fields", number_size(scheme) * (scheme.fields * volume(box))}, {"buffers", most}};
  return use;
}

}  // namespace orrery::stencil
