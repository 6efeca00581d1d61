// A verb of the command: one file that registers its name, its sentence, its options and what runs it.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string_view>

#include "sim/base/registry.h"

namespace orrery {

// Exit codes, the same for every verb. Memory that doesn't fit is an answer, not a failure, unless --strict asks.
inline constexpr int kDone = 0;
inline constexpr int kRunFailed = 1;  // a run that cannot finish, a file that cannot be written
inline constexpr int kBadInput = 2;   // files or arguments
inline constexpr int kRefused = 3;    // --strict: the answer is one that the user won't have

struct Verb {
  std::string_view name;
  std::string_view sentence;
  // Declares the verb's options; returns what runs it once they are parsed and gives the exit code.
  std::function<int()> (*declare)(CLI::App& command);
};
using Verbs = Registry<Verb>;

}  // namespace orrery
