// The fat trees of the comparison, all of full bisection.
#include "tools/bench/peers/fat_tree.h"

#include <stdexcept>
#include <string>

namespace orrery::peers {

FatTree fat_tree_of(std::uint32_t hosts) {
  switch (hosts) {
    case 64:
      return {{4, 4, 4}, {1, 4, 4}};
    case 128:
      return {{4, 4, 8}, {1, 4, 4}};
    case 256:
      return {{8, 8, 4}, {1, 8, 8}};
    case 512:
      return {{8, 8, 8}, {1, 8, 8}};
    case 1024:
      return {{8, 8, 16}, {1, 8, 8}};
    case 2048:
      return {{8, 16, 16}, {1, 8, 16}};
    case 4096:
      return {{16, 16, 16}, {1, 16, 16}};
    default:
      throw std::invalid_argument("no fat tree of " + std::to_string(hosts) + " hosts");
  }
}

}  // namespace orrery::peers
