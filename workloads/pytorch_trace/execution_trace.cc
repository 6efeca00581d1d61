// Both shapes of a node, old and new, become one.
#include "workloads/pytorch_trace/execution_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "sim/base/error.h"
#include "workloads/pytorch_trace/schema_names.h"
#include "workloads/recorded/json_list.h"

namespace orrery::pytorch_trace {
namespace {

using nlohmann::json;
using recorded::integer_or;
using recorded::text_or;

constexpr std::int64_t kMostElements = std::int64_t{1} << 40U;
constexpr std::int64_t kMostElementBytes = 64;
constexpr double kMostMoved = 0x1p50;  // bytes, by an operator
constexpr double kMostSent = 0x1p42;   // by a rank, in a collective
constexpr std::int64_t kMostGroup = 1 << 20;
constexpr std::size_t kMostDepth = 8;
constexpr std::string_view kCommunicationNode = "record_param_comms";

const json& element_or_none(const json& list, std::size_t i) {
  static const json kNone;
  return list.is_array() && i < list.size() ? list[i] : kNone;
}

class TraceReading {
 public:
  explicit TraceReading(std::unique_ptr<chakra::Blocks> blocks) : source_(std::move(blocks)) {
    trace_.file = source_.name();
  }

  ExecutionTrace read() {
    const json root = recorded::read_json_list(source_, "nodes", "execution trace of PyTorch",
                                               [this](const json& node) { add(node); });
    trace_.schema = text_or(root, "schema");
    std::stable_sort(trace_.operators.begin(), trace_.operators.end(),
                     [](const Operator& a, const Operator& b) { return a.id < b.id; });
    settle_groups();
    return std::move(trace_);
  }

 private:
  [[noreturn]] void fail(const std::string& name, const char* what) const {
    source_.fail(source_.offset(), fmt::format("the node {} before this byte {}", in_quotes(name), what));
  }

  void add(const json& node) {
    Operator op;
    op.name = text_or(node, "name");
    op.id = integer_or(node, "id", -1);
    if (op.id < 0) fail(op.name, "has no id");
    std::map<std::string, json> attributes;
    if (node.contains("attrs") && node["attrs"].is_array())
      for (const json& attribute : node["attrs"])
        if (attribute.is_object() && attribute.contains("value"))
          attributes[text_or(attribute, "name")] = attribute["value"];
    const auto fact = [&](const char* key) {
      const auto found = attributes.find(key);
      return found != attributes.end() ? found->second : node.contains(key) ? node[key] : json();
    };
    const auto whole = [](const json& value) { return value.is_number_integer() ? value.get<std::int64_t>() : 0; };
    const auto text = [](const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); };
    op.parent = integer_or(node, "ctrl_deps", integer_or(node, "parent", 0));
    op.record = whole(fact("rf_id"));
    op.schema = text(fact("op_schema"));
    op.compiled = !text(fact("kernel_backend")).empty();
    op.inputs = arguments(node, "inputs", "input", op.name);
    op.outputs = arguments(node, "outputs", "output", op.name);
    const std::vector<std::string> names = argument_names(op.schema);
    for (std::size_t i = 0; i < std::min(names.size(), op.inputs.size()); ++i) op.inputs[i].name = names[i];
    check_bytes(op);
    if (op.name == kCommunicationNode) read_communication(node, attributes, op);
    if (op.name.find("process_group:init") != std::string::npos) read_groups(node);
    trace_.operators.push_back(std::move(op));
  }

  // So that sums over operators and products with ranks stay far below 2⁶³.
  void check_bytes(const Operator& op) const {
    const bool communicates = op.name == kCommunicationNode;
    double bytes = 0;
    for (const auto* arguments : {&op.inputs, &op.outputs})
      for (const Argument& argument : *arguments)
        for (const Tensor& tensor : argument.tensors) bytes += tensor.bytes().as_double();
    if (bytes > (communicates ? kMostSent : kMostMoved)) fail(op.name, "moves more bytes than any machine could");
  }

  // "inputs": {"values": …, "shapes": …, "types": …}, or "inputs", "input_shapes" and "input_types".
  std::vector<Argument> arguments(const json& node, const char* list, const char* stem, const std::string& name) {
    if (!node.contains(list)) return {};
    const json& given = node[list];
    const json none = json::array();
    const auto part = [&](const char* key, const std::string& flat) -> const json& {
      if (given.is_object()) return given.contains(key) ? given[key] : none;
      return node.contains(flat) ? node[flat] : none;
    };
    const json& values = given.is_object() ? part("values", "") : given;
    const json& shapes = part("shapes", fmt::format("{}_shapes", stem));
    const json& types = part("types", fmt::format("{}_types", stem));
    if (!values.is_array()) fail(name, "has values that are no list");
    std::vector<Argument> made;
    for (std::size_t i = 0; i < values.size(); ++i) {
      Argument argument;
      const json& type = element_or_none(types, i);
      read_value(values[i], element_or_none(shapes, i), type.is_string() ? type.get<std::string>() : "", name, 0,
                 argument);
      made.push_back(std::move(argument));
    }
    return made;
  }

