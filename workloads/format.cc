// Lists the formats and counts bytes of elements and scales.
#include "workloads/format.h"

#include <algorithm>
#include <array>

namespace orrery {
namespace {

constexpr double kDoublyQuantised = 8 + 32.0 / 256;  // bits of nf4's scale, its own scale's part included

constexpr std::array<Format, 12> kFormats = {{
    {"fp64", Precision::kFp64, 64, 0, 0, 0},
    {"fp32", Precision::kFp32, 32, 0, 0, 0},
    {"tf32", Precision::kTf32, 32, 0, 0, 0},
    {"bf16", Precision::kBf16, 16, 0, 0, 0},
    {"fp16", Precision::kFp16, 16, 0, 0, 0},
    {"int8", Precision::kInt8, 8, 0, 0, 0},
    {"fp8", Precision::kFp8, 8, 0, 0, 0},
    {"fp8_block", Precision::kFp8, 8, 32, 128, 16384},
    {"mxfp8", Precision::kFp8, 8, 8, 32, 32},
    {"mxfp4", Precision::kFp4, 4, 8, 32, 32},
    {"nvfp4", Precision::kFp4, 4, 8, 16, 16},
    {"nf4", Precision::kBf16, 4, kDoublyQuantised, 64, 64},
}};
constexpr std::size_t kFirstNarrow = 6;
constexpr std::size_t kNarrow = 5;

}  // namespace

Bytes Format::bytes(std::int64_t elements, std::int64_t per_scale) const {
  Bytes all(divide(static_cast<Int128>(elements) * bits, 8, Rounding::kUp));
  if (per_scale == 0) return all;
  const std::int64_t scales = (elements + per_scale - 1) / per_scale;
  return all + Bytes(static_cast<std::int64_t>(static_cast<double>(scales) * scale_bits / 8));
}

const Format* find_format(std::string_view name) {
  const auto* found = std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& f) { return f.name == name; });
  return found == kFormats.end() ? nullptr : found;
}

const Format& format_of(Precision precision) {
  const Format* found = find_format(to_name(precision));
  return found == nullptr ? *find_format("mxfp4") : *found;
}

std::vector<std::string> narrow_formats() {
  std::vector<std::string> names;
  for (std::size_t f = kFirstNarrow; f < kFirstNarrow + kNarrow; ++f) names.emplace_back(kFormats[f].name);
  return names;
}

}  // namespace orrery
