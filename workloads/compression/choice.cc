// Reads which compression a plan asks for.
#include "workloads/compression/choice.h"

#include <fmt/format.h>

#include "workloads/compression/compressor.h"

namespace orrery {
namespace {

constexpr std::int64_t kHighestFactorRank = 65'536;

}  // namespace

CompressionChoice read_compression(const yaml::Node& node) {
  std::vector<std::string> names = Compressors::names();
  const auto named = [&](const yaml::Node& name) { return names[name.choice("gradient compression", names)]; };
  CompressionChoice choice;
  if (!node.is_map()) {
    names.emplace_back("none");
    choice.kind = named(node);
    if (choice.kind == "none") choice.kind.clear();
    return choice;
  }
  yaml::Map map(node, "a gradient compression");
  choice.kind = named(map.required("kind"));
  const Compressor& compressor = *Compressors::find(choice.kind);
  const auto demand = [&](const yaml::Node& value, bool has, const char* what) {
    if (!has) value.fail(fmt::format("the gradient compression '{}' has no {}", choice.kind, what));
  };
  if (const auto rank = map.optional("rank")) {
    demand(*rank, compressor.ranked, "rank");
    choice.rank = rank->integer(1, kHighestFactorRank);
  }
  if (const auto share = map.optional("share")) {
    demand(*share, compressor.shared, "share");
    choice.share = share->ratio();
    if (choice.share <= 0) share->fail("no gradient would be sent");
  }
  map.finish();
  return choice;
}

}  // namespace orrery
