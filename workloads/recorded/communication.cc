// Looks for the longest part of a name that says a kind.
#include "workloads/recorded/communication.h"

#include <array>
#include <cctype>
#include <utility>

namespace orrery::recorded {

std::optional<CollectiveKind> collective_named(std::string_view name) {
  std::string plain;
  for (const char c : name.substr(0, name.find('(')))
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  constexpr std::array<std::pair<std::string_view, CollectiveKind>, 8> kKinds = {{
      {"reducescatter", CollectiveKind::kReduceScatter},
      {"allreduce", CollectiveKind::kAllReduce},
      {"allgather", CollectiveKind::kAllGather},
      {"alltoall", CollectiveKind::kAllToAll},
      {"broadcast", CollectiveKind::kBroadcast},
      {"barrier", CollectiveKind::kBarrier},
      {"reduce", CollectiveKind::kReduce},
      {"gather", CollectiveKind::kGather},
  }};
  for (const auto& [part, kind] : kKinds)
    if (plain.find(part) != std::string::npos) return kind;
  return std::nullopt;
}

std::optional<Bytes> element_size(std::string_view type) {
  if (type.starts_with("c10::")) type.remove_prefix(5);
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 22> kSizes = {{
      {"float", 4},    {"Float", 4},         {"double", 8},        {"Double", 8},      {"Half", 2}, {"half", 2},
      {"BFloat16", 2}, {"bfloat16", 2},      {"int", 4},           {"Int", 4},         {"long", 8}, {"long int", 8},
      {"Long", 8},     {"unsigned char", 1}, {"signed char", 1},   {"char", 1},        {"Byte", 1}, {"Char", 1},
      {"bool", 1},     {"Bool", 1},          {"Float8_e4m3fn", 1}, {"Float8_e5m2", 1},
  }};
  for (const auto& [known, size] : kSizes)
    if (known == type) return Bytes(size);
  return std::nullopt;
}

}  // namespace orrery::recorded
