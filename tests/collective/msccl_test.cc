// MSCCL's XML: a ring and a direct reduce-scatter take the time of our own, and bad files are refused where they are
// bad.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "sim/base/error.h"
#include "sim/collective/read_schedule.h"
#include "tests/collective/clock.h"
#include "tests/collective/groups.h"

namespace orrery {

namespace {

Clock on_switch(std::size_t n) {
  return Clock(machines::single_switch(n, {25'000'000'000, 700}), library_of(5'000'000, 300'000));
}

std::string step(int number, const char* type, const char* source, int from, const char* target, int to, int block = -1,
                 int on = -1) {
  return fmt::format(
      "      <step s=\"{}\" type=\"{}\" srcbuf=\"{}\" srcoff=\"{}\" dstbuf=\"{}\" dstoff=\"{}\" cnt=\"1\" depid=\"{}\" "
      "deps=\"{}\" hasdep=\"0\"/>\n",
      number, type, source, from, target, to, block, on);
}

std::string algo(const std::string& coll, int gpus, const std::string& body) {
  return fmt::format(
      "<algo name=\"test\" proto=\"Simple\" nchannels=\"1\" nchunksperloop=\"{}\" ngpus=\"{}\" coll=\"{}\" "
      "inplace=\"1\">\n{}</algo>\n",
      gpus, gpus, coll, body);
}

// The sums go round, then the results.
std::string ring(int n) {
  std::string body;
  for (int g = 0; g < n; ++g) {
    body += fmt::format("  <gpu id=\"{}\" i_chunks=\"{}\" o_chunks=\"{}\" s_chunks=\"0\">\n", g, n, n);
    body += fmt::format("    <tb id=\"0\" send=\"{}\" recv=\"{}\" chan=\"0\">\n", (g + 1) % n, (g + n - 1) % n);
    for (int k = 0; k <= 2 * (n - 1); ++k) {
      const int chunk = (g + 2 * n - 1 - k) % n;
      const char* type = k == 0 ? "s" : k < n - 1 ? "rrs" : k == n - 1 ? "rrcs" : k < 2 * (n - 1) ? "rcs" : "r";
      body += step(k, type, "i", chunk, "i", chunk);
    }
    body += "    </tb>\n  </gpu>\n";
  }
  return algo("allreduce", n, body);
}

// A thread block for each peer; the first adds up what all have received into scratch.
std::string direct(int n) {
  std::string body;
  for (int g = 0; g < n; ++g) {
    body += fmt::format("  <gpu id=\"{}\" i_chunks=\"{}\" o_chunks=\"1\" s_chunks=\"{}\">\n", g, n, n);
    int block = 0;
    for (int peer = 0; peer < n; ++peer) {
      if (peer == g) continue;
      body += fmt::format("    <tb id=\"{}\" send=\"{}\" recv=\"{}\" chan=\"0\">\n", block, peer, peer);
      body += step(0, "s", "i", peer, "s", g) + step(1, "r", "i", 0, "s", peer);
      int number = 2;
      if (block == 0) {
        for (int other = 1; other < n - 1; ++other) body += step(number++, "nop", "i", 0, "i", 0, other, 1);
        for (int from = 0; from < n; ++from)
          if (from != g) body += step(number++, "re", "s", from, "i", g);
      }
      body += "    </tb>\n";
      ++block;
    }
    body += "  </gpu>\n";
  }
  return algo("reduce_scatter", n, body);
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string error_of(const std::string& text) {
  try {
    (void)read_msccl(text, "mine.xml");
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a ring in MSCCL's XML takes the time of ours") {
  for (const int n : {2, 3, 4, 8}) {
    CAPTURE(n);
    const MessagePlan plan = read_msccl(ring(n), "ring.xml");
    CHECK(plan.name == "test");
    CHECK(plan.kind == CollectiveKind::kAllReduce);
    CHECK(plan.members == static_cast<std::size_t>(n));
    CHECK(plan.pieces == n);
    const std::int64_t bytes = 8000 * n;
    Clock clock = on_switch(plan.members);
    const Group group = block_group(1, plan.members);
    CHECK(clock.plan(plan, Bytes(bytes)) == clock.stepwise(write("ring", CollectiveKind::kAllReduce, group, bytes)));
  }
}

TEST_CASE("a direct reduce-scatter through scratch buffers, other thread blocks' steps waited for") {
  for (const int n : {2, 3, 5}) {
    CAPTURE(n);
    const MessagePlan plan = read_msccl(direct(n), "direct.xml");
    CHECK(plan.kind == CollectiveKind::kReduceScatter);
    const std::int64_t bytes = 8000 * n;
    Clock clock = on_switch(plan.members);
    const Group group = block_group(1, plan.members);
    CHECK(clock.plan(plan, Bytes(bytes)) ==
          clock.stepwise(write("direct", CollectiveKind::kReduceScatter, group, bytes)));
  }
}

TEST_CASE("an algorithm that doesn't deliver, or never ends, is refused") {
  CHECK(
      error_of(with(ring(2), "type=\"rrcs\"", "type=\"rcs\"")) ==
      "mine.xml:1:2: error: this is no all_reduce: output chunk 0 of gpu 0 isn't what it should be\n"
      "  1 | <algo name=\"test\" proto=\"Simple\" nchannels=\"1\" nchunksperloop=\"2\" ngpus=\"2\" coll=\"allreduce\" "
      "inplac…\n"
      "    |  ^~~~");
  const std::string stuck = error_of(with(direct(3), "depid=\"1\" deps=\"1\"", "depid=\"0\" deps=\"3\""));
  CHECK(stuck.starts_with("mine.xml:6:8: error: it waits for ever for step 3 of thread block 0\n"));
  CHECK(error_of(with(direct(3), "depid=\"1\"", "depid=\"7\""))
            .starts_with("mine.xml:6:8: error: gpu 0 has no step 1 in a thread block 7\n"));
  CHECK(error_of(with(ring(3), "type=\"s\"", "type=\"nop\""))
            .starts_with("mine.xml:14:8: error: it adds chunk 2 to chunk 1\n"));
  CHECK(error_of(with(direct(3), "type=\"re\" srcbuf=\"s\" srcoff=\"1\"", "type=\"re\" srcbuf=\"s\" srcoff=\"2\""))
            .starts_with("mine.xml:8:8: error: it adds gpu 2's part of chunk 0 a second time\n"));
}

TEST_CASE("what isn't MSCCL's format is refused where it stands") {
  CHECK(error_of("<algo").starts_with("mine.xml:1:"));
  CHECK(error_of("<topology/>") ==
        "mine.xml:1:2: error: expected <algo>, not <topology>\n"
        "  1 | <topology/>\n"
        "    |  ^~~~~~~~");
  CHECK(error_of(with(ring(2), "type=\"rrcs\"", "type=\"rrsc\"")) ==
        "mine.xml:5:25: error: no step type is called 'rrsc'; did you mean 'rrc'?\n"
        "  5 |       <step s=\"1\" type=\"rrsc\" srcbuf=\"i\" srcoff=\"0\" dstbuf=\"i\" dstoff=\"0\" cnt=\"1\" "
        "depid=\"-1\" "
        "deps=\"…\n"
        "    |                         ^~~~\n"
        "  note: step types: s, r, cpy, re, rcs, rrc, rrs, rrcs, nop");
  CHECK(error_of(with(ring(2), "send=\"1\"", "send=\"2\""))
            .starts_with("mine.xml:3:22: error: `send` must be between -1 and 1, not '2'\n"));
  CHECK(error_of(with(ring(2), "send=\"1\"", "send=\"-1\""))
            .starts_with("mine.xml:4:8: error: its thread block sends to nobody (send=\"-1\")\n"));
  CHECK(
      error_of(with(ring(2), " cnt=\"1\"", "")).starts_with("mine.xml:4:8: error: <step> needs the attribute `cnt`\n"));
  CHECK(error_of(with(ring(2), "srcoff=\"1\"", "srcoff=\"2\""))
            .starts_with("mine.xml:4:47: error: `srcoff` must be between 0 and 1, not '2'\n"));
  CHECK(error_of(with(ring(2), "ngpus=\"2\"", "ngpus=\"3\""))
            .starts_with("mine.xml:1:74: error: there are 2 <gpu> elements, not 3\n"));
}

}  // namespace orrery
