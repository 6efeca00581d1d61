// Adds up spans by name and kind; each form of output writes its rows.
#include "sim/report/span_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "sim/report/csv_field.h"
#include "sim/report/text_page.h"

namespace orrery {
namespace {

constexpr double kSecondsPerPicosecond = 1e-12;

std::string kind_of(const Program& program, const Op& op) {
  switch (op.kind) {
    case OpKind::kCompute:
      return "compute";
    case OpKind::kCollective:
      return std::string(to_name(program.collectives[op.body].kind));
    case OpKind::kSend:
      return "send";
    case OpKind::kRecv:
      return "receive";
    case OpKind::kDelay:
      return "delay";
    case OpKind::kHostSync:
      break;
  }
  return "host_sync";
}

double seconds_a_rank(Int128 picoseconds, std::size_t ranks) {
  return static_cast<double>(picoseconds) * kSecondsPerPicosecond / static_cast<double>(ranks);
}

std::vector<SpanSum> longest_first(const SpanTable& table) {
  std::vector<SpanSum> rows = table.sums;
  std::stable_sort(rows.begin(), rows.end(), [](const SpanSum& a, const SpanSum& b) { return a.total > b.total; });
  return rows;
}

// Of a longer text the first characters, and an ellipsis in place of the rest.
std::string cut_to(std::size_t most, const std::string& text) {
  if (columns(text) <= most) return text;
  std::size_t end = 0;
  for (std::size_t column = 0; end < text.size(); ++end)
    if (columns({text.data() + end, 1}) == 1 && column++ == most - 1) break;
  return text.substr(0, end) + "…";
}

// A file of rows, each an object.
std::string listed(const char* key, const nlohmann::ordered_json& rows) {
  nlohmann::ordered_json root;
  root[key] = rows;
  return root.dump(2) + "\n";
}

// Rounded as CSV is, so that both say the same.
double rounded(double seconds) {
  constexpr double kPicoseconds = 1e12;  // in a second
  return std::round(seconds * kPicoseconds) / kPicoseconds;
}

}  // namespace

SpanSums::SpanSums(const Program& program) : program_(&program), sum_of_op_(program.roles.size()) {
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> known;
  for (std::size_t role = 0; role < program.roles.size(); ++role) {
    for (const Op& op : program.roles[role].ops) {
      std::string kind = kind_of(program, op);
      const auto [entry, is_new] = known.try_emplace({op.name, kind}, static_cast<std::uint32_t>(sums_.size()));
      if (is_new) sums_.push_back({program.names[op.name], std::move(kind), 0, 0, 0});
      sum_of_op_[role].push_back(entry->second);
    }
  }
}

void SpanSums::span(const Span& span) {
  SpanSum& sum = sums_[sum_of_op_[program_->role_of_rank[span.rank.index()]][span.op]];
  sum.count += span.ranks;
  sum.total += static_cast<Int128>((span.end - span.begin).ps()) * span.ranks;
  sum.waited += static_cast<Int128>((span.begin - span.ready).ps()) * span.ranks;
}

std::vector<SpanSum> SpanSums::sums() const {
  std::vector<SpanSum> those;
  for (const SpanSum& sum : sums_)
    if (sum.count > 0) those.push_back(sum);
  return those;
}

std::vector<SpanChange> changes_of(const SpanSums& before, const SpanSums& after) {
  std::vector<SpanChange> changes;
  std::map<std::pair<std::string, std::string>, std::size_t> known;
  const auto row = [&](const SpanSum& sum) -> SpanChange& {
    const auto [entry, is_new] = known.try_emplace({sum.name, sum.kind}, changes.size());
    if (is_new) changes.push_back({.name = sum.name, .kind = sum.kind});
    return changes[entry->second];
  };
  // Two names that are shown alike come to one row.
  for (const SpanSum& sum : before.sums()) {
    SpanChange& change = row(sum);
    change.count_before += sum.count;
    change.before += seconds_a_rank(sum.total, before.ranks());
    change.waited_before += seconds_a_rank(sum.waited, before.ranks());
  }
  for (const SpanSum& sum : after.sums()) {
    SpanChange& change = row(sum);
    change.count_after += sum.count;
    change.after += seconds_a_rank(sum.total, after.ranks());
    change.waited_after += seconds_a_rank(sum.waited, after.ranks());
  }
  std::stable_sort(changes.begin(), changes.end(), [](const SpanChange& a, const SpanChange& b) {
    return std::abs(a.change()) > std::abs(b.change());
  });
  return changes;
}

std::string spans_csv(const SpanTable& table) {
  std::string csv = "name,kind,count,total_s,mean_s,waited_s\n";
  for (const SpanSum& sum : longest_first(table))
    csv += fmt::format("{},{},{},{:.12f},{:.12f},{:.12f}\n", csv_field(sum.name), sum.kind, sum.count,
                       seconds_a_rank(sum.total, table.ranks),
                       seconds_a_rank(sum.total, static_cast<std::size_t>(sum.count)),
                       seconds_a_rank(sum.waited, table.ranks));
  return csv;
}

std::string spans_json(const SpanTable& table) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const SpanSum& sum : longest_first(table)) {
    nlohmann::ordered_json row;
    row["name"] = sum.name;
    row["kind"] = sum.kind;
    row["count"] = sum.count;
    row["total_s"] = rounded(seconds_a_rank(sum.total, table.ranks));
    row["mean_s"] = rounded(seconds_a_rank(sum.total, static_cast<std::size_t>(sum.count)));
    row["waited_s"] = rounded(seconds_a_rank(sum.waited, table.ranks));
    rows.push_back(std::move(row));
  }
  return listed("spans", rows);
}

