// MSCCL's algorithms, run symbolically into messages that wait for each other.
//
// The format (microsoft/msccl and microsoft/msccl-tools on GitHub; Cowan et al. 2023, "MSCCLang: Microsoft Collective
// Communication Language", ASPLOS): <algo> holds a <gpu> each, with thread blocks <tb> that have at most one peer to
// send to and one to receive from on their channel, and do their <step>s in order. A step of type
//   s      sends cnt chunks of srcbuf at srcoff to the peer;           r     receives them into dstbuf at dstoff;
//   rcs    receives, stores and sends on;                              rrc   receives, adds what stands at src, stores;
//   rrs    receives, adds, sends without storing;                      rrcs  receives, adds, stores and sends;
//   cpy    copies src to dst;   re   adds src to dst;                  nop   does nothing, but waits.
// depid and deps name another thread block of the GPU and its step that must be done first. The k-th send of a GPU to a
// peer on a channel meets the peer's k-th receive from it. nchunksperloop, proto and hasdep say how MSCCL's kernel
// runs, not what is sent: they don't count here.
//
// What it takes: a message starts when the steps before it in its thread block and the one it depends on are done; a
// receive is done when its message and the steps before it are. Buffers between GPUs hold any number of messages, where
// NCCL's hold 8; local copies and sums take no time. Chunks are equal: the collective's size ÷ the larger of i_chunks
// and o_chunks. The algorithm must deliver, steps taken in the one order found that keeps all waits: races that other
// orders may have aren't looked for.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "sim/collective/msccl_buffers.h"
#include "sim/collective/read_schedule.h"

namespace orrery {

namespace {

using msccl::Op;

// Runs thread blocks as far as they come, over and over.
class MscclRun {
 public:
  MscclRun(const SourceText& text, const msccl::Algorithm& algorithm)
      : text_(text), algorithm_(algorithm), buffers_(algorithm) {
    for (const msccl::Gpu& gpu : algorithm.gpus) {
      states_.emplace_back(gpu.blocks.size());
      for (std::size_t b = 0; b < gpu.blocks.size(); ++b) states_.back()[b].done.reserve(gpu.blocks[b].steps.size());
      plan_.pieces = std::max({plan_.pieces, gpu.chunks[0], gpu.chunks[1]});
    }
    check_ways();
    plan_.name = algorithm.name;
    plan_.kind = algorithm.kind;
    plan_.members = algorithm.gpus.size();
  }

