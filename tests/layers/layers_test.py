#!/usr/bin/env python3
# Plants one breach at a time in a small house and checks that layers.py names just that one.
import pathlib
import tempfile
import unittest

import layers

SOUND = {
    'CMakeLists.txt': '# Builds it.\n',
    'sim/base/ids.h': '// Typed indices.\n#pragma once\n',
    'sim/base/yaml.cc': '// Reads YAML.\n#include <yaml-cpp/yaml.h>\n\n#include "sim/base/ids.h"\n',
    'sim/kernel/engine.h': '// The clockwork.\n#pragma once\n#include "sim/base/ids.h"\n#include "topology/chip.h"\n',
    'topology/chip.h': '// A chip as its data sheet\n// knows it.\n#pragma once\n#include "sim/base/ids.h"\n',
    'topology/words.cc': '// Says exit() and std::cout in words only.\nconst char* kWords = "abort(); std::cerr";\n',
    'tools/orrery/main.cc': '// The command.\n#include <iostream>\n#include "sim/kernel/engine.h"\nint main() { std::cout << 1; }\n',
    'tools/build': '#!/usr/bin/env bash\n# Builds it.\n',
}


class Layers(unittest.TestCase):
    def breaches(self, changes):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {**SOUND, **changes}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return [f'{path}:{line}: {message}' for path, line, message in layers.check(root)]

    def test_sound(self):
        self.assertEqual(self.breaches({}), [])

    def test_breaches(self):
        head = '// A file.\n'
        for changes, expected in [
            ({'topology/chip.h': head + '#pragma once\n#include "sim/kernel/engine.h"\n'},
             "topology/chip.h:3: topology may not include 'sim/kernel/engine.h': sim/kernel is a higher floor"),
            ({'sim/base/ids.h': head + '#pragma once\n#  include "topology/chip.h"\n'},
             "sim/base/ids.h:3: sim/base may not include 'topology/chip.h': topology is a higher floor"),
            ({'topology/a.cc': head + '#include "chip.h"\n'},
             "topology/a.cc:2: no file 'chip.h': includes are written from the root of the repository"),
            ({'topology/a.cc': head + '#include <yaml-cpp/node.h>\n'},
             'topology/a.cc:2: only sim/base/yaml*.cc knows yaml-cpp: use sim/base/yaml.h'),
            ({'topology/a.cc': head + '/* one\n two */ void f() { std::abort(); }\n'},
             'topology/a.cc:3: a library never ends the process: throw InputError or RunError'),
            ({'workloads/a.cc': head + 'void f() { if (true) exit(1); }\n'},
             'workloads/a.cc:2: a library never ends the process: throw InputError or RunError'),
            ({'sim/fluid/a.cc': head + '#include <iostream>\nvoid f() { std::cerr << "x"; }\n'},
             'sim/fluid/a.cc:3: a library never prints: only tools/ does'),
            ({'sim/fluid/a.cc': head + 'using namespace std;\n'}, 'sim/fluid/a.cc:2: no using-directives'),
            ({'topology/a.cc': 'int a;\n'},
             'topology/a.cc:1: line 1 must be a comment: one sentence, what a reader gets'),
            ({'topology/a.cc': '// shapes\nint a;\n'},
             'topology/a.cc:1: the comment on line 1 must be a sentence: it has no full stop'),
            ({'topology/a.h': head}, 'topology/a.h:1: a header needs #pragma once'),
            ({'topology/a.cc': head + 'int a;\n' * 400}, 'topology/a.cc:401: 401 lines: more than 400, so more than one idea'),
            ({'topology/Chip.cc': head}, 'topology/Chip.cc:1: files are named in snake_case'),
            ({'sim/a.cc': head}, f"sim/a.cc:1: stands on no floor: {', '.join(layers.FLOORS)}"),
            ({'tools/run.cpp': head}, 'tools/run.cpp:1: sources end in .cc and headers in .h'),
            ({'tools/build': '#!/usr/bin/env bash\nset -e\n'},
             'tools/build:1: the first line must be a comment: one sentence, what a reader gets'),
            ({'notes.txt': 'x'}, f"notes.txt:1: the top level holds only {', '.join(sorted(layers.TOP))}"),
        ]:
            with self.subTest(expected):
                found = self.breaches(changes)
                self.assertIn(expected, found)
                self.assertLessEqual(len(found), 2, found)  # a misnamed source may also breach the naming rule


if __name__ == '__main__':
    unittest.main()
