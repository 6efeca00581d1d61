// YAML files read strictly: every value knows where it stands, and whatever is wrong is said at that place.
//
// The only file (with sim/base/yaml_*.cc) that knows yaml-cpp. On top of it: duplicate keys are errors; keys are text;
// `include: other.yaml` (or a list of files) in the mapping that a file is merges those files' keys under this one's:
// mappings deeply, everything else replaced, later files over earlier ones, the file's own keys over all (cycles are
// errors); `<<` merges mappings as YAML 1.1 has it; anchors and aliases work but a document that writes out to more
// than kMostNodes values, kMostDepth levels or kMostBytes of text is refused; so are longer lines and texts than the
// limits below, tags, and a second document; numbers are decimal only. All functions throw InputError and nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/error.h"
#include "sim/base/units.h"

namespace orrery::yaml {

inline constexpr std::size_t kMostBytes = 16U << 20U;
inline constexpr std::size_t kMostNodes = 1'000'000;
inline constexpr int kMostDepth = 64;
inline constexpr std::size_t kMostLineBytes = 1U << 20U;
inline constexpr std::size_t kMostScalarBytes = 128U << 10U;  // written out with escapes it still fits a line

struct NodeData;  // the parsed tree, shared by all handles into it

// A value with its position. A handle: cheap to copy, keeps its document alive.
class Node {
 public:
  explicit Node(std::shared_ptr<const NodeData> data) : data_(std::move(data)) {}

  [[nodiscard]] bool is_scalar() const;
  [[nodiscard]] bool is_sequence() const;
  [[nodiscard]] bool is_map() const;
  [[nodiscard]] bool is_null() const;  // `key:` with nothing, `~` or `null`

  // Readers of a scalar. Bounds are inclusive; outside them: "must be between 1 and 65536, not 0". Text in quotes is
  // neither a number nor true or false; a quantity may stand in quotes.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool boolean() const;                                               // true | false only
  [[nodiscard]] std::int64_t integer(std::int64_t least, std::int64_t most) const;  // digits alone
  [[nodiscard]] double number(double least, double most) const;                     // finite, unit-less
  // Quantities: `450 GB/s`, `200 Gb/s`, `500 ns`, `80 GiB`, `989 TFLOP/s`, `700 W`, `30000 USD`. SI prefixes are powers
  // of 10, KiB/MiB/GiB/TiB of 2; `b` is a bit, `B` a byte. A bare number is an error that names units which would be
  // right. Read exactly from the decimal (at most 19 significant digits), then rounded once to the nearest whole ps,
  // byte or byte/s, or to the nearest double.
  [[nodiscard]] Duration duration(Duration least = Duration(), Duration most = Duration::max()) const;
  [[nodiscard]] Bytes bytes(Bytes least = Bytes(0), Bytes most = Bytes(std::int64_t{1} << 62)) const;
  [[nodiscard]] Bandwidth bandwidth() const;      // > 0
  [[nodiscard]] FlopRate flop_rate() const;       // > 0
  [[nodiscard]] Watts watts() const;              // ≥ 0
  [[nodiscard]] Dollars dollars() const;          // ≥ 0
  [[nodiscard]] Joules joules() const;            // ≥ 0; also `0.7 pJ`
  [[nodiscard]] double meters() const;            // ≥ 0; `30 m`, `80 km`
  [[nodiscard]] double ratio() const;             // 0 … 1; `85 %` or `0.85`
  [[nodiscard]] double dollars_per_kwh() const;   // ≥ 0; `0.12 USD/kWh`, `60 USD/MWh`
  [[nodiscard]] double dollars_per_hour() const;  // ≥ 0; `2.5 USD/h`
  [[nodiscard]] double years() const;             // > 0; `4 years`

  // One of `choices`, as its index; else "no KIND is called …; did you mean …" with the choices as a note.
  [[nodiscard]] std::size_t choice(std::string_view kind, const std::vector<std::string>& choices) const;

  [[nodiscard]] std::vector<Node> items() const;  // of a sequence

  [[nodiscard]] SourceSpan span() const;  // copies the line: for messages
  // What paths in this value are relative to: the folder of its file, or the working directory for an override.
  [[nodiscard]] std::filesystem::path directory() const;
  // Throws InputError at this value.
  [[noreturn]] void fail(std::string message, const std::vector<std::string>& notes = {}) const;

  [[nodiscard]] const std::shared_ptr<const NodeData>& data() const { return data_; }  // for sim/base/yaml_*.cc

 private:
  friend class Map;
  std::shared_ptr<const NodeData> data_;
};

// One mapping, read key by key; finish() then refuses the keys that nobody asked for ("did you mean" among those
// asked).
class Map {
 public:
  // Fails unless `node` is a mapping. `what` names it in messages: "a chip".
  Map(Node node, std::string_view what);

  [[nodiscard]] Node required(std::string_view key);  // missing: an error at the mapping's first line
  // The value may be null: `key:` alone is there, but says nothing.
  [[nodiscard]] std::optional<Node> optional(std::string_view key);
  // Every entry not asked for yet, key first, in file order; all count as asked for.
  [[nodiscard]] std::vector<std::pair<Node, Node>> rest();
  void finish() const;
  [[nodiscard]] const Node& node() const { return node_; }

 private:
  Node node_;
  std::string what_;
  std::vector<std::string> asked_;
  std::vector<bool> read_;  // per entry
};

// `path` names a value by keys and indices (`plan.tensor`, `links[3].latency`); `value` is YAML text and replaces it
// whole. Keys that hold '.', '[' or '=' can't be named. A path whose parents don't exist is an error; a new last key is
// added (and refused later by Map::finish if nobody reads it). Applied after includes, in order.
struct Override {
  std::string path;
  std::string value;
  static Override parse(std::string_view assignment);  // "key=value" as typed after --set
};

[[nodiscard]] Node load(const std::filesystem::path& file, const std::vector<Override>& overrides = {});
[[nodiscard]] Node parse(std::string_view text, std::string_view file_name,
                         const std::vector<Override>& overrides = {});

// The document as YAML text with includes, aliases and overrides written out: what a run directory keeps. Loads to the
// same tree, and writing that again gives the same bytes. Paths in it still mean what they meant in their own files.
// InputError when it would be longer than kMostBytes.
[[nodiscard]] std::string resolved_text(const Node& root);

}  // namespace orrery::yaml
