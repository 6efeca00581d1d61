// Means over ranks.
#include "sim/report/breakdown_json.h"

namespace orrery {

void add_breakdown(const Breakdown& breakdown, nlohmann::ordered_json& json) {
  json["compute_s"] = breakdown.mean_seconds(breakdown.compute);
  json["compute_slowed_s"] = breakdown.mean_seconds(breakdown.slowed);
  nlohmann::ordered_json exposed = nlohmann::ordered_json::object();
  for (const Breakdown::Exposed& part : breakdown.exposed) exposed[part.dimension] = breakdown.mean_seconds(part.time);
  json["exposed_communication_s"] = exposed;
  json["bubble_s"] = breakdown.mean_seconds(breakdown.bubble);
  json["skew_s"] = breakdown.mean_seconds(breakdown.skew);
  json["host_s"] = breakdown.mean_seconds(breakdown.host);
  json["delay_s"] = breakdown.mean_seconds(breakdown.other);
}

}  // namespace orrery
