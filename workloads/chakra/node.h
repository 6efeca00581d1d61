// A node of a Chakra trace, and its attributes by name, of whatever kind they were written.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "proto/chakra.pb.h"

namespace orrery::chakra {

// The last attribute of that name, as a map would have it; nullptr: none.
[[nodiscard]] const Attribute* find(const Node& node, std::string_view name);
[[nodiscard]] const Attribute* find(const GlobalMetadata& metadata, std::string_view name);

// Traces in the wild disagree on kinds, so each of these takes any that loses nothing: an integer of any width, a bool
// for 0 and 1 and an integer for a bool, either float for a double (a whole number too). Nothing: it is of another
// kind, or out of range.
[[nodiscard]] std::optional<std::int64_t> as_integer(const Attribute& attribute);
[[nodiscard]] std::optional<bool> as_flag(const Attribute& attribute);
[[nodiscard]] std::optional<double> as_number(const Attribute& attribute);
[[nodiscard]] std::optional<std::string_view> as_text(const Attribute& attribute);

// "comm_coll"
[[nodiscard]] std::string_view to_name(NodeType type);

// For writers, with the kinds that the readers of others expect.
void add_int32(Node& node, std::string_view name, std::int32_t value);
void add_int64(Node& node, std::string_view name, std::int64_t value);
void add_uint64(Node& node, std::string_view name, std::uint64_t value);
void add_double(Node& node, std::string_view name, double value);
void add_flag(Node& node, std::string_view name, bool value);
void add_text(Node& node, std::string_view name, std::string_view value);
void add_int64(GlobalMetadata& metadata, std::string_view name, std::int64_t value);
void add_double(GlobalMetadata& metadata, std::string_view name, double value);
void add_text(GlobalMetadata& metadata, std::string_view name, std::string_view value);

}  // namespace orrery::chakra
