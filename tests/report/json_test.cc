// Checks the JSON of a report: against its schema, figure by figure, and that doubles read back as they were.
#include <doctest/doctest.h>

#include <fstream>

#include "tests/report/jobs.h"
#include "tests/report/sample_report.h"
#include "tests/report/schema_check.h"

using namespace sample;
using schema_check::Json;

namespace {

Json schema() {
  std::ifstream file(std::string(ORRERY_SOURCE_DIR) + "/docs/result.schema.json");
  REQUIRE(file.good());
  return Json::parse(file);
}

}  // namespace

TEST_CASE("the schema describes every key and leaves none open") { CHECK(schema_check::gap(schema()) == ""); }

TEST_CASE("reports keep to the schema") {
  CHECK(schema_check::breach(Json::parse(to_json(report())), schema()) == "");
  Report bare;
  bare.granularity = "stepwise";
  bare.plan = report().plan;
  bare.chips = 1;
  CHECK(schema_check::breach(Json::parse(to_json(bare)), schema()) == "");
  bare.plan.again = {.norms = true};
  bare.plan.adapters = {.rank = 16, .query = true, .nf4 = true};
  bare.plan.compression.kind = "one_bit";
  bare.plan.optimizer.moments = Precision::kFp8;
  CHECK(schema_check::breach(Json::parse(to_json(bare)), schema()) == "");
  const jobs::Prepared prepared(jobs::kDecoder);
  const jobs::Recording run = jobs::record(prepared);
  const Report real = summarize(prepared.scenario, prepared.program, run.result, run.breakdown);
  CHECK(schema_check::breach(Json::parse(to_json(real)), schema()) == "");
}

TEST_CASE("a family's report says what it counts, and keeps to the schema") {
  const jobs::Prepared prepared(
      "cluster: dgx_a100\nmodel: acoustic_so8\nstack: cuda_mpi\nplan: {x: 2, y: 2, cells: [128, 128, 128]}\n");
  const jobs::Recording run = jobs::record(prepared);
  const Report real = summarize(prepared.scenario, prepared.program, run.result, run.breakdown);
  const Json json = Json::parse(to_json(real));
  CHECK(schema_check::breach(json, schema()) == "");
  CHECK(json.at("family") == "stencil");
  CHECK(json.at("sample") == "cell");
  CHECK(json.at("samples_per_step") == 128 * 128 * 128);
  CHECK(json.at("layout").at("x") == 2);
  CHECK(json.at("energy_per_sample_j").get<double>() > 0);
  CHECK(json.at("utilization").contains("vector_engine"));
  CHECK(!json.contains("plan"));
  CHECK(!json.contains("tokens_per_s"));
  // 33 FLOPs a cell in FP32, on the vector engine.
  CHECK(json.at("mfu").get<double>() == doctest::Approx(33.0 * 128 * 128 * 128 / 4 / real.step.in_seconds() / 19.5e12));
  const std::string text = to_text(real, false);
  CHECK(text.find("cells/s") != std::string::npos);
  CHECK(text.find("vector engine") != std::string::npos);
  CHECK(text.find("on stage") == std::string::npos);
}

TEST_CASE("the schema is a net, not a hole") {
  const Json good = Json::parse(to_json(report()));
  const auto broken = [&](const auto& change) {
    Json bad = good;
    change(bad);
    return schema_check::breach(bad, schema());
  };
  CHECK(broken([](Json& j) { j.erase("mfu"); }) == "$ lacks \"mfu\"");
  CHECK(broken([](Json& j) { j["mfv"] = 1; }) == "$ has 'mfv', which the schema hasn't");
  CHECK(broken([](Json& j) { j["exposed_communication_s"]["tensor"] = "1"; }) ==
        "$.exposed_communication_s.tensor is not of type \"number\"");
  CHECK(broken([](Json& j) { j["bubble_s"] = -1; }) == "$.bubble_s is less than 0");
  CHECK(broken([](Json& j) { j["plan"]["recompute"] = "some"; }) ==
        "$.plan.recompute is none of [\"none\",\"selective\",\"full\"]");
}

