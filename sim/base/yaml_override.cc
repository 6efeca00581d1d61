// `--set plan.tensor=8`: finds the place by its path and puts the new value there, in a copy of the way to it.
#include <fmt/format.h>

#include <charconv>

#include "sim/base/yaml_tree.h"

namespace orrery::yaml {
namespace {

constexpr std::size_t kMostNameBytes = 60;

// One step of a path: a key, or an index of a list. Offsets into the assignment.
struct PathStep {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_index = false;
  std::size_t index = 0;
};

// Of what stands before the first '='.
std::vector<PathStep> path_steps(const SourceText& assignment) {
  const std::string_view text = assignment.text().substr(0, assignment.text().find('='));
  std::vector<PathStep> steps;
  std::size_t at = 0;
  while (at < text.size() || steps.empty()) {
    PathStep step;
    step.is_index = at < text.size() && text[at] == '[';
    if (step.is_index) {
      step.begin = at + 1;
      step.end = std::min(text.find(']', at), text.size());
      const std::string_view digits = text.substr(step.begin, step.end - step.begin);
      const auto [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), step.index);
      const bool whole = problem == std::errc() && stop == digits.data() + digits.size();
      if (!whole || step.end == text.size() || steps.empty())
        assignment.fail(at, step.end + 1, "an index is a number in brackets after a key, such as links[3]");
      at = step.end + 1;
    } else {
      step.begin = at;
      step.end = std::min(text.find_first_of(".[", at), text.size());
      if (step.begin == step.end) assignment.fail(step.begin, step.end + 1, "a key is missing in the path");
      at = step.end;
    }
    steps.push_back(step);
    const bool dot = at < text.size() && text[at] == '.';
    if (dot && ++at == text.size()) assignment.fail(at, at, "a key is missing in the path");
    if (!dot && at < text.size() && text[at] != '[') assignment.fail(at, at + 1, "expected '.' or '[' or '=' here");
  }
  return steps;
}

std::vector<std::string> keys_of(const NodeData& map) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < map.entries(); ++i) keys.emplace_back(map.key(i).text);
  return keys;
}

class Change {
 public:
  Change(Document& document, const Source& source)
      : document_(document), source_(source), steps_(path_steps(source.text)) {
    if (word(steps_[0]) == kIncludeKey) fail(steps_[0], "included files cannot be overridden, only what they hold");
    value_ = parse_text(document, source, source.text.text().find('=') + 1);
  }

  // `node` with the value put at steps_[depth …].
  const NodeData* apply(const NodeData& node, std::size_t depth) {
    if (depth == steps_.size()) return value_;
    const PathStep& step = steps_[depth];
    std::vector<const NodeData*> children(node.children.begin(), node.children.end());
    if (step.is_index) {
      if (node.kind != Kind::kSequence) fail(step, fmt::format("{} is not a list", before(step)));
      if (step.index >= children.size())
        fail(step, fmt::format("{} has {} items; the last index is {}", before(step), children.size(),
                               static_cast<std::int64_t>(children.size()) - 1));
      children[step.index] = apply(*children[step.index], depth + 1);
    } else {
      if (node.kind != Kind::kMap) fail(step, fmt::format("{} is not a mapping", before(step)));
      const std::string_view key = word(step);
      const std::size_t entry = find_entry(node, key);
      if (entry < node.entries()) {
        children[2 * entry + 1] = apply(node.value(entry), depth + 1);
      } else if (depth + 1 == steps_.size()) {
        children.insert(children.end(), {add_key(step), value_});
      } else {
        const std::vector<std::string> keys = keys_of(node);
        fail(step, unknown_name("key", key, keys), {name_list("key", keys)});
      }
    }
    NodeData changed = node;
    changed.children = {};
    return document_.add(changed, children);
  }

 private:
  [[nodiscard]] std::string_view word(const PathStep& step) const {
    return source_.text.text().substr(step.begin, step.end - step.begin);
  }
  // The path up to the step: 'plan' of plan.tensor.
  [[nodiscard]] std::string before(const PathStep& step) const {
    return step.begin == 0 ? "the document" : in_quotes(source_.text.text().substr(0, step.begin - 1));
  }
  [[noreturn]] void fail(const PathStep& step, std::string message, const std::vector<std::string>& notes = {}) const {
    source_.text.fail(step.begin, step.end, std::move(message), notes);
  }
  const NodeData* add_key(const PathStep& step) {
    NodeData key;
    key.kind = Kind::kPlain;
    key.source = &source_;
    key.begin = static_cast<std::uint32_t>(step.begin);
    key.end = static_cast<std::uint32_t>(step.end);
    key.text = word(step);
    if (std::string problem = key_problem(key); !problem.empty()) key.fail(std::move(problem));
    return document_.add(key);
  }

  Document& document_;
  const Source& source_;
  std::vector<PathStep> steps_;
  const NodeData* value_ = nullptr;
};

std::string assignment_name(std::string_view assignment) {
  const bool short_enough = assignment.size() <= kMostNameBytes && assignment.find('\n') == std::string_view::npos;
  return fmt::format("--set {}", short_enough ? assignment : assignment.substr(0, assignment.find('=') + 1));
}

}  // namespace

Override Override::parse(std::string_view assignment) {
  const SourceText text(assignment_name(assignment), std::string(assignment), true);
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) text.fail(0, assignment.size(), "expected KEY=VALUE, such as plan.tensor=8");
  std::string_view path = assignment.substr(0, equals);
  while (path.ends_with(' ')) path.remove_suffix(1);
  while (path.starts_with(' ')) path.remove_prefix(1);
  Override change{std::string(path), std::string(assignment.substr(equals + 1))};
  (void)path_steps(SourceText(text.name(), change.path + "=" + change.value, true));
  return change;
}

const NodeData* apply_override(Document& document, const NodeData& root, const Override& change) {
  std::string assignment = change.path + "=" + change.value;
  std::string name = assignment_name(assignment);
  const Source& source = document.add_source(std::move(name), std::move(assignment), {}, true);
  return Change(document, source).apply(root, 0);
}

}  // namespace orrery::yaml
