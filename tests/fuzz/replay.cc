// Runs a fuzz target over files and folders once each, with any compiler: no seed may bring back an old fault.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  int seeds = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      std::cout << entry.path().filename().string() << std::endl;  // flushed: the last one printed is the culprit
      // Cut short, a file is broken in ways that nobody would write down.
      constexpr std::size_t kCuts = 16;
      for (std::size_t cut = 0; cut <= kCuts; ++cut) {
        const std::size_t size = bytes.size() * cut / kCuts;
        (void)LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), size);
      }
      ++seeds;
    }
  }
  std::cout << seeds << " seeds\n";
  return seeds > 0 ? 0 : 1;
}
