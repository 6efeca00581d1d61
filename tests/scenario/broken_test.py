#!/usr/bin/env python3
# Every broken scenario must end with exit code 2, its whole expected message, and nothing else: no output, no files.
"""Usage: broken_test.py ORRERY [--accept]   (--accept writes what was said as what is expected)"""
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

BROKEN = pathlib.Path(__file__).parent / 'broken'
SECONDS = 20
MEMORY = 1 << 30  # bytes of address space: no input may blow up


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def settled(message):
    """The message without what others may change: where the checkout lies, and what else there is to choose from."""
    message = message.replace(str(BROKEN.parents[2]) + '/', '')
    return re.sub(r'^(  note: (chips|clusters|families|models|stacks|shapes|networks|routings|placements|pipeline schedules): ).*', r'\1…',
                  message, flags=re.M)


def verb_of(path, out):
    """Files named serve_… are services, all others scenarios."""
    if path.name.startswith('serve_'):
        return ['serve', path.name, '--json', str(out / 'result.json')]
    return ['run', path.name, '--json', str(out / 'result.json'), '--trace', str(out / 'trace.pftrace'), '-o', str(out / 'run')]


def main():
    orrery = str(pathlib.Path(sys.argv[1]).resolve())
    accept = '--accept' in sys.argv
    failed = 0
    scenarios = sorted(path for path in BROKEN.glob('*.yaml') if not path.name.startswith('part_'))
    # A file that isn't there is broken as well.
    for path in [*scenarios, BROKEN / 'missing_file.yaml']:
        expected = path.with_suffix('.expected')
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder)
            try:
                done = subprocess.run([orrery, *verb_of(path, out)], cwd=BROKEN, text=True, capture_output=True,
                                      timeout=SECONDS, preexec_fn=limit_memory, check=False)
            except subprocess.TimeoutExpired:
                print(f'{path.name}: still running after {SECONDS} s')
                failed += 1
                continue
            left = sorted(entry.name for entry in out.iterdir())
        said = settled(done.stderr)
        if accept:
            expected.write_text(said, encoding='utf-8')
        wanted = expected.read_text(encoding='utf-8') if expected.exists() else ''
        for what, found, right in [('exit code', done.returncode, 2), ('standard output', done.stdout, ''),
                                   ('files left', left, []), ('message', said, wanted)]:
            if found != right:
                print(f'{path.name}: {what}:\n{found}\ninstead of:\n{right}')
                failed += 1
    print(f'{len(scenarios) + 1} broken scenarios, {failed} surprises')
    return 1 if failed or not scenarios else 0


if __name__ == '__main__':
    sys.exit(main())
