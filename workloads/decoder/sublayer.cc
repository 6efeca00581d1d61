// Finds kinds of sub-layers, and counts what all of them keep.
#include "workloads/decoder/sublayer.h"

#include <algorithm>

#include "workloads/decoder/residual.h"

namespace orrery::decoder {

// Asked for every layer of every count: the list, which never changes, is brought in order once.
const SubLayer& sublayer(char symbol) {
  static const std::vector<const SubLayer*> kKinds = SubLayers::all();
  return **std::find_if(kKinds.begin(), kKinds.end(),
                        [symbol](const SubLayer* kind) { return kind->symbol == symbol; });
}

namespace {

Bytes norm_kept(const Shapes& shapes, const Linear& first) {
  return reads_input(shapes, first) ? shapes.kept_element.bytes(shapes.shard * shapes.hidden) : Bytes(0);
}

}  // namespace

Bytes kept_at_ends(const Shapes& shapes, const Linear& first) {
  const std::int64_t stream = shapes.shard * shapes.hidden;
  return shapes.bytes(stream) + norm_kept(shapes, first) + adapter_kept(shapes, first) +
         Bytes(shapes.model.dropout ? stream : 0);
}

Bytes norm_formed_again(const Shapes& shapes, const Linear& first) {
  return shapes.again.norms ? norm_kept(shapes, first) : Bytes(0);
}

void norm_again(const Shapes& shapes, const Linear& first, step::TapeWriter& tape) {
  if (!shapes.again.norms || !reads_input(shapes, first)) return;
  tape.phase(Phase::kRecompute);
  norm_forward(shapes, shapes.product_element, tape);
  tape.phase(Phase::kBackward);
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
