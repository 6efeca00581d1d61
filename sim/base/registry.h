// Named things, each in a file of its own: a thing registers its name and one honest sentence by being linked in.
//
// A floor that is open to extension declares `using Shapes = Registry<ShapeKind>;` and each .cc of it holds
//
//     const Shapes::Entry kRing{{"ring", "each chip linked to the next, both ways", &build_ring}};
//
// The list is built before main() by linking alone and never changes after; it reads in order of name whatever the
// order of linking. Object files that hold entries must be linked whole (OBJECT libraries), or the linker drops them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

// `Kind` has members `std::string_view name` and `std::string_view sentence`.
template <class Kind>
class Registry {
 public:
  class Entry {
   public:
    explicit Entry(Kind kind) : kind_(std::move(kind)), next_(head()) { head() = this; }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    friend class Registry;
    static const Entry*& head() {
      static const Entry* first = nullptr;
      return first;
    }
    Kind kind_;
    const Entry* next_;
  };

  // Every kind, in order of name.
  [[nodiscard]] static std::vector<const Kind*> all() {
    std::vector<const Kind*> kinds;
    for (const Entry* entry = Entry::head(); entry != nullptr; entry = entry->next_) kinds.push_back(&entry->kind_);
    std::sort(kinds.begin(), kinds.end(), [](const Kind* a, const Kind* b) { return a->name < b->name; });
    return kinds;
  }
  // nullptr when no kind has that name.
  [[nodiscard]] static const Kind* find(std::string_view name) {
    for (const Entry* entry = Entry::head(); entry != nullptr; entry = entry->next_)
      if (entry->kind_.name == name) return &entry->kind_;
    return nullptr;
  }
  [[nodiscard]] static std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const Kind* kind : all()) names.emplace_back(kind->name);
    return names;
  }
};

}  // namespace orrery
