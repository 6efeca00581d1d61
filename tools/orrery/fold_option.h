// `--fold auto|on|off`, and what a fold saved, in a line.
#pragma once

#include <string>

#include "tools/orrery/simulate.h"
#include "tools/orrery/verb.h"

namespace orrery {

void declare_fold(CLI::App& command, Folding& folding);
// "folded: 1,024 ranks played by 16, 2,048 resources by 40"
[[nodiscard]] std::string fold_line(const Fold::Counts& counts);

}  // namespace orrery
