// A service's file: both modes, lengths alike or drawn, loads; faults where they are.
#include "sim/scenario/serve_file.h"

#include <doctest/doctest.h>

#include "sim/base/error.h"

using namespace orrery;

namespace {

ServeFile read(const std::string& text) {
  return read_serve(Library({ORRERY_SOURCE_DIR}), yaml::parse(text, "serve.yaml"), "serve.yaml");
}
std::string fault(const std::string& text) {
  try {
    static_cast<void>(read(text));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

const std::string kSides =
    "prefill: {scenario: fsdp}\ndecode: {scenario: fsdp, instances: "
    "3}\n";
const std::string kApart = "name: a\nmode: apart\n" + kSides;
const std::string kTogether = "name: a\nmode: together\n" + kSides;
const std::string kRequests = "requests: {prompts: 100, responses: 50}\n";

}  // namespace

TEST_CASE("a service is read with what its mode needs") {
  const ServeFile apart =
      read(kApart +
           "requests: {prompts: {mean: 100, spread: 0.5, longest: 800}, responses: 50, rate: 2.5}\n"
           "transfer: {bandwidth: 50 GB/s, latency: 20 us}\nmeasured: {ttft: 3 ms, source: here}\n");
  CHECK(apart.apart);
  CHECK(apart.prompts.spread == 0.5);
  CHECK(apart.responses.longest == 50);
  CHECK(apart.responses.mean == 50);
  CHECK(*apart.rate == 2.5);
  CHECK(apart.decode.instances == 3);
  CHECK(apart.transfer->latency == Duration::microseconds(20));
  CHECK(apart.measured->ttft == Duration::microseconds(3000));
  const ServeFile together = read(kTogether + "requests: {prompts: 100, responses: 50, rate: most}\nchunk: 512\n");
  CHECK(together.chunk == 512);
  CHECK(together.saturated);
  CHECK(!together.rate);
}

TEST_CASE("what a mode has no use for is refused where it stands") {
  CHECK(fault(kApart + kRequests + "chunk: 512\n").find("serve.yaml:6:8") != std::string::npos);
  CHECK(fault(kTogether + kRequests).find("chunk") != std::string::npos);
  CHECK(fault(kTogether + kRequests + "chunk: 512\ntransfer: {bandwidth: 1 GB/s}\n").find("stays where it was made") !=
        std::string::npos);
  CHECK(fault(kApart + "requests: {prompts: 100, responses: 1}\n").find("must be between 2") != std::string::npos);
  CHECK(fault(kApart + "requests: {prompts: 9, responses: 9, rate: 1, concurrency: 2}\n").find("not both") !=
        std::string::npos);
  CHECK(fault(kApart + "requests: {prompts: 9, responses: 9, rate: 0}\n").find("nothing to serve") !=
        std::string::npos);
}
