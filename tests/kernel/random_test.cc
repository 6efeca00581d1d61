// Random programs: nothing is lost, streams never overlap, the same run twice is the same, splitting changes nothing.
#include <rapidcheck.h>

#include <map>

#include "tests/kernel/random_program.h"

namespace orrery::play {

namespace {

bool same(const Span& a, const Span& b) {
  return a.rank == b.rank && a.op == b.op && a.ready == b.ready && a.begin == b.begin && a.end == b.end &&
         a.cause_stream == b.cause_stream;
}

}  // namespace

TEST_CASE("every op ends once, in the order of its stream, after all that it waits for") {
  CHECK(rc::check([] {
    const Program program = any_program();
    const Outcome outcome = run_on(star(program.grid.rank_count(), 5, 4), program, any_options());
    const Role& role = program.roles[0];
    RC_ASSERT(outcome.spans.size() == role.ops.size() * program.grid.rank_count());

    std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<Span>> streams;  // of (rank, stream)
    Time last;
    for (const Span& span : outcome.spans) {
      RC_ASSERT(span.ready <= span.begin);
      RC_ASSERT(span.begin <= span.end);
      RC_ASSERT(last <= span.end);  // spans come in order of their ends
      last = span.end;
      streams[{span.rank.index(), role.ops[span.op].stream}].push_back(span);
    }
    RC_ASSERT(outcome.result.step == last - Time());
    for (const auto& [key, spans] : streams) {
      for (std::size_t i = 0; i < spans.size(); ++i) {
        const Op& op = role.ops[spans[i].op];
        if (i > 0) {
          RC_ASSERT(spans[i - 1].op < spans[i].op);
          RC_ASSERT(spans[i - 1].end <= spans[i].ready);
        }
        for (std::uint32_t w = op.first_wait; w < op.first_wait + op.wait_count; ++w) {
          const Wait& wait = role.waits[w];
          if (wait.count > 0) RC_ASSERT(streams.at({key.first, wait.stream})[wait.count - 1].end <= spans[i].ready);
        }
      }
    }
  }));
}

TEST_CASE("the same run twice is the same, span by span") {
  CHECK(rc::check([] {
    const Program program = any_program();
    const RunOptions options = any_options();
    const Outcome one = run_on(star(program.grid.rank_count(), 5, 4), program, options);
    const Outcome two = run_on(star(program.grid.rank_count(), 5, 4), program, options);
    RC_ASSERT(std::equal(one.spans.begin(), one.spans.end(), two.spans.begin(), two.spans.end(), same));
    RC_ASSERT(one.result.events == two.result.events);
    RC_ASSERT(one.result.resource_work == two.result.resource_work);
  }));
}

TEST_CASE("how many ranks stand beside a rank changes nothing for it") {
  CHECK(rc::check([] {
    // Tensor groups on switches of their own would be independent; here nothing crosses groups and links are private.
    const auto bytes = *rc::gen::inRange<std::int64_t>(1, 5000);
    const auto segment = *rc::gen::inRange<std::int64_t>(1, 5000);
    const auto step = [&](std::uint32_t groups) {
      const Program program = Writer({{"tp", 2}, {"dp", groups}})
                                  .group("tensor", {0})
                                  .compute(segment)
                                  .collective(CollectiveKind::kAllReduce, 0, bytes, {{kCompute, 1}})
                                  .compute(segment, {{kComm, 1}})
                                  .program;
      return run_on(star(2 * groups, 3), program).result.step;
    };
    RC_ASSERT(step(1) == step(7));
  }));
}

TEST_CASE("splitting a segment into its kernels changes no end when nothing contends") {
  CHECK(rc::check([] {
    // Two streams of work on one chip, a host sync between, and a delay that the second segment waits for.
    const auto kernel = rc::gen::pair(rc::gen::inRange<std::int64_t>(0, 40), rc::gen::inRange<std::int64_t>(0, 40));
    const auto some = rc::gen::nonEmpty(rc::gen::container<Writer::Kernels>(kernel));
    const std::vector<Writer::Kernels> segments = {*some, *some, *some};
    const auto delay = *rc::gen::inRange<std::int64_t>(0, 500);
    const auto ends = [&](bool split) {
      Writer writer({});
      writer.program.host_op = Duration::picoseconds(11);
      writer.group("alone", {});
      writer.delay(delay);
      std::vector<std::uint32_t> last;  // the op that ends each segment
      std::uint32_t computes = 0;
      const auto add = [&](const Writer::Kernels& kernels, const Writer::Waits& waits) {
        if (split) {
          for (std::size_t k = 0; k < kernels.size(); ++k)
            writer.kernels({kernels[k]}, k == 0 ? waits : Writer::Waits());
        } else {
          writer.kernels(kernels, waits);
        }
        computes += split ? static_cast<std::uint32_t>(kernels.size()) : 1;
        last.push_back(static_cast<std::uint32_t>(writer.program.roles[0].ops.size() - 1));
      };
      add(segments[0], {});
      writer.collective(CollectiveKind::kAllReduce, 0, 8);
      add(segments[1], {{kComm, 1}});
      writer.host_sync({{kCompute, computes}});
      add(segments[2], {});
      const Outcome outcome = run_on(star(1), writer.program);
      std::vector<std::int64_t> times;
      for (const std::uint32_t op : last) times.push_back(outcome.end(0, op));
      return times;
    };
    RC_ASSERT(ends(false) == ends(true));
  }));
}

}  // namespace orrery::play
