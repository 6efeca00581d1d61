// Any bytes as a YAML file, and as an override: InputError or a tree whose text reads back to itself, nothing else.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/yaml.h"

namespace {

using orrery::InputError;
using orrery::yaml::Node;
using orrery::yaml::Override;

// Every reader on one value: each may refuse it, with a message.
template <class Read>
void try_read(const Read& read) {
  try {
    read();
  } catch (const InputError& error) {
    if (std::string_view(error.what()).empty()) std::abort();
  }
}

void read_all(const Node& node, int& budget) {
  if (--budget < 0) return;
  try_read([&] { (void)node.text(); });
  try_read([&] { (void)node.boolean(); });
  try_read([&] { (void)node.integer(-5, 1'000'000); });
  try_read([&] { (void)node.number(-1e9, 1e300); });
  try_read([&] { (void)node.duration(); });
  try_read([&] { (void)node.bytes(); });
  try_read([&] { (void)node.bandwidth(); });
  try_read([&] { (void)node.flop_rate(); });
  try_read([&] { (void)node.watts(); });
  try_read([&] { (void)node.joules(); });
  try_read([&] { (void)node.dollars(); });
  try_read([&] { (void)node.meters(); });
  try_read([&] { (void)node.ratio(); });
  try_read([&] { (void)node.choice("chip", {"h100_sxm", "a100_sxm"}); });
  if (node.is_sequence())
    for (const Node& item : node.items()) read_all(item, budget);
  if (!node.is_map()) return;
  try_read([&] {
    orrery::yaml::Map map(node, "a thing");
    (void)map.optional("name");
    map.finish();
  });
  try_read([&] {
    orrery::yaml::Map map(node, "a thing");
    for (const auto& [key, value] : map.rest()) {
      (void)key.text();
      read_all(value, budget);
    }
    map.finish();
    (void)map.required("latency");
  });
}

void must_read_back(const Node& root) {
  std::string text;
  try {
    text = orrery::yaml::resolved_text(root);
  } catch (const InputError&) {
    return;  // longer than a file may be
  }
  if (orrery::yaml::resolved_text(orrery::yaml::parse(text, "resolved.yaml")) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const Node root = orrery::yaml::parse(input, "/nowhere/fuzz.yaml");
    int budget = 200;  // values read: every refusal is an exception
    read_all(root, budget);
    must_read_back(root);
  } catch (const InputError&) {
  }
  // The first line as what is typed after --set, on the rest; or on a fixed document.
  const std::string_view line = input.substr(0, input.find('\n'));
  const std::string_view rest = input.substr(std::min(line.size() + 1, input.size()));
  for (const std::string_view document : {rest, std::string_view("plan: {tensor: 8, list: [1, {a: 2}]}\nname: x\n")}) {
    try {
      must_read_back(orrery::yaml::parse(document, "/nowhere/fuzz.yaml", {Override::parse(line)}));
    } catch (const InputError&) {
    }
  }
  return 0;
}
