// A residual network out of its model file: convolutions, normalisations and additions in the order they run.
//
// A model file:
//
//     family: cnn
//     name: ResNet-50
//     source: where the configuration is published
//     image: {size: 224, channels: 3}                   # square
//     classes: 1000
//     stem: {kernel: 7, stride: 2, width: 64, pool: 2}  # pool: a 3×3 max pooling with this stride; 1 when absent: none
//     normalize: after                                  # each convolution (He et al. 2015), or before (2016)
//     expansion: 4                                      # a block's output ÷ its width
//     stages:                                           # of bottleneck blocks 1×1, 3×3, 1×1
//       - {blocks: 3, width: 64}
//       - {blocks: 4, width: 128, stride: 2}            # in the 3×3 of the first block, and in its shortcut; 1 when
//       absent
//
// Convolutions have no bias; a normalisation has a scale and a shift for each channel. The first block of a stage has a
// 1×1 convolution as its shortcut where width or size change.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery::cnn {

struct Tensor {  // of one image
  std::int64_t channels = 1;
  std::int64_t rows = 1;
  std::int64_t columns = 1;

  [[nodiscard]] std::int64_t elements() const { return channels * rows * columns; }
};

enum class LayerKind : std::uint8_t {
  kConvolution,
  kNorm,  // batch normalisation, with the ReLU after it
  kAdd,   // a shortcut, where no normalisation takes it along
  kPool,  // 3×3 maximum
  kHead,  // mean over rows and columns, then a product with `out.channels` classes and a bias
};

struct Layer {
  LayerKind kind = LayerKind::kConvolution;
  std::string part;         // "stem", "stage 1", …, "head"
  std::int32_t block = -1;  // counted through; −1: in none
  Tensor in;
  Tensor out;
  std::int64_t kernel = 1;  // rows and columns of it
  bool adds = false;        // a normalisation: adds the shortcut too
  bool rectifies = true;    // a norm: a ReLU follows; none does on the way around a block

  [[nodiscard]] std::int64_t weights() const;
  [[nodiscard]] double flops()
      const;  // forward, of one image, 2 a multiply-add; of convolutions and the head's product
  [[nodiscard]] std::int64_t halo() const { return (kernel - 1) / 2; }  // rows of the input on either side
};

struct Network {
  std::string name;
  std::string source;
  std::vector<Layer> layers;
  std::int32_t blocks = 0;

  [[nodiscard]] std::int64_t parameters() const;
  [[nodiscard]] double forward_flops() const;  // of an image
};

// InputError at whatever is wrong.
[[nodiscard]] Network read_network(const yaml::Node& model);

}  // namespace orrery::cnn
