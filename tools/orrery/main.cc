// The `orrery` command: words in, answers out; the only place that turns errors into exit codes.
#include <algorithm>
#include <exception>
#include <iostream>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.h"
#include "sim/base/write_file.h"
#include "tools/orrery/verb.h"

int main(int argc, char** argv) {
  using orrery::Verb, orrery::Verbs;

  CLI::App app{"Orrery simulates AI training clusters: one YAML file in, step time and where it went out.", "orrery"};
  app.set_version_flag("--version", "orrery " ORRERY_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 a run that cannot finish, 2 bad input, 3 refused by --strict.");
  std::vector<std::pair<CLI::App*, std::function<int()>>> verbs;
  const std::span<char*> words(argv, static_cast<std::size_t>(argc));
  for (const Verb* verb : Verbs::all()) {
    CLI::App* command = app.add_subcommand(std::string(verb->name), std::string(verb->sentence));
    // Of all the options that there are, a run needs its own verb's: to declare the others takes longer than a short
    // run.
    const auto is_it = [verb](const char* word) { return verb->name == word; };
    if (std::any_of(words.begin(), words.end(), is_it)) verbs.emplace_back(command, verb->declare(*command));
  }

  try {
    app.parse(argc, argv);
    int code = orrery::kDone;
    for (const auto& [command, run] : verbs)
      if (command->parsed()) code = run();
    if (!std::cout.flush()) throw orrery::RunError("can't write to standard output");
    return code;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? orrery::kDone : orrery::kBadInput;
  } catch (const orrery::InputError& error) {
    std::cerr << error.what() << '\n';
    return orrery::kBadInput;
  } catch (const orrery::RunError& error) {
    std::cerr << "orrery: error: " << error.what() << '\n';
    return orrery::kRunFailed;
  } catch (const orrery::WriteError& error) {
    std::cerr << "orrery: error: " << error.what() << '\n';
    return orrery::kRunFailed;
  } catch (const std::bad_alloc&) {
    std::cerr << "orrery: error: out of memory\n";
    return orrery::kRunFailed;
  }
}
