// Formats of numbers: bits of an element, and its part of the scale that a block of elements has in common.
//
// Sources: bf16 to fp8 as IEEE 754 and its 8-bit followers; fp8_block: DeepSeek-AI 2024 (arXiv 2412.19437, section
// 3.3.2), an fp32 scale for 1×128 elements of activations and 128×128 of weights; mxfp8, mxfp4: OCP Microscaling
// Formats 1.0, a scale of eight bits for 32; nvfp4: NVIDIA 2025 (arXiv 2509.25149), an fp8 scale for 16 (16×16 of
// weights, of which each row of 16 still stores its own), and one fp32 a tensor, which counts as nothing here, as does
// the one of plain fp8; nf4: Dettmers et al. 2023 (arXiv 2305.14314), a scale for 64, itself in 8 bits with one fp32
// for 256 of them: 0.127 bits an element.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/units.h"
#include "topology/chip.h"

namespace orrery {

struct Format {
  std::string_view name = "bf16";
  Precision engine = Precision::kBf16;  // in which products of it run
  int bits = 16;                        // of an element
  double scale_bits = 0;                // of a scale
  std::int64_t block = 0;               // elements that have one in common, along a row; 0: the tensor
  std::int64_t weight_block = 0;        // likewise of weights

  [[nodiscard]] Bytes bytes(std::int64_t elements) const { return bytes(elements, block); }  // scales included
  [[nodiscard]] Bytes weight_bytes(std::int64_t elements) const { return bytes(elements, weight_block); }

  friend bool operator==(const Format&, const Format&) = default;

 private:
  [[nodiscard]] Bytes bytes(std::int64_t elements, std::int64_t per_scale) const;
};

// "fp8_block"; nothing for a name that is none.
[[nodiscard]] const Format* find_format(std::string_view name);
[[nodiscard]] const Format& format_of(Precision precision);
// Names of those in eight bits and fewer that a matrix engine multiplies.
[[nodiscard]] std::vector<std::string> narrow_formats();

}  // namespace orrery
