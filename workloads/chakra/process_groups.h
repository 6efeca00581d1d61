// Who is in a group that traces name: from a file beside them, from nodes of metadata in them, or everybody.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/placement.h"

namespace orrery::chakra {

// Members by name, in the order in which they are listed.
using GroupLists = std::map<std::string, std::vector<RankId>, std::less<>>;

// A file {"1": [0, 1], "2": [2, 3]}: JSON, or YAML of that form. InputError for anything else, ranks beyond `ranks`,
// and ranks listed twice.
[[nodiscard]] GroupLists read_groups_file(const std::filesystem::path& file, std::size_t ranks);

// What a node of metadata holds in its `inputs.values`: a list of {"pg_name": "1", "ranks": [0, 1]}, other keys left
// aside; or, as PyTorch writes it, a list of one text that holds such a list. No ranks: everybody. Nothing if it holds
// something else, as most such nodes do. InputError for ranks that aren't there; `where` names the node.
[[nodiscard]] std::optional<GroupLists> groups_of_metadata(std::string_view values, const std::string& where,
                                                           std::size_t ranks);

[[nodiscard]] std::vector<RankId> everybody(std::size_t ranks);

}  // namespace orrery::chakra
