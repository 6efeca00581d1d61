// Puts one mapping over another: for `include` (deep) and for the merge key `<<` (shallow, YAML's own rule).
#include <algorithm>
#include <vector>

#include "sim/base/yaml_tree.h"

namespace orrery::yaml {
namespace {

constexpr std::string_view kMergeKey = "<<";

// The keys of a mapping, sorted, to find an entry in a large one.
class Index {
 public:
  explicit Index(const NodeData& map) : map_(map), order_(map.entries()) {
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::sort(order_.begin(), order_.end(),
              [&](std::size_t a, std::size_t b) { return map_.key(a).text < map_.key(b).text; });
  }
  // The entry, or entries().
  [[nodiscard]] std::size_t find(std::string_view key) const {
    const auto found = std::lower_bound(order_.begin(), order_.end(), key,
                                        [&](std::size_t a, std::string_view b) { return map_.key(a).text < b; });
    return found != order_.end() && map_.key(*found).text == key ? *found : map_.entries();
  }

 private:
  const NodeData& map_;
  std::vector<std::size_t> order_;
};

bool is_merge_key(const NodeData& key) { return key.kind == Kind::kPlain && key.text == kMergeKey; }

// The mappings that a `<<` names, those that win first.
std::vector<const NodeData*> merged_mappings(const NodeData& value) {
  std::vector<const NodeData*> mappings;
  if (value.kind == Kind::kMap) {
    mappings.push_back(&value);
  } else if (value.kind == Kind::kSequence) {
    mappings.assign(value.children.begin(), value.children.end());
  }
  const bool all_maps =
      std::all_of(mappings.begin(), mappings.end(), [](const NodeData* m) { return m->kind == Kind::kMap; });
  if (mappings.empty() || !all_maps) value.fail("'<<' merges a mapping or a list of mappings");
  return mappings;
}

}  // namespace

const NodeData* merge_deep(Document& document, const NodeData& base, const NodeData& own) {
  if (base.kind != Kind::kMap || own.kind != Kind::kMap) return &own;
  const Index of_base(base);
  const Index of_own(own);
  std::vector<const NodeData*> children;
  for (std::size_t i = 0; i < base.entries(); ++i) {
    const std::size_t over = of_own.find(base.key(i).text);
    if (over == own.entries()) {
      children.insert(children.end(), {&base.key(i), &base.value(i)});
    } else {
      children.insert(children.end(), {&own.key(over), merge_deep(document, base.value(i), own.value(over))});
    }
  }
  for (std::size_t i = 0; i < own.entries(); ++i)
    if (of_base.find(own.key(i).text) == base.entries()) children.insert(children.end(), {&own.key(i), &own.value(i)});
  NodeData merged = own;
  return document.add(merged, children);
}

const NodeData* merge_keys(Document& document, const NodeData& map) {
  std::size_t at = 0;
  while (at < map.entries() && !is_merge_key(map.key(at))) ++at;
  if (at == map.entries()) return &map;

  // All entries that have a say, the winners first; of each key the first one counts.
  std::vector<const NodeData*> children;
  for (std::size_t i = 0; i < map.entries(); ++i)
    if (i != at) children.insert(children.end(), {&map.key(i), &map.value(i)});
  for (const NodeData* merged : merged_mappings(map.value(at)))
    children.insert(children.end(), merged->children.begin(), merged->children.end());

  NodeData all = map;
  all.children = children;
  std::vector<std::size_t> order(all.entries());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return all.key(a).text < all.key(b).text; });
  std::vector<bool> counts(all.entries(), true);
  for (std::size_t i = 1; i < order.size(); ++i)
    if (all.key(order[i]).text == all.key(order[i - 1]).text) counts[order[i]] = false;
  std::vector<const NodeData*> kept;
  for (std::size_t i = 0; i < all.entries(); ++i)
    if (counts[i]) kept.insert(kept.end(), {&all.key(i), &all.value(i)});
  all.children = {};
  return document.add(all, kept);
}

}  // namespace orrery::yaml
