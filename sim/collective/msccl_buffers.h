// What stands in the buffers of an MSCCL algorithm's GPUs: which chunk, with whose contributions.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "sim/collective/msccl_xml.h"

namespace orrery::msccl {

struct Cell {
  std::int32_t chunk = -1;  // of the whole collective's data; −1: nothing
  std::set<std::int32_t> from;
};
using Cells = std::vector<Cell>;

class Buffers {
 public:
  // As the collective finds them: the input is there, the rest is empty.
  explicit Buffers(const Algorithm& algorithm);

  [[nodiscard]] Cells load(std::size_t gpu, Place place, std::int32_t count) const;
  void store(std::size_t gpu, Place place, const Cells& cells);
  // Empty when every output holds what the collective promises.
  [[nodiscard]] std::string missing() const;
  // `more` added to `cells`; what is wrong with that, empty if nothing.
  [[nodiscard]] static std::string add(const Cells& more, Cells& cells);

 private:
  [[nodiscard]] std::size_t at(std::size_t gpu, std::uint8_t buffer, std::int32_t index) const;
  [[nodiscard]] bool is_right(std::size_t gpu, std::int32_t index) const;

  const Algorithm& algorithm_;
  std::vector<std::vector<Cell>> cells_;  // by GPU: input, output, scratch
};

}  // namespace orrery::msccl
