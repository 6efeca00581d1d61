// Words one after another; the first line's keys, then twelve words a layer.
#include "workloads/simai/workload_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "sim/base/error.h"
#include "sim/base/source_text.h"
#include "sim/base/words.h"

namespace orrery::simai {
namespace {

constexpr std::size_t kMostFileBytes = std::size_t{1} << 28U;
constexpr std::int64_t kMostRanks = std::int64_t{1} << 20;
constexpr std::int64_t kMostLayers = std::int64_t{1} << 22;
constexpr std::int64_t kMostReplayed = std::int64_t{1} << 22;  // layers, by all that start again from a checkpoint
constexpr std::int64_t kMostAmount = std::int64_t{1} << 50;    // a petabyte, 13 days
constexpr std::array<std::string_view, 2> kPolicies = {"HYBRID_TRANSFORMER_FWD_IN_BCKWD", "HYBRID_TRANSFORMER"};

class WordReader {
 public:
  WordReader(std::string name, std::string text) : source_(std::move(name), std::move(text)), text_(source_.text()) {
    next();
  }

  Workload read() {
    workload_.file = source_.name();
    if (std::find(kPolicies.begin(), kPolicies.end(), word_) == kPolicies.end())
      fail(fmt::format("'{}' or '{}'", kPolicies[0], kPolicies[1]));
    begun_ = true;
    const std::size_t header_end = std::min(text_.find('\n', begin_), text_.size());
    next();
    while (!word_.empty() && begin_ < header_end) read_key(header_end);
    check_shares();
    const std::int64_t count = number("a number of layers", 1, kMostLayers);
    for (std::int64_t i = 0; i < count; ++i) read_layer(i, count);
    if (!word_.empty()) fail(fmt::format("the end of the file after {} layers", count));
    for (const Numbered& one : checkpoints_) marked(one).is_checkpoint = true;
    for (const Numbered& one : initiates_) marked(one).starts_replay = true;
    check_replays();
    return std::move(workload_);
  }

 private:
  struct Numbered {
    std::int64_t layer = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  void next() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    // Comments may stand before the first line.
    while (!begun_ && at_ < text_.size() && text_[at_] == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    }
    begin_ = at_;
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) == 0) ++at_;
    end_ = at_;
    word_ = text_.substr(begin_, end_ - begin_);
  }
  [[noreturn]] void fail(const std::string& wanted) const { fail_expecting(source_, {word_, begin_, end_}, wanted); }
  std::int64_t number(std::string_view what, std::int64_t least, std::int64_t most) {
    const std::int64_t value = whole_number(source_, {word_, begin_, end_}, what, least, most);
    next();
    return value;
  }

  void read_key(std::size_t header_end) {
    const std::string key(word_.ends_with(':') ? word_.substr(0, word_.size() - 1) : word_);
    const std::size_t begin = begin_;
    const std::size_t end = end_;
    const auto ranks = [&](std::uint32_t& to) {
      next();
      to = static_cast<std::uint32_t>(number(fmt::format("'{}'", key), 1, kMostRanks));
    };
    if (key == "model_parallel_NPU_group") return ranks(workload_.tensor);
    if (key == "ep") return ranks(workload_.expert);
    if (key == "pp") return ranks(workload_.pipeline);
    if (key == "all_gpus") {
      all_begin_ = begin;
      all_end_ = end;
      return ranks(workload_.ranks);
    }
    if (key == "checkpoints" || key == "checkpoint_initiates") {
      next();
      std::vector<Numbered>& list = key == "checkpoints" ? checkpoints_ : initiates_;
      const std::int64_t count = number("a number of layers", 0, kMostLayers);
      for (std::int64_t i = 0; i < count; ++i) {
        const std::size_t number_begin = begin_;
        const std::size_t number_end = end_;
        if (begin_ >= header_end) fail(fmt::format("{} layers after '{}'", count, key));
        list.push_back({number("a layer", 0, kMostLayers), number_begin, number_end});
      }
      return;
    }
    if (key == "vpp" || key == "ga" || key == "pp_comm") {
      next();
      const std::int64_t value = number(fmt::format("'{}'", key), 0, kMostAmount);
      if (value > 1)
        workload_.notes.push_back(fmt::format("{} {} changes nothing: what it does to lines, lines say", key, value));
      return;
    }
    static const std::vector<std::string> kKeys = {
        "model_parallel_NPU_group", "ep", "pp", "vpp", "ga", "all_gpus", "checkpoints", "pp_comm",
        "checkpoint_initiates"};
    source_.fail(begin, end, unknown_name("key", key, kKeys), {name_list("key", kKeys)});
  }

  void check_shares() {
    if (all_end_ == 0) fail("the key 'all_gpus:' in the line before");
    const Workload& w = workload_;
    const std::int64_t model = std::int64_t{w.tensor} * w.pipeline;
    if (w.ranks % model != 0)
      source_.fail(all_begin_, all_end_,
                   fmt::format("{} ranks can't be shared out to groups of {} × {} (model_parallel_NPU_group × pp)",
                               w.ranks, w.tensor, w.pipeline));
    if (w.ranks / model % w.expert != 0)
      source_.fail(all_begin_, all_end_,
                   fmt::format("{} data ranks can't be shared out to groups of {} (ep)", w.ranks / model, w.expert));
  }

