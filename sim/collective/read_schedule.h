// A user's own collective from a file: messages in YAML, or an algorithm in MSCCL's XML.
#pragma once

#include <filesystem>
#include <string>

#include "sim/base/yaml.h"
#include "sim/collective/message_plan.h"

namespace orrery {

// Most that a file may ask for.
inline constexpr std::int64_t kMostPlanMembers = 4096;
inline constexpr std::int64_t kMostPlanPieces = 1 << 20;

// Keys: `name`; `kind` (all_reduce, …); `members`; `pieces`, that the vector is cut in (default 1); and `messages`, a
// list. Of a message: `from`, `to` (positions from 0); its size, as `bytes: 1 MiB`, as `share: 25 %` of the
// collective's size, or as `piece: 3` with `pieces: 2` of the vector's (default 1); `reduces: true` where the receiver
// adds it up; `name`, and `after`, the name or names of earlier messages that must have come. InputError for a plan
// that doesn't deliver what its kind promises, as far as it says what is carried (message_plan.h).
[[nodiscard]] MessagePlan read_schedule(const yaml::Node& node);

// An algorithm of MSCCL (msccl.cc says what is understood). `path` names the text in messages.
[[nodiscard]] MessagePlan read_msccl(std::string text, const std::filesystem::path& path);

// Either, told apart by what the file begins with.
[[nodiscard]] MessagePlan load_schedule(const std::filesystem::path& path);

}  // namespace orrery
