// Residual networks: weights and FLOPs as published, bytes that a rank reduces and exchanges, memory, written out here.
#include "tests/workloads/families.h"

using namespace orrery;
using test::category;
using test::sums_of;
using test::workload_of;

namespace {

// Multiply-adds of ResNet-50 at 224, by the table of the paper: (channels in, out, kernel, size out) of each
// convolution.
double resnet50_multiplications() {
  double sum = 3.0 * 64 * 49 * 112 * 112;
  std::int64_t in = 64;
  std::int64_t size = 56;
  const std::int64_t blocks[] = {3, 4, 6, 3};
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t width = 64 << stage;
    for (std::int64_t b = 0; b < blocks[stage]; ++b) {
      const std::int64_t before = size;
      if (stage > 0 && b == 0) size /= 2;
      const double out = static_cast<double>(size * size);
      sum += static_cast<double>(in * width) * static_cast<double>(before * before);
      sum += static_cast<double>(width * width * 9) * out;
      sum += static_cast<double>(width * width * 4) * out;
      if (b == 0) sum += static_cast<double>(in * width * 4) * out;
      in = 4 * width;
    }
  }
  return sum + 2048.0 * 1000;
}

constexpr double kStem = 3.0 * 64 * 49 * 112 * 112;
constexpr std::int64_t kResnet50 = 25'557'032;  // weights, as torchvision counts them

// Elements kept of an image: what each convolution and normalisation makes, the pooling, the classes and the image.
std::int64_t resnet50_elements() {
  std::int64_t sum = 3 * 224 * 224 + 2 * 64 * 112 * 112 + 64 * 56 * 56 + 1000;
  std::int64_t size = 56;
  const std::int64_t blocks[] = {3, 4, 6, 3};
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t width = 64 << stage;
    for (std::int64_t b = 0; b < blocks[stage]; ++b) {
      const std::int64_t before = size;
      if (stage > 0 && b == 0) size /= 2;
      sum += 2 * width * before * before + 2 * width * size * size + 2 * 4 * width * size * size;
      if (b == 0) sum += 2 * 4 * width * size * size;
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("ResNet-50 has its published weights and FLOPs") {
  const auto net = workload_of("resnet50", "{batch: 32}");
  CHECK(net->parameters() == kResnet50);
  CHECK(2 * resnet50_multiplications() == doctest::Approx(8.178e9).epsilon(0.001));  // 4.089 G multiply-adds
  const Program program = net->program(test::chip_named("a100_sxm_80gb"));
  // Forward, and twice as many backward but for the gradient to the images, which nobody needs.
  const double flops = 2 * 32 * (3 * resnet50_multiplications() - kStem);
  CHECK(sums_of(program).model_flops == doctest::Approx(flops).epsilon(1e-12));
  CHECK(net->sample() == "image");
  CHECK(net->samples() == 32);
}

TEST_CASE("ResNet-1001 has its published weights") {
  const auto net = workload_of("resnet1001", "{batch: 64}");
  CHECK(net->parameters() == 10'327'706);  // osmr/imgclsmob, preresnet1001_cifar10
  const Program program = net->program(test::chip_named("a100_sxm_80gb"));
  // 333 blocks of three convolutions, the stem, three shortcuts and the head.
  std::int64_t products = 0;
  for (const KernelRow& kernel : program.kernels) {
    const std::string& name = program.names[kernel.name];
    if (name.starts_with("convolution") || name == "classes") ++products;
  }
  CHECK(products == 3 * 333 + 1 + 3 + 1);
}

TEST_CASE("replicas reduce each gradient once, in buckets beside the backward pass or after it") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  for (const auto& [plan, buckets] : {std::pair{"{data: 8, batch: 256, bucket: 10 MB}", true},
                                      std::pair{"{data: 4, batch: 64, overlap_gradients: false}", false}}) {
    const auto net = workload_of("resnet50", plan);
    const Program program = net->program(chip);
    validate(program);
    const auto sums = sums_of(program);
    CHECK(sums.reduced.at("data") == 4 * kResnet50);
    CHECK(sums.sent.empty());
    std::size_t count = 0;
    for (const Op& op : program.roles[0].ops) count += op.kind == OpKind::kCollective ? 1 : 0;
    CHECK((count > 5) == buckets);
    const std::int64_t images = net->samples() / net->chips();
    const MemoryUse use = net->memory(chip);
    CHECK(category(use, "weights") == 2 * kResnet50);
    CHECK(category(use, "gradients") == 4 * kResnet50);
    CHECK(category(use, "optimizer") == 8 * kResnet50);
    CHECK(category(use, "activations") == 2 * images * resnet50_elements());
    static_cast<void>(test::run_of(program, chip, test::quick_stack()));
  }
}

TEST_CASE("late layers' gradients are reduced first, and hidden behind early layers' passes") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const Program program = workload_of("resnet50", "{data: 8, batch: 512, bucket: 25 MiB}")->program(chip);
  std::vector<std::int32_t> layers;
  for (const Op& op : program.roles[0].ops)
    if (op.kind == OpKind::kCollective) layers.push_back(op.layer);
  REQUIRE(layers.size() == 4);  // 102 MB of gradients
  CHECK(layers[0] > layers[1]);
  CHECK(layers[1] > layers[2]);
}

