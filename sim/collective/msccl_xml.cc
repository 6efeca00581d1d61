// Elements and attributes by pugixml, every value checked where it stands.
#include "sim/collective/msccl_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>
#include <string_view>

#include "sim/collective/read_schedule.h"

namespace orrery::msccl {

namespace {

constexpr std::int64_t kMostChannels = 1024;
constexpr std::int64_t kMostStep = 1 << 20;
constexpr std::int64_t kMostCells = 1 << 24;  // chunks of all buffers × GPUs that may have a part in each

// An element: its attributes, and where it stands.
class Element {
 public:
  Element(const SourceText& text, pugi::xml_node node) : text_(text), node_(node) {}

  [[nodiscard]] std::size_t at() const { return static_cast<std::size_t>(node_.offset_debug()); }
  [[nodiscard]] bool has(const char* name) const { return !node_.attribute(name).empty(); }

  [[nodiscard]] std::string_view word(const char* name) const {
    const pugi::xml_attribute attribute = node_.attribute(name);
    if (attribute.empty()) fail(fmt::format("<{}> needs the attribute `{}`", node_.name(), name));
    return attribute.value();
  }
  [[nodiscard]] std::int64_t integer(const char* name, std::int64_t least, std::int64_t most) const {
    const std::string_view value = word(name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < least || number > most)
      fail_at(name, fmt::format("`{}` must be between {} and {}, not {}", name, least, most, in_quotes(value)));
    return number;
  }
  [[nodiscard]] std::int32_t narrow(const char* name, std::int64_t least, std::int64_t most) const {
    return static_cast<std::int32_t>(integer(name, least, most));
  }
  [[nodiscard]] std::size_t choice(const char* name, std::string_view kind,
                                   const std::vector<std::string>& words) const {
    const std::string_view value = word(name);
    const auto found = std::find(words.begin(), words.end(), value);
    if (found == words.end()) {
      const std::size_t begin = value_offset(name);
      text_.fail(begin, begin + value.size(), unknown_name(kind, value, words), {name_list(kind, words)});
    }
    return static_cast<std::size_t>(found - words.begin());
  }

  // The children, all of which must be called so.
  [[nodiscard]] std::vector<Element> children(std::string_view name) const {
    std::vector<Element> all;
    for (const pugi::xml_node child : node_.children()) {
      if (child.type() != pugi::node_element) continue;
      if (child.name() != name) Element(text_, child).fail(fmt::format("expected <{}>, not <{}>", name, child.name()));
      all.emplace_back(text_, child);
    }
    return all;
  }
  [[noreturn]] void fail(std::string message) const {
    text_.fail(at(), at() + std::string_view(node_.name()).size(), std::move(message));
  }
  [[noreturn]] void fail_at(const char* name, std::string message) const {
    const std::size_t begin = value_offset(name);
    text_.fail(begin, begin + word(name).size(), std::move(message));
  }

 private:
  // Where an attribute's value stands: pugixml doesn't say.
  [[nodiscard]] std::size_t value_offset(std::string_view name) const {
    const std::string_view all = text_.text();
    for (std::size_t found = all.find(name, at()); found != std::string_view::npos; found = all.find(name, found + 1)) {
      const std::size_t equals = all.find_first_not_of(" \t\n", found + name.size());
      if (equals == std::string_view::npos || all[equals] != '=' || all[found - 1] > ' ') continue;
      return std::min(all.find_first_of("\"'", equals), all.size() - 1) + 1;
    }
    return at();
  }

