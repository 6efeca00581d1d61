// The small files of a folder, in three calls of the system each: a thousand traces of a node or two.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace orrery::chakra {

class SmallFiles {
 public:
  // The path to the folder is walked once, not for every file.
  explicit SmallFiles(const std::filesystem::path& folder);
  ~SmallFiles();
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;

  // All bytes of a file of less than 4 KiB; nothing of any other, and of none that is empty or can't be read:
  // blocks_of_file() says why.
  [[nodiscard]] std::optional<std::string> bytes_of(const std::filesystem::path& name) const;

 private:
  int folder_;
};

}  // namespace orrery::chakra
