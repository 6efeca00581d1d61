// A protobuf message under gzip, whose header holds no time.
#include "sim/report/record.h"

#include <fmt/format.h>
#include <zlib.h>

#include <fstream>
#include <iterator>

#include "proto/record.pb.h"
#include "sim/base/digest.h"
#include "sim/base/error.h"

namespace orrery {
namespace {

constexpr std::string_view kFormat = "orrery run";
constexpr std::uint32_t kEdition = 1;
constexpr int kGzip = 15 + 16;  // window bits, and gzip's header instead of zlib's
constexpr std::size_t kMostPacked = std::size_t{256} << 20U;
constexpr std::size_t kMostUnpacked = std::size_t{1} << 30U;
constexpr std::size_t kBlock = std::size_t{1} << 16U;

[[noreturn]] void refuse_record(const std::filesystem::path& file, const std::string& message) {
  throw InputError({.file = file.string(), .line_text = {}}, message);
}

// zlib takes what it reads as not const.
Bytef* bytes_of(std::string& text) { return reinterpret_cast<Bytef*>(text.data()); }

std::string packed(std::string text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = bytes_of(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = bytes_of(out);
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string unpacked(const std::filesystem::path& file, std::string text) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) throw std::bad_alloc();
  stream.next_in = bytes_of(text);
  stream.avail_in = static_cast<uInt>(text.size());
  std::string out;
  std::string block(kBlock, '\0');
  int status = Z_OK;
  while (status == Z_OK && out.size() <= kMostUnpacked) {
    stream.next_out = bytes_of(block);
    stream.avail_out = static_cast<uInt>(block.size());
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(block, 0, block.size() - stream.avail_out);
  }
  const std::size_t read = stream.total_in;
  inflateEnd(&stream);
  if (status != Z_STREAM_END) refuse_record(file, fmt::format("byte {}: is damaged, or no record of a run", read));
  return out;
}

}  // namespace

std::string RunRecord::digest() const { return digest_of(result); }

std::string to_bytes(const RunRecord& record) {
  record::Run run;
  run.set_format(std::string(kFormat));
  run.set_edition(kEdition);
  run.set_version(record.version);
  run.set_name(record.name);
  run.set_scenario(record.scenario);
  run.set_folding(record.folding);
  run.set_whole(record.whole);
  run.set_result(record.result);
  run.set_digest(record.digest());
  return packed(run.SerializeAsString());
}

RunRecord read_record(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) refuse_record(file, "can't be read");
  std::string text;
  std::string block(kBlock, '\0');
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    text.append(block, 0, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMostPacked) refuse_record(file, "is larger than a record of a run can be");
  }
  record::Run run;
  if (!run.ParseFromString(unpacked(file, std::move(text))) || run.format() != kFormat)
    refuse_record(file, "is no record of a run: `orrery run --record` writes them");
  if (run.edition() != kEdition)
    refuse_record(file, fmt::format("is a record of edition {}; this command reads {}", run.edition(), kEdition));
  RunRecord record{.version = run.version(),
                   .name = run.name(),
                   .scenario = run.scenario(),
                   .folding = run.folding(),
                   .whole = run.whole(),
                   .result = run.result()};
  if (record.digest() != run.digest())
    refuse_record(file, "is damaged: its result hasn't the digest that it should have");
  return record;
}

}  // namespace orrery
