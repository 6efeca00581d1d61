// An allocator for big flat arrays: from 1 MiB on they ask for pages of 2 MiB, so that growing costs few page faults.
//
// On a virtual machine a fault of a 4 KiB page takes microseconds; filling 64 MiB for the first time took longer than
// simulating what was written there. What the system doesn't know it ignores.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace orrery {

template <class T>
struct LargePages {
  using value_type = T;
  static constexpr std::size_t kLarge = std::size_t{1} << 20U;
  static constexpr std::size_t kPage = std::size_t{2} << 20U;

  LargePages() = default;
  template <class Other>
  LargePages(const LargePages<Other>&) {}  // NOLINT(google-explicit-constructor): what allocators are asked for

  [[nodiscard]] T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kLarge) return static_cast<T*>(::operator new(bytes));
    const std::size_t whole = (bytes + kPage - 1) / kPage * kPage;
    void* const place = std::aligned_alloc(kPage, whole);
    if (place == nullptr) throw std::bad_alloc();
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    (void)::madvise(place, whole, MADV_HUGEPAGE);  // advice only: without it the array is as good, later
#endif
    return static_cast<T*>(place);
  }
  void deallocate(T* place, std::size_t count) {
    if (count * sizeof(T) < kLarge) {
      ::operator delete(place);
    } else {
      std::free(place);
    }
  }
  friend bool operator==(const LargePages&, const LargePages&) { return true; }
};

template <class T>
using LargeVector = std::vector<T, LargePages<T>>;

}  // namespace orrery
