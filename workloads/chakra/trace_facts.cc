// Metadata to and fro.
#include "workloads/chakra/trace_facts.h"

#include <fmt/format.h>

#include "sim/base/error.h"
#include "workloads/chakra/own_attributes.h"
#include "workloads/chakra/reader.h"

namespace orrery::chakra {
namespace {

constexpr std::string_view kSchemaVersion = "1.0.0";

class MetadataReading {
 public:
  explicit MetadataReading(const Reader& reader) : reader_(reader) {}

  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most) const {
    const std::optional<std::int64_t> value = as_integer(attribute(name));
    if (!value || *value < least || *value > most) wrong(name);
    return *value;
  }
  [[nodiscard]] double number(std::string_view name) const {
    const std::optional<double> value = as_number(attribute(name));
    if (!value) wrong(name);
    return *value;
  }
  [[nodiscard]] std::string text(std::string_view name) const {
    const std::optional<std::string_view> value = as_text(attribute(name));
    if (!value) wrong(name);
    return std::string(*value);
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const {
    const Attribute& found = attribute(name);
    if (found.value_case() != Attribute::kStringList) wrong(name);
    return {found.string_list().values().begin(), found.string_list().values().end()};
  }
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name) const {
    const Attribute& found = attribute(name);
    if (found.value_case() != Attribute::kInt64List) wrong(name);
    return {found.int64_list().values().begin(), found.int64_list().values().end()};
  }
  [[nodiscard]] bool has(std::string_view name) const { return find(reader_.metadata(), name) != nullptr; }
  [[noreturn]] void wrong(std::string_view name) const {
    fail_file(reader_.name(), fmt::format("its metadata lacks a value of '{}' that can be right", name));
  }

 private:
  [[nodiscard]] const Attribute& attribute(std::string_view name) const {
    const Attribute* found = find(reader_.metadata(), name);
    if (found == nullptr) wrong(name);
    return *found;
  }
  const Reader& reader_;
};

Grid grid_of(const MetadataReading& reading, std::size_t ranks) {
  Grid grid;
  const std::vector<std::string> names = reading.texts(own::kGridNames);
  const std::vector<std::int64_t> sizes = reading.integers(own::kGridSizes);
  if (names.size() != sizes.size() || names.empty()) reading.wrong(own::kGridSizes);
  std::size_t product = 1;
  for (std::size_t d = 0; d < names.size(); ++d) {
    if (sizes[d] < 1 || sizes[d] > static_cast<std::int64_t>(ranks / product)) reading.wrong(own::kGridSizes);
    grid.dimensions.push_back({names[d], static_cast<std::uint32_t>(sizes[d])});
    product *= static_cast<std::size_t>(sizes[d]);
  }
  if (product != ranks) reading.wrong(own::kGridSizes);
  return grid;
}

Precision precision_of(const MetadataReading& reading) {
  const std::string name = reading.text(own::kPrecision);
  for (std::size_t p = 0; p < kPrecisionCount; ++p)
    if (to_name(static_cast<Precision>(p)) == name) return static_cast<Precision>(p);
  reading.wrong(own::kPrecision);
}

Attribute& added_list(GlobalMetadata& metadata, std::string_view name) {
  Attribute& attribute = *metadata.add_attr();
  attribute.set_name(std::string(name));
  return attribute;
}

void add_texts(GlobalMetadata& metadata, std::string_view name, const std::vector<std::string>& texts) {
  BytesList& list = *added_list(metadata, name).mutable_string_list();
  for (const std::string& text : texts) list.add_values(text);
}

}  // namespace