TEST_CASE("figures stand under keys that say their unit") {
  const Json j = Json::parse(to_json(report()));
  CHECK(j.at("step_time_s") == 0.25);
  CHECK(j.at("step_time_ps") == 250'000'000'000);
  CHECK(j.at("tokens_per_step") == 65536);
  CHECK(j.at("model_tflops_per_chip") == 400.0);
  CHECK(j.at("fits") == true);
  CHECK(j.at("compute_s") == 0.2);
  CHECK(j.at("compute_slowed_s") == 0.001);
  CHECK(j.at("exposed_communication_s") == Json{{"tensor", 0.025}, {"pipeline", 0.0}, {"data", 0.001}});
  CHECK(j.at("bubble_s") == 0.02);
  CHECK(j.at("utilization").at("scale_up").at("busiest") == "node0/gpu0 → node0/switch");
  CHECK(j.at("compute_communication_ratio").at("rail").at("rho") == 50.0);
  CHECK(j.at("least_rho") == 1.25);
  CHECK(j.at("least_rho_tier") == "scale_up");
  CHECK(j.at("memory").at("categories_bytes").at("weights") == std::int64_t{8} << 30);
  CHECK(j.at("memory").at("total_bytes") == std::int64_t{24} << 30);
  CHECK(j.at("energy_per_token_j") == 3200.0 / 65536);
  CHECK(j.at("work").at("flops").at("bf16") == 1.76e15);
  CHECK(j.at("work").at("bytes").at("nvlink") == 1e12);
  CHECK(j.at("power").at("facility_mean_w") == 12'800.0);
  CHECK(j.at("power").at("windows").at(0).at("it_swing_w") == 2'048.0);
  CHECK(j.at("cost_per_step").at("total_usd") == doctest::Approx(0.004));
  CHECK(j.at("cost_per_million_tokens_usd") == doctest::Approx(0.004 / 0.065536));
  CHECK(j.at("run").at("days") == doctest::Approx(250'000.0 / 86'400));
  CHECK(j.at("run").at("energy_mwh") == doctest::Approx(3.2 / 3.6));
  CHECK(j.at("run").at("cost_per_million_tokens_usd") == doctest::Approx(4000.0 / 65'536));
  CHECK(j.at("bottleneck").at("cost_s") == 0.025);
  CHECK(j.at("measured").at("step_time_s") == 0.24);
  CHECK(j.at("measured").at("hardware_tflops_per_chip").is_null());
  CHECK(j.at("measured").at("simulated_step_error") == report().error);
  CHECK(j.at("warnings").size() == 1);

  Report none = report();
  none.measured.reset();
  none.bottleneck.reset();
  none.least.reset();
  none.memory_advice = "needs more";
  const Json n = Json::parse(to_json(none));
  CHECK(n.at("measured").is_null());
  CHECK(n.at("bottleneck").is_null());
  CHECK(n.at("least_rho").is_null());
  CHECK(n.at("fits") == false);
}

TEST_CASE("what else counts as a layer is said where it does, and only there") {
  CHECK_FALSE(Json::parse(to_json(report())).at("plan").contains("embedding_as_layer"));
  Report uneven = report();
  uneven.plan.embedding_as_layer = uneven.plan.loss_as_layer = true;
  const Json j = Json::parse(to_json(uneven));
  CHECK(j.at("plan").at("embedding_as_layer") == true);
  CHECK(j.at("plan").at("loss_as_layer") == true);
  CHECK(schema_check::breach(j, schema()) == "");
}

TEST_CASE("doubles are printed in their shortest form that reads back, seconds from whole picoseconds") {
  Report r = report();
  r.step = Duration::picoseconds(13571817060518);
  r.tokens_per_second = 0.1 + 0.2;
  const std::string text = to_json(r);
  CHECK(text.find("\"step_time_s\": 13.571817060518,") != std::string::npos);
  CHECK(text.find("\"tokens_per_s\": 0.30000000000000004,") != std::string::npos);
  CHECK(text.back() == '\n');
  CHECK(to_json(r) == text);
}

TEST_CASE("names that are not UTF-8 still make JSON") {
  Report r = report();
  r.scenario = "caf\xe9 \"x\"\n";
  CHECK(Json::parse(to_json(r)).at("scenario").get<std::string>().substr(0, 3) == "caf");
}
