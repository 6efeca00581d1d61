// Sniffs gzip's magic bytes and unpacks with zlib, one block at a time.
#include "workloads/chakra/byte_source.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "sim/base/error.h"

namespace orrery::chakra {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 16U;
constexpr int kOnlyGzip = 16 + MAX_WBITS;  // inflateInit2: a gzip header and checksum, nothing else

class FileBlocks : public Blocks {
 public:
  explicit FileBlocks(const std::filesystem::path& path) : name_(path.string()), block_(kBlockBytes) {
    struct stat facts {};
    if (stat(path.c_str(), &facts) != 0) fail_file(name_, std::string("cannot be read: ") + std::strerror(errno));
    if (S_ISDIR(facts.st_mode)) fail_file(name_, "is a directory, not a file");
    if (!S_ISREG(facts.st_mode)) fail_file(name_, "is not a file");
    file_.reset(std::fopen(path.c_str(), "rb"));
    if (file_ == nullptr) fail_file(name_, std::string("cannot be read: ") + std::strerror(errno));
  }
  [[nodiscard]] const std::string& name() const override { return name_; }
  std::string_view next() override {
    const std::size_t got = std::fread(block_.data(), 1, block_.size(), file_.get());
    if (got == 0 && std::ferror(file_.get()) != 0)
      fail_file(name_, std::string("cannot be read: ") + std::strerror(errno));
    return {block_.data(), got};
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string name_;
  std::vector<char> block_;
  std::unique_ptr<std::FILE, Close> file_;
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