  const SourceText& text_;
  pugi::xml_node node_;
};

Op read_op(const Element& element) {
  static const std::vector<std::string> kWords = {"s", "r", "cpy", "re", "rcs", "rrc", "rrs", "rrcs", "nop"};
  return static_cast<Op>(element.choice("type", "step type", kWords));
}

Place read_place(const Element& element, const Gpu& gpu, const char* buffer, const char* offset, std::int32_t count) {
  static const std::vector<std::string> kWords = {"i", "o", "s"};
  Place place;
  place.buffer = static_cast<std::uint8_t>(element.choice(buffer, "buffer", kWords));
  const std::int32_t chunks = gpu.chunks[place.buffer];
  if (chunks < count)
    element.fail_at(buffer,
                    fmt::format("buffer '{}' has {} chunks, this is about {}", kWords[place.buffer], chunks, count));
  place.first = element.narrow(offset, 0, chunks - count);
  return place;
}

// The other end's place is checked there.
Step read_step(const Element& element, const Gpu& gpu, std::size_t number) {
  Step step;
  step.at = element.at();
  (void)element.integer("s", static_cast<std::int64_t>(number), static_cast<std::int64_t>(number));
  step.op = read_op(element);
  if (step.op != Op::kNop) {
    step.count = element.narrow("cnt", 1, kMostPlanPieces);
    const bool reads = step.op == Op::kSend || step.op == Op::kCopy || reduces(step.op);
    if (reads) step.source = read_place(element, gpu, "srcbuf", "srcoff", step.count);
    if (stores(step.op)) step.target = read_place(element, gpu, "dstbuf", "dstoff", step.count);
  }
  const std::int64_t block = element.integer("depid", -1, kMostStep);
  if (block >= 0) {
    step.block = static_cast<std::uint32_t>(block);
    step.step = static_cast<std::uint32_t>(element.integer("deps", 0, kMostStep));
  }
  return step;
}

Gpu read_gpu(const Element& element, std::size_t number, std::int64_t gpus) {
  Gpu gpu;
  (void)element.integer("id", static_cast<std::int64_t>(number), static_cast<std::int64_t>(number));
  gpu.chunks[0] = element.narrow("i_chunks", 0, kMostPlanPieces);
  gpu.chunks[1] = element.narrow("o_chunks", 0, kMostPlanPieces);
  gpu.chunks[2] = element.narrow("s_chunks", 0, kMostPlanPieces);
  for (const Element& child : element.children("tb")) {
    Block block;
    block.at = child.at();
    (void)child.integer("id", static_cast<std::int64_t>(gpu.blocks.size()),
                        static_cast<std::int64_t>(gpu.blocks.size()));
    block.send = child.narrow("send", -1, gpus - 1);
    block.receive = child.narrow("recv", -1, gpus - 1);
    block.channel = child.narrow("chan", 0, kMostChannels - 1);
    for (const Element& step : child.children("step")) {
      block.steps.push_back(read_step(step, gpu, block.steps.size()));
      const Op op = block.steps.back().op;
      if (sends(op) && block.send < 0) step.fail("its thread block sends to nobody (send=\"-1\")");
      if (receives(op) && block.receive < 0) step.fail("its thread block receives from nobody (recv=\"-1\")");
    }
    gpu.blocks.push_back(std::move(block));
  }
  return gpu;
}

}  // namespace

Algorithm read(const SourceText& text) {
  pugi::xml_document document;
  const pugi::xml_parse_result result =
      document.load_buffer(text.text().data(), text.text().size(), pugi::parse_default, pugi::encoding_utf8);
  if (!result) {
    const auto at = static_cast<std::size_t>(result.offset);
    text.fail(at, at + 1, fmt::format("this is not XML: {}", result.description()));
  }
  const pugi::xml_node root = document.document_element();
  const Element element(text, root);
  if (std::string_view(root.name()) != "algo") element.fail(fmt::format("expected <algo>, not <{}>", root.name()));
  Algorithm algorithm;
  algorithm.at = element.at();
  algorithm.name = element.word("name");
  static const std::vector<std::string> kWords = {"allreduce", "allgather", "reduce_scatter",
                                                  "alltoall",  "broadcast", "reduce"};
  static constexpr CollectiveKind kKinds[] = {CollectiveKind::kAllReduce,     CollectiveKind::kAllGather,
                                              CollectiveKind::kReduceScatter, CollectiveKind::kAllToAll,
                                              CollectiveKind::kBroadcast,     CollectiveKind::kReduce};
  algorithm.kind = kKinds[element.choice("coll", "collective of MSCCL", kWords)];
  algorithm.in_place = element.has("inplace") && element.integer("inplace", 0, 1) == 1 &&
                       !(element.has("outofplace") && element.integer("outofplace", 0, 1) == 1);
  const std::int64_t gpus = element.integer("ngpus", 2, kMostPlanMembers);
  std::int64_t chunks = 0;
  for (const Element& child : element.children("gpu")) {
    const Gpu& gpu = algorithm.gpus.emplace_back(read_gpu(child, algorithm.gpus.size(), gpus));
    chunks += std::int64_t{gpu.chunks[0]} + gpu.chunks[1] + gpu.chunks[2];
    if (chunks * gpus > kMostCells) child.fail("with this the buffers have too many chunks to be followed");
  }
  if (static_cast<std::int64_t>(algorithm.gpus.size()) != gpus)
    element.fail_at("ngpus", fmt::format("there are {} <gpu> elements, not {}", algorithm.gpus.size(), gpus));
  return algorithm;
}

}  // namespace orrery::msccl
