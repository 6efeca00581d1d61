#!/usr/bin/env python3
# The same scenario run twice, and by the commands that GCC and Clang built, leaves the same bytes in every file.
"""Usage: same_bytes_test.py GCC_ORRERY CLANG_ORRERY"""
import pathlib
import subprocess
import sys
import tempfile

SCENARIOS = pathlib.Path(__file__).parents[2] / 'scenarios'
# Tensor, pipeline and data parallelism at once, and the stepwise granularity.
RUNS = [
    ['gpt_small_8_gpus.yaml'],
    ['gpt_small_8_gpus.yaml', '--set', 'granularity=stepwise'],
    ['crowded_uplinks.yaml', '--routing', 'spray'],
    ['crowded_uplinks.yaml', '--routing', '{name: adaptive, seed: 7}'],
    ['korthikanti22/175b_present.yaml', '--set', 'plan.batch=16', '--trace-ranks', '0,63', '--trace-detail', 'kernel'],
]


def run(command, arguments, folder):
    """Every byte that a run leaves: standard output and the files of its run directory."""
    scenario, *options = arguments
    # Where traces go is the only difference between the two formats that is worth a run of its own.
    done = subprocess.run([command, 'run', str(SCENARIOS / scenario), *options, '-o', str(folder), '--trace',
                           str(folder) + '.json', '--json', '-'], capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command} run {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr.decode()}")
    files = {'stdout': done.stdout, 'trace.json': pathlib.Path(str(folder) + '.json').read_bytes()}
    for path in sorted(folder.iterdir()):
        if path.name != 'run.log':  # holds the wall time
            files[path.name] = path.read_bytes()
    return files


def main():
    gcc, clang = sys.argv[1:]
    failed = False
    for arguments in RUNS:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            first = run(gcc, arguments, root / 'first')
            for label, again in [('again', run(gcc, arguments, root / 'again')), ('Clang', run(clang, arguments, root / 'clang'))]:
                if first.keys() != again.keys():
                    failed = True
                    print(f'{arguments}: {label}: files {sorted(again)}, not {sorted(first)}')
                for name in first.keys() & again.keys():
                    if first[name] != again[name]:
                        failed = True
                        print(f'{arguments}: {label}: {name} differs')
            record = root / 'run.orrery'
            subprocess.run([gcc, 'run', str(SCENARIOS / arguments[0]), '--quiet', '--record', str(record)], check=True)
            replayed = subprocess.run([clang, 'replay', str(record)], capture_output=True, text=True, check=False)
            if replayed.returncode != 0:
                failed = True
                print(f'{arguments}: Clang replays another result:\n{replayed.stdout}{replayed.stderr}')
            print(f"{' '.join(arguments)}: {sum(map(len, first.values()))} bytes in {len(first)} files compared")
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
