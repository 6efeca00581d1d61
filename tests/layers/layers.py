#!/usr/bin/env python3
# Checks the house: which floor includes which, what libraries may not do, how files begin and what stands on top.
"""Prints `file:line: message` for each breach and exits with 1 if there is any. Usage: layers.py [ROOT]"""
import pathlib
import re
import sys

# Lowest first. A file may include its own floor and the floors below it.
FLOORS = ['sim/base', 'topology', 'sim/fluid', 'sim/network', 'sim/collective', 'sim/kernel', 'workloads', 'sim/scenario',
          'sim/report', 'tools', 'tests']
LIBRARIES = ('sim', 'topology', 'workloads')
SOURCES = LIBRARIES + ('tools', 'tests')
TOP = {'CMakeLists.txt', 'sim', 'topology', 'workloads', 'scenarios', 'proto', 'tests', 'tools', 'README.md', 'LICENSE', 'docs'}
BUILT = re.compile(r'build.*|compile_commands\.json')  # what .gitignore lists

YAML_CPP_AT_HOME = re.compile(r'sim/base/yaml\w*\.cc')
MOST_LINES = 400
FORBIDDEN = [
    (re.compile(r'(?<![\w.>:])(?:std::)?(?:exit|_Exit|_exit|quick_exit|abort|terminate)\s*\('),
     'a library never ends the process: throw InputError or RunError'),
    (re.compile(r'\bstd::(?:cout|cerr|clog)\b|\bfmt::print\b|(?<![\w.>])(?:std::)?(?:printf|puts|putchar)\s*\('),
     'a library never prints: only tools/ does'),
    (re.compile(r'\busing\s+namespace\b'), 'no using-directives'),
]
# Comments and literals, so that words inside them are not taken for code. Raw strings first: they may hold quotes.
NOT_CODE = re.compile(r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.S)


def floor_of(path):
    """The index of the floor that a path from the root stands on; None for a path on no floor."""
    for index, floor in enumerate(FLOORS):
        if path.startswith(floor + '/'):
            return index
    return None


def blank(match):
    """The same stretch with nothing but its line ends: line numbers stay right."""
    return re.sub(r'[^\n]', ' ', match.group(0))


def check_includes(root, path, text):
    own = floor_of(path)
    for number, line in enumerate(text.split('\n'), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not match:
            continue
        bracket, target = match.groups()
        if target.startswith('yaml-cpp/') and not YAML_CPP_AT_HOME.fullmatch(path):
            yield number, 'only sim/base/yaml*.cc knows yaml-cpp: use sim/base/yaml.h'
        if bracket == '<' or target.endswith('.pb.h'):
            continue
        floor = floor_of(target)
        if floor is None or not (root / target).is_file():
            yield number, f"no file '{target}': includes are written from the root of the repository"
        elif floor > own:
            yield number, f"{FLOORS[own]} may not include '{target}': {FLOORS[floor]} is a higher floor"


def check_first_line(text):
    """Line 1 opens one sentence that says what a reader gets; it may wrap."""
    lines = text.split('\n')
    comment = []
    for line in lines:
        if not line.startswith('// '):
            break
        comment.append(line[3:])
    sentence = ' '.join(comment)
    if not comment or not re.match(r'\S', sentence):
        yield 1, 'line 1 must be a comment: one sentence, what a reader gets'
    elif not re.search(r'[.?](\s|$)', sentence):
        yield 1, "the comment on line 1 must be a sentence: it has no full stop"


def check_source(root, path):
    try:
        text = (root / path).read_text(encoding='utf-8')
    except UnicodeDecodeError:
        yield 1, 'not UTF-8'
        return
    yield from check_first_line(text)
    yield from check_includes(root, path, text)
    lines = text.count('\n')
    if lines > MOST_LINES and not path.startswith('tests/'):
        yield MOST_LINES + 1, f'{lines} lines: more than {MOST_LINES}, so more than one idea'
    if path.endswith('.h') and '\n#pragma once\n' not in text:
        yield 1, 'a header needs #pragma once'
    if path.startswith(LIBRARIES):
        code = NOT_CODE.sub(blank, text)
        for number, line in enumerate(code.split('\n'), 1):
            for pattern, message in FORBIDDEN:
                if pattern.search(line):
                    yield number, message


def check_scripts(root):
    """Scripts and data say what they are on their first line of text, as sources do."""
    for path in sorted(root.rglob('*')):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or not name.startswith(SOURCES + ('scenarios', 'proto')) or '/broken/' in name or '/seeds/' in name:
            continue
        if path.suffix not in ('.py', '.sh', '.cmake', '.yaml', '.txt', '.proto', ''):
            continue
        lines = path.read_text(encoding='utf-8', errors='replace').split('\n')
        first = lines[1] if lines[0].startswith('#!') and len(lines) > 1 else lines[0]
        if not re.match(r'(#|//) \S', first):
            yield name, 1, 'the first line must be a comment: one sentence, what a reader gets'


def check(root):
    """Every breach as (path, line, message), in order of path."""
    for entry in sorted(root.iterdir()):
        if entry.name not in TOP and not entry.name.startswith('.') and not BUILT.fullmatch(entry.name):
            yield entry.name, 1, f"the top level holds only {', '.join(sorted(TOP))}"
    for path in sorted(root.rglob('*')):
        name = path.relative_to(root).as_posix()
        if path.suffix in ('.cc', '.h', '.cpp', '.hpp', '.cxx') and name.startswith(SOURCES):
            if path.suffix not in ('.cc', '.h'):
                yield name, 1, 'sources end in .cc and headers in .h'
            if not re.fullmatch(r'[a-z0-9_/]+\.(cc|h)', name):
                yield name, 1, 'files are named in snake_case'
            if floor_of(name) is None:
                yield name, 1, f"stands on no floor: {', '.join(FLOORS)}"
                continue
            for number, message in check_source(root, name):
                yield name, number, message
    yield from check_scripts(root)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    breaches = 0
    for path, number, message in check(root):
        print(f'{path}:{number}: {message}')
        breaches += 1
    print(f'layers: {breaches} breaches' if breaches else 'layers: the house stands')
    return 1 if breaches else 0


if __name__ == '__main__':
    sys.exit(main())
