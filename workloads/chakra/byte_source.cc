// Sniffs gzip's magic bytes and unpacks with zlib, one block at a time.
#include "workloads/chakra/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "sim/base/error.h"

namespace orrery::chakra {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 16U;
constexpr std::size_t kLeastBlock = std::size_t{1} << 12U;
constexpr int kOnlyGzip = 16 + MAX_WBITS;  // inflateInit2: a gzip header and checksum, nothing else

// A thousand small traces are read in one go: four calls of the system each, and no more room than they need.
class FileBlocks : public Blocks {
 public:
  explicit FileBlocks(const std::filesystem::path& path)
      : name_(path.string()), file_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {  // a pipe would block
    if (file_ < 0) fail_file(name_, std::string("cannot be read: ") + std::strerror(errno));
    struct stat facts {};
    const bool known = fstat(file_, &facts) == 0;
    const int why = errno;
    if (!known || !S_ISREG(facts.st_mode)) {
      close(file_);
      if (!known) fail_file(name_, std::string("cannot be read: ") + std::strerror(why));
      fail_file(name_, S_ISDIR(facts.st_mode) ? "is a directory, not a file" : "is not a file");
    }
    size_ = static_cast<std::size_t>(facts.st_size);
    room_ = std::clamp(size_ + 1, kLeastBlock, kBlockBytes);
    block_ = std::make_unique_for_overwrite<char[]>(room_);
  }
  ~FileBlocks() override { close(file_); }
  FileBlocks(const FileBlocks&) = delete;
  FileBlocks& operator=(const FileBlocks&) = delete;

  [[nodiscard]] const std::string& name() const override { return name_; }
  std::string_view next() override {
    if (ended_) return {};
    ssize_t got = 0;
    do {
      got = ::read(file_, block_.get(), room_);
    } while (got < 0 && errno == EINTR);
    if (got < 0) fail_file(name_, std::string("cannot be read: ") + std::strerror(errno));
    const auto count = static_cast<std::size_t>(got);
    read_ += count;
    ended_ = count == 0 || (count < room_ && read_ >= size_);
    return {block_.get(), count};
  }

 private:
  std::string name_;
  int file_;
  std::size_t size_ = 0;  // as it was when it was opened
  std::size_t read_ = 0;
  std::size_t room_ = 0;
  std::unique_ptr<char[]> block_;
  bool ended_ = false;
};

class TextBlocks : public Blocks {
 public:
  TextBlocks(std::string name, std::string_view text, std::size_t block)
      : name_(std::move(name)), rest_(text), block_(block) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  std::string_view next() override {
    const std::string_view block = rest_.substr(0, block_);
    rest_.remove_prefix(block.size());
    return block;
  }

 private:
  std::string name_;
  std::string_view rest_;
  std::size_t block_;
};

}  // namespace

std::unique_ptr<Blocks> blocks_of_file(const std::filesystem::path& file) { return std::make_unique<FileBlocks>(file); }

std::unique_ptr<Blocks> blocks_of_text(std::string name, std::string_view text, std::size_t block) {
  return std::make_unique<TextBlocks>(std::move(name), text, block);
}

ByteSource::ByteSource(std::unique_ptr<Blocks> blocks) : blocks_(std::move(blocks)), here_(blocks_->next()) {
  // Two bytes are needed to tell, and a block may be of one.
  if (here_.size() == 1) {
    head_.assign(1, here_.front());
    head_.append(blocks_->next());
    here_ = head_;
  }
  // A trace that isn't packed never begins so: in a message of 31 bytes 0x8B would open a field of no known kind.
  if (!here_.starts_with("\x1F\x8B")) return;
  zip_ = std::make_unique<z_stream>();
  unpacked_.resize(kBlockBytes);
  if (inflateInit2(zip_.get(), kOnlyGzip) != Z_OK) throw std::bad_alloc();
  zip_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(here_.data()));  // zlib only reads it
  zip_->avail_in = static_cast<uInt>(here_.size());
  here_ = {};
}

ByteSource::~ByteSource() {
  if (zip_) inflateEnd(zip_.get());
}

bool ByteSource::fill() {
  if (zip_) return unpack();
  here_ = blocks_->next();
  return !here_.empty();
}

bool ByteSource::unpack() {
  while (true) {
    if (zip_->avail_in == 0) {
      const std::string_view block = blocks_->next();
      if (block.empty()) {
        if (member_ended_) return false;
        fail_packed("the packed file ends in the middle");
      }
      zip_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
      zip_->avail_in = static_cast<uInt>(block.size());
    }
    if (member_ended_ && inflateReset(zip_.get()) != Z_OK) throw std::bad_alloc();
    member_ended_ = false;
    zip_->next_out = reinterpret_cast<Bytef*>(unpacked_.data());
    zip_->avail_out = static_cast<uInt>(unpacked_.size());
    const int result = inflate(zip_.get(), Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
      fail_packed(fmt::format("what follows can't be unpacked: {}", zip_->msg != nullptr ? zip_->msg : "damaged"));
    member_ended_ = result == Z_STREAM_END;
    here_ = {unpacked_.data(), unpacked_.size() - zip_->avail_out};
    if (!here_.empty()) return true;
  }
}

void ByteSource::read(std::size_t count, std::string& to) {
  to.clear();
  while (to.size() < count && (!here_.empty() || fill())) {
    const std::string_view some = here_.substr(0, count - to.size());
    to += some;
    here_.remove_prefix(some.size());
    offset_ += some.size();
  }
}

void ByteSource::fail(std::uint64_t offset, const std::string& message) const {
  fail_file(fmt::format("{}:byte {}{}", name(), offset, zip_ ? " of what it unpacks to" : ""), message);
}

void ByteSource::fail_packed(const std::string& message) const { fail(offset_, message); }

}  // namespace orrery::chakra
