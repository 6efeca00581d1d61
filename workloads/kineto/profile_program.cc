// Hands each profile's collectives over, and writes the roles that come back.
#include "workloads/kineto/profile_program.h"

#include <fmt/format.h>

#include "workloads/kineto/profile_role.h"
#include "workloads/recorded/recorded_job.h"

namespace orrery::kineto {
namespace {

recorded::Recording recording_of(const Profile& profile) {
  recorded::Recording recording{profile.file, profile.rank, profile.world_size, {}};
  for (const DeviceOp& op : profile.ops)
    if (op.communication) recording.communications.push_back(*op.communication);
  return recording;
}

std::vector<recorded::Recording> recordings_of(const std::vector<Profile>& profiles) {
  std::vector<recorded::Recording> recordings;
  recordings.reserve(profiles.size());
  for (const Profile& profile : profiles) recordings.push_back(recording_of(profile));
  return recordings;
}

}  // namespace

std::size_t ranks_of(const std::vector<Profile>& profiles) { return recorded::ranks_of(recordings_of(profiles)); }

ProfiledProgram program_of(const std::vector<Profile>& profiles, const std::string& algorithm,
                           std::optional<std::uint32_t> ranks) {
  const recorded::RecordedJob job{.recordings = recordings_of(profiles),
                                  .noun = "profiles",
                                  .algorithm = algorithm,
                                  .streams = {"host", "compute", "cpu"},
                                  .ranks = ranks};
  std::size_t unknown = 0;
  recorded::RecordedProgram made = recorded::program_of(
      job, [&](std::size_t profile, const std::vector<std::uint32_t>& collectives, chakra::TraceBook& book) {
        ProfileRole written = write_role(profiles[profile], collectives, book);
        unknown += written.unknown;
        return std::move(written.role);
      });
  if (unknown > 0)
    made.warnings.push_back(
        fmt::format("{} NCCL kernels don't say what they communicate: they last as measured", unknown));
  return {std::move(made.program), "profiles of PyTorch", std::move(made.warnings)};
}

}  // namespace orrery::kineto
