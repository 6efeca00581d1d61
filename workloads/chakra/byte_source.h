// The bytes of a trace, block by block, unpacked where the file is packed with gzip; never the whole of it.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::chakra {

// Raw bytes, in blocks.
class Blocks {
 public:
  virtual ~Blocks() = default;
  [[nodiscard]] virtual const std::string& name() const = 0;
  // The next bytes, valid until the next call; empty at the end. InputError when they can't be read.
  virtual std::string_view next() = 0;
};

// Of a regular file. InputError for the whole file: absent, a directory, unreadable.
[[nodiscard]] std::unique_ptr<Blocks> blocks_of_file(const std::filesystem::path& file);
// Of a text that outlives them, in blocks of `block` bytes.
[[nodiscard]] std::unique_ptr<Blocks> blocks_of_text(std::string name, std::string_view text,
                                                     std::size_t block = std::size_t{1} << 16U);

// Bytes one after another. Offsets count from 0 what is unpacked, not what lies on the disk.
class ByteSource {
 public:
  explicit ByteSource(std::unique_ptr<Blocks> blocks);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  [[nodiscard]] const std::string& name() const { return blocks_->name(); }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }  // of the next byte
  // −1 at the end.
  int get() { return here_.empty() && !fill() ? -1 : take(); }
  // Puts up to `count` of the next bytes in place of what `to` holds, which grows as bytes come; fewer only at the end.
  void read(std::size_t count, std::string& to);
  // InputError at a byte: "trace.0.et:byte 1234: error: …".
  [[noreturn]] void fail(std::uint64_t offset, const std::string& message) const;

 private:
  int take() {
    const auto byte = static_cast<unsigned char>(here_.front());
    here_.remove_prefix(1);
    ++offset_;
    return byte;
  }
  bool fill();  // whether there is another byte
  bool unpack();
  [[noreturn]] void fail_packed(const std::string& message) const;

  std::unique_ptr<Blocks> blocks_;
  std::string head_;  // the first bytes, where they came in pieces
  std::string_view here_;
  std::uint64_t offset_ = 0;
  std::unique_ptr<z_stream> zip_;  // where it is packed
  bool member_ended_ = false;      // between two packed parts
  std::vector<char> unpacked_;
};

}  // namespace orrery::chakra
