// `--fold auto|on|off`, and what a fold saved, in a line.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "tools/orrery/simulate.h"
#include "tools/orrery/verb.h"

namespace orrery {

// By Folding.
inline constexpr std::array<std::string_view, 3> kFoldingNames = {"auto", "on", "off"};

void declare_fold(CLI::App& command, Folding& folding);
// "folded: 1,024 ranks played by 16, 2,048 resources by 40"
[[nodiscard]] std::string fold_line(const Fold::Counts& counts);

}  // namespace orrery
