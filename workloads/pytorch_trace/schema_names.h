// What an operator's schema and a trace's type strings say: names of arguments, whether the result is a view.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace orrery::pytorch_trace {

// Of "aten::mm(Tensor self, Tensor mat2) -> Tensor": {"self", "mat2"}.
[[nodiscard]] std::vector<std::string> argument_names(std::string_view schema);
// Whether what comes back is the memory of an argument, unwritten: "… -> Tensor(a)".
[[nodiscard]] bool makes_view(std::string_view schema);
// Of "Tensor(float)": "float"; of "GenericList[Tensor(int),Tensor(float)]" the index-th.
[[nodiscard]] std::string tensor_type(std::string_view type, std::size_t index);

}  // namespace orrery::pytorch_trace
