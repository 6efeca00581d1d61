// Members by their binary digits: partners differ in one.
#include "sim/collective/power_of_two.h"

#include <bit>

namespace orrery {

namespace {

std::size_t index(std::int32_t number) { return static_cast<std::size_t>(number); }

// The blocks [block, block + count), from member `from` to member `to`.
Transfer carry(const Halves& halves, std::int32_t from, std::int32_t to, std::int32_t block, std::int32_t count) {
  return {.from = halves.position[index(from)],
          .to = halves.position[index(to)],
          .piece = halves.first[index(block)],
          .pieces = halves.first[index(block + count)] - halves.first[index(block)]};
}

std::int32_t members_of(const Halves& halves) { return static_cast<std::int32_t>(halves.position.size()); }

}  // namespace

Core::Core(std::size_t members) {
  if (members == 0) return;
  size_ = static_cast<std::int32_t>(std::bit_floor(members));
  extras_ = static_cast<std::int32_t>(members) - size_;
}

void Core::fold(Way way, bool reduces, std::int32_t pieces, const std::function<std::int32_t(std::int32_t)>& piece,
                std::vector<Step>& steps) const {
  if (extras_ == 0) return;
  Step step;
  for (std::int32_t extra = 0; extra < 2 * extras_; extra += 2) {
    Transfer transfer{.from = extra, .to = extra + 1, .reduces = reduces, .piece = piece(extra), .pieces = pieces};
    if (way == Way::kOut) std::swap(transfer.from, transfer.to);
    step.transfers.push_back(transfer);
  }
  steps.push_back(std::move(step));
}

Halves equal_halves(const Core& core) {
  Halves halves;
  const auto digits = static_cast<unsigned>(std::bit_width(static_cast<unsigned>(core.size()))) - 1;
  for (std::int32_t b = 0; b < core.size(); ++b) {
    halves.first.push_back(b);
    // Digits reversed: the largest halves, first to go, go between members that differ in their last digit.
    std::int32_t reversed = 0;
    for (unsigned digit = 0; digit < digits; ++digit)
      if (((b >> digit) & 1) != 0) reversed |= 1 << (digits - 1 - digit);
    halves.position.push_back(core.position(reversed));
  }
  halves.first.push_back(core.size());
  return halves;
}

Halves by_position(const Core& core) {
  Halves halves;
  for (std::int32_t c = 0; c < core.size(); ++c) {
    halves.first.push_back(core.block(c));
    halves.position.push_back(core.position(c));
  }
  halves.first.push_back(core.block(core.size()));
  return halves;
}

void halve(const Halves& halves, std::vector<Step>& steps) {
  for (std::int32_t distance = members_of(halves) / 2; distance > 0; distance /= 2) {
    Step step;
    for (std::int32_t b = 0; b < members_of(halves); ++b) {
      const std::int32_t partner = b ^ distance;
      step.transfers.push_back(carry(halves, b, partner, partner & ~(distance - 1), distance));
      step.transfers.back().reduces = true;
    }
    steps.push_back(std::move(step));
  }
}

void double_up(const Halves& halves, std::vector<Step>& steps) {
  for (std::int32_t distance = 1; distance < members_of(halves); distance *= 2) {
    Step step;
    for (std::int32_t b = 0; b < members_of(halves); ++b)
      step.transfers.push_back(carry(halves, b, b ^ distance, b & ~(distance - 1), distance));
    steps.push_back(std::move(step));
  }
}

void gather_to_first(const Halves& halves, std::vector<Step>& steps) {
  for (std::int32_t distance = 1; distance < members_of(halves); distance *= 2) {
    Step step;
    for (std::int32_t b = distance; b < members_of(halves); b += 2 * distance)
      step.transfers.push_back(carry(halves, b, b - distance, b, distance));
    steps.push_back(std::move(step));
  }
}

void scatter_from_first(const Halves& halves, std::vector<Step>& steps) {
  for (std::int32_t distance = members_of(halves) / 2; distance > 0; distance /= 2) {
    Step step;
    for (std::int32_t b = 0; b < members_of(halves); b += 2 * distance)
      step.transfers.push_back(carry(halves, b, b + distance, b + distance, distance));
    steps.push_back(std::move(step));
  }
}

}  // namespace orrery
