// Runs a simulator in a child process and reads its outcome from a pipe.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <ctime>
#include <stdexcept>

#include "tools/bench/peers/simulator.h"

namespace orrery::peers {

namespace {

void send(int pipe, const double* values, std::size_t count) {
  const auto* bytes = reinterpret_cast<const char*>(values);
  for (std::size_t left = count * sizeof(double); left > 0;) {
    const ssize_t sent = write(pipe, bytes, left);
    if (sent <= 0) _exit(1);
    bytes += sent;
    left -= static_cast<std::size_t>(sent);
  }
}

bool receive(int pipe, double* values, std::size_t count) {
  auto* bytes = reinterpret_cast<char*>(values);
  for (std::size_t left = count * sizeof(double); left > 0;) {
    const ssize_t got = read(pipe, bytes, left);
    if (got <= 0) return false;
    bytes += got;
    left -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

Outcome run_apart(Simulator simulator, const Workload& workload) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    close(ends[0]);
    try {
      const Outcome outcome = simulator(workload);
      send(ends[1], &outcome.end, 1);
      send(ends[1], &outcome.cpu, 1);
      send(ends[1], outcome.ends.data(), outcome.ends.size());
    } catch (...) {
      _exit(1);
    }
    _exit(0);  // without the peer's farewell
  }
  close(ends[1]);
  Outcome outcome;
  outcome.ends.resize(workload.round.size());
  const bool whole = receive(ends[0], &outcome.end, 1) && receive(ends[0], &outcome.cpu, 1) &&
                     receive(ends[0], outcome.ends.data(), outcome.ends.size());
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!whole || status != 0) throw std::runtime_error("a simulator did not finish: " + workload.name);
  return outcome;
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace orrery::peers