  void read_pass(LayerPass& pass, bool of_weights) {
    pass.compute = Duration::nanoseconds(number("nanoseconds", 0, kMostAmount));
    pass.among = of_weights ? Among::kData : Among::kTensor;
    std::string_view kind = word_;
    if (kind.ends_with("_DP_EP")) {
      pass.among = Among::kExpertData;
      kind.remove_suffix(std::string_view("_DP_EP").size());
    } else if (kind.ends_with("_EP")) {
      pass.among = Among::kExpert;
      kind.remove_suffix(std::string_view("_EP").size());
    }
    constexpr std::array<std::pair<std::string_view, CollectiveKind>, 4> kKinds = {
        {{"ALLREDUCE", CollectiveKind::kAllReduce},
         {"ALLGATHER", CollectiveKind::kAllGather},
         {"REDUCESCATTER", CollectiveKind::kReduceScatter},
         {"ALLTOALL", CollectiveKind::kAllToAll}}};
    for (const auto& [name, is] : kKinds)
      if (name == kind) pass.kind = is;
    if (!pass.kind && kind != "NONE")
      fail("NONE, ALLREDUCE, ALLGATHER, REDUCESCATTER or ALLTOALL, alone or with _EP or _DP_EP after it");
    next();
    pass.bytes = Bytes(number("bytes", 0, kMostAmount));
  }

  void read_layer(std::int64_t index, std::int64_t count) {
    if (word_.empty()) fail(fmt::format("{} layers, of which {} are there", count, index));
    Layer layer;
    layer.name = word_;
    next();
    (void)number("a whole number", -kMostAmount, kMostAmount);
    read_pass(layer.forward, false);
    read_pass(layer.input_gradient, false);
    read_pass(layer.weight_gradient, true);
    layer.update = Duration::nanoseconds(number("nanoseconds", 0, kMostAmount));
    workload_.layers.push_back(std::move(layer));
  }

  Layer& marked(const Numbered& one) {
    if (one.layer >= static_cast<std::int64_t>(workload_.layers.size()))
      source_.fail(one.begin, one.end, fmt::format("there are layers 0 to {}", workload_.layers.size() - 1));
    return workload_.layers[static_cast<std::size_t>(one.layer)];
  }

  // Each plays layers once more: all together no more than can be held.
  void check_replays() {
    const auto first = std::find_if(workload_.layers.begin(), workload_.layers.end(),
                                    [](const auto& layer) { return layer.is_checkpoint; });
    const auto checkpoint = first - workload_.layers.begin();
    std::int64_t replayed = 0;
    for (const Numbered& one : initiates_) {
      if (checkpoint > one.layer)
        source_.fail(one.begin, one.end, fmt::format("no layer up to {} is a checkpoint to start from", one.layer));
      replayed += one.layer - checkpoint + 1;
      if (replayed > kMostReplayed)
        source_.fail(one.begin, one.end, fmt::format("more than {} layers would be played again", kMostReplayed));
    }
  }

  SourceText source_;
  std::string_view text_;
  bool begun_ = false;
  std::size_t at_ = 0;
  std::string_view word_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t all_begin_ = 0;
  std::size_t all_end_ = 0;
  std::vector<Numbered> checkpoints_;
  std::vector<Numbered> initiates_;
  Workload workload_;
};

}  // namespace

Workload read_workload(const std::filesystem::path& file) {
  return parse_workload(file.string(), read_file(file, kMostFileBytes));
}
Workload parse_workload(std::string name, std::string text) {
  return WordReader(std::move(name), std::move(text)).read();
}

Workload on_ranks(Workload workload, std::uint32_t ranks) {
  const std::int64_t block = std::int64_t{workload.tensor} * workload.pipeline * workload.expert;
  if (ranks % block != 0)
    fail_file(workload.file, fmt::format("{} ranks can't be shared out to blocks of {} × {} × {} "
                                         "(model_parallel_NPU_group × pp × ep)",
                                         ranks, workload.tensor, workload.pipeline, workload.expert));
  const std::int64_t was = workload.ranks;
  const std::int64_t is = ranks;
  if (is == was) {
    workload.notes.push_back(fmt::format("--ranks {} changes nothing: it was written for so many", ranks));
    return workload;
  }
  workload.notes.push_back(
      fmt::format("written for {} ranks, played on {}: groups 'data' and 'expert data' {} from {} and {} to {} and {} "
                  "ranks, what a rank does stays",
                  workload.ranks, ranks, is > was ? "grow" : "shrink", was * workload.expert / block, was / block,
                  is * workload.expert / block, is / block));
  workload.ranks = ranks;
  return workload;
}

}  // namespace orrery::simai