  static bool is_tensor(const json& value) {
    if (!value.is_array() || value.size() != 6 || !value[5].is_string()) return false;
    return std::all_of(value.begin(), value.begin() + 5, [](const json& v) { return v.is_number_integer(); });
  }

  void read_value(const json& value, const json& shape, std::string_view type, const std::string& name,
                  std::size_t depth, Argument& into) {
    if (depth > kMostDepth) fail(name, "has lists of lists of lists without end");
    if (is_tensor(value)) {
      Tensor tensor;
      tensor.storage = value[1].get<std::int64_t>();
      tensor.elements = value[3].get<std::int64_t>();
      tensor.element_bytes = value[4].get<std::int64_t>();
      if (tensor.elements < 0 || tensor.elements > kMostElements || tensor.element_bytes < 0 ||
          tensor.element_bytes > kMostElementBytes)
        fail(name, "has a tensor of a size that can't be");
      const std::string device = value[5].get<std::string>();
      tensor.on_device = !device.empty() && !device.starts_with("cpu") && !device.starts_with("meta");
      tensor.type = tensor_type(type, into.tensors.size());
      if (shape.is_array())
        for (const json& size : shape) {
          if (!size.is_number_integer()) continue;
          tensor.shape.push_back(size.get<std::int64_t>());
          if (tensor.shape.back() < 0 || tensor.shape.back() > kMostElements)
            fail(name, "has a tensor of a shape that can't be");
        }
      into.tensors.push_back(std::move(tensor));
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i)
        read_value(value[i], element_or_none(shape, i), type, name, depth + 1, into);
    } else if (value.is_number_integer() || value.is_boolean()) {
      const std::int64_t number = value.is_boolean() ? (value.get<bool>() ? 1 : 0) : value.get<std::int64_t>();
      if (depth == 0)
        into.number = number;
      else
        into.numbers.push_back(number);
    }
  }

  // Up to 1.0.1 values say it by their place: […tensors…, sequence, process group, …, "allreduce", splits, splits].
  // Later schemas say it in attributes as well.
  void read_communication(const json& node, const std::map<std::string, json>& attributes, Operator& op) {
    const json none = json::array();
    const json& given = node.contains("inputs") ? node["inputs"] : none;
    const json& values = given.is_object() && given.contains("values") ? given["values"] : given;
    std::string kind;
    std::string group;
    std::int64_t rank = -1;  // in the group
    if (values.is_array()) {
      for (const json& value : values) {
        if (value.is_string()) {
          kind = value.get<std::string>();
          break;
        }
        // (12, false): the number and whether it is between two ranks only; ("0", "default_pg"): the group's name and
        // what it is for.
        const bool pair = value.is_array() && value.size() == 2;
        const json& first = pair ? value[0] : value;
        if (pair && first.is_string()) group = first.get<std::string>();
        if (pair && first.is_string() && value[1].is_string()) serves_[group] = value[1].get<std::string>();
        if (!first.is_number_integer()) continue;
        if (op.sequence < 0)
          op.sequence = first.get<std::int64_t>();
        else
          rank = first.get<std::int64_t>();
      }
    }
    const auto said = [&](const char* key) {
      const auto found = attributes.find(key);
      return found == attributes.end() ? json() : found->second;
    };
    if (said("collective_name").is_string()) kind = said("collective_name").get<std::string>();
    if (said("pg_name").is_string()) group = said("pg_name").get<std::string>();
    op.waits = kind == "wait";
    op.group = group;
    if (op.waits || kind == "init" || kind == "end" || kind.empty()) return;

    recorded::Communication what;
    what.group = group;
    for (const Argument& input : op.inputs) {
      for (const Tensor& tensor : input.tensors) what.bytes += tensor.bytes();
      if (input.numbers.size() > 1) note_world(static_cast<std::int64_t>(input.numbers.size()), group.empty());
    }
    const std::optional<Bytes> element =
        recorded::element_size(said("dtype").is_string() ? said("dtype").get<std::string>() : std::string());
    const json count = said("in_msg_nelems");
    if (element && count.is_number_integer() && count.get<std::int64_t>() > 0 &&
        count.get<std::int64_t>() < kMostElements && (*element * count.get<std::int64_t>()).as_double() <= kMostSent)
      what.bytes = *element * count.get<std::int64_t>();
    const json size = said("pg_size");
    const json start = said("global_rank_start");
    const json stride = said("global_rank_stride");
    if (recorded::is_small(size, kMostGroup)) {
      note_world(size.get<std::int64_t>(), true);
      if (recorded::is_small(start, kMostGroup) && recorded::is_small(stride, kMostGroup) &&
          stride.get<std::int64_t>() > 0)
        for (std::int64_t i = 0; i < size.get<std::int64_t>(); ++i) {
          const std::int64_t member = start.get<std::int64_t>() + i * stride.get<std::int64_t>();
          if (member > kMostGroup) fail(op.name, "is of a group that reaches beyond a million ranks");
          what.ranks.push_back(static_cast<std::uint32_t>(member));
        }
    }
    const std::optional<CollectiveKind> known = recorded::collective_named(kind);
    if (!known || (what.bytes <= Bytes(0) && *known != CollectiveKind::kBarrier)) {
      ++trace_.unknown;
      return;
    }
    what.kind = *known;
    if (rank >= 0 && rank < kMostGroup)
      ranks_.insert(what.ranks.empty()
                        ? static_cast<std::uint32_t>(rank)
                        : what.ranks[std::min<std::size_t>(what.ranks.size() - 1, static_cast<std::size_t>(rank))]);
    op.communication = std::move(what);
  }

