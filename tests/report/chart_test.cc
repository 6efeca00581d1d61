// Charts: what axes show, that names keep apart, and that whatever stands in them is XML.
#include "sim/report/chart.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <pugixml.hpp>

namespace {

using orrery::Chart, orrery::ChartAxis, orrery::ChartPage, orrery::ChartScale;

ChartPage page_of(std::vector<std::pair<double, double>> points, ChartScale y) {
  Chart chart{"title", {"x", ChartScale::kDoublings}, {"y", y}, {{"line", "#000000", std::move(points)}}, {}};
  return {.title = "page", .legend = {}, .charts = {chart}, .columns = 3};
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

pugi::xml_document parsed(const std::string& svg) {
  pugi::xml_document document;
  REQUIRE(document.load_string(svg.c_str()));
  REQUIRE(svg.find("nan") == std::string::npos);
  REQUIRE(svg.find("inf") == std::string::npos);
  return document;
}

}  // namespace

TEST_CASE("points that an axis can't show are left out") {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::string svg = to_svg(page_of({{64, 1}, {128, 0}, {256, infinity}, {512, 2}, {0, 3}}, ChartScale::kDecades));
  (void)parsed(svg);
  CHECK(count(svg, "<circle") == 2);
  CHECK(count(to_svg(page_of({{64, 1}, {128, 0}}, ChartScale::kLinear)), "<circle") == 2);
}

TEST_CASE("one point, one height, none: an axis always has a length") {
  for (const ChartScale scale : {ChartScale::kLinear, ChartScale::kDecades, ChartScale::kDoublings})
    for (const auto& points : std::vector<std::vector<std::pair<double, double>>>{
             {}, {{64, 1}}, {{64, 1}, {128, 1}}, {{3, 0.001}, {5, 0.001}}, {{1, 1e-9}, {1048576, 1e9}}})
      (void)parsed(to_svg(page_of(points, scale)));
  CHECK(count(to_svg(page_of({}, ChartScale::kLinear)), "<circle") == 0);
}

TEST_CASE("doublings are marked at powers of two, no more than fit") {
  const std::string few = to_svg(page_of({{64, 1}, {512, 1}}, ChartScale::kLinear));
  for (const char* tick : {">64<", ">128<", ">256<", ">512<"}) CHECK(count(few, tick) == 1);
  const std::string many = to_svg(page_of({{64, 1}, {1048576, 1}}, ChartScale::kLinear));
  for (const char* tick : {">64<", ">512<", ">4,096<", ">32,768<", ">262,144<"}) CHECK(count(many, tick) == 1);
  CHECK(count(many, ">128<") == 0);
}

TEST_CASE("names beside lines that end at one height are moved apart") {
  ChartPage page = page_of({{64, 10}, {128, 10}}, ChartScale::kLinear);
  for (const char* name : {"second", "third"}) {
    page.charts[0].lines.push_back(page.charts[0].lines[0]);
    page.charts[0].lines.back().name = name;
  }
  const pugi::xml_document document = parsed(to_svg(page));
  std::vector<double> heights;
  for (const pugi::xml_node& text : document.child("svg").children("text"))
    for (const char* name : {"line", "second", "third"})
      if (std::string(name) == text.text().get()) heights.push_back(text.attribute("y").as_double());
  REQUIRE(heights.size() == 3);
  CHECK(std::abs(heights[0] - heights[1]) >= 12);
  CHECK(std::abs(heights[1] - heights[2]) >= 12);
  CHECK(std::abs(heights[0] - heights[2]) >= 12);
}

TEST_CASE("names are text, whatever stands in them") {
  ChartPage page = page_of({{64, 1}}, ChartScale::kLinear);
  page.title = "a < b & \"c\" > d\x01";
  page.charts[0].title = "<script>";
  page.legend = {{"<&>", "#\"<"}};
  const pugi::xml_document document = parsed(to_svg(page));
  CHECK(document.child("svg").child("title").text().get() == std::string("a < b & \"c\" > d "));
  CHECK_FALSE(document.child("svg").child("script"));
}