TEST_CASE("a stack that fuses nothing reads and writes each addition and ReLU by itself") {
  const char* const tiny =
      "{family: cnn, name: tiny, source: none, image: {size: 32, channels: 3}, classes: 10, normalize: after, "
      "stem: {kernel: 3, stride: 1, width: 16}, expansion: 4, stages: [{blocks: 1, width: 16}]}";
  const Chip chip = test::chip_named("a100_sxm_80gb");
  Stack fused = test::stack_named("deep_learning_examples");
  fused.fused_bias_gelu = true;
  const yaml::Node model = yaml::parse(tiny, "model.yaml");
  const auto hbm = [&](const Stack& stack) {
    const Program program = family_of(model)->read(model, yaml::parse("{batch: 8}", "plan.yaml"), stack)->program(chip);
    return sums_of(program).hbm;
  };
  // Tensors of 8 × 32 × 32 half-precision elements, by their channels. A ReLU forward reads and writes one, backward it
  // reads two and writes one: three of 16 channels (the stem's and two of the block's) and the last of 64. The addition
  // forward reads two and writes one where the normalisation read one more; backward what was added needed a write.
  const double channel = 2.0 * 8 * 32 * 32;
  const double rectified = channel * (16 + 16 + 16 + 64) * (2 + 3);
  const double added = channel * 64 * (3 - 1 - 1);
  CHECK(hbm(test::stack_named("deep_learning_examples")) - hbm(fused) == doctest::Approx(rectified + added));
}

TEST_CASE("rows shared out: each rank sends as many rows as its windows reach over, and does its share of FLOPs") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const std::string model =
      "{family: cnn, name: tiny, source: none, image: {size: 32, channels: 3}, classes: 10, normalize: after, "
      "expansion: 4, stem: {kernel: 3, stride: 1, width: 8}, stages: [{blocks: 1, width: 4}]}";
  for (const int ranks : {2, 4}) {
    const auto net = workload_of(model, fmt::format("{{spatial: {}, data: 2, batch: 16}}", ranks));
    CHECK(net->chips() == 2 * ranks);
    const Program program = net->program(chip);
    validate(program);
    // The 3×3 of the one block: a row of 32 pixels of 4 channels of 8 images, forward and of its gradient backward.
    const std::int64_t row = 2 * 8 * 32 * 4;
    CHECK(sums_of(program, "first rows").sent.at("spatial") == 2 * row);
    CHECK(sums_of(program, "last rows").received.at("spatial") == 2 * row);
    if (ranks == 4) CHECK(sums_of(program, "rows between").sent.at("spatial") == 4 * row);
    CHECK(sums_of(program).reduced.at("data") == 4 * net->parameters());
    CHECK(sums_of(program).reduced.at("spatial") == 2 * 8 * 16);  // means of 16 channels
    const auto whole = workload_of(model, "{batch: 8}")->program(chip);
    CHECK(sums_of(program).model_flops == doctest::Approx(sums_of(whole).model_flops / ranks).epsilon(1e-12));
    static_cast<void>(test::run_of(program, chip, test::quick_stack()));
  }
}

TEST_CASE("plans that a network can't follow are refused at the key") {
  const auto said = [](const std::string& plan) {
    return test::input_error([&] { return workload_of("resnet50", plan); });
  };
  CHECK(said("{data: 3, batch: 64}").find("64 images can't be split evenly over data 3") != std::string::npos);
  CHECK(said("{data: 2, batch: 64, tensor: 2}").find("has no key 'tensor'") != std::string::npos);
  CHECK(said("{spatial: 8, batch: 64}").find("7 rows of the tensors in stage 4") != std::string::npos);
  CHECK(workload_of("resnet50", "{batch: 8, bucket: 1 MB}")->warnings().size() == 1);
}
