// openat(), read(), close().
#include "workloads/chakra/small_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace orrery::chakra {

SmallFiles::SmallFiles(const std::filesystem::path& folder)
    : folder_(open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY)) {}

SmallFiles::~SmallFiles() {
  if (folder_ >= 0) close(folder_);
}

std::optional<std::string> SmallFiles::bytes_of(const std::filesystem::path& name) const {
  if (folder_ < 0) return std::nullopt;
  const int file = openat(folder_, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe would block
  if (file < 0) return std::nullopt;
  std::array<char, 4096> block;  // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills what counts
  const ssize_t got = read(file, block.data(), block.size());
  close(file);
  if (got <= 0 || static_cast<std::size_t>(got) == block.size()) return std::nullopt;
  return std::string(block.data(), static_cast<std::size_t>(got));
}

}  // namespace orrery::chakra
