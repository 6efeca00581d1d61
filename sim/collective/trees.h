// Chunks up and down trees, one behind the other: what the tree algorithms have in common.
#pragma once

#include <vector>

#include "sim/collective/schedule.h"

namespace orrery {

// By position: its parent; −1 for the root.
using Tree = std::vector<std::int32_t>;
inline constexpr std::int32_t kRoot = -1;

// For reduce (up), broadcast (down), all-reduce and barrier (up, then down). Each tree carries an equal part of the
// vector in chunks (of `chunk` bytes; 0: as many as `chunks_of` says). In a tree of depth h the members at depth d send
// chunk k up in repeat h − d + k; down it comes to depth d + 1 in repeat d + k (broadcast), or h + d + k (all-reduce):
// the root turns a chunk round as soon as it has it, so that both directions are at work together. Repeats: chunks + h
// − 1, or chunks + 2h − 1; latency only counts for the first chunk's h (2h) hops. Each tree has a channel up and one
// down: but for the root, nobody sends down later because of what comes up.
[[nodiscard]] Schedule along_trees(CollectiveKind kind, const std::vector<Tree>& trees, Bytes bytes,
                                   Bytes chunk = Bytes());

// Two binary trees over the elements 0 … count − 1, numbered in order (left subtree, parent, right subtree): in each
// every element that is inside one tree is a leaf of the other (but one, where the count is odd, may be a leaf of
// both). The second is the first mirrored (count even) or shifted by one (odd). Source: Sanders, Speck, Träff 2009,
// "Two-tree algorithms for full bandwidth broadcast, reduction and scan", Parallel Computing 35(12).
[[nodiscard]] std::vector<Tree> two_trees(std::size_t count);

}  // namespace orrery
