// The schedules of a Program's collectives, written once for all communicators whose members stand on nodes alike.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/collective/schedule.h"
#include "sim/kernel/program.h"

namespace orrery::kernel {

class Schedules {
 public:
  // Keeps a pointer to it.
  explicit Schedules(const Program& program) : program_(&program), latest_(program.collectives.size()) {}

  // How the collective (index into Program::collectives) goes by an algorithm among members that stand on `group`'s
  // nodes. Of an excerpt: written for all members of the whole, cut to those that are there; NotAlike where they don't
  // all do alike. RunError where the algorithm can't do it. Valid until the next call for this collective.
  [[nodiscard]] const Schedule& of(std::uint32_t collective, const CollectiveAlgorithm* algorithm, Group group);

 private:
  struct Latest {
    const CollectiveAlgorithm* algorithm = nullptr;
    std::vector<std::uint32_t> nodes;
    std::vector<std::int32_t> dimensions;
    bool cliques = false;
    Bytes chunk;
    Schedule schedule;
  };
  [[nodiscard]] Schedule write(const CollectiveOp& op, const CollectiveAlgorithm* algorithm, const Group& group) const;
  [[nodiscard]] Schedule write_excerpt(const CollectiveOp& op, const CollectiveAlgorithm* algorithm,
                                       const Group& group) const;

  const Program* program_;
  std::vector<Latest> latest_;  // by collective: most communicators are like the one before
};

}  // namespace orrery::kernel
