// Feeds any bytes to the model reader: it returns a model whose weights can be counted, or throws InputError.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/error.h"
#include "workloads/model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const orrery::DecoderModel model = orrery::read_model(orrery::yaml::parse(text, "model.yaml"));
    if (model.parameters() <= 0 || model.parameters() > orrery::kMostParameters) std::abort();
  } catch (const orrery::InputError&) {
  }
  return 0;
}
