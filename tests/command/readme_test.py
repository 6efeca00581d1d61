#!/usr/bin/env python3
# Runs every ```sh block of README.md that stands under <!-- test -->, as a reader would: each must end with 0.
"""Usage: readme_test.py BUILD_FOLDER"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]


def blocks(text):
    """The commands of each marked block, with the line that it starts on."""
    for match in re.finditer(r'^<!-- test -->\n```sh\n(.*?)^```$', text, re.M | re.S):
        yield text.count('\n', 0, match.start(1)) + 1, match.group(1)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    found = list(blocks((ROOT / 'README.md').read_text(encoding='utf-8')))
    if not found:
        print('README.md has no block to test')
        return 1
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        # A tree that looks like the checkout, so that what the commands leave behind is not in it.
        tree = pathlib.Path(folder)
        for entry in ROOT.iterdir():
            if not entry.name.startswith(('build', '.git')):
                (tree / entry.name).symlink_to(entry)
        (tree / 'build').mkdir()
        (tree / 'build' / 'orrery').symlink_to(build / 'orrery')
        for line, commands in found:
            done = subprocess.run(['bash', '-euo', 'pipefail', '-c', commands], cwd=tree, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, env={**os.environ, 'NO_COLOR': '1'}, check=False)
            print(f'README.md:{line}: exit {done.returncode}')
            if done.returncode != 0:
                failed += 1
                print(commands, done.stdout, done.stderr, sep='\n')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
