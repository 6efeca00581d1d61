// A protobuf message under gzip, whose header holds no time.
#include "sim/report/record.h"

#include <fmt/format.h>
#include <zlib.h>

#include "proto/record.pb.h"
#include "sim/base/digest.h"
#include "sim/base/error.h"
#include "workloads/chakra/byte_source.h"

namespace orrery {
namespace {

constexpr std::string_view kFormat = "orrery run";
constexpr std::uint32_t kEdition = 1;
constexpr int kGzip = 15 + 16;  // window bits, and gzip's header instead of zlib's
constexpr std::size_t kMostPacked = std::size_t{256} << 20U;
constexpr std::size_t kMostUnpacked = std::size_t{1} << 30U;

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
  std::error_code unknown;  // what can't be read says so below
  const std::uintmax_t size = std::filesystem::file_size(file, unknown);
  if (!unknown && size > kMostPacked) fail_file(file, "is larger than a record of a run can be");
  chakra::ByteSource source(chakra::blocks_of_file(file));
  std::string text;
  source.read(kMostUnpacked, text);
  record::Run run;
  if (!run.ParseFromString(text) || run.format() != kFormat)
    fail_file(file, "is no record of a run: `orrery run --record` writes them");
  if (run.edition() != kEdition)
    fail_file(file, fmt::format("is a record of edition {}; this command reads {}", run.edition(), kEdition));
  RunRecord record{.version = run.version(),
                   .name = run.name(),
                   .scenario = run.scenario(),
                   .folding = run.folding(),
                   .whole = run.whole(),
                   .result = run.result()};
  if (record.digest() != run.digest()) fail_file(file, "is damaged: its result hasn't the digest that it should have");
  return record;
}

}  // namespace orrery
