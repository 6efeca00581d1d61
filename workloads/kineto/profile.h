// One rank's PyTorch profile (Kineto's JSON, plain or gzip): what its CPU launched and waited for, what its GPU ran.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/units.h"
#include "workloads/chakra/byte_source.h"
#include "workloads/recorded/communication.h"

namespace orrery::kineto {

// A call of the CUDA runtime that matters to what the GPU does when.
struct Call {
  enum class Kind : std::uint8_t { kLaunch, kSync, kStreamWait };
  Kind kind = Kind::kLaunch;
  std::int64_t correlation = 0;
  std::int64_t thread = 0;
  Duration begin;  // since the profile's first event
  Duration end;
};

// From the kernel's own arguments (newer PyTorch), or from the annotation "nccl:…" around the call that launched it.
using recorded::Communication;

struct DeviceOp {
  std::string name;
  std::int64_t stream = 0;
  std::int64_t correlation = 0;
  Duration begin;
  Duration length;
  bool communicates = false;  // a kernel of NCCL or RCCL
  std::optional<Communication> communication;
};

// An annotation that PyTorch puts around a collective on the CPU.
struct Annotation {
  std::int64_t thread = 0;
  Duration begin;
  Duration end;
  std::optional<Communication> communication;  // nothing: of a kind that isn't known, or without sizes
};

// Which annotations are around a moment of a thread.
class AnnotationIndex {
 public:
  // In order of their begin, as they stay.
  explicit AnnotationIndex(const std::vector<Annotation>& annotations);
  // Indices, in order. Looks at those that could be, not at all of the thread's.
  [[nodiscard]] std::vector<std::size_t> of(std::int64_t thread, Duration moment) const;

 private:
  struct Entry {
    Duration begin;
    Duration end;
    Duration latest;  // end of this one and of those before it
    std::size_t index = 0;
  };
  std::map<std::int64_t, std::vector<Entry>> threads_;
};

struct Profile {
  std::string file;
  std::optional<std::uint32_t> rank;        // as `distributedInfo` says
  std::optional<std::uint32_t> world_size;  // the same
  std::string device;                       // name of the GPU, if said
  std::vector<Call> calls;                  // in order of their begin
  std::vector<DeviceOp> ops;                // in order of their begin
  std::vector<Annotation> annotations;      // the same
};

// Reads event by event; memory for what is kept, not for the file. InputError "worker0.json.gz:byte 1234: …" where the
// file isn't JSON or an event isn't one.
[[nodiscard]] Profile read_profile(const std::filesystem::path& file);
[[nodiscard]] Profile read_profile(std::unique_ptr<chakra::Blocks> blocks);

}  // namespace orrery::kineto
