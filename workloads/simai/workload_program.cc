// One role: passes on the compute stream, a stream for each kind of group, one for updates.
#include "workloads/simai/workload_program.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <tuple>

#include "workloads/chakra/trace_book.h"

namespace orrery::simai {
namespace {

constexpr std::uint16_t kFirstGroupStream = 2;
constexpr std::uint16_t kUpdateStream = kFirstGroupStream + kAmongCount;
constexpr std::array<const char*, kAmongCount> kGroupNames = {"tensor", "data", "expert", "expert data"};

class PassWriter {
 public:
  PassWriter(const Workload& workload, const std::string& algorithm) : workload_(&workload) {
    Program& program = book_.program;
    const std::uint32_t data = workload.ranks / (workload.tensor * workload.pipeline);
    program.grid.dimensions = {{"tensor", workload.tensor},
                               {"pipeline", workload.pipeline},
                               {"expert", workload.expert},
                               {"expert data", data / workload.expert}};
    program.streams = {"host", "compute"};
    program.streams.insert(program.streams.end(), kGroupNames.begin(), kGroupNames.end());
    program.streams.emplace_back("update");
    const std::array<std::vector<std::uint32_t>, kAmongCount> dimensions = {{{0}, {2, 3}, {2}, {3}}};
    const std::array<std::uint32_t, kAmongCount> sizes = {workload.tensor, data, workload.expert,
                                                          data / workload.expert};
    for (std::size_t a = 0; a < kAmongCount; ++a) {
      program.groups.push_back({kGroupNames[a], dimensions[a], {}});
      alone_[a] = sizes[a] == 1;
    }
    algorithm_ = book_.algorithm(algorithm);
  }

  WorkloadProgram write() {
    const std::vector<Layer>& layers = workload_->layers;
    for (std::size_t l = 0; l < layers.size(); ++l) blocking(layers[l].forward, l, Phase::kForward);
    for (std::size_t l = layers.size(); l-- > 0;) {
      if (layers[l].starts_replay) replay_before(l);
      blocking(layers[l].input_gradient, l, Phase::kBackward);
      weights(l);
    }
    role_.name = "every rank";
    Program& program = book_.program;
    program.roles.push_back(std::move(role_));
    program.role_of_rank.assign(workload_->ranks, 0);
    if (program.names.empty()) program.names.emplace_back();
    say();
    return {std::move(book_.program), std::move(warnings_)};
  }

 private:
  void push(Op op, std::size_t layer, Phase phase, const std::vector<Wait>& waits) {
    op.name = book_.name(workload_->layers[layer].name);
    op.phase = phase;
    op.layer = static_cast<std::int32_t>(layer);
    op.first_wait = static_cast<std::uint32_t>(role_.waits.size());
    op.wait_count = static_cast<std::uint16_t>(waits.size());
    role_.waits.insert(role_.waits.end(), waits.begin(), waits.end());
    role_.ops.push_back(op);
    ++counts_[op.stream];
  }

  void compute(const LayerPass& pass, std::size_t layer, Phase phase) {
    if (pass.compute == Duration()) return;
    Segment segment;
    segment.duration = segment.host_path = pass.compute;
    Op op;
    op.stream = kComputeStream;
    op.body = book_.segment(segment, {{book_.name(workload_->layers[layer].name), pass.compute}}).index();
    push(op, layer, phase, blocking_ ? std::vector<Wait>{*blocking_} : std::vector<Wait>{});
    blocking_.reset();
  }

  // Its end; nothing where nothing travels.
  std::optional<Wait> communicate(const LayerPass& pass, std::size_t layer, Phase phase) {
    const auto among = static_cast<std::size_t>(pass.among);
    if (!pass.kind) return std::nullopt;
    if (alone_[among] || pass.bytes == Bytes(0)) {
      (alone_[among] ? lonely_ : empty_) += 1;
      return std::nullopt;
    }
    const auto [entry, is_new] = collectives_.try_emplace({*pass.kind, pass.among, pass.bytes},
                                                          static_cast<std::uint32_t>(book_.program.collectives.size()));
    if (is_new)
      book_.program.collectives.push_back(
          {*pass.kind, GroupSpecId(static_cast<std::uint32_t>(among)), pass.bytes, algorithm_});
    Op op;
    op.kind = OpKind::kCollective;
    op.stream = static_cast<std::uint16_t>(kFirstGroupStream + among);
    op.body = entry->second;
    std::vector<Wait> waits;
    if (counts_[kComputeStream] > 0) waits.push_back({kComputeStream, counts_[kComputeStream]});
    if (blocking_ && blocking_->stream != op.stream) waits.push_back(*blocking_);
    push(op, layer, phase, waits);
    return Wait{op.stream, counts_[op.stream]};
  }

  void blocking(const LayerPass& pass, std::size_t layer, Phase phase) {
    compute(pass, layer, phase);
    if (const std::optional<Wait> end = communicate(pass, layer, phase)) blocking_ = end;
  }

  void weights(std::size_t layer) {
    const Layer& one = workload_->layers[layer];
    compute(one.weight_gradient, layer, Phase::kBackward);
    const std::optional<Wait> end = communicate(one.weight_gradient, layer, Phase::kGradients);
    if (!end || one.update == Duration()) return;
    Op op;
    op.kind = OpKind::kDelay;
    op.stream = kUpdateStream;
    op.body = book_.delay(one.update);
    push(op, layer, Phase::kOptimizer, {*end});
  }

  void replay_before(std::size_t layer) {
    std::size_t from = layer;
    while (!workload_->layers[from].is_checkpoint) --from;
    for (std::size_t l = from; l < layer; ++l) blocking(workload_->layers[l].forward, l, Phase::kRecompute);
  }

  void say() {
    if (lonely_ > 0) warnings_.push_back(fmt::format("{} collectives are among one rank, and take no time", lonely_));
    if (empty_ > 0) warnings_.push_back(fmt::format("{} collectives are of 0 bytes, and take no time", empty_));
    if (workload_->pipeline > 1)
      warnings_.push_back(
          fmt::format("pp {}: the text holds no messages between stages, so all ranks play all lines, as in SimAI",
                      workload_->pipeline));
    warnings_.insert(warnings_.end(), workload_->notes.begin(), workload_->notes.end());
  }

  const Workload* workload_;
  chakra::TraceBook book_;
  std::uint32_t algorithm_ = 0;
  std::array<bool, kAmongCount> alone_{};
  Role role_;
  std::array<std::uint32_t, kUpdateStream + 1> counts_{};
  std::optional<Wait> blocking_;  // for what comes next
  std::map<std::tuple<CollectiveKind, Among, Bytes>, std::uint32_t> collectives_;
  std::size_t lonely_ = 0;
  std::size_t empty_ = 0;
  std::vector<std::string> warnings_;
};

}  // namespace

WorkloadProgram program_of(const Workload& workload, const std::string& algorithm) {
  return PassWriter(workload, algorithm).write();
}

}  // namespace orrery::simai
