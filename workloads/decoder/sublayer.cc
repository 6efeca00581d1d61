// Finds kinds of sub-layers, and counts what all of them keep.
#include "workloads/decoder/sublayer.h"

#include <algorithm>

namespace orrery::decoder {

// Asked for every layer of every count: the list, which never changes, is brought in order once.
const SubLayer& sublayer(char symbol) {
  static const std::vector<const SubLayer*> kKinds = SubLayers::all();
  return **std::find_if(kKinds.begin(), kKinds.end(),
                        [symbol](const SubLayer* kind) { return kind->symbol == symbol; });
}

Bytes kept_at_ends(const Shapes& shapes) {
  const std::int64_t stream = shapes.shard * shapes.hidden;
  return shapes.bytes(stream) + Bytes(stream * shapes.product_element) + Bytes(shapes.model.dropout ? stream : 0);
}

std::vector<Linear> layer_linears(const Shapes& shapes, std::string_view layer) {
  std::vector<Linear> linears;
  for (const char symbol : layer) {
    if (sublayer(symbol).linears == nullptr) continue;
    const std::vector<Linear> more = sublayer(symbol).linears(shapes);
    linears.insert(linears.end(), more.begin(), more.end());
  }
  return linears;
}

const Shapes& stream_of(const Shapes& shapes, std::string_view layer) {
  const bool encodes =
      layer.find_first_of(std::string{kSourceAttentionSymbol, kSourceMlpSymbol}) != std::string_view::npos;
  return encodes ? *shapes.source : shapes;
}

}  // namespace orrery::decoder
