// Curves over sizes as text, JSON, CSV and SVG: whole pages, schema, columns, XML.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <pugixml.hpp>

#include "sim/report/text_page.h"
#include "tests/report/scaling.h"
#include "tests/report/schema_check.h"

using namespace sample;
using schema_check::Json;

namespace {

std::vector<ScaleCurve> two_files() {
  std::vector<ScaleCurve> curves = {weak_curve(), strong_curve(), weak_curve()};
  curves[2].file = 1;
  curves[2].scenario = "Llama & <others>";
  curves[2].rows.pop_back();
  return curves;
}

Json scale_schema() {
  std::ifstream file(std::string(ORRERY_SOURCE_DIR) + "/docs/scale.schema.json");
  REQUIRE(file.good());
  return Json::parse(file);
}

std::vector<std::string> lines_of_file(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// Outside quotes.
std::size_t fields(const std::string& line) {
  bool quoted = false;
  std::size_t count = 1;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("the page of one curve") {
  CHECK(to_text({weak_curve()}, false) == R"(Llama, four to one: weak scaling over data, the batch grows with the chips
Llama · H100 · Rails · Megatron · fluid network

    chips    batch      step     tokens/s  MFU (%)  effic. (%)       ρ  of tier    χ (%)  per token
       12           - not a multiple of tensor 4 × pipeline 2 = 8 chips
       64       64    100 ms      640,000     40.0       100.0       4  spine       10.0     1.00 J
      128      128    102 ms    1,254,902     40.0        98.0       2  spine       11.8     1.00 J
      256      256    124 ms    2,064,516     40.0        80.6     0.8  spine       27.4     1.00 J
      512      512    130 ms    3,938,462     40.0        76.9     0.4  spine       30.8     1.00 J

% of step  compute  tensor   data  pipeline  bubble  others   top bottleneck
       64     80.0    10.0    0.0       0.0    10.0     0.0   exposed tensor communication
      128     78.4     9.8    2.0       0.0     9.8     0.0   exposed tensor communication
      256     64.5     8.9   18.5       0.0     8.1     0.0   exposed tensor communication
      512     61.5     8.5   22.3       0.0     7.7     0.0   exposed tensor communication

N★                  128 chips: at 256 the spine tier has ρ = 0.8
the curve           breaks from 128 to 256 chips, where efficiency falls from 98.0 % to 80.6 %:
                    exposed data communication grows from 2.0 % to 18.5 % of the step, 95 % of what
                    a token costs more; below 90 % at 256 chips
)");
}

TEST_CASE("files stand side by side, within a screen's columns") {
  const std::string text = to_text(two_files(), false);
  CHECK(text.find("Side by side: weak scaling\n  A  Llama, four to one · Rails\n  B  Llama & <others> · Rails\n") !=
        std::string::npos);
  CHECK(text.find("Side by side: strong") == std::string::npos);
  for (const std::string& line : lines_of_file(text)) {
    CAPTURE(line);
    CHECK(columns(line) <= TextPage::kColumns);
  }
  const std::string coloured = to_text(two_files(), true);
  CHECK(coloured.find('\x1b') != std::string::npos);
}

TEST_CASE("what simulating took is told where it is known") {
  ScaleCurve curve = weak_curve();
  CHECK(to_text({curve}, false).find("peak memory") == std::string::npos);
  CHECK(to_csv({curve}).find("simulation_wall_s") == std::string::npos);
  curve.rows[2].cost = ScaleCost{1.25, Bytes(std::int64_t{1} << 30)};
  CHECK(to_text({curve}, false).find("128      1.25 s      1.00 GiB       123,456\n") != std::string::npos);
  CHECK(Json::parse(to_json({curve})).at("curves")[0].at("sizes")[2].at("simulation_wall_s") == 1.25);
  CHECK(to_csv({curve}).find(",1.25,1073741824\n") != std::string::npos);
}

TEST_CASE("the JSON of curves keeps to its schema") {
  CHECK(schema_check::gap(scale_schema()) == "");
  std::vector<ScaleCurve> curves = two_files();
  curves[0].rows[1].report->bottleneck.reset();
  curves[0].rows[1].report->least.reset();
  curves.push_back(weak_curve());
  curves.back().rows.resize(1);
  const Json json = Json::parse(to_json(curves));
  CHECK(schema_check::breach(json, scale_schema()) == "");
  const Json& first = json.at("curves")[0];
  CHECK(first.at("mode") == "weak");
  CHECK(first.at("sizes")[0].at("refusal") == "not a multiple of tensor 4 × pipeline 2 = 8 chips");
  CHECK_FALSE(first.at("sizes")[0].contains("mfu"));
  CHECK(first.at("sizes")[3].at("rho").at("spine") == 0.8);
  CHECK(first.at("sizes")[3].at("exposed_communication_s").at("data") == 0.023);
  CHECK(first.at("n_star").at("below").at("tier") == "spine");
  CHECK(first.at("curve").at("largest_fall").at("part") == "exposed data communication");
  CHECK(json.at("curves")[1].at("n_star").at("below").is_null());
  CHECK(json.at("curves")[3].at("n_star").at("chips").is_null());
}

TEST_CASE("each line of the CSV has the same columns") {
  const std::vector<std::string> lines = lines_of_file(to_csv(two_files()));
  REQUIRE(lines.size() == 1 + 5 + 4 + 4);
  for (const std::string& line : lines) CHECK(fields(line) == fields(lines[0]));
  CHECK(lines[0].find(",rho_spine,") != std::string::npos);
  CHECK(lines[0].find(",exposed_tensor_s,exposed_data_s,") != std::string::npos);
  CHECK(lines[1].starts_with("\"Llama, four to one\",Rails,weak,data,12,not a multiple of"));
  CHECK(lines[2].starts_with("\"Llama, four to one\",Rails,weak,data,64,,4,2,8,64,0.1,640000,0.4,1,4,spine,"));
}

TEST_CASE("the SVG is XML, with a chart for each figure and mode and the files' names") {
  const std::string svg = to_svg(two_files());
  pugi::xml_document document;
  REQUIRE(document.load_string(svg.c_str()));
  const pugi::xml_node root = document.child("svg");
  const auto says = [&](const std::string& words) {
    const auto texts = root.children("text");
    return std::any_of(texts.begin(), texts.end(),
                       [&](const pugi::xml_node& text) { return words == text.text().get(); });
  };
  CHECK(says("Scaling Llama over data"));
  CHECK(says("weak scaling: efficiency and MFU"));
  CHECK(says("strong scaling: efficiency and MFU"));
  CHECK(says("B  Llama & <others> · Rails"));
  CHECK(says("efficiency A"));
  CHECK(says("efficiency B"));
  CHECK(svg.find("nan") == std::string::npos);
  const std::string alone = to_svg({weak_curve()});
  CHECK(alone.find(">efficiency<") != std::string::npos);
  CHECK(alone.find("strong") == std::string::npos);
  CHECK(document.load_string(to_svg(std::vector<ScaleCurve>()).c_str()));
  ScaleCurve none = weak_curve();
  none.rows.resize(1);
  CHECK(document.load_string(to_svg({none}).c_str()));
}
