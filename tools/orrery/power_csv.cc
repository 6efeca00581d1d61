// Writes a step's power as rows.
#include "tools/orrery/power_csv.h"

#include <fmt/format.h>

#include "sim/report/csv_field.h"

namespace orrery {

std::string power_csv(const PowerSeries& series) {
  std::string csv = "begin_s,it_w,facility_w";
  for (const PowerSeries::Role& role : series.roles) csv += "," + csv_field(role.name + " chip_w");
  csv += '\n';
  for (std::size_t bin = 0; bin < series.machine.size(); ++bin) {
    const Duration begin = series.width * static_cast<std::int64_t>(bin);
    csv += fmt::format("{},{:.3f},{:.3f}", static_cast<double>(begin.ps()) / 1e12, series.machine[bin],
                       series.machine[bin] * series.pue);
    for (const PowerSeries::Role& role : series.roles) csv += fmt::format(",{:.3f}", role.chip[bin]);
    csv += '\n';
  }
  return csv;
}

}  // namespace orrery
