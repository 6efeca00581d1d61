// Lays out processes and tracks, then turns each span into a slice.
#include "sim/report/trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/network/resources.h"

namespace orrery {
namespace {

constexpr std::size_t kMostNotes = 100'000;

const std::string& name_of(const Fabric& fabric, VertexId vertex) { return fabric.vertices()[vertex].name; }

}  // namespace

TraceClass class_of(OpKind kind) {
  switch (kind) {
    case OpKind::kCompute:
      return TraceClass::kCompute;
    case OpKind::kCollective:
      return TraceClass::kCollective;
    case OpKind::kSend:
    case OpKind::kRecv:
      return TraceClass::kMessage;
    case OpKind::kDelay:
    case OpKind::kHostSync:
      break;
  }
  return TraceClass::kHost;
}

std::vector<ResourceId> counted_resources(const Job& job, const std::vector<RankId>& ranks) {
  const Fabric& fabric = *job.fabric;
  const Resources resources(fabric);
  std::vector<ResourceId> counted;
  std::vector<bool> near(fabric.vertices().size(), false);  // engines of the ranks, then the NICs beside them
  for (const RankId rank : ranks) {
    const ChipId chip = (*job.placement)[rank];
    counted.push_back(resources.hbm(chip));
    near[fabric.engine(chip).index()] = true;
  }
  std::vector<bool> nics = near;
  for (const Link& link : fabric.links())
    if (near[link.from.index()] && fabric.vertices()[link.to].kind == VertexKind::kNic) nics[link.to.index()] = true;
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const Link& link = fabric.links()[LinkId(i)];
    if (link.kind == LinkKind::kOnPackage) continue;
    if (nics[link.from.index()] || nics[link.to.index()]) counted.push_back(resources.link(LinkId(i)));
  }
  return counted;
}

std::vector<TraceNote> notes_of(const std::vector<Event>& events, const std::vector<Background>& background) {
  std::vector<TraceNote> notes;
  const auto add = [&](const Disturbance& told) {
    for (std::int64_t k = 0; k < told.times && notes.size() < kMostNotes; ++k) {
      notes.push_back({told.what, told.at + told.every * k});
      if (told.until < Time::max()) notes.push_back({"no more: " + told.what, told.until + told.every * k});
    }
  };
  for (const Event& event : events) add(event.told);
  for (const Background& one : background) add(one.told);
  std::stable_sort(notes.begin(), notes.end(), [](const TraceNote& a, const TraceNote& b) { return a.at < b.at; });
  return notes;
}

Trace::Trace(const Job& job, TraceOptions options, const std::vector<ResourceId>& counted, TraceFormat& format)
    : program_(job.program),
      options_(std::move(options)),
      format_(&format),
      arrows_(*job.program),
      first_track_(program_->role_of_rank.size(), 0) {
  const std::size_t streams = program_->streams.size();
  std::vector<std::vector<bool>> used;
  for (const Role& role : program_->roles) {
    std::vector<bool>& streams_used = used.emplace_back(streams, false);
    for (const Op& op : role.ops) streams_used[op.stream] = true;
    std::uint32_t place = 0;
    for (std::size_t s = 0; s < streams; ++s) track_of_stream_.push_back(streams_used[s] ? place++ : place);
  }
  for (const RankId rank : options_.ranks) declare_rank(job, rank, used);
  declare_counters(job, counted);
  if (!options_.notes.empty()) {
    format_->process({++processes_, "machine"});
    format_->track({notes_track_ = ++tracks_, processes_, 0, "what disturbs it"});
  }
}

void Trace::power(const PowerSeries& series) {
  if (series.machine.empty() || !options_.classes[static_cast<std::size_t>(TraceClass::kCounters)]) return;
  const std::uint32_t process = ++processes_;
  format_->process({process, "power"});
  const auto show = [&](const std::string& name, const std::vector<double>& watts, double times) {
    const std::uint32_t counter = ++counters_;
    format_->counter({counter, process, counter, name, "W"});
    double last = -1;
    for (std::size_t bin = 0; bin < watts.size(); ++bin) {
      const Time at = Time() + series.width * static_cast<std::int64_t>(bin);
      if (at >= options_.until) break;
      if (at + series.width <= options_.from || watts[bin] == last) continue;
      last = watts[bin];
      format_->sample(counter, at, watts[bin] * times);
    }
    const Time end = Time() + series.step;
    if (end >= options_.from && end < options_.until) format_->sample(counter, end, last * times);
  };
  show("IT", series.machine, 1);
  if (series.pue > 1) show("facility", series.machine, series.pue);
  for (const PowerSeries::Role& role : series.roles) show("a chip of " + role.name, role.chip, 1);
}

void Trace::finish() {
  for (const TraceNote& note : options_.notes) {
    if (note.at > last_ || note.at < options_.from || note.at >= options_.until) continue;
    TraceSlice slice;
    slice.track = notes_track_;
    slice.name = note.text;
    slice.category = "disturbance";
    slice.begin = slice.end = note.at;
    format_->slice(slice);
  }
  format_->finish();
}

