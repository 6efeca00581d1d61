// Finds named files on the library's shelves.
#include "sim/base/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

namespace orrery {
namespace {

constexpr std::string_view kExtension = ".yaml";

bool is_file_reference(std::string_view text) {
  return text.ends_with(kExtension) || text.find('/') != std::string_view::npos;
}

std::filesystem::path place(const std::filesystem::path& root, std::string_view shelf, std::string_view name) {
  return root / std::filesystem::path(shelf) / (std::string(name) + std::string(kExtension));
}

// The file that a scalar names. What is wrong with the file as a whole is said where it is named.
yaml::Node load_referenced(const yaml::Node& reference) {
  const std::filesystem::path file = (reference.directory() / reference.text()).lexically_normal();
  try {
    return yaml::load(file);
  } catch (const InputError& problem) {
    if (problem.where().line > 0 || problem.where().file != file.string()) throw;
    reference.fail(fmt::format("{} {}", in_quotes(file.string()), problem.message()));
  }
}

}  // namespace

Library::Library(std::vector<std::filesystem::path> roots) : roots_(std::move(roots)) {}

Library Library::standard() {
  std::vector<std::filesystem::path> roots;
  if (const char* listed = std::getenv("ORRERY_LIBRARY"); listed != nullptr) {
    std::string_view rest = listed;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(':'), rest.size());
      if (end > 0) roots.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  std::error_code ignored;  // a folder that can't be looked at is none
#ifdef ORRERY_SOURCE_DIR
  if (const std::filesystem::path source = ORRERY_SOURCE_DIR;
      std::filesystem::is_directory(source / "topology", ignored))
    roots.push_back(source);
#endif
  // Wherever a package was unpacked, PREFIX/bin/orrery finds PREFIX/share/orrery.
  if (const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ignored); !ignored)
    roots.push_back(self.parent_path().parent_path() / "share" / "orrery");
#ifdef ORRERY_SHARE_DIR
  roots.emplace_back(ORRERY_SHARE_DIR);
#endif
  return Library(std::move(roots));
}

yaml::Node Library::resolve(const yaml::Node& reference, std::string_view shelf, std::string_view kind) const {
  if (reference.is_map()) return reference;
  if (!reference.is_scalar()) {
    const std::vector<std::string> known = names(shelf);
    reference.fail(fmt::format("expected {}: its name, a file that ends in .yaml, or a mapping", with_article(kind)),
                   {name_list(kind, known)});
  }
  const std::string text = reference.text();
  if (is_file_reference(text)) return load_referenced(reference);
  const std::vector<std::string> known = names(shelf);
  if (!std::binary_search(known.begin(), known.end(), text))
    reference.fail(unknown_name(kind, text, known), {name_list(kind, known)});
  return open(shelf, text);
}

std::vector<std::string> Library::names(std::string_view shelf) const {
  std::vector<std::string> names;
  for (const std::filesystem::path& root : roots_) {
    std::error_code problem;  // a root without that shelf has no names on it
    std::filesystem::directory_iterator entry(root / std::filesystem::path(shelf), problem);
    for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
      std::string name = entry->path().filename().string();
      std::error_code ignored;
      if (!name.ends_with(kExtension) || name.starts_with('.') || !entry->is_regular_file(ignored)) continue;
      name.resize(name.size() - kExtension.size());
      names.push_back(std::move(name));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

yaml::Node Library::open(std::string_view shelf, std::string_view name) const {
  for (const std::filesystem::path& root : roots_) {
    const std::filesystem::path file = place(root, shelf, name);
    std::error_code ignored;  // not there: the next root
    if (name.find('/') == std::string_view::npos && std::filesystem::is_regular_file(file, ignored))
      return yaml::load(file);
  }
  throw InputError(SourceSpan{std::string(shelf), 0, 0, 1, ""}, unknown_name("file", name, names(shelf)));
}

}  // namespace orrery
