// YAML files read strictly: every value knows where it stands, and whatever is wrong is said at that place.
//
// The only file (with its .cc) that knows yaml-cpp. On top of it: duplicate keys are errors; `include: other.yaml` at
// the top of a mapping document merges that file's keys under this one's (cycles are errors); anchors and aliases work
// but a document that expands to more than kMostNodes nodes or kMostDepth levels is refused; numbers are decimal only;
// a file over kMostBytes is refused. All functions throw InputError and nothing else.
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

inline constexpr std::size_t kMostBytes = 64U << 20U;
inline constexpr std::size_t kMostNodes = 4'000'000;
inline constexpr int kMostDepth = 64;

struct NodeData;  // the parsed tree, shared by all handles into it

// A value with its position. A handle: cheap to copy, keeps its document alive.
class Node {
 public:
  explicit Node(std::shared_ptr<const NodeData> data) : data_(std::move(data)) {}

  [[nodiscard]] bool is_scalar() const;
  [[nodiscard]] bool is_sequence() const;
  [[nodiscard]] bool is_map() const;
  [[nodiscard]] bool is_null() const;  // `key:` with nothing, `~` or `null`

  // Readers of a scalar. Bounds are inclusive; outside them: "must be between 1 and 65536, not 0".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool boolean() const;  // true | false only
  [[nodiscard]] std::int64_t integer(std::int64_t least, std::int64_t most) const;
  [[nodiscard]] double number(double least, double most) const;  // finite, unit-less
  // Quantities: `450 GB/s`, `200 Gb/s`, `500 ns`, `80 GiB`, `989 TFLOP/s`, `700 W`, `30000 USD`. SI prefixes are powers
  // of 10, KiB/MiB/GiB/TiB of 2; `b` is a bit, `B` a byte. A bare number is an error that names units which would be
  // right. A value that is not a whole number of the unit's grain (ps, byte, byte/s) is rounded to nearest.
  [[nodiscard]] Duration duration(Duration least = Duration(), Duration most = Duration::max()) const;
  [[nodiscard]] Bytes bytes(Bytes least = Bytes(0), Bytes most = Bytes(std::int64_t{1} << 62)) const;
  [[nodiscard]] Bandwidth bandwidth() const;  // > 0
  [[nodiscard]] FlopRate flop_rate() const;   // > 0
  [[nodiscard]] Watts watts() const;          // ≥ 0
  [[nodiscard]] Dollars dollars() const;      // ≥ 0
  [[nodiscard]] Joules joules() const;        // ≥ 0; also `0.7 pJ`
  [[nodiscard]] double meters() const;        // ≥ 0; `30 m`, `80 km`
  [[nodiscard]] double ratio() const;         // 0 … 1; `85 %` or `0.85`

  // One of `choices`, as its index; else "no KIND is called …; did you mean …" with the choices as a note.
  [[nodiscard]] std::size_t choice(std::string_view kind, const std::vector<std::string>& choices) const;

  [[nodiscard]] std::vector<Node> items() const;  // of a sequence

  [[nodiscard]] SourceSpan span() const;
  // Throws InputError at this value.
  [[noreturn]] void fail(std::string message, std::vector<std::string> notes = {}) const;

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
  [[nodiscard]] std::optional<Node> optional(std::string_view key);
  // Every entry not asked for yet, key first, in file order; all count as asked for.
  [[nodiscard]] std::vector<std::pair<Node, Node>> rest();
  void finish() const;
  [[nodiscard]] const Node& node() const { return node_; }

 private:
  Node node_;
  std::string what_;
  std::vector<std::string> asked_;
};

// `path` names a value by keys and indices (`plan.tensor`, `links[3].latency`); `value` is YAML text. A path whose
// parents don't exist is an error; a new last key is added (and refused later by Map::finish if nobody reads it).
struct Override {
  std::string path;
  std::string value;
  static Override parse(std::string_view assignment);  // "key=value" as typed after --set
};

[[nodiscard]] Node load(const std::filesystem::path& file, const std::vector<Override>& overrides = {});
[[nodiscard]] Node parse(std::string_view text, std::string_view file_name,
                         const std::vector<Override>& overrides = {});

// The document as YAML text with includes and overrides applied: what a run directory keeps.
[[nodiscard]] std::string resolved_text(const Node& root);

}  // namespace orrery::yaml