std::optional<OwnFacts> own_facts(const Reader& reader, std::size_t ranks) {
  constexpr std::int64_t kMost = std::int64_t{1} << 60;
  constexpr std::size_t kMostStreams = 0xffff;
  if (find(reader.metadata(), own::kProgram) == nullptr) return std::nullopt;
  const MetadataReading reading(reader);
  if (reading.integer(own::kProgram, 0, kMost) != own::kVersion) reading.wrong(own::kProgram);
  const std::int64_t written = reading.integer(own::kRanks, 1, kMost);
  if (static_cast<std::size_t>(written) != ranks)
    fail_file(reader.name(),
              fmt::format("it was written as one of {} ranks' traces, of which there are {}", written, ranks));
  OwnFacts facts;
  facts.grid = grid_of(reading, ranks);
  facts.streams = reading.texts(own::kStreams);
  if (facts.streams.size() <= kComputeStream || facts.streams.size() > kMostStreams) reading.wrong(own::kStreams);
  facts.kernel_names = reading.texts(own::kNames);
  facts.host_op = Duration::picoseconds(reading.integer(own::kHostOp, 0, kMost));
  facts.stack = reading.text(own::kStack);
  facts.precision = precision_of(reading);
  facts.costs.launch = Duration::picoseconds(reading.integer(own::kLaunch, 0, kMost));
  facts.costs.step = Duration::picoseconds(reading.integer(own::kStep, 0, kMost));
  facts.costs.engine_share = reading.number(own::kEngine);
  facts.costs.hbm_per_byte = reading.number(own::kHbmPerByte);
  facts.asks_library = reading.integer(own::kAsks, 0, 1) == 1;
  if (reading.has(own::kStaggered)) facts.staggered = reading.integer(own::kStaggered, 0, 1) == 1;
  if (reading.has(own::kProducts)) {
    const Format* format = find_format(reading.text(own::kProducts));
    if (format == nullptr) reading.wrong(own::kProducts);
    facts.products = *format;
    facts.products_share = reading.number(own::kShare);
    if (!(facts.products_share > 0 && facts.products_share <= 1)) reading.wrong(own::kShare);
  }
  return facts;
}

bool agree(const OwnFacts& a, const OwnFacts& b) {
  return metadata_of(a, "").SerializeAsString() == metadata_of(b, "").SerializeAsString();
}

GlobalMetadata metadata_of(const OwnFacts& facts, const std::string& role) {
  GlobalMetadata metadata;
  metadata.set_version(std::string(kSchemaVersion));
  add_int64(metadata, own::kProgram, own::kVersion);
  add_int64(metadata, own::kRanks, static_cast<std::int64_t>(facts.grid.rank_count()));
  add_text(metadata, own::kRole, role);
  add_texts(metadata, own::kStreams, facts.streams);
  std::vector<std::string> names;
  names.reserve(facts.grid.dimensions.size());
  for (const Grid::Dimension& dimension : facts.grid.dimensions) names.push_back(dimension.name);
  add_texts(metadata, own::kGridNames, names);
  Int64List& sizes = *added_list(metadata, own::kGridSizes).mutable_int64_list();
  for (const Grid::Dimension& dimension : facts.grid.dimensions) sizes.add_values(dimension.size);
  add_texts(metadata, own::kNames, facts.kernel_names);
  add_int64(metadata, own::kHostOp, facts.host_op.ps());
  add_text(metadata, own::kStack, facts.stack);
  add_text(metadata, own::kPrecision, to_name(facts.precision));
  add_int64(metadata, own::kLaunch, facts.costs.launch.ps());
  add_int64(metadata, own::kStep, facts.costs.step.ps());
  add_double(metadata, own::kEngine, facts.costs.engine_share);
  add_double(metadata, own::kHbmPerByte, facts.costs.hbm_per_byte);
  add_int64(metadata, own::kAsks, facts.asks_library ? 1 : 0);
  if (facts.staggered) add_int64(metadata, own::kStaggered, 1);
  if (facts.products) {
    add_text(metadata, own::kProducts, facts.products->name);
    add_double(metadata, own::kShare, facts.products_share);
  }
  return metadata;
}

}  // namespace orrery::chakra