std::string changes_csv(const std::vector<SpanChange>& changes) {
  std::string csv = "name,kind,count_before,count_after,before_s,after_s,change_s,waited_before_s,waited_after_s\n";
  for (const SpanChange& one : changes)
    csv += fmt::format("{},{},{},{},{:.12f},{:.12f},{:.12f},{:.12f},{:.12f}\n", csv_field(one.name), one.kind,
                       one.count_before, one.count_after, one.before, one.after, one.change(), one.waited_before,
                       one.waited_after);
  return csv;
}

std::string changes_json(const std::vector<SpanChange>& changes) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const SpanChange& one : changes) {
    nlohmann::ordered_json row;
    row["name"] = one.name;
    row["kind"] = one.kind;
    row["count_before"] = one.count_before;
    row["count_after"] = one.count_after;
    row["before_s"] = rounded(one.before);
    row["after_s"] = rounded(one.after);
    row["change_s"] = rounded(one.change());
    row["waited_before_s"] = rounded(one.waited_before);
    row["waited_after_s"] = rounded(one.waited_after);
    rows.push_back(std::move(row));
  }
  return listed("changes", rows);
}

std::string changes_text(const std::vector<SpanChange>& changes, std::size_t most) {
  double longest = 0;
  std::size_t width = 4;
  constexpr std::size_t kWidest = 40;
  const auto same = static_cast<std::size_t>(
      std::count_if(changes.begin(), changes.end(), [](const SpanChange& one) { return rounded(one.change()) == 0; }));
  const std::size_t shown = std::min(most, changes.size() - same);
  for (std::size_t i = 0; i < shown; ++i) {
    longest = std::max({longest, changes[i].before, changes[i].after});
    width = std::max(width, std::min(kWidest, columns(changes[i].name)));
  }
  const auto [unit, times] = longest >= 1      ? std::pair{"s", 1.0}
                             : longest >= 1e-3 ? std::pair{"ms", 1e3}
                                               : std::pair{"us", 1e6};
  std::string text =
      fmt::format("{:{}}  {:14} {:>7}  {:>11}  {:>11}  {:>11}\n", "span", width, "kind", "times",
                  fmt::format("before ({})", unit), fmt::format("after ({})", unit), fmt::format("change ({})", unit));
  for (std::size_t i = 0; i < shown; ++i) {
    const SpanChange& one = changes[i];
    const std::string name = cut_to(kWidest, one.name);
    text += fmt::format("{}{}  {:14} {:>7}  {:>11.3f}  {:>11.3f}  {:>+11.3f}\n", name,
                        std::string(width - std::min(width, columns(name)), ' '), one.kind,
                        std::max(one.count_before, one.count_after), one.before * times, one.after * times,
                        one.change() * times);
  }
  double rest = 0;
  for (std::size_t i = shown; i < changes.size(); ++i) rest += changes[i].change();
  if (shown + same < changes.size())
    text += fmt::format("and {} more, {:+.3f} {} together\n", changes.size() - same - shown, rest * times, unit);
  if (same > 0) text += fmt::format("{} of {} didn't change\n", same, changes.size());
  return text;
}

}  // namespace orrery
