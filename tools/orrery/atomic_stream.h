// A std::ostream over an AtomicFile: what is streamed into it becomes a file whole or not at all.
#pragma once

#include <exception>
#include <filesystem>
#include <ostream>
#include <streambuf>

#include "sim/base/write_file.h"

namespace orrery {

// A stream can't throw through every writer that holds it: the first WriteError is kept, and commit() throws it.
class AtomicStream : private std::streambuf, public std::ostream {
 public:
  explicit AtomicStream(const std::filesystem::path& target) : std::ostream(this), file_(target) {}
  void commit() {  // once, last
    if (problem_) std::rethrow_exception(problem_);
    file_.commit();
  }

 private:
  using Traits = std::streambuf::traits_type;

  Traits::int_type overflow(Traits::int_type c) override {
    const char byte = Traits::to_char_type(c);
    return xsputn(&byte, 1) == 1 ? Traits::not_eof(c) : Traits::eof();
  }
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    try {
      if (!problem_) file_.write({bytes, static_cast<std::size_t>(count)});
    } catch (const WriteError&) {
      problem_ = std::current_exception();
    }
    return problem_ ? 0 : count;
  }

  AtomicFile file_;
  std::exception_ptr problem_;
};

}  // namespace orrery
