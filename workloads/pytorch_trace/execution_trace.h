// One rank's PyTorch execution trace (ExecutionTraceObserver's JSON, plain or gzip): its operators as a tree, with
// tensors.
//
// Facts: torch/csrc/profiler/standalone/execution_trace_observer.cpp. A node has an id, its parent ("parent" up to
// schema 1.0.1, "ctrl_deps" since 1.0.2), inputs and outputs with shapes and types (flat up to 1.0.1, {values, shapes,
// types} since), and the handle of its RecordFunction ("rf_id"), by which a profile of the same run knows it. A tensor
// is [id, storage, offset, elements, bytes of one, device]. There are no times. Nodes are written as they end; ids
// count as they begin.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workloads/chakra/byte_source.h"
#include "workloads/recorded/communication.h"

namespace orrery::pytorch_trace {

struct Tensor {
  std::int64_t storage = 0;  // equal: the same memory
  std::int64_t elements = 0;
  std::int64_t element_bytes = 0;
  bool on_device = false;  // not the host's
  std::string type;        // "float", "c10::BFloat16"
  std::vector<std::int64_t> shape;
  [[nodiscard]] Bytes bytes() const { return Bytes(elements * element_bytes); }
};

// A value handed to an operator: its tensors (a list may hold many), or a whole number.
struct Argument {
  std::string name;  // as the operator's schema calls it; may be empty
  std::vector<Tensor> tensors;
  std::optional<std::int64_t> number;  // true is 1
  std::vector<std::int64_t> numbers;   // of a list
};

struct Operator {
  std::int64_t id = 0;
  std::int64_t parent = 0;
  std::int64_t record = 0;  // "rf_id"; 0: none
  std::string name;
  std::string schema;     // "aten::mm(Tensor self, Tensor mat2) -> Tensor"; "": no operator, but what calls some
  bool compiled = false;  // a kernel of a compiler (Triton's)
  std::vector<Argument> inputs;
  std::vector<Argument> outputs;
  // Of record_param_comms: what is communicated, if it is known; and the number by which a wait calls it.
  std::optional<recorded::Communication> communication;
  std::int64_t sequence = -1;
  std::string group;   // in which that is its number, as the trace names it
  bool waits = false;  // for `sequence`
};

struct ExecutionTrace {
  std::string file;
  std::string schema;
  std::vector<Operator> operators;          // in order of their beginning
  std::optional<std::uint32_t> rank;        // where a process group says it
  std::optional<std::uint32_t> world_size;  // of the largest group, or of those that all-to-alls go to
  std::size_t unknown = 0;                  // collectives of a kind or size that isn't known, sends and receives
};

// Whether the file holds one: "nodes" stands among its first bytes and "traceEvents" doesn't.
[[nodiscard]] bool is_execution_trace(const std::filesystem::path& file);

// Reads node by node. InputError "et_0.json.gz:byte 1234: …" where the file isn't JSON or a node isn't one.
[[nodiscard]] ExecutionTrace read_execution_trace(const std::filesystem::path& file);
[[nodiscard]] ExecutionTrace read_execution_trace(std::unique_ptr<chakra::Blocks> blocks);

}  // namespace orrery::pytorch_trace
