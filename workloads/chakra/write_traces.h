// A Program → a Chakra trace for each rank, and the file of its groups.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/kernel/program.h"
#include "topology/chip.h"
#include "workloads/chakra/trace_facts.h"

namespace orrery::chakra {

class Node;

// A valid Program of all its ranks, no excerpt. Nodes are numbered in the order of the role's ops. Control dependencies
// keep a stream in order and what is queued after a sync of the host behind it; data dependencies are the ops' waits.
// Other tools get `duration_micros` rounded to the nearest microsecond, FLOPs and HBM bytes as `num_ops` and
// `tensor_size`, and `comm_size` as ASTRA-sim means it, rounded up; own_attributes.h carries what they have no words
// for, to the picosecond. `facts`: with the stack's name, precision and costs; the rest is filled here.
class TraceWriting {
 public:
  TraceWriting(const Program& program, OwnFacts facts);

  // {"1": [0, 1], …}: every communicator of every group under a number of its own.
  [[nodiscard]] std::string groups() const;
  // The trace of one rank into a file. WriteError where it can't be written.
  void write(RankId rank, const std::filesystem::path& file) const;

 private:
  void write_op(const Op& op, RankId rank, Node& node) const;
  void write_compute(const Op& op, Node& node) const;
  void write_collective(const Op& op, RankId rank, Node& node) const;
  void write_message(const Op& op, RankId rank, Node& node) const;

  const Program* program_;
  OwnFacts facts_;
  std::vector<std::vector<std::uint32_t>> group_;  // [group][rank]: number of its communicator, 0: none
  std::vector<std::vector<RankId>> members_;       // by number − 1
  std::vector<std::uint32_t> kernel_name_;         // by Program::names: number among those of kernels
};

}  // namespace orrery::chakra
