// `--algorithm all_reduce=tree,all_gather=ring`: other algorithms than a recording has, by kind of collective.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.h"

namespace orrery {

// By kind; empty: as recorded.
using AlgorithmsByKind = std::array<std::string, kCollectiveKindCount>;

// InputError with a caret at the word that is wrong. `option`: as the user wrote it, "--algorithm".
[[nodiscard]] AlgorithmsByKind read_algorithms(std::string_view text, const std::string& option);

// In every collective of those kinds. Where the chip's communication library has a say, it takes the protocol and says
// what the algorithm costs. What that changes nothing of, and what the library has no constants for, is added to the
// scenario's warnings. Of a scenario that was traced.
void take_algorithms(const AlgorithmsByKind& algorithms, Scenario& scenario);

// "all_reduce=tree", for a line of text.
[[nodiscard]] std::string text_of(const AlgorithmsByKind& algorithms);

}  // namespace orrery
