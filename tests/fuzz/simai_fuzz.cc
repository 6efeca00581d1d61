// Any bytes as a workload of SimAI: an error with a line, or a Program that is sound.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/base/error.h"
#include "workloads/simai/workload_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const orrery::simai::Workload workload = orrery::simai::parse_workload("moe.txt", text);
    orrery::validate(orrery::simai::program_of(workload, "ring").program);
  } catch (const orrery::InputError& error) {
    if (!std::string_view(error.what()).starts_with("moe.txt:")) std::abort();
  }
  return 0;
}
