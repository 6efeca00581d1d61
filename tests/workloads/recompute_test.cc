// Recomputation module by module: what each gives back of what layers keep, and what it runs again.
#include "tests/workloads/fixture.h"
#include "tests/workloads/traffic.h"

using namespace orrery;
using test::chip_named;
using test::model_named;
using test::plan_of;
using test::stack_named;

namespace {

struct Case {
  DecoderModel model;
  std::string plan;
  std::int64_t layer;

  [[nodiscard]] std::int64_t kept(const std::string& recompute) const {
    const Plan own = plan_of(model, "{" + plan + ", recompute: " + recompute + "}");
    return layer_activations(model, own, stack_named("megatron_core"), layer).count();
  }
  [[nodiscard]] std::int64_t saved(const std::string& recompute) const { return kept("none") - kept(recompute); }
  [[nodiscard]] Program step(const std::string& recompute) const {
    return training_step(model, plan_of(model, "{" + plan + ", recompute: " + recompute + "}"),
                         stack_named("megatron_core"), chip_named("h100_sxm"));
  }
  // FLOPs that run besides those of no recomputation.
  [[nodiscard]] double again(const std::string& recompute) const {
    CHECK(step_flops(step(recompute)).model.count() == step_flops(step("none")).model.count());
    return step_flops(step(recompute)).hardware.count() - step_flops(step("none")).hardware.count();
  }
};

// Llama 3 8B.
Case dense() { return {model_named("llama3_8b"), "batch: 1, sequence: 8192", 0}; }
constexpr std::int64_t kTokens = 8192;
constexpr std::int64_t kHidden = 4096;
constexpr std::int64_t kFfn = 14336;

// DeepSeek-V3, a layer with experts, 64 of 256 on a rank. Latents of 1536 and 512 columns, 64 of positions; 128 heads
// of 192 and 128.
Case sparse() {
  return {model_named("deepseek_v3_next_token"), "data: 4, expert: 4, expert_tensor: 1, batch: 4, sequence: 4096", 10};
}
constexpr std::int64_t kRows = 4096;
constexpr std::int64_t kWide = 7168;
constexpr std::int64_t kExpert = 2048;
constexpr std::int64_t kQkv = 128 * (192 + 192 + 128);
constexpr std::int64_t kMet = kRows * 8;  // rows that a rank's experts meet

}  // namespace

TEST_CASE("each module gives back what it forms again, in a layer of attention and MLP") {
  const Case c = dense();
  CHECK(c.kept("[core_attention]") == c.kept("selective"));
  CHECK(c.saved("[norms]") == 2 * 2 * kTokens * kHidden);
  CHECK(c.saved("[mlp_activation]") == 2 * kTokens * kFfn);
  CHECK(c.saved("[mlp]") == 2 * kTokens * (kHidden + 3 * kFfn));
  CHECK(c.saved("[norms, mlp_activation]") == c.saved("[norms]") + c.saved("[mlp_activation]"));
  // A module that is part of another adds nothing to it.
  CHECK(c.saved("[mlp, mlp_activation]") == c.saved("[mlp]"));
  CHECK(c.saved("[mlp, norms]") == c.saved("[mlp]") + 2 * kTokens * kHidden);
}

TEST_CASE("each module runs its products again, and none that makes no product") {
  const Case c = dense();
  CHECK(c.again("[core_attention]") == c.again("selective"));
  CHECK(c.again("[norms, mlp_activation]") == 0);
  CHECK(c.again("[mlp]") == doctest::Approx(2.0 * kTokens * kHidden * 3 * kFfn * 32));
}

TEST_CASE("norms and activations take their passes over memory again") {
  const Case c = dense();
  const auto hbm = [&](const std::string& recompute) {
    std::int64_t bytes = 0;
    const Program program = c.step(recompute);
    for (const Op& op : program.roles[0].ops)
      if (op.kind == OpKind::kCompute) bytes += program.segments[SegmentId(op.body)].hbm.count();
    return bytes;
  };
  CHECK(hbm("[norms]") - hbm("none") == 32 * 2 * 4 * kTokens * kHidden);
  CHECK(hbm("[mlp_activation]") - hbm("none") == 32 * 2 * 3 * kTokens * kFfn);
}

TEST_CASE("latent attention's wide products and experts' activations are formed again by themselves") {
  const Case c = sparse();
  CHECK(c.saved("[latent_up]") == 2 * kRows * kQkv);
  CHECK(c.saved("[mlp_activation]") == 2 * (kMet * kExpert + kRows * kExpert));
  CHECK(c.saved("[shared_experts]") == 2 * kRows * 3 * kExpert);
  CHECK(c.saved("[norms]") == 2 * 2 * kRows * kWide);
  CHECK(c.saved("[experts]") == 4 * kRows * 256 + 2 * kMet * (kWide + 3 * kExpert) + 2 * kRows * 3 * kExpert);
  // Of three dense layers and 58 of experts.
  CHECK(c.again("[latent_up]") ==
        doctest::Approx(61.0 * 4 * 2 * kRows * (1536.0 * 128 * 192 + 512.0 * 128 * (128 + 128))));
  CHECK(c.again("[shared_experts]") == doctest::Approx(58.0 * 4 * 2 * kRows * 3 * kWide * kExpert));
  CHECK(c.again("[experts]") ==
        doctest::Approx(58.0 * 4 * 2 * 3 * kWide * kExpert * (kMet + kRows) + 58.0 * 4 * 2 * kRows * kWide * 256));
}

TEST_CASE("experts formed again send their rows once more, MLPs and shared experts gather and sum theirs") {
  const Case c = sparse();
  const auto sent = [](const Program& program, const std::string& group, CollectiveKind kind) {
    return test::traffic(program, program.roles[0])(group, kind);
  };
  CHECK(2 * sent(c.step("[experts]"), "expert", CollectiveKind::kAllToAll) ==
        3 * sent(c.step("none"), "expert", CollectiveKind::kAllToAll));
  const Case wide{model_named("llama3_8b"), "batch: 1, sequence: 8192, tensor: 2, sequence_parallel: true", 0};
  const std::int64_t rows = 2 * kTokens * kHidden * 32;
  CHECK(sent(wide.step("[mlp]"), "tensor", CollectiveKind::kAllGather) -
            sent(wide.step("none"), "tensor", CollectiveKind::kAllGather) ==
        rows);
  CHECK(sent(wide.step("[norms]"), "tensor", CollectiveKind::kAllGather) ==
        sent(wide.step("none"), "tensor", CollectiveKind::kAllGather));
}

TEST_CASE("lists of modules are read strictly") {
  const DecoderModel model = model_named("llama3_8b");
  const auto error = [&](const std::string& list) {
    return test::input_error([&] { return plan_of(model, "{batch: 1, recompute: " + list + "}"); });
  };
  CHECK(error("[norm]").find("no module is called 'norm'; did you mean 'norms'?") != std::string::npos);
  CHECK(error("[norms, norms]").find("'norms' stands here twice") != std::string::npos);
  CHECK(error("[]").find("no module is formed again") != std::string::npos);
  CHECK(plan_of(model, "{batch: 1, recompute: [mlp, core_attention]}").again.names() ==
        std::vector<std::string>{"core_attention", "mlp"});
}
