// Models hold the parameters that were published, and a broken model file is said to be broken where it is.
#include "workloads/model.h"

#include "tests/workloads/fixture.h"
#include "workloads/family.h"

using namespace orrery;
using test::model_named;

TEST_CASE("parameters of published models") {
  CHECK(model_named("llama2_7b").parameters() == 6'738'415'616);
  CHECK(model_named("llama2_13b").parameters() == 13'015'864'320);
  CHECK(model_named("llama2_70b").parameters() == 68'976'648'192);
  CHECK(model_named("llama3_8b").parameters() == 8'030'261'248);
  CHECK(model_named("llama3_70b").parameters() == 70'553'706'496);
  CHECK(model_named("llama3.2_1b").parameters() == 1'235'814'400);
  CHECK(model_named("llama3.2_3b").parameters() == 3'212'749'824);
  CHECK(model_named("llama3.1_405b").parameters() == 405'853'388'800);
  // Weights of GPT-3 counted one by one: 96·(12·h² + 13·h) + (50257 + 2048)·h + 2·h with h = 12288.
  CHECK(model_named("gpt3_175b").parameters() == 174'604'259'328);
  // The same with 131,072 and 64,000 words; printed as 177 and 175 billion.
  CHECK(model_named("megatron_177b").parameters() == 177'233'092'608);
  CHECK(model_named("megascale_175b").parameters() == 174'773'133'312);
  CHECK(static_cast<double>(model_named("gpt3_175b").parameters()) == doctest::Approx(174.6e9).epsilon(0.0005));
}

TEST_CASE("the Megatron-LM family has the sizes of its table") {
  // Billions as printed in table 1 of arXiv 2104.04473, to the last digit that is printed.
  const std::pair<const char*, double> printed[] = {
      {"megatron_1.7b", 1.7},     {"megatron_3.6b", 3.6},   {"megatron_7.5b", 7.5},     {"megatron_18.4b", 18.4},
      {"megatron_39.1b", 39.1},   {"megatron_76.1b", 76.1}, {"megatron_145.6b", 145.6}, {"megatron_310.1b", 310.1},
      {"megatron_529.6b", 529.6}, {"megatron_1t", 1008.0},
  };
  for (const auto& [name, billions] : printed) {
    CAPTURE(name);
    const double own = static_cast<double>(model_named(name).parameters()) / 1e9;
    CHECK(own > billions - 0.0501);
    CHECK(own < billions + 0.0501);
  }
}

TEST_CASE("every model of the library is read") {
  const Library library = test::library();
  const std::vector<std::string> names = library.names("workloads/models");
  CHECK(names.size() >= 19);
  for (const std::string& name : names) {
    CAPTURE(name);
    const yaml::Node node = library.open("workloads/models", name);
    if (const Family* family = family_of(node)) {
      CHECK(family->parameters(node) >= 0);
      continue;
    }
    const DecoderModel model = read_model(node);
    CHECK_FALSE(model.source.empty());
    CHECK(model.parameters() >= model.active_parameters());
  }
}

namespace {

std::string model_error(const std::string& changed) {
  return test::input_error([&] {
    const std::string text =
        "name: m\nsource: s\nlayers: 2\nhidden: 64\nheads: 4\nffn: 256\nvocab: 100\npositions: 16\nmlp: gelu\n"
        "norm: layer_norm\nposition: learned\nbiases: true\ndropout: true\ntied_embeddings: true\n";
    const auto override = yaml::Override::parse(changed);
    return read_model(yaml::parse(text, "m.yaml", {override}));
  });
}

}  // namespace

TEST_CASE("broken models") {
  CHECK(model_error("layers=2").empty());
  CHECK(model_error("layers=1000000000000").find("must be between 1 and 100000, not 1000000000000") !=
        std::string::npos);
  CHECK(model_error("layers=0").find("must be between 1 and 100000, not 0") != std::string::npos);
  CHECK(model_error("hidden=66").find("a width of 66 doesn't divide into 4 heads") != std::string::npos);
  CHECK(model_error("kv_heads=3").find("4 heads don't fall into 3 equal groups") != std::string::npos);
  CHECK(model_error("kv_heads=8").find("must be between 1 and 4, not 8") != std::string::npos);
  CHECK(model_error("mlp=glu").find("no MLP is called 'glu'; did you mean 'gelu'?") != std::string::npos);
  CHECK(model_error("hiden=64").find("hiden") != std::string::npos);
  CHECK(model_error("head_dim=16777216").find("4 heads of 16777216 are 67108864 wide") != std::string::npos);
  CHECK(model_error("ffn=16777216").empty());
  CHECK(model_error("biases=yes").find("true") != std::string::npos);
}

TEST_CASE("a model too large to count is refused") {
  const std::string text =
      "name: m\nsource: s\nlayers: 100000\nhidden: 16777216\nheads: 4\nffn: 16777216\nvocab: 100\npositions: 16\n"
      "mlp: gelu\nnorm: layer_norm\nposition: learned\nbiases: true\ndropout: true\ntied_embeddings: true\n";
  CHECK(test::input_error([&] {
          return read_model(yaml::parse(text, "m.yaml"));
        }).find("this model has more than 10¹⁵ parameters") != std::string::npos);
}

TEST_CASE("llm-foundry's models have the parameters of its table") {
  const std::pair<const char*, std::int64_t> printed[] = {
      {"mpt_1b", 1'315'950'592},   {"mpt_3b", 2'651'837'440},   {"mpt_7b", 6'658'859'008},
      {"mpt_13b", 12'853'954'560}, {"mpt_30b", 29'975'214'080}, {"mpt_70b", 64'862'437'376},
  };
  for (const auto& [name, parameters] : printed) CHECK(model_named(name).parameters() == parameters);
}
