// Memory for flat arrays that grow: small ones by realloc(), large ones by moving whole pages.
#pragma once

#include <cstddef>

namespace orrery {

// From here on a block is one of pages of 2 MiB, where the system has them.
inline constexpr std::size_t kLargeBlock = std::size_t{1} << 20U;

// Makes a block of `old_bytes` (nullptr and 0: none yet) one of at least `bytes` > old_bytes, and says in `bytes` what
// it has become. Keeps what stands in it; the rest is indeterminate. Throws std::bad_alloc.
[[nodiscard]] void* grow_block(void* old, std::size_t old_bytes, std::size_t& bytes);
void free_block(void* block, std::size_t bytes) noexcept;

}  // namespace orrery
