// Reads how a model is served, and refuses what the mode has no use for.
#include "sim/scenario/serve_file.h"

#include <fmt/format.h>

#include <vector>

#include "sim/scenario/scenario_path.h"

namespace orrery {
namespace {

constexpr std::int64_t kMostRequestTokens = std::int64_t{1} << 22U;
constexpr std::int64_t kMostInstances = std::int64_t{1} << 20U;
constexpr std::int64_t kMostAtOnce = std::int64_t{1} << 30U;
constexpr double kMostRequestsASecond = 1e9;
constexpr double kMostTokensASecond = 1e15;
constexpr double kWidestLengths = 5;

ResponseLengths read_lengths(const yaml::Node& node, std::string_view what, std::int64_t least) {
  ResponseLengths lengths;
  if (!node.is_map()) {
    lengths.longest = node.integer(least, kMostRequestTokens);
    lengths.mean = static_cast<double>(lengths.longest);
    return lengths;
  }
  yaml::Map map(node, what);
  lengths.longest = map.required("longest").integer(least, kMostRequestTokens);
  lengths.mean = map.required("mean").number(static_cast<double>(least), static_cast<double>(lengths.longest));
  if (const auto spread = map.optional("spread")) lengths.spread = spread->number(0, kWidestLengths);
  map.finish();
  return lengths;
}

void read_requests(yaml::Map requests, ServeFile& serve) {
  serve.prompts = read_lengths(requests.required("prompts"), "prompts", 1);
  serve.responses = read_lengths(requests.required("responses"), "responses", 2);
  const auto rate = requests.optional("rate");
  if (rate && rate->is_scalar() && rate->text() == "most") {
    serve.saturated = true;
  } else if (rate) {
    serve.rate = rate->number(0, kMostRequestsASecond);
    if (*serve.rate <= 0) rate->fail("without requests there is nothing to serve");
  }
  if (const auto concurrency = requests.optional("concurrency")) {
    if (rate) concurrency->fail("requests come at a rate or follow each other, not both: leave out `rate` or this");
    serve.concurrency = concurrency->integer(1, kMostAtOnce);
  }
  requests.finish();
}

ServeFile::Measured read_measured(yaml::Map map) {
  ServeFile::Measured measured;
  const auto number = [&](const char* key, std::optional<double>& value) {
    if (const auto node = map.optional(key)) {
      value = node->number(0, kMostTokensASecond);
      if (*value <= 0) node->fail("a measured rate is more than nothing");
    }
  };
  const auto time = [&](const char* key, std::optional<Duration>& value) {
    if (const auto node = map.optional(key)) value = node->duration(Duration::picoseconds(1));
  };
  number("prefill", measured.prefill);
  number("decode", measured.decode);
  number("output", measured.output);
  time("ttft", measured.ttft);
  time("tpot", measured.tpot);
  measured.source = map.required("source").text();
  map.finish();
  return measured;
}

}  // namespace

ServeFile read_serve(const Library& library, const yaml::Node& root, const std::filesystem::path& file) {
  yaml::Map map(root, "a service");
  ServeFile serve;
  serve.name = map.required("name").text();
  if (const auto node = map.optional("description")) serve.description = node->text();
  serve.apart = map.required("mode").choice("mode", {"apart", "together"}) == 0;
  read_requests(yaml::Map(map.required("requests"), "requests"), serve);
  const auto side = [&](const char* key) {
    yaml::Map read(map.required(key), key);
    ServeFile::Side made;
    const yaml::Node named = read.required("scenario");
    made.where = named.span();
    made.scenario = scenario_beside(library, file, named);
    if (const auto instances = read.optional("instances")) {
      made.instances = instances->integer(1, kMostInstances);
      if (!serve.apart && std::string_view(key) == "prefill")
        instances->fail("together, the instances that decode read prompts too: say how many there are in `decode`");
    }
    if (const auto halves = read.optional("halves")) {
      made.halves = halves->boolean();
      if (made.halves && !serve.apart)
        halves->fail("together, prompts and tokens share a step: there are no halves of it");
    }
    read.finish();
    return made;
  };
  serve.prefill = side("prefill");
  serve.decode = side("decode");
  if (!serve.apart) {
    serve.chunk = map.required("chunk").integer(1, kMostRequestTokens);
  } else if (const auto chunk = map.optional("chunk")) {
    chunk->fail("apart, prompts are read whole: only `mode: together` reads them in chunks");
  }
  if (const auto node = map.optional("transfer")) {
    if (!serve.apart) node->fail("together, a cache stays where it was made: nothing is transferred");
    yaml::Map transfer(*node, "a transfer");
    ServeFile::Transfer read;
    read.bandwidth = transfer.required("bandwidth").bandwidth();
    if (const auto latency = transfer.optional("latency")) read.latency = latency->duration();
    transfer.finish();
    serve.transfer = read;
  }
  if (const auto node = map.optional("measured")) serve.measured = read_measured(yaml::Map(*node, "a measurement"));
  map.finish();
  return serve;
}

ServeFile load_serve(const Library& library, const std::filesystem::path& file) {
  return read_serve(library, yaml::load(file), file);
}

}  // namespace orrery
