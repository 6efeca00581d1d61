// Reads how sites meet.
#include "workloads/local_sgd.h"

#include <array>
#include <string>
#include <vector>

namespace orrery {
namespace {

constexpr std::int64_t kMostSites = std::int64_t{1} << 20U;
constexpr std::int64_t kMostSteps = std::int64_t{1} << 30U;
constexpr std::array kSent = {Precision::kFp32, Precision::kBf16, Precision::kFp16, Precision::kFp8};

}  // namespace

LocalSgd read_local_sgd(const yaml::Node& node) {
  yaml::Map map(node, "local SGD");
  LocalSgd local;
  local.sites = map.required("sites").integer(2, kMostSites);
  local.steps = map.required("steps").integer(1, kMostSteps);
  if (const auto sent = map.optional("sent")) {
    std::vector<std::string> names;
    names.reserve(kSent.size());
    for (const Precision precision : kSent) names.emplace_back(to_name(precision));
    local.sent = kSent[sent->choice("precision to send in", names)];
  }
  if (const auto step = map.optional("step")) local.step = read_shown_step(*step);
  map.finish();
  return local;
}

}  // namespace orrery