  void note_world(std::int64_t size, bool known_to_be) {
    if (!known_to_be || size < 1 || size > kMostGroup) return;
    trace_.world_size = std::max(trace_.world_size.value_or(1), static_cast<std::uint32_t>(size));
  }

  // A node "## process_group:init ##" holds a JSON text: [{"pg_name": "0", "ranks": [], "group_size": 8}, …]; of one
  // whose ranks are empty everybody is a member.
  void read_groups(const json& node) {
    const json none = json::array();
    const json& given = node.contains("inputs") ? node["inputs"] : none;
    const json& values = given.is_object() && given.contains("values") ? given["values"] : given;
    if (!values.is_array()) return;
    for (const json& value : values) {
      if (!value.is_string()) continue;
      const json groups = json::parse(value.get<std::string>(), nullptr, false);
      if (!groups.is_array()) continue;
      for (const json& group : groups) {
        if (!group.is_object()) continue;
        note_world(integer_or(group, "group_size", 1), true);
        serves_[text_or(group, "pg_name")] = text_or(group, "pg_desc");
        std::vector<std::uint32_t>& ranks = groups_[text_or(group, "pg_name")];
        ranks.clear();
        if (!group.contains("ranks") || !group["ranks"].is_array()) continue;
        for (const json& rank : group["ranks"])
          if (recorded::is_small(rank, kMostGroup)) ranks.push_back(rank.get<std::uint32_t>());
      }
    }
  }

  // Which rank it is, where all collectives agree. Groups by name, where a collective doesn't say its members itself;
  // the world holds all that are named.
  void settle_groups() {
    if (ranks_.size() == 1) trace_.rank = *ranks_.begin();
    for (Operator& op : trace_.operators) {
      if (!op.communication) continue;
      std::vector<std::uint32_t>& ranks = op.communication->ranks;
      const auto named = groups_.find(op.communication->group);
      if (named != groups_.end() && !named->second.empty()) ranks = named->second;
      std::sort(ranks.begin(), ranks.end());
      ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
      if (!ranks.empty()) note_world(static_cast<std::int64_t>(ranks.back()) + 1, true);
      op.communication->group = shown(op.communication->group);
    }
  }

  // What a group is for, where that is said of it alone.
  [[nodiscard]] std::string shown(const std::string& group) const {
    const auto serves = serves_.find(group);
    if (serves == serves_.end() || serves->second.empty() || serves->second == "undefined") return group;
    const auto alike = std::count_if(serves_.begin(), serves_.end(),
                                     [&](const auto& other) { return other.second == serves->second; });
    return alike == 1 ? serves->second : group;
  }

  chakra::ByteSource source_;
  ExecutionTrace trace_;
  std::map<std::string, std::vector<std::uint32_t>> groups_;
  std::map<std::string, std::string> serves_;  // "pg_desc" by "pg_name"
  std::set<std::uint32_t> ranks_;              // that it could be of
};

}  // namespace

bool is_execution_trace(const std::filesystem::path& file) {
  chakra::ByteSource source(chakra::blocks_of_file(file));
  constexpr std::size_t kLookedAt = std::size_t{1} << 16U;
  std::string head;
  source.read(kLookedAt, head);
  const std::size_t nodes = head.find("\"nodes\"");
  return nodes != std::string::npos && nodes < head.find("\"traceEvents\"");
}

ExecutionTrace read_execution_trace(const std::filesystem::path& file) {
  return read_execution_trace(chakra::blocks_of_file(file));
}
ExecutionTrace read_execution_trace(std::unique_ptr<chakra::Blocks> blocks) {
  return TraceReading(std::move(blocks)).read();
}

}  // namespace orrery::pytorch_trace