  MessagePlan run() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t g = 0; g < states_.size(); ++g)
        for (std::size_t b = 0; b < states_[g].size(); ++b)
          while (advance(g, b)) moved = true;
    }
    for (std::size_t g = 0; g < states_.size(); ++g)
      for (std::size_t b = 0; b < states_[g].size(); ++b) check_finished(g, b);
    for (const auto& [way, messages] : in_flight_)
      if (!messages.empty())
        fail(messages.front().at,
             fmt::format("gpu {} never receives this on channel {}", std::get<1>(way), std::get<2>(way)));
    const std::string missing = buffers_.missing();
    if (!missing.empty()) fail(algorithm_.at, fmt::format("this is no {}: {}", to_name(plan_.kind), missing));
    return std::move(plan_);
  }

 private:
  // A message, or a mark, that has come when a step is done; none for a step that waits for nothing.
  using Token = std::optional<std::uint32_t>;
  struct State {
    std::vector<Token> done;  // by step
  };
  struct Flight {
    std::uint32_t message;
    msccl::Cells cells;
    std::size_t at;
  };
  using Way = std::tuple<std::int32_t, std::int32_t, std::int32_t>;  // from, to, channel

  // `at`: where an element's name stands.
  [[noreturn]] void fail(std::size_t at, std::string message) const {
    text_.fail(at, text_.text().find_first_of(" \t\n>", at), std::move(message));
  }

  // CORRECTNESS: the k-th send meets the k-th receive only where one thread block does all of either.
  void check_ways() const {
    for (const msccl::Gpu& gpu : algorithm_.gpus) {
      std::set<std::pair<std::int32_t, std::int32_t>> send;
      std::set<std::pair<std::int32_t, std::int32_t>> receive;
      for (const msccl::Block& block : gpu.blocks) {
        if (block.send >= 0 && !send.insert({block.send, block.channel}).second)
          fail(block.at, fmt::format("two thread blocks send to gpu {} on channel {}", block.send, block.channel));
        if (block.receive >= 0 && !receive.insert({block.receive, block.channel}).second)
          fail(block.at,
               fmt::format("two thread blocks receive from gpu {} on channel {}", block.receive, block.channel));
      }
    }
  }

  // Does the thread block's next step; false if it has to wait or there is none.
  bool advance(std::size_t g, std::size_t b) {
    const msccl::Block& block = algorithm_.gpus[g].blocks[b];
    State& state = states_[g][b];
    if (state.done.size() == block.steps.size()) return false;
    const msccl::Step& step = block.steps[state.done.size()];
    std::vector<std::uint32_t> waits;
    const auto add = [&waits](const Token& token) {
      if (token && std::find(waits.begin(), waits.end(), *token) == waits.end()) waits.push_back(*token);
    };
    if (!state.done.empty()) add(state.done.back());
    if (step.block) {
      if (*step.block >= states_[g].size() || step.step >= algorithm_.gpus[g].blocks[*step.block].steps.size())
        fail(step.at, fmt::format("gpu {} has no step {} in a thread block {}", g, step.step, *step.block));
      const State& other = states_[g][*step.block];
      if (step.step >= other.done.size()) return false;
      add(other.done[step.step]);
    }
    msccl::Cells cells;
    if (msccl::receives(step.op)) {
      std::deque<Flight>& incoming = in_flight_[{block.receive, static_cast<std::int32_t>(g), block.channel}];
      if (incoming.empty()) return false;
      Flight flight = std::move(incoming.front());
      incoming.pop_front();
      if (flight.cells.size() != static_cast<std::size_t>(step.count))
        fail(step.at, fmt::format("it receives {} chunks where gpu {} sends {}", step.count, block.receive,
                                  flight.cells.size()));
      add(flight.message);
      plan_.messages[flight.message].reduces = msccl::reduces(step.op);
      cells = std::move(flight.cells);
    }
    handle(g, step, cells);
    Token token;
    if (msccl::sends(step.op)) {
      token = write(static_cast<std::int32_t>(g), block.send, step.count, waits);
      in_flight_[{static_cast<std::int32_t>(g), block.send, block.channel}].push_back(
          {*token, std::move(cells), step.at});
    } else if (waits.size() == 1) {
      token = waits.front();
    } else if (!waits.empty()) {
      token = write(static_cast<std::int32_t>(g), static_cast<std::int32_t>(g), 0, waits);
    }
    state.done.push_back(token);
    return true;
  }

  // What the step does with the chunks; `cells` are those that came, and then those that go.
  void handle(std::size_t g, const msccl::Step& step, msccl::Cells& cells) {
    if (step.op == Op::kNop) return;
    if (step.op == Op::kSend || step.op == Op::kCopy) cells = buffers_.load(g, step.source, step.count);
    if (step.op == Op::kReduce) cells = buffers_.load(g, step.target, step.count);
    if (msccl::reduces(step.op)) {
      const std::string wrong = msccl::Buffers::add(buffers_.load(g, step.source, step.count), cells);
      if (!wrong.empty()) fail(step.at, wrong);
    }
    for (const msccl::Cell& cell : cells)
      if (cell.chunk < 0) fail(step.at, "it is about a chunk that isn't there yet");
    if (msccl::stores(step.op)) buffers_.store(g, step.target, cells);
  }

  std::uint32_t write(std::int32_t from, std::int32_t to, std::int32_t count, const std::vector<std::uint32_t>& waits) {
    PlannedMessage message;
    message.from = from;
    message.to = to;
    message.pieces = count;
    message.first_after = static_cast<std::uint32_t>(plan_.after.size());
    message.after_count = static_cast<std::uint32_t>(waits.size());
    plan_.after.insert(plan_.after.end(), waits.begin(), waits.end());
    plan_.messages.push_back(message);
    return static_cast<std::uint32_t>(plan_.messages.size() - 1);
  }

  void check_finished(std::size_t g, std::size_t b) const {
    const msccl::Block& block = algorithm_.gpus[g].blocks[b];
    const std::size_t done = states_[g][b].done.size();
    if (done == block.steps.size()) return;
    const msccl::Step& step = block.steps[done];
    const bool dependency = step.block && step.step >= states_[g][*step.block].done.size();
    fail(step.at, dependency ? fmt::format("it waits for ever for step {} of thread block {}", step.step, *step.block)
                             : fmt::format("it waits for ever for a message of gpu {} on channel {}", block.receive,
                                           block.channel));
  }

  const SourceText& text_;
  const msccl::Algorithm& algorithm_;
  msccl::Buffers buffers_;
  std::vector<std::vector<State>> states_;  // by GPU and thread block
  std::map<Way, std::deque<Flight>> in_flight_;
  MessagePlan plan_;
};

}  // namespace

MessagePlan read_msccl(std::string text, const std::filesystem::path& path) {
  const SourceText source(path.string(), std::move(text));
  const msccl::Algorithm algorithm = msccl::read(source);
  return MscclRun(source, algorithm).run();
}

}  // namespace orrery
