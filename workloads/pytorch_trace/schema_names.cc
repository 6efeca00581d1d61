// Walks over parentheses; anything that isn't a schema has no names.
#include "workloads/pytorch_trace/schema_names.h"

namespace orrery::pytorch_trace {
namespace {

// The last word before a default: of "SymInt[] size=None" it is "size".
std::string name_in(std::string_view argument) {
  argument = argument.substr(0, argument.find('='));
  while (argument.ends_with(' ')) argument.remove_suffix(1);
  const std::size_t space = argument.rfind(' ');
  return std::string(space == std::string_view::npos ? std::string_view() : argument.substr(space + 1));
}

}  // namespace

std::vector<std::string> argument_names(std::string_view schema) {
  std::vector<std::string> names;
  const std::size_t open = schema.find('(');
  if (open == std::string_view::npos) return names;
  int depth = 0;
  std::size_t begin = open + 1;
  for (std::size_t i = open; i < schema.size(); ++i) {
    const char c = schema[i];
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if ((c == ',' && depth == 1) || depth == 0) {
      const std::string_view argument = schema.substr(begin, i - begin);
      const std::size_t first = argument.find_first_not_of(' ');
      // A lone '*' only says that what follows is called by name.
      if (first != std::string_view::npos && argument.substr(first) != "*") names.push_back(name_in(argument));
      begin = i + 1;
    }
    if (depth == 0) break;
  }
  return names;
}

bool makes_view(std::string_view schema) {
  const std::size_t arrow = schema.rfind("->");
  if (arrow == std::string_view::npos) return false;
  const std::string_view made = schema.substr(arrow);
  return made.find("Tensor(") != std::string_view::npos && made.find('!') == std::string_view::npos;
}

std::string tensor_type(std::string_view type, std::size_t index) {
  constexpr std::string_view kTensor = "Tensor(";
  std::string last;
  for (std::size_t at = type.find(kTensor); at != std::string_view::npos; at = type.find(kTensor, at + 1)) {
    const std::size_t begin = at + kTensor.size();
    last = std::string(type.substr(begin, type.find(')', begin) - begin));
    if (index == 0) return last;
    --index;
  }
  return last;
}

}  // namespace orrery::pytorch_trace
