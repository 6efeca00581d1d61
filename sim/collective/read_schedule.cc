// The YAML form, key by key.
#include "sim/collective/read_schedule.h"

#include <fmt/format.h>

#include <map>

#include "sim/base/source_text.h"

namespace orrery {

namespace {

CollectiveKind read_kind(const yaml::Node& node) {
  return static_cast<CollectiveKind>(node.choice("collective", collective_kinds()));
}

class Reader {
 public:
  explicit Reader(const yaml::Node& node) : map_(node, "a schedule") {}

  MessagePlan read() {
    plan_.name = map_.required("name").text();
    plan_.kind = read_kind(map_.required("kind"));
    const yaml::Node members = map_.required("members");
    plan_.members = static_cast<std::size_t>(members.integer(2, kMostPlanMembers));
    if (plan_.kind == CollectiveKind::kSendRecv && plan_.members != 2) members.fail("send_recv is between 2 members");
    if (const auto pieces = map_.optional("pieces"))
      plan_.pieces = static_cast<std::int32_t>(pieces->integer(1, kMostPlanPieces));
    const yaml::Node messages = map_.required("messages");
    const std::vector<yaml::Node> items = messages.items();
    if (items.empty()) messages.fail("a schedule needs at least one message");
    for (const yaml::Node& item : items) read_message(item);
    map_.finish();
    const MessagePlanFault fault = fault_of(plan_);
    if (!fault.text.empty())
      (fault.message < 0 ? messages : items[static_cast<std::size_t>(fault.message)])
          .fail(fmt::format("this is no {}: {}", to_name(plan_.kind), fault.text));
    return std::move(plan_);
  }

 private:
  std::int32_t read_position(yaml::Map& map, std::string_view key) {
    return static_cast<std::int32_t>(map.required(key).integer(0, static_cast<std::int64_t>(plan_.members) - 1));
  }

  void read_message(const yaml::Node& node) {
    yaml::Map map(node, "a message");
    PlannedMessage message;
    message.from = read_position(map, "from");
    message.to = read_position(map, "to");
    if (message.from == message.to) node.fail(fmt::format("{} sends to itself", message.from));
    read_size(node, map, message);
    if (const auto reduces = map.optional("reduces")) message.reduces = reduces->boolean();
    if (const auto after = map.optional("after")) read_after(*after, message);
    if (const auto name = map.optional("name"))
      if (!names_.emplace(name->text(), static_cast<std::uint32_t>(plan_.messages.size())).second)
        name->fail(fmt::format("two messages are called {}", in_quotes(name->text())));
    map.finish();
    plan_.messages.push_back(message);
  }

  void read_size(const yaml::Node& node, yaml::Map& map, PlannedMessage& message) const {
    const auto bytes = map.optional("bytes");
    const auto share = map.optional("share");
    const auto piece = map.optional("piece");
    const auto pieces = map.optional("pieces");
    if (pieces && !piece) pieces->fail("`pieces` goes with `piece`, the first of them");
    if (int{bytes.has_value()} + int{share.has_value()} + int{piece.has_value()} != 1)
      node.fail("a message says its size once: `bytes`, `share` or `piece`");
    if (bytes) message.bytes = bytes->bytes();
    if (share) message.share = share->ratio();
    if (!piece) return;
    message.piece = static_cast<std::int32_t>(piece->integer(0, plan_.pieces - 1));
    message.pieces = pieces ? static_cast<std::int32_t>(pieces->integer(1, plan_.pieces - message.piece)) : 1;
  }

  void read_after(const yaml::Node& node, PlannedMessage& message) {
    message.first_after = static_cast<std::uint32_t>(plan_.after.size());
    const std::vector<yaml::Node> items = node.is_sequence() ? node.items() : std::vector<yaml::Node>{node};
    for (const yaml::Node& item : items) {
      const auto found = names_.find(item.text());
      if (found == names_.end()) {
        std::vector<std::string> known;
        known.reserve(names_.size());
        for (const auto& [name, number] : names_) known.push_back(name);
        item.fail(unknown_name("earlier message", item.text(), known));
      }
      plan_.after.push_back(found->second);
    }
    message.after_count = static_cast<std::uint32_t>(items.size());
  }

  yaml::Map map_;
  MessagePlan plan_;
  std::map<std::string, std::uint32_t> names_;
};

}  // namespace

MessagePlan read_schedule(const yaml::Node& node) { return Reader(node).read(); }

MessagePlan load_schedule(const std::filesystem::path& path) {
  std::string text = read_file(path, yaml::kMostBytes);
  const std::size_t begin = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (begin != std::string::npos && text[begin] == '<') return read_msccl(std::move(text), path);
  return read_schedule(yaml::load(path));
}

}  // namespace orrery
