// Three words and a sentence.
#include "tools/orrery/fold_option.h"

#include <fmt/format.h>

#include <map>

namespace orrery {

void declare_fold(CLI::App& command, Folding& folding) {
  std::map<std::string, Folding> words;
  for (std::size_t i = 0; i < kFoldingNames.size(); ++i) words.emplace(kFoldingNames[i], static_cast<Folding>(i));
  command
      .add_option("--fold", folding,
                  "play one rank for all that behave alike: auto, where that is exact (default), on or off")
      ->transform(CLI::CheckedTransformer(words).description("{auto,on,off}"))
      ->type_name("");
}

std::string fold_line(const Fold::Counts& counts) {
  std::string line = fmt::format("folded: {} ranks play for {}, {} communicators for {}, {} resources for {}",
                                 counts.rank_classes, counts.ranks, counts.communicator_classes, counts.communicators,
                                 counts.resource_classes, counts.resources);
  if (counts.ranks_built < counts.ranks) line += fmt::format("; {} ranks were built", counts.ranks_built);
  return line;
}

}  // namespace orrery
