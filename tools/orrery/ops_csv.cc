// Adds up spans by role, stream, phase and name.
#include "tools/orrery/ops_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "sim/report/csv_field.h"

namespace orrery {
namespace {

std::string seconds(Int128 picoseconds) {
  constexpr std::int64_t kPerSecond = 1'000'000'000'000;
  return fmt::format("{}.{:012}", static_cast<std::int64_t>(picoseconds / kPerSecond),
                     static_cast<std::int64_t>(picoseconds % kPerSecond));
}

}  // namespace

OpsTable::OpsTable(const Program& program) : program_(&program), row_of_op_(program.roles.size()) {
  for (std::uint32_t role = 0; role < program.roles.size(); ++role) {
    std::map<std::tuple<std::uint16_t, Phase, std::uint32_t>, std::uint32_t> known;
    for (const Op& op : program.roles[role].ops) {
      const auto [entry, is_new] =
          known.try_emplace({op.stream, op.phase, op.name}, static_cast<std::uint32_t>(rows_.size()));
      if (is_new) rows_.push_back({.role = role, .op = &op});
      row_of_op_[role].push_back(entry->second);
    }
  }
}

void OpsTable::span(const Span& span) {
  Row& row = rows_[row_of_op_[program_->role_of_rank[span.rank.index()]][span.op]];
  const std::int64_t length = (span.end - span.begin).ps();
  row.least = row.count == 0 ? length : std::min(row.least, length);
  row.most = std::max(row.most, length);
  row.total += static_cast<Int128>(length) * span.ranks;
  row.waited += static_cast<Int128>((span.begin - span.ready).ps()) * span.ranks;
  row.count += span.ranks;
}

std::string OpsTable::csv(Duration step) const {
  std::vector<Row> rows;
  std::copy_if(rows_.begin(), rows_.end(), std::back_inserter(rows), [](const Row& row) { return row.count > 0; });
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.total > b.total; });
  std::vector<std::int64_t> ranks(program_->roles.size());
  for (const std::uint32_t role : program_->role_of_rank) ++ranks[role];

  std::string csv = "role,stream,phase,op,share_of_step,count,total_s,mean_s,least_s,most_s,waited_s\n";
  for (const Row& row : rows) {
    const double available = static_cast<double>(step.ps()) * static_cast<double>(ranks[row.role]);
    const double share = available > 0 ? static_cast<double>(row.total) / available : 0.0;
    csv += fmt::format("{},{},{},{},{:.6f},{},{},{},{},{},{}\n", csv_field(program_->roles[row.role].name),
                       csv_field(program_->streams[row.op->stream]), to_name(row.op->phase),
                       csv_field(program_->names[row.op->name]), share, row.count, seconds(row.total),
                       seconds(row.total / row.count), seconds(row.least), seconds(row.most), seconds(row.waited));
  }
  return csv;
}

}  // namespace orrery
