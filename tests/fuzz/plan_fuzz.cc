// Feeds any bytes to the plan reader against two models: a plan that it lets through can be counted, or InputError says
// why.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/error.h"
#include "workloads/memory.h"
#include "workloads/plan.h"

namespace {

orrery::DecoderModel model(std::int64_t kv_heads, orrery::PositionKind position) {
  orrery::DecoderModel made;
  made.name = "fuzz";
  made.layers = 24;
  made.hidden = 1536;
  made.heads = 12;
  made.kv_heads = kv_heads;
  made.head_dim = 128;
  made.ffn = 6144;
  made.vocab = 50257;
  made.positions = 2048;
  made.position = position;
  return made;
}

void read(std::string_view text, const orrery::DecoderModel& for_model) {
  try {
    const orrery::Plan plan = orrery::read_plan(orrery::yaml::parse(text, "plan.yaml"), for_model);
    if (plan.chips() <= 0 || plan.microbatches() <= 0) std::abort();
    // Sums over layers and passes mustn't overflow, whatever the plan; large ones would only be slow here.
    if (plan.microbatches() * plan.pipeline > 4096) return;
    const orrery::Chip chip;
    const orrery::MemoryUse use = orrery::memory_use(for_model, plan, orrery::Stack{}, chip);
    if (use.total() <= orrery::Bytes(0)) std::abort();
  } catch (const orrery::InputError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read(text, model(12, orrery::PositionKind::kLearned));
  read(text, model(4, orrery::PositionKind::kRotary));
  return 0;
}
