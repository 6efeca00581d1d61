// Chakra traces node by node: what is written reads back byte for byte; what is damaged is refused where it stands.
#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "tests/base/temporary_folder.h"
#include "workloads/chakra/reader.h"
#include "workloads/chakra/writer.h"

namespace orrery::chakra {
namespace {

GlobalMetadata some_metadata() {
  GlobalMetadata metadata;
  metadata.set_version("1.0.0");
  add_int64(metadata, "ranks", 2);
  add_text(metadata, "who", "us");
  return metadata;
}

Node some_node(std::uint64_t id) {
  Node node;
  node.set_id(id);
  node.set_name("gemm");
  node.set_type(COMP_NODE);
  node.set_duration_micros(17);
  node.mutable_inputs()->set_values("[]");
  add_flag(node, "is_cpu_op", false);
  add_int64(node, "num_ops", -1);
  add_uint64(node, "tensor_size", std::uint64_t{1} << 63U);
  add_double(node, "share", 0.1);
  return node;
}

std::string written(const std::vector<Node>& nodes, const GlobalMetadata& metadata = some_metadata()) {
  std::string bytes;
  Writer writer(
      "out.et", [&](std::string_view some) { bytes += some; }, metadata);
  for (const Node& node : nodes) writer.write(node);
  writer.finish();
  return bytes;
}

std::string small_trace() {
  Node second = some_node(1);
  second.add_data_deps(0);
  second.add_ctrl_deps(300);
  return written({some_node(0), second, some_node(300)});
}

Reader reader_of(const std::string& bytes, std::size_t block = 64) {
  return Reader(blocks_of_text("trace.0.et", bytes, block));
}

std::vector<Node> nodes_of(Reader& reader) {
  std::vector<Node> nodes;
  while (const Node* node = reader.next()) nodes.push_back(*node);
  return nodes;
}

// What reading all of it comes to: "" if nothing is wrong.
std::string verdict(const std::string& bytes, std::size_t block = 64) {
  try {
    Reader reader(blocks_of_text("trace.0.et", bytes, block));
    while (reader.next() != nullptr) continue;
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string refusal(const std::vector<Node>& nodes, const GlobalMetadata& metadata = some_metadata()) {
  try {
    written(nodes, metadata);
  } catch (const RunError& error) {
    return error.what();
  }
  return "";
}

std::string zipped(const std::string& bytes) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(bytes.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("what was written reads back, and writes the same bytes again") {
  const std::string bytes = small_trace();
  for (const std::size_t block : {1U, 7U, 4096U}) {
    Reader reader = Reader(blocks_of_text("trace.0.et", bytes, block));
    CHECK(reader.metadata().version() == "1.0.0");
    CHECK(as_integer(*find(reader.metadata(), "ranks")) == 2);
    const std::vector<Node> nodes = nodes_of(reader);
    REQUIRE(nodes.size() == 3);
    CHECK(nodes[1].data_deps(0) == 0);
    CHECK(nodes[2].id() == 300);
    CHECK(written(nodes, reader.metadata()) == bytes);
  }
}

TEST_CASE("attributes of any kind that loses nothing do") {
  Node node = some_node(0);
  add_int32(node, "small", 3);
  node.add_attr()->set_name("fixed");
  node.mutable_attr(node.attr_size() - 1)->set_sfixed64_val(-5);
  node.add_attr()->set_name("single");
  node.mutable_attr(node.attr_size() - 1)->set_float_val(0.5F);
  CHECK(as_integer(*find(node, "small")) == 3);
  CHECK(as_integer(*find(node, "fixed")) == -5);
  CHECK(as_flag(*find(node, "is_cpu_op")) == false);
  CHECK(as_flag(*find(node, "small")) == std::nullopt);
  CHECK(as_integer(*find(node, "tensor_size")) == std::nullopt);  // 2^63
  CHECK(as_integer(*find(node, "share")) == std::nullopt);        // a float is no integer
  CHECK(as_number(*find(node, "single")) == 0.5);
  CHECK(as_number(*find(node, "small")) == 3.0);
  CHECK(find(node, "absent") == nullptr);
  add_int32(node, "small", 4);
  CHECK(as_integer(*find(node, "small")) == 4);  // the last one holds
}

TEST_CASE("gzip is unpacked, whole and in parts, and its end is checked") {
  const std::string bytes = small_trace();
  for (const std::size_t block : {1U, 5U, 4096U}) {
    const std::string packed = zipped(bytes);
    Reader reader(blocks_of_text("trace.0.et", packed, block));
    CHECK(written(nodes_of(reader), reader.metadata()) == bytes);
  }
  const std::size_t middle = bytes.size() / 2;
  const std::string two = zipped(bytes.substr(0, middle)) + zipped(bytes.substr(middle));
  Reader parts(blocks_of_text("trace.0.et", two, 9));
  CHECK(nodes_of(parts).size() == 3);
  std::string cut = zipped(bytes);
  cut.resize(cut.size() - 4);
  CHECK(verdict(cut).find("the packed file ends in the middle") != std::string::npos);
  std::string damaged = zipped(bytes);
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);  // of the checksum
  CHECK(verdict(damaged).find("can't be unpacked") != std::string::npos);
}

TEST_CASE("a trace cut anywhere but between messages is an error that says where") {
  const std::string bytes = small_trace();
  Reader reader = reader_of(bytes);
  std::set<std::size_t> ends = {static_cast<std::size_t>(bytes.size())};
  while (reader.next() != nullptr) ends.insert(reader.offset());
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    CAPTURE(cut);
    const std::string said = verdict(bytes.substr(0, cut));
    if (ends.contains(cut)) {
      CHECK(said == "");
    } else if (cut == 0) {
      CHECK(said == "trace.0.et:byte 0: error: the file is empty: a trace begins with its metadata");
    } else {
      CHECK(said.starts_with("trace.0.et:byte " + std::to_string(cut) + ": error: the file ends here, "));
    }
  }
}

TEST_CASE("flipped bits end in nodes or in an error with an offset") {
  const std::string bytes = small_trace();
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const std::string said = verdict(flipped);
    if (said.empty()) continue;
    ++refused;
    CHECK(said.starts_with("trace.0.et:byte "));
  }
  CHECK(refused > bytes.size());
}

TEST_CASE("a length is not believed before its bytes are there") {
  // 15 MiB announced, one byte there: what is kept must not grow to that.
  std::string claims = small_trace();
  const std::size_t end = claims.size();
  claims += "\x80\x80\xC0\x07x";
  CHECK(verdict(claims) == "trace.0.et:byte " + std::to_string(end + 5) +
                               ": error: the file ends here, 15728639 bytes before the end of a message");
  ByteSource source(blocks_of_text("bytes", "abc"));
  std::string read;
  source.read(std::size_t{1} << 40U, read);
  CHECK(read == "abc");
  CHECK(read.capacity() < 1000);
  CHECK(verdict("\xFF\xFF\xFF\xFF\x0F") ==
        "trace.0.et:byte 0: error: a message of 4294967295 bytes: more than 16777216 are no node of a trace");
  CHECK(verdict("\xFF\xFF\xFF\xFF\xFF\xFF\xFF") ==
        "trace.0.et:byte 0: error: the length of a message has more than five bytes");
}

TEST_CASE("a node of no known type is refused") {
  std::string bytes;
  Writer writer(
      "out.et", [&](std::string_view some) { bytes += some; }, some_metadata());
  const std::size_t begin = bytes.size();
  Node node;
  node.set_id(7);
  node.set_type(static_cast<NodeType>(9));
  bytes += static_cast<char>(node.ByteSizeLong()) + node.SerializeAsString();
  CHECK(verdict(bytes) == "trace.0.et:byte " + std::to_string(begin) +
                              ": error: node 7 is of type 9: types are 1 (metadata) to 7 (collective)");
}

TEST_CASE("the writer writes nothing that strict readers refuse") {
  CHECK(refusal({some_node(0), some_node(0)}) == "out.et: can't be written: two nodes have the id 0");
  Node waits = some_node(0);
  waits.add_ctrl_deps(5);
  CHECK(refusal({waits}) == "out.et: can't be written: a node depends on node 5, which isn't there");
  CHECK(refusal({waits, some_node(5)}) == "");  // forward is allowed
  Node itself = some_node(4);
  itself.add_data_deps(4);
  CHECK(refusal({itself}) == "out.et: can't be written: node 4 depends on itself");
  Node untyped = some_node(0);
  untyped.set_type(INVALID_NODE);
  CHECK(refusal({untyped}) == "out.et: can't be written: node 0 has no type");
  Node nameless = some_node(0);
  nameless.add_attr()->set_int32_val(1);
  CHECK(refusal({nameless}) == "out.et: can't be written: node 0 has an attribute without a name or a value");
  CHECK(refusal({}, GlobalMetadata()) != "");
}

TEST_CASE("files that aren't there or are folders are errors of the whole file") {
  const TemporaryFolder folder({{"a.et", small_trace()}});
  Reader reader(folder.path("a.et"));
  CHECK(nodes_of(reader).size() == 3);
  const auto said = [&](std::string_view name) {
    try {
      Reader absent(folder.path(name));
    } catch (const InputError& error) {
      return folder.without_path(error.what());
    }
    return std::string();
  };
  CHECK(said("b.et") == "b.et: error: cannot be read: No such file or directory");
  CHECK(said("").find("is a directory, not a file") != std::string::npos);
}

TEST_CASE("traces of others, in the folder that ORRERY_TRACES names, read and write the same bytes") {
  const char* folder = std::getenv("ORRERY_TRACES");
  if (folder == nullptr || !std::filesystem::is_directory(folder)) {
    MESSAGE("skipped: ORRERY_TRACES names no folder of traces");
    return;
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".et") continue;
    CAPTURE(entry.path().string());
    ++files;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    Reader reader(entry.path());
    CHECK(written(nodes_of(reader), reader.metadata()) == bytes);
  }
  CHECK(files > 0);
}

}  // namespace orrery::chakra
