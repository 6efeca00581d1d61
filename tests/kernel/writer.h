// Programs written op by op, for tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/program.h"

namespace orrery::play {

constexpr std::uint32_t kHost = kHostStream;
constexpr std::uint32_t kCompute = kComputeStream;
constexpr std::uint32_t kComm = 2;
constexpr std::uint32_t kMore = 3;

// Writes roles op by op. Streams: host, compute, comm, more. The first role goes to all ranks unless assign() says
// otherwise.
struct Writer {
  Program program;

  explicit Writer(std::vector<Grid::Dimension> dimensions);
  Writer& role(std::string name);  // what follows is of this role
  Writer& group(std::string name, std::vector<std::uint32_t> dimensions, std::vector<std::uint32_t> only = {});
  Writer& assign(std::vector<std::uint32_t> role_of_rank);

  using Waits = std::vector<Wait>;
  Writer& compute(std::int64_t ps, Waits waits = {}, std::int64_t hbm = 0);
  // A segment of kernels: (host time to queue it, duration), both in ps.
  using Kernels = std::vector<std::pair<std::int64_t, std::int64_t>>;
  Writer& kernels(const Kernels& kernels, Waits waits = {});
  Writer& collective(CollectiveKind kind, std::uint32_t group, std::int64_t bytes, Waits waits = {},
                     std::uint32_t stream = kComm);
  Writer& send(std::uint32_t dimension, std::int32_t delta, std::int64_t bytes, Waits waits = {},
               std::uint32_t stream = kComm, std::uint32_t channel = 0);
  Writer& recv(std::uint32_t dimension, std::int32_t delta, std::int64_t bytes, Waits waits = {},
               std::uint32_t stream = kComm, std::uint32_t channel = 0);
  Writer& delay(std::int64_t ps, Waits waits = {}, std::uint32_t stream = kComm);
  Writer& host_sync(Waits waits = {});
  // Names the latest op.
  Writer& as(std::string name, std::int32_t microbatch = -1);

 private:
  Writer& op(OpKind kind, std::uint32_t stream, std::size_t body, const Waits& waits);
};

inline Writer::Writer(std::vector<Grid::Dimension> dimensions) {
  program.grid.dimensions = std::move(dimensions);
  program.streams = {"host", "compute", "comm", "more"};
  program.algorithms = {"ring", "direct"};
  program.role_of_rank.assign(program.grid.rank_count(), 0);
}

inline Writer& Writer::role(std::string name) {
  program.roles.push_back({std::move(name), {}, {}});
  return *this;
}

inline Writer& Writer::group(std::string name, std::vector<std::uint32_t> dimensions, std::vector<std::uint32_t> only) {
  program.groups.push_back({std::move(name), std::move(dimensions), std::move(only)});
  return *this;
}

inline Writer& Writer::assign(std::vector<std::uint32_t> role_of_rank) {
  program.role_of_rank = std::move(role_of_rank);
  return *this;
}

inline Writer& Writer::op(OpKind kind, std::uint32_t stream, std::size_t body, const Waits& waits) {
  if (program.roles.empty()) role("all");
  Role& role = program.roles.back();
  Op op;
  op.kind = kind;
  op.stream = static_cast<std::uint16_t>(stream);
  op.name = static_cast<std::uint32_t>(program.names.size());
  op.body = static_cast<std::uint32_t>(body);
  op.first_wait = static_cast<std::uint32_t>(role.waits.size());
  op.wait_count = static_cast<std::uint16_t>(waits.size());
  role.waits.insert(role.waits.end(), waits.begin(), waits.end());
  role.ops.push_back(op);
  program.names.push_back("op " + std::to_string(role.ops.size() - 1));
  return *this;
}

inline Writer& Writer::compute(std::int64_t ps, Waits waits, std::int64_t hbm) {
  Segment segment;
  segment.duration = Duration::picoseconds(ps);
  segment.hbm = Bytes(hbm);
  program.segments.add(segment);
  return op(OpKind::kCompute, kCompute, program.segments.size() - 1, waits);
}

inline Writer& Writer::kernels(const Kernels& kernels, Waits waits) {
  Segment segment;
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    segment.host_time += Duration::picoseconds(kernels[k].first);
    segment.duration += Duration::picoseconds(kernels[k].second);
    Duration path = segment.host_time;  // queueing through k, then kernels k … last
    for (std::size_t later = k; later < kernels.size(); ++later) path += Duration::picoseconds(kernels[later].second);
    segment.host_path = std::max(segment.host_path, path);
  }
  program.segments.add(segment);
  return op(OpKind::kCompute, kCompute, program.segments.size() - 1, waits);
}

inline Writer& Writer::collective(CollectiveKind kind, std::uint32_t group, std::int64_t bytes, Waits waits,
                                  std::uint32_t stream) {
  program.collectives.push_back({kind, GroupSpecId(group), Bytes(bytes), 0});
  return op(OpKind::kCollective, stream, program.collectives.size() - 1, waits);
}

inline Writer& Writer::send(std::uint32_t dimension, std::int32_t delta, std::int64_t bytes, Waits waits,
                            std::uint32_t stream, std::uint32_t channel) {
  program.messages.push_back({dimension, delta, Bytes(bytes), channel});
  return op(OpKind::kSend, stream, program.messages.size() - 1, waits);
}

inline Writer& Writer::recv(std::uint32_t dimension, std::int32_t delta, std::int64_t bytes, Waits waits,
                            std::uint32_t stream, std::uint32_t channel) {
  program.messages.push_back({dimension, delta, Bytes(bytes), channel});
  return op(OpKind::kRecv, stream, program.messages.size() - 1, waits);
}

inline Writer& Writer::delay(std::int64_t ps, Waits waits, std::uint32_t stream) {
  program.delays.push_back(Duration::picoseconds(ps));
  return op(OpKind::kDelay, stream, program.delays.size() - 1, waits);
}

inline Writer& Writer::host_sync(Waits waits) { return op(OpKind::kHostSync, kHost, 0, waits); }

inline Writer& Writer::as(std::string name, std::int32_t microbatch) {
  Op& op = program.roles.back().ops.back();
  program.names[op.name] = std::move(name);
  op.microbatch = microbatch;
  return *this;
}

}  // namespace orrery::play
