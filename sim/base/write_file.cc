// A temporary file beside the target, fsync, rename.
#include "sim/base/write_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

namespace orrery {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18U;
constexpr int kMostNames = 1000;  // tried for the temporary file
constexpr mode_t kMode = 0666;    // less what the user's umask takes away

// The file itself where `path` is a symbolic link to it.
std::filesystem::path behind_links(const std::filesystem::path& path) {
  std::error_code ignored;  // a path that can't be resolved fails when it is opened
  if (!std::filesystem::is_symlink(path, ignored)) return path;
  std::filesystem::path canonical = std::filesystem::weakly_canonical(path, ignored);
  return ignored ? path : canonical;
}

}  // namespace

WriteError::WriteError(const std::filesystem::path& path, int error)
    : text_(fmt::format("{}: cannot be written: {}", path.string(), std::strerror(error))) {}

AtomicFile::AtomicFile(const std::filesystem::path& target) : target_(behind_links(target)) {
  struct stat facts {};
  const bool exists = stat(target_.c_str(), &facts) == 0;
  if (exists && S_ISDIR(facts.st_mode)) fail(EISDIR);
  if (exists && !S_ISREG(facts.st_mode)) {
    descriptor_ = open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(errno);
    return;
  }
  if (exists && access(target_.c_str(), W_OK) != 0) fail(errno);
  for (int i = 0; descriptor_ < 0; ++i) {
    temporary_ = target_;
    temporary_ += fmt::format(".{}.{}.partial", getpid(), i);
    descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode);
    if (descriptor_ < 0 && (errno != EEXIST || i == kMostNames)) {
      temporary_.clear();
      fail(errno);
    }
  }
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= kBufferBytes) flush();
}

void AtomicFile::commit() {
  flush();
  if (!temporary_.empty() && fsync(descriptor_) != 0) fail(errno);
  close();
  if (temporary_.empty()) return;
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  temporary_.clear();
}

void AtomicFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void AtomicFile::close() {
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (::close(descriptor) != 0 && errno != EINTR) fail(errno);
}

void AtomicFile::discard() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  if (!temporary_.empty()) unlink(temporary_.c_str());
  temporary_.clear();
}

void AtomicFile::fail(int error) {
  discard();
  throw WriteError(target_, error);
}

void write_file(const std::filesystem::path& target, std::string_view bytes) {
  AtomicFile file(target);
  file.write(bytes);
  file.commit();
}

}  // namespace orrery
