// A Program that was recorded on some ranks, on more of them: replicas go on, and groups, messages and roles with them.
//
// Law. Ranks stand in blocks, each of which becomes `copies` blocks one behind the other: the rank at place q of block
// b is copied to places q of blocks b·copies, b·copies + 1, …, and each copy does as it did. A communicator that
// reaches over a block (all ranks, or evenly spaced ones that fill it) grows over all copies of the block; any other
// repeats, once in each copy. A message stays in its copy. But where all ranks do the same and each sends so far on, as
// in a ring or on a grid with halos, each rank of the larger ring does as well. What a rank computes and brings to a
// collective stays; of an all-gather what it makes does.
//
// Traces of our own know their grid: there a block is what one dimension makes of the faster ones, "data" where nobody
// names another. Others' traces have just ranks and groups: where a group reaches over all ranks, they are the block,
// else it is the block of the group that reaches furthest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/program.h"

namespace orrery::recorded {

struct Growth {
  std::uint32_t ranks = 1;
  std::string along;  // a dimension of the grid, or the name of a group; empty: as above
};

struct GrownProgram {
  Program program;
  std::vector<std::string> notes;  // what grew, what repeats, what stays
};

// `program`: a valid one of all its ranks, groups listed member by member. `source`: for messages. InputError where it
// doesn't say how it goes on: with the reason. The same number of ranks is noted as no growth.
[[nodiscard]] GrownProgram grown(const Program& program, const Growth& growth, const std::string& source);

}  // namespace orrery::recorded