void Trace::declare_rank(const Job& job, RankId rank, const std::vector<std::vector<bool>>& used) {
  const std::uint32_t role = program_->role_of_rank[rank.index()];
  // Names sort as numbers do.
  const std::size_t digits = fmt::formatted_size("{}", program_->role_of_rank.size() - 1);
  format_->process({++processes_, fmt::format("rank {:0{}} · {} · {}", rank.index(), digits, program_->roles[role].name,
                                              name_of(*job.fabric, job.fabric->engine((*job.placement)[rank])))});
  first_track_[rank.index()] = tracks_ + 1;
  std::uint32_t place = 0;
  for (std::size_t s = 0; s < used[role].size(); ++s)
    if (used[role][s]) format_->track({++tracks_, processes_, place++, program_->streams[s]});
}

void Trace::declare_counters(const Job& job, const std::vector<ResourceId>& counted) {
  const Fabric& fabric = *job.fabric;
  const Resources resources(fabric);
  counter_of_.assign(resources.size(), 0);
  const std::size_t chips = fabric.chip_count();
  std::vector<std::uint32_t> process_of_chip(chips, 0);
  for (std::size_t i = 0; i < options_.ranks.size(); ++i)
    process_of_chip[(*job.placement)[options_.ranks[i]].index()] = static_cast<std::uint32_t>(i + 1);

  std::uint32_t machine = 0;  // the process of what belongs to no rank that is shown
  const auto declare = [&](ResourceId resource, std::uint32_t process, std::string name, std::string unit) {
    if (process == 0) {
      if (machine == 0) format_->process({machine = ++processes_, "links"});
      process = machine;
    }
    counter_of_[resource.index()] = ++counters_;
    // Below all tracks of a process.
    const auto order = static_cast<std::uint32_t>(program_->streams.size()) + counters_;
    format_->counter({counters_, process, order, std::move(name), std::move(unit)});
  };
  for (const ResourceId resource : counted) {
    const std::size_t index = resource.index();
    if (counter_of_[index] != 0) continue;
    if (index < 2 * chips) {
      const ChipId chip(index % chips);
      const std::uint32_t process = process_of_chip[chip.index()];
      const std::string whose = process == 0 ? name_of(fabric, fabric.engine(chip)) + " " : "";
      const bool engine = index < chips;
      declare(resource, process, whose + (engine ? "engine" : "HBM"), engine ? "busy" : "B/s");
    } else {
      const Link& link = fabric.links()[LinkId(index - 2 * chips)];
      declare(resource, 0, fmt::format("{} → {}", name_of(fabric, link.from), name_of(fabric, link.to)), "B/s");
    }
  }
}

void Trace::place_kernels(const Span& span, const Segment& segment) {
  inside_.clear();
  Int128 total = 0;
  for (std::uint32_t k = 0; k < segment.kernel_count; ++k)
    total += program_->kernels[segment.first_kernel + k].duration.ps();
  total = std::max<Int128>(total, segment.duration.ps());
  if (total == 0) return;
  const std::int64_t length = (span.end - span.begin).ps();
  const auto at = [&](Int128 passed) {
    return span.begin + Duration::picoseconds(static_cast<std::int64_t>(passed * length / total));
  };
  Int128 passed = 0;
  for (std::uint32_t k = 0; k < segment.kernel_count; ++k) {
    const KernelRow& kernel = program_->kernels[segment.first_kernel + k];
    const Time begin = at(passed);
    passed += kernel.duration.ps();
    inside_.push_back({program_->names[kernel.name], begin, at(passed)});
  }
}

void Trace::span(const Span& span) {
  last_ = span.end;
  if (!shown(span.rank) || span.end < options_.from || span.begin >= options_.until) return;
  const std::uint32_t role = program_->role_of_rank[span.rank.index()];
  const Op& op = program_->roles[role].ops[span.op];
  if (!options_.classes[static_cast<std::size_t>(class_of(op.kind))]) return;
  TraceSlice slice;
  slice.track = first_track_[span.rank.index()] + track_of_stream_[role * program_->streams.size() + op.stream];
  slice.name = program_->names[op.name];
  slice.category = to_name(op.phase);
  slice.begin = span.begin;
  slice.end = span.end;
  slice.microbatch = op.microbatch;
  slice.layer = op.layer;
  switch (op.kind) {
    case OpKind::kCompute:
      if (options_.kernels) {
        place_kernels(span, program_->segments[SegmentId(op.body)]);
        slice.inside = &inside_;
      }
      break;
    case OpKind::kCollective:
      slice.bytes = program_->collectives[op.body].bytes.count();
      slice.waited = (span.begin - span.ready).ps();
      break;
    case OpKind::kSend:
    case OpKind::kRecv: {
      const MessageOp& message = program_->messages[op.body];
      slice.bytes = message.bytes.count();
      slice.waited = (span.begin - span.ready).ps();
      const RankId peer = program_->peer(message, span.rank);
      if (peer == span.rank || !shown(peer) || span.begin.ps() / 1000 == span.end.ps() / 1000) break;
      (op.kind == OpKind::kSend ? slice.arrow_from : slice.arrow_to) = arrows_.number(span.rank, span.op);
      break;
    }
    case OpKind::kDelay:
    case OpKind::kHostSync:
      break;
  }
  format_->slice(slice);
}

void Trace::counter(ResourceId resource, Time at, double load) {
  const std::uint32_t counter = counter_of_[resource.index()];
  if (counter == 0 || at < options_.from || at >= options_.until) return;
  format_->sample(counter, at, load);
}

}  // namespace orrery
