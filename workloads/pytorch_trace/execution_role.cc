// Operators in order of their beginning; memory remembers which collective fills it.
#include "workloads/pytorch_trace/execution_role.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "sim/base/error.h"
#include "workloads/pytorch_trace/operator_tree.h"

namespace orrery::pytorch_trace {
namespace {

// Whether there is anything to work on: empty tensors need nothing.
bool holds_something(const Operator& op) {
  for (const std::vector<Argument>* arguments : {&op.inputs, &op.outputs})
    for (const Argument& argument : *arguments)
      for (const Tensor& tensor : argument.tensors)
        if (tensor.on_device && tensor.bytes() > Bytes(0)) return true;
  return false;
}

constexpr std::size_t kMostStreams = 4096;

class OperatorWriter {
 public:
  OperatorWriter(const ExecutionTrace& trace, const MeasuredKernels* measured, const Rules& rules,
                 chakra::TraceBook& book)
      : trace_(&trace), measured_(measured), rules_(&rules), book_(&book), places_(places_of(trace)) {}

  ExecutionRole write(const std::vector<std::uint32_t>& collectives) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < trace_->operators.size(); ++i) {
      const Operator& op = trace_->operators[i];
      if (op.communication)
        communicate(i, collectives[next++]);
      else if (op.waits)
        wait_for(op);
      else if (places_[i].work == Work::kSync)
        wait_for_device(i);
      else
        compute(i);
    }
    return std::move(made_);
  }

 private:
  void push(Op op, std::size_t index, const std::vector<Wait>& waits) {
    op.phase = places_[index].phase;
    op.first_wait = static_cast<std::uint32_t>(made_.role.waits.size());
    op.wait_count = static_cast<std::uint16_t>(waits.size());
    made_.role.waits.insert(made_.role.waits.end(), waits.begin(), waits.end());
    made_.role.ops.push_back(op);
    ++counts_[op.stream];
  }

