// A JSON file that is one long list in an object (events, nodes): each element handed over as it closes, then
// forgotten.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "workloads/chakra/byte_source.h"

namespace orrery::recorded {

// Hands over every object in the root's list `key`; returns the root without them. Memory is for one element and the
// rest of the root. InputError with the byte where the file isn't JSON, or has no such list: "it is no `what`".
nlohmann::json read_json_list(chakra::ByteSource& source, std::string_view key, std::string_view what,
                              const std::function<void(const nlohmann::json&)>& each);

// Of what such files hold: nothing that could be wrong, where a key is absent or of another type.
// A whole number from 0 to `most`.
[[nodiscard]] bool is_small(const nlohmann::json& number, std::int64_t most);
[[nodiscard]] std::int64_t integer_or(const nlohmann::json& object, const char* key, std::int64_t otherwise);
[[nodiscard]] std::string text_or(const nlohmann::json& object, const char* key);

}  // namespace orrery::recorded
