// Reads a pattern of layers by descending into its brackets.
#include "workloads/layer_pattern.h"

#include <fmt/format.h>

#include <cctype>
#include <string_view>

#include "workloads/model.h"

namespace orrery {
namespace {

constexpr int kDeepest = 8;               // brackets in brackets
constexpr std::size_t kMostLetters = 16;  // sub-layers of a layer
constexpr std::string_view kLetters = "*-EMWABFX";

class PatternReader {
 public:
  PatternReader(const yaml::Node& node, std::int64_t layers) : node_(&node), text_(node.text()), layers_(layers) {}

  std::vector<std::string> read() {
    std::vector<std::string> found = layers(0);
    if (at_ != text_.size()) node_->fail("a bracket closes here that none opens: " + text_.substr(at_));
    if (static_cast<std::int64_t>(found.size()) != layers_)
      node_->fail(fmt::format("this pattern has {} layers; the model has {}", found.size(), layers_));
    return found;
  }

 private:
  [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::vector<std::string> layers(int depth) {
    if (depth > kDeepest) node_->fail(fmt::format("brackets stand in brackets more than {} deep", kDeepest));
    std::vector<std::string> found;
    while (next() != '\0' && next() != ')') {
      if (next() == ' ') {
        ++at_;
      } else if (next() == '(' || std::isdigit(static_cast<unsigned char>(next())) != 0) {
        repeat(depth, found);
      } else {
        add(found, {letters()});
      }
    }
    return found;
  }

  void repeat(int depth, std::vector<std::string>& found) {
    std::int64_t times = next() == '(' ? 1 : 0;
    for (; std::isdigit(static_cast<unsigned char>(next())) != 0; ++at_) {
      times = 10 * times + (next() - '0');
      if (times > layers_) too_many();
    }
    if (next() != '(') node_->fail(fmt::format("a number repeats what stands in brackets after it: {}(*-)", times));
    ++at_;
    const std::vector<std::string> inner = layers(depth + 1);
    if (next() != ')') node_->fail("a bracket is never closed");
    ++at_;
    for (std::int64_t i = 0; i < times; ++i) add(found, inner);
  }

  std::string letters() {
    const std::size_t begin = at_;
    while (kLetters.find(next()) != std::string_view::npos && next() != '\0') ++at_;
    if (at_ == begin)
      node_->fail(fmt::format("'{}' begins with no sub-layer's letter", text_.substr(at_)),
                  {"letters: * attention, - MLP, E experts, M Mamba-2, A modulation; of an encoder B attention, F MLP; "
                   "X attention to it"});
    if (at_ - begin > kMostLetters) node_->fail(fmt::format("a layer has at most {} sub-layers", kMostLetters));
    return text_.substr(begin, at_ - begin);
  }

  void add(std::vector<std::string>& found, const std::vector<std::string>& more) {
    if (static_cast<std::int64_t>(found.size() + more.size()) > layers_) too_many();
    found.insert(found.end(), more.begin(), more.end());
  }
  [[noreturn]] void too_many() const {
    node_->fail(fmt::format("this pattern has more layers than the {} of the model", layers_));
  }

  const yaml::Node* node_;
  std::string text_;
  std::int64_t layers_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<std::string> read_layer_pattern(const yaml::Node& node, std::int64_t layers) {
  return PatternReader(node, layers).read();
}

}  // namespace orrery