  std::uint16_t stream_of(const std::string& group) {
    std::vector<std::string>& names = book_->program.streams;
    const std::string name = group.empty() ? "communication" : fmt::format("communication {}", group);
    const auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end() && names.size() >= kMostStreams)
      throw RunError(fmt::format("{}: more than {} communicators can't be played", trace_->file, kMostStreams));
    const auto stream = static_cast<std::uint16_t>(known - names.begin());
    if (known == names.end()) names.push_back(name);
    return stream;
  }

  // Of several waits for one stream the last is enough.
  static void need(std::map<std::uint32_t, std::uint32_t>& waits, Wait wait) {
    std::uint32_t& count = waits[wait.stream];
    count = std::max(count, wait.count);
  }
  static std::vector<Wait> listed(const std::map<std::uint32_t, std::uint32_t>& waits) {
    std::vector<Wait> list;
    for (const auto& [stream, count] : waits)
      if (count > 0) list.push_back({stream, count});
    return list;
  }

  void communicate(std::size_t index, std::uint32_t body) {
    const Operator& op = trace_->operators[index];
    Op made;
    made.kind = OpKind::kCollective;
    made.stream = stream_of(op.communication->group);
    made.body = body;
    made.name = book_->name(to_name(op.communication->kind));
    std::map<std::uint32_t, std::uint32_t> waits = pending_;
    need(waits, {kComputeStream, counts_[kComputeStream]});
    waits.erase(made.stream);
    push(made, index, listed(waits));
    const Wait end{made.stream, counts_[made.stream]};
    // Where it doesn't say what it fills, what was handed to the call around it.
    const auto fill = [&](const std::vector<Argument>& arguments) {
      bool said = false;
      for (const Argument& argument : arguments)
        for (const Tensor& tensor : argument.tensors) {
          filled_[tensor.storage] = end;
          said = true;
        }
      return said;
    };
    if (!fill(op.outputs)) {
      fill(op.inputs);
      fill(trace_->operators[places_[index].parent].inputs);
    }
    if (op.sequence < 0) return;
    by_sequence_[{op.group, op.sequence}] = end;
    by_sequence_[{"", op.sequence}] = end;
  }

  void wait_for(const Operator& op) {
    const auto end = by_sequence_.find({op.group, op.sequence});
    if (end != by_sequence_.end()) need(pending_, end->second);
  }

  void wait_for_device(std::size_t index) {
    Op made;
    made.kind = OpKind::kHostSync;
    made.stream = kHostStream;
    made.name = book_->name(trace_->operators[index].name);
    std::map<std::uint32_t, std::uint32_t> waits = pending_;
    need(waits, {kComputeStream, counts_[kComputeStream]});
    const std::vector<Wait> list = listed(waits);
    if (!list.empty()) push(made, index, list);
  }

  void compute(std::size_t index) {
    const Operator& op = trace_->operators[index];
    const Work work = places_[index].work;
    const bool runs = work != Work::kNothing;
    Segment segment;
    std::vector<KernelRow> rows;
    if (runs && work != Work::kUnknown) read_shapes(op, segment, rows);
    if (measured_ != nullptr) {
      const auto found = measured_->of_record.find(op.record);
      made_.unmeasured += runs && found == measured_->of_record.end() ? 1 : 0;
      if (found == measured_->of_record.end()) return;
      segment.duration = found->second;
      segment.matrix_seconds = std::min(segment.matrix_seconds, segment.duration.in_seconds());
      rows = {{book_->name(op.name), segment.duration}};
    } else {
      if (!runs) return;
      if (rows.empty()) {
        if (!holds_something(op)) return;
        ++made_.costless[op.name];
        return;
      }
      if (work == Work::kOwn) ++made_.foreign[op.name];
    }
    segment.host_time = rules_->host_per_kernel * static_cast<std::int64_t>(rows.size());
    segment.host_path = saturating_sum(segment.duration, segment.host_time);

    std::map<std::uint32_t, std::uint32_t> waits = std::move(pending_);
    pending_.clear();
    touch(op.inputs, waits);
    touch(op.outputs, waits);
    // The stream runs in order: what it has waited for once is over.
    std::vector<Wait> fresh;
    for (const Wait& wait : listed(waits)) {
      std::uint32_t& before = waited_[wait.stream];
      if (wait.count > before) fresh.push_back(wait);
      before = std::max(before, wait.count);
    }
    Op made;
    made.kind = OpKind::kCompute;
    made.stream = kComputeStream;
    made.name = book_->name(op.name);
    made.body = book_->segment(segment, rows).index();
    push(made, index, fresh);
  }

  void touch(const std::vector<Argument>& arguments, std::map<std::uint32_t, std::uint32_t>& waits) const {
    for (const Argument& argument : arguments)
      for (const Tensor& tensor : argument.tensors) {
        const auto filled = filled_.find(tensor.storage);
        if (filled != filled_.end()) need(waits, filled->second);
      }
  }

  void read_shapes(const Operator& op, Segment& segment, std::vector<KernelRow>& rows) {
    for (const Kernel& kernel : kernels_of(op, *rules_->chip, rules_->precision)) {
      const KernelCost found = cost(kernel, *rules_->chip);
      segment.duration = saturating_sum(segment.duration, found.duration);
      segment.hbm += found.hbm;
      segment.model_flops += kernel.model_flops;
      segment.hardware_flops += kernel.hardware_flops;
      segment.vector_flops += kernel.vector_flops;
      segment.matrix_seconds += found.matrix_seconds;
      if (kernel.precision != rules_->precision)
        segment.other_flops[static_cast<std::size_t>(kernel.precision)] += kernel.hardware_flops.count();
      rows.push_back({book_->name(kernel.name), found.duration});
    }
  }

  const ExecutionTrace* trace_;
  const MeasuredKernels* measured_;
  const Rules* rules_;
  chakra::TraceBook* book_;
  std::vector<OperatorPlace> places_;
  ExecutionRole made_;
  std::map<std::uint32_t, std::uint32_t> counts_;                     // of ops by stream
  std::map<std::uint32_t, std::uint32_t> pending_;                    // waits of what comes next
  std::map<std::uint32_t, std::uint32_t> waited_;                     // of the compute stream, by stream
  std::unordered_map<std::int64_t, Wait> filled_;                     // by storage: the collective that filled it last
  std::map<std::pair<std::string, std::int64_t>, Wait> by_sequence_;  // by group and number; "": in any group
};

}  // namespace

ExecutionRole write_role(const ExecutionTrace& trace, const MeasuredKernels* measured,
                         const std::vector<std::uint32_t>& collectives, const Rules& rules, chakra::TraceBook& book) {
  return OperatorWriter(trace, measured, rules, book).write(collectives);
}

}  // namespace orrery::pytorch_trace
