// Large blocks move from place to place by their page tables, where the system can do that.
#include "sim/fluid/pages.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace orrery {

namespace {

constexpr std::size_t kPage = std::size_t{2} << 20U;

#ifdef __linux__

// Address space at a multiple of kPage, so that the system can use large pages, and move them as such.
void* map_pages(std::size_t bytes) {
  void* const wide = ::mmap(nullptr, bytes + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (wide == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(wide);
  const std::size_t before = (kPage - reinterpret_cast<std::uintptr_t>(begin) % kPage) % kPage;
  if (before > 0) ::munmap(begin, before);
  ::munmap(begin + before + bytes, kPage - before);
  (void)::madvise(begin + before, bytes, MADV_HUGEPAGE);  // advice only: small pages are as good, slower
  return begin + before;
}

void unmap_pages(void* block, std::size_t bytes) { ::munmap(block, bytes); }

void* move_pages(void* old, std::size_t old_bytes, std::size_t bytes) {
  void* const block = map_pages(bytes);
  // It takes the place of what was mapped there, and grows on the way.
  if (::mremap(old, old_bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, block) != MAP_FAILED) return block;
  std::memcpy(block, old, old_bytes);
  unmap_pages(old, old_bytes);
  return block;
}

#else

void* map_pages(std::size_t bytes) {
  if (void* const block = std::malloc(bytes)) return block;
  throw std::bad_alloc();
}

void unmap_pages(void* block, std::size_t) { std::free(block); }

void* move_pages(void* old, std::size_t, std::size_t bytes) {
  if (void* const block = std::realloc(old, bytes)) return block;
  throw std::bad_alloc();
}

#endif

}  // namespace

void* grow_block(void* old, std::size_t old_bytes, std::size_t& bytes) {
  if (bytes < kLargeBlock) {
    void* const block = std::realloc(old, bytes);
    if (block == nullptr) throw std::bad_alloc();
    return block;
  }
  bytes = (bytes + kPage - 1) / kPage * kPage;
  if (old_bytes >= kLargeBlock) return move_pages(old, old_bytes, bytes);
  void* const block = map_pages(bytes);
  if (old_bytes > 0) std::memcpy(block, old, old_bytes);
  std::free(old);
  return block;
}

void free_block(void* block, std::size_t bytes) noexcept {
  if (bytes >= kLargeBlock) {
    unmap_pages(block, bytes);
  } else {
    std::free(block);
  }
}

}  // namespace orrery
