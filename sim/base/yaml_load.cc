// From a file's path to its tree: reads it, merges what it includes, applies the overrides.
#include <fmt/format.h>

#include <map>

#include "sim/base/yaml_tree.h"

namespace orrery::yaml {
namespace {

constexpr std::size_t kMostIncludesDeep = 16;

std::string name_of(const std::filesystem::path& file) { return file.lexically_normal().generic_string(); }

// Reads included files, each once, and sees cycles.
class Includes {
 public:
  explicit Includes(Document& document) : document_(document) {}

  const NodeData* expand(const NodeData& root, const std::filesystem::path& file) {
    if (root.kind != Kind::kMap) return &root;
    const std::size_t at = find_entry(root, kIncludeKey);
    if (at == root.entries()) return &root;

    open_.push_back(identity(file));
    names_.push_back(name_of(file));
    const NodeData* base = nullptr;
    const NodeData& value = root.value(at);
    if (value.kind == Kind::kSequence) {
      for (const NodeData* item : value.children) base = over(base, *item);
    } else {
      base = over(base, value);
    }
    open_.pop_back();
    names_.pop_back();

    std::vector<const NodeData*> rest(root.children.begin(), root.children.end());
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(2 * at),
               rest.begin() + static_cast<std::ptrdiff_t>(2 * at + 2));
    NodeData own = root;
    own.children = {};
    const NodeData* kept = document_.add(own, rest);
    return base == nullptr ? kept : merge_deep(document_, *base, *kept);
  }

 private:
  static std::filesystem::path identity(const std::filesystem::path& file) {
    std::error_code ignored;  // a path that can't be resolved stands for itself
    std::filesystem::path canonical = std::filesystem::weakly_canonical(file, ignored);
    return ignored ? file : canonical;
  }

  const NodeData* over(const NodeData* base, const NodeData& reference) {
    const NodeData* included = load_included(reference);
    return base == nullptr ? included : merge_deep(document_, *base, *included);
  }

  const NodeData* load_included(const NodeData& reference) {
    if (!reference.is_scalar() || reference.text.empty()) reference.fail("'include' names a file or a list of files");
    const std::filesystem::path file = reference.source->directory / std::filesystem::path(reference.text);
    const std::filesystem::path id = identity(file);
    for (std::size_t i = 0; i < open_.size(); ++i) {
      if (open_[i] != id) continue;
      std::string chain;
      for (std::size_t j = i; j < names_.size(); ++j) chain += names_[j] + " -> ";
      reference.fail("this file includes itself: " + chain + name_of(file));
    }
    if (open_.size() >= kMostIncludesDeep)
      reference.fail(fmt::format("files include files more than {} levels deep", kMostIncludesDeep));
    if (const auto known = loaded_.find(id); known != loaded_.end()) return known->second;

    const NodeData* root = parse_text(document_, read(reference, file));
    if (root->kind != Kind::kMap)
      reference.fail(
          fmt::format("{} cannot be included: it is not a mapping of keys to values", in_quotes(reference.text)));
    const NodeData* expanded = expand(*root, file);
    loaded_.emplace(id, expanded);
    return expanded;
  }

  const Source& read(const NodeData& reference, const std::filesystem::path& file) {
    std::string text;
    try {
      text = read_file(file, document_.bytes_left());
    } catch (const InputError& problem) {
      reference.fail(fmt::format("{} {}", in_quotes(name_of(file)), problem.message()));
    }
    return document_.add_source(name_of(file), std::move(text), file.parent_path());
  }

  Document& document_;
  std::map<std::filesystem::path, const NodeData*> loaded_;
  std::vector<std::filesystem::path> open_;  // files whose includes are being read, the outermost first
  std::vector<std::string> names_;           // of those
};

Node finish(const std::shared_ptr<Document>& document, const Source& source, const std::filesystem::path& file,
            const std::vector<Override>& overrides) {
  const NodeData* root = parse_text(*document, source);
  if (root->kind == Kind::kNull)
    throw InputError(SourceSpan{source.text.name(), 0, 0, 1, ""}, "there is nothing in it");
  root = Includes(*document).expand(*root, file);
  for (const Override& change : overrides) root = apply_override(*document, *root, change);
  return Node(std::shared_ptr<const NodeData>(document, root));
}

}  // namespace

Node load(const std::filesystem::path& file, const std::vector<Override>& overrides) {
  const auto document = std::make_shared<Document>();
  const Source& source = document->add_source(file.string(), read_file(file, kMostBytes, true), file.parent_path());
  return finish(document, source, file, overrides);
}

Node parse(std::string_view text, std::string_view file_name, const std::vector<Override>& overrides) {
  const auto document = std::make_shared<Document>();
  const std::filesystem::path file(file_name);
  const Source& source = document->add_source(std::string(file_name), std::string(text), file.parent_path());
  return finish(document, source, file, overrides);
}

}  // namespace orrery::yaml
