#!/usr/bin/env python3
# Installs the build into a fresh prefix; the command there and a program that links the library must work on their own.
"""Usage: install_test.py BUILD_FOLDER"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

CONSUMER = pathlib.Path(__file__).parent / 'consumer'


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        run('cmake', '--install', build, '--prefix', root / 'first')
        # Moved after the installation: the command must find its files from where it stands.
        shutil.move(root / 'first', root / 'prefix')
        share = root / 'prefix/share/orrery'
        shutil.copy(share / 'topology/chips/h100_sxm.yaml', share / 'topology/chips/only_in_this_prefix.yaml')
        orrery = root / 'prefix/bin/orrery'
        listed = run(orrery, 'list')
        for name in ('a100_sxm_80gb', 'only_in_this_prefix', 'dgx_a100_superpod', 'gpt3_175b', 'megatron_lm', 'ring',
                     'fluid', 'packed', '1f1b', 'gpt_small_8_gpus'):
            if not re.search(rf'^  {re.escape(name)} ', listed, re.M):
                sys.exit(f"the installed command does not list '{name}':\n{listed}")
        run(orrery, 'run', share / 'scenarios/gpt_small_8_gpus.yaml', cwd=root)

        run('cmake', '-S', CONSUMER, '-B', root / 'consumer', '-G', 'Ninja', f"-DCMAKE_PREFIX_PATH={root / 'prefix'}")
        run('cmake', '--build', root / 'consumer')
        said = run(root / 'consumer/consumer', share / 'scenarios/gpt_small_8_gpus.yaml', env={**os.environ, 'ORRERY_LIBRARY': str(share)})
        print(said, end='')
    return 0


if __name__ == '__main__':
    sys.exit(main())
