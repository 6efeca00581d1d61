#!/usr/bin/env python3
# Checks `run --chakra` and `replay`: a run written as traces plays to the picosecond; traces that can't run say why.
"""Usage: chakra_test.py ORRERY. ORRERY_TRACES may name a folder of other people's traces (ASTRA-sim's examples)."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ORRERY = pathlib.Path(sys.argv[1]).resolve()
FAILED = []


def orrery(*words):
    return subprocess.run([ORRERY, *map(str, words)], capture_output=True, text=True, check=False,
                          cwd=pathlib.Path(__file__).parents[2])


def expect(what, right, done=None):
    print(('ok: ' if right else 'FAILED: ') + what)
    if not right:
        FAILED.append(what)
        if done is not None:
            print(done.stdout[-2000:], done.stderr[-2000:])


def result(done):
    return json.loads(done.stdout) if done.returncode == 0 else {}


def varint(value):
    out = b''
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value if isinstance(value, bytes) else value.encode()
    return varint(number << 3 | 2) + varint(len(data)) + data


def attribute(name, value):
    kind = 27 if isinstance(value, bool) else 9 if isinstance(value, int) else 29
    return field(10, field(1, name) + field(kind, int(value) if isinstance(value, bool) else value))


def node(number, kind, data=(), control=(), micros=0, values='', **attributes):
    body = field(1, number) + field(2, f'node {number}') + field(3, kind)
    body += b''.join(field(4, dep) for dep in control) + b''.join(field(5, dep) for dep in data)
    if micros:
        body += field(7, micros)
    if values:
        body += field(8, field(1, values))
    body += b''.join(attribute(name, value) for name, value in attributes.items())
    return varint(len(body)) + body


METADATA, LOAD, STORE, COMP, SEND, RECV, COLL = range(1, 8)
HEAD = varint(7) + field(1, '0.0.4')


def write(prefix, *ranks):
    for rank, nodes in enumerate(ranks):
        pathlib.Path(f'{prefix}.{rank}.et').write_bytes(HEAD + b''.join(nodes))
    return prefix


def same_as_run(folder, scenario, cluster, *more):
    name = pathlib.Path(scenario).stem
    at = folder / f'{name}{len(list(folder.iterdir()))}'
    ours = orrery('run', scenario, '--json', '-', '--chakra', at, *more)
    prefix = at / name
    theirs = orrery('replay', prefix, '--cluster', cluster, '--groups', at / 'groups.json', '--json', '-')
    a, b = result(ours), result(theirs)
    said = ' '.join((name, *more))
    expect(f'{said}: a replay takes as long as the run, to the picosecond ({a.get("step_time_ps")} ps)',
           'step_time_ps' in a and a['step_time_ps'] == b.get('step_time_ps'), theirs)
    for key in ('compute_s', 'exposed_communication_s', 'bubble_s', 'skew_s', 'host_s', 'mfu', 'energy_per_step_j', 'events'):
        expect(f'{said}: {key} is the same ({a.get(key)})', a.get(key) == b.get(key), theirs)
    return prefix


def written_again(folder, prefix, scenario):
    again = orrery('run', scenario, '--quiet', '--chakra', folder / 'again')
    files = sorted(path.name for path in prefix.parent.iterdir())
    expect(f'{scenario}: {len(files) - 1} traces are written the same twice',
           again.returncode == 0 and len(files) > 2 and
           all((prefix.parent / name).read_bytes() == (folder / 'again' / name).read_bytes() for name in files))


def played_apart(prefix, cluster):
    on = ('--cluster', cluster, '--groups', prefix.parent / 'groups.json', '--json', '-')
    both = [result(orrery('replay', prefix, *on, '--fold', fold)).get('step_time_ps') for fold in ('auto', 'off')]
    expect(f'{prefix.name}: so does a replay rank by rank', both[0] and both[0] == both[1])


def refused(what, code, words, done):
    expect(what, done.returncode == code and words in done.stderr, done)


def check_growth(prefix):
    on = (prefix, '--cluster', 'dgx_a100_superpod', '--groups', prefix.parent / 'groups.json')
    run = result(orrery('run', 'gpt_small_8_gpus', '--json', '-', '--set', 'cluster=dgx_a100_superpod', '--set', 'chips=32',
                        '--set', 'plan.data=8', '--set', 'plan.batch=64'))
    grown = orrery('replay', *on, '--ranks', '32', '--json', '-')
    expect('traces of two replicas, played on eight, take as long as a run of eight',
           run.get('step_time_ps', 0) == result(grown).get('step_time_ps'), grown)
    expect('what grows is said', "group 'data' grows from 2 to 8 ranks" in grown.stderr
           and "there are 16 of the group 'tensor' instead of 4" in grown.stderr, grown)
    refused('stages that differ', 2, "can't grow along 'pipeline': rank 4 does something else than rank 0",
            orrery('replay', *on, '--ranks', '16', '--grows', 'pipeline'))
    refused('what grows without how far', 2, '--grows: says what --ranks makes larger', orrery('replay', *on, '--grows', 'data'))
    same = orrery('replay', *on, '--ranks', '8')
    expect('as many ranks as were recorded change nothing', same.returncode == 0 and '--ranks 8 changes nothing' in same.stderr, same)


def check_comparison(folder, prefix):
    on = (prefix, '--cluster', 'dgx_a100_superpod', '--groups', prefix.parent / 'groups.json')
    table = folder / 'changes.json'
    done = orrery('replay', *on, '--against-algorithm', 'all_reduce=tree', '--spans', table)
    changes = {row['name']: row['change_s'] for row in json.loads(table.read_text())['changes']} if done.returncode == 0 else {}
    expect('another algorithm changes all-reduces, and no kernels', 'after (' in done.stdout and
           'dgx_a100_superpod, all_reduce=tree after' in done.stdout and
           any(change != 0 for name, change in changes.items() if 'all-reduce' in name or 'sum' in name), done)
    done = orrery('replay', *on, '--against-placement', 'spread', '--algorithm', 'all_reduce=ring')
    expect('so does another placement, by the same algorithm',
           'dgx_a100_superpod, spread, all_reduce=ring after' in done.stdout, done)
    refused('an algorithm that there is not', 2, "did you mean 'ring'?", orrery('replay', *on, '--algorithm', 'all_reduce=rign'))
    refused('a kind that there is not', 2, "--against-algorithm:1:1: error: no kind of collective is called 'allreduce'",
            orrery('replay', *on, '--against-algorithm', 'allreduce=ring'))
    refused('a kind alone', 2, 'expected KIND=NAME', orrery('replay', *on, '--algorithm', 'all_reduce=ring,tree'))
    refused('an algorithm of another kind', 2, "no all_reduce algorithm is called 'pairwise'",
            orrery('replay', *on, '--algorithm', 'all_reduce=pairwise'))
    unused = orrery('replay', *on, '--algorithm', 'all_to_all=direct')
    expect('what changes nothing is said', 'all_to_all=direct changes nothing: there is no all_to_all' in unused.stderr, unused)


def check_windows(folder, prefix):
    on = (prefix, '--cluster', 'dgx_a100', '--groups', prefix.parent / 'groups.json', '--quiet', '--trace', folder / 'window.json')
    late = orrery('replay', *on, '--trace-from', '5 s')
    expect('a window after the end is said to be empty',
           late.returncode == 0 and 'the trace shows nothing: --trace-from is 5.00 s' in late.stderr, late)
    refused('a window of no length', 2, '--trace-until: error: is the same time as --trace-from',
            orrery('replay', *on, '--trace-from', '5 ms', '--trace-until', '5 ms'))
    refused('a window that ends before it begins', 2, 'comes before --trace-from',
            orrery('replay', *on, '--trace-from', '5 ms', '--trace-until', '4 ms'))


def check_errors(folder, prefix):
    on = ('--cluster', 'dgx_a100')
    data = pathlib.Path(f'{prefix}.3.et').read_bytes()
    pathlib.Path(f'{prefix}.3.et').write_bytes(data[:1000])
    groups = ('--groups', prefix.parent / 'groups.json')
    refused('a trace that is cut short', 2, f'{prefix}.3.et:byte 1000: error: the file ends here', orrery('replay', prefix, *on, *groups))
    pathlib.Path(f'{prefix}.3.et').unlink()
    refused('a rank without a trace', 2, f'{prefix}.3.et: error: is missing', orrery('replay', prefix, *on, *groups))
    refused('no traces', 2, 'no traces: ', orrery('replay', folder / 'nothing', *on))

    all_reduce = dict(comm_type=0, comm_size=1 << 20)
    done = orrery('replay', write(folder / 'group', [node(0, COLL, pg_name='7', **all_reduce)]), *on)
    refused('a group that nobody describes', 2, "no group is called '7'", done)
    (folder / 'g.json').write_text('{"7": [1], "8": [0]}')
    write(folder / 'group', [node(0, COLL, pg_name='7', **all_reduce)], [])
    done = orrery('replay', folder / 'group', *on, '--groups', folder / 'g.json')
    refused('a rank that its group leaves out', 2, "rank 0 communicates on group '7', which leaves it out", done)
    done = orrery('replay', write(folder / 'differ', [node(0, COLL, comm_type=0, comm_size=8)], [node(0, COLL, comm_type=0, comm_size=16)]), *on)
    refused('members that disagree on a size', 1, 'disagree', done)
    done = orrery('replay', write(folder / 'absent', [node(0, COLL, **all_reduce)], [node(0, COMP, micros=3)]), *on)
    refused('a collective to which one member never comes', 1, 'never', done)
    done = orrery('replay', write(folder / 'unsent', [node(0, RECV, comm_src=1, comm_size=8)], [node(0, COMP, micros=3)]), *on)
    refused('a receive that nobody sends', 1, 'rank 0', done)
    done = orrery('replay', write(folder / 'circle', [node(0, COMP, (1,), micros=1), node(1, COMP, (0,), micros=1)]), *on)
    refused('nodes that wait for each other', 2, 'wait for each other in a circle', done)
    done = orrery('replay', write(folder / 'data', [node(0, COMP, (9,), micros=1)]), *on)
    refused('data of a node that is not there', 2, 'needs data of node 9', done)
    done = orrery('replay', write(folder / 'twice', [node(4, COMP, micros=1), node(4, COMP, micros=1)]), *on)
    refused('a node twice', 2, 'node 4 is there already', done)
    done = orrery('replay', write(folder / 'nine', *[[node(0, COMP, micros=1)]] * 4000), '--cluster', 'dgx_a100')
    refused('more ranks than chips', 2, 'chips', done)


def step(done):
    return result(done).get('step_time_ps')


def check_semantics(folder):
    def replay(name, *ranks, more=()):
        return orrery('replay', write(folder / name, *ranks), '--cluster', 'dgx_a100', '--json', '-', *more)

    done = replay('chain', [node(0, COMP, micros=3), node(1, COMP, (0,), micros=4)])
    expect('compute lasts as recorded', step(done) == 7_000_000, done)
    done = replay('queue', [node(0, COMP, micros=3), node(1, COMP, micros=4), node(2, COMP, micros=5, is_cpu_op=True)])
    expect('compute queues for one unit, a CPU op for another', step(done) == 7_000_000, done)
    done = replay('forward', [node(0, COMP, (1,), micros=3), node(1, COMP, micros=4)])
    expect('dependencies may point forward', step(done) == 7_000_000, done)
    done = replay('dangling', [node(0, COMP, (), (77,), micros=3)])
    expect('control dependencies may dangle, and that is said', step(done) == 3_000_000 and "aren't there" in done.stderr, done)
    done = replay('flops', [node(0, COMP, num_ops=312_000_000_000)])
    expect('312 GFLOP take a millisecond at the peak of an A100', step(done) == 1_000_000_000, done)
    done = replay('flops', [node(0, COMP, num_ops=312_000_000_000, micros=5)])
    expect('what was recorded goes before it', step(done) == 5_000_000, done)
    done = replay('flops', [node(0, COMP, num_ops=312_000_000_000, micros=5)], more=('--roofline',))
    expect('unless --roofline asks', step(done) == 1_000_000_000, done)
    fast, slow = (replay('load', [node(0, LOAD, tensor_size=size)]) for size in (1 << 30, 2 << 30))
    expect('a load of twice the bytes takes twice the time of the HBM',
           step(fast) and abs(step(slow) - 2 * step(fast)) <= 2 and 400e6 < step(fast) < 900e6, slow)

    done = replay('idle', [], [])
    expect('ranks without a node are said', step(done) == 0 and '2 of 2 ranks have nothing to do' in done.stderr, done)

    # Each sends before it receives: what is sent waits for the receiver, so nobody waits for ever.
    ring = [[node(0, SEND, comm_dst=(r + 1) % 4, comm_size=1 << 20, comm_tag=0),
             node(1, RECV, (0,), comm_src=(r + 3) % 4, comm_size=1 << 20, comm_tag=0), node(2, COMP, (1,), micros=7)]
            for r in range(4)]
    done = replay('ring', *ring)
    expect('a ring that sends before it receives ends', done.returncode == 0 and step(done) > 7_000_000, done)
    expect('and its ranks share a role', len(json.loads(orrery('replay', folder / 'ring', '--cluster', 'dgx_a100', '--json', '-').stdout)['exposed_communication_s']) == 1
           and 'folded: 1 ranks play for 4' in orrery('replay', folder / 'ring', '--cluster', 'dgx_a100').stderr, done)

    # Two pairs: by a file, and by metadata as PyTorch writes it.
    pairs = '[{\\"pg_name\\": \\"1\\", \\"ranks\\": [0, 1], \\"group_size\\": 2}, {\\"pg_name\\": \\"2\\", \\"ranks\\": [2, 3]}]'
    on_pair = [[node(1, COLL, comm_type=0, comm_size=1 << 20, pg_name=str(1 + r // 2))] for r in range(4)]
    (folder / 'pairs.json').write_text('{"1": [0, 1], "2": [2, 3]}')
    listed = replay('listed', *on_pair, more=('--groups', folder / 'pairs.json'))
    said = replay('said', *[[node(0, METADATA, values=f'["{pairs}"]'), *nodes] for nodes in on_pair])
    expect('groups come from a file or from metadata', step(listed) and step(listed) == step(said), said)
    expect('two pairs are one family', result(said).get('exposed_communication_s', {}).keys() == {'groups of 2'}, said)
    for name, more in (('apart', ('--fold', 'off')), ('folded', ('--fold', 'on'))):
        done = orrery('replay', folder / 'said', '--cluster', 'dgx_a100', '--json', '-', *more)
        expect(f'{name}, the listed groups take as long', step(done) == step(said), done)

    gather = replay('gather', *[[node(0, COLL, comm_type=2, comm_size=1 << 20)]] * 4)
    whole = replay('whole', *[[node(0, COLL, comm_type=7, comm_size=4 << 20)]] * 4)
    expect('comm_size of an all-gather is what each brings', step(gather) and abs(step(gather) - step(whole)) < 0.3 * step(whole), gather)
    alike = orrery('replay', write(folder / 'many', *[[node(0, COMP, micros=9), node(1, COLL, (0,), comm_type=0, comm_size=1 << 20)]] * 1024),
                   '--cluster', 'dgx_a100_superpod', '--fold', 'on')
    expect('1,024 ranks that do the same', alike.returncode == 0 and 'play for 1024' in alike.stderr, alike)


def check_others():
    folder = os.environ.get('ORRERY_TRACES', '')
    if not folder or not pathlib.Path(folder).is_dir():
        print('skipped: ORRERY_TRACES names no folder of traces')
        return
    for first in sorted(pathlib.Path(folder).rglob('*.0.et')):
        prefix = str(first)[:-len('.0.et')]
        done = orrery('replay', prefix, '--cluster', 'dgx_a100_superpod', '--json', '-')
        expect(f'{prefix[len(folder):]}: {step(done)} ps', done.returncode == 0 and step(done) > 0, done)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prefix = same_as_run(folder, 'gpt_small_8_gpus', 'dgx_a100')
        played_apart(prefix, 'dgx_a100')
        written_again(folder, prefix, 'gpt_small_8_gpus')
        played_apart(same_as_run(folder, 'llama3_8b_16_h100', 'dgx_h100_superpod'), 'dgx_h100_superpod')
        # Stages that follow each other, and rows that go to several experts, in FP8.
        same_as_run(folder, 'gpt_small_8_gpus', 'dgx_a100', '--set', 'plan.schedule=zb_2p')
        same_as_run(folder, 'scenarios/moe/qwen3_30b_16_h100.yaml', 'dgx_h100_superpod', '--set', 'plan.batch=32')
        check_growth(prefix)
        check_comparison(folder, prefix)
        check_windows(folder, prefix)
        check_errors(folder, prefix)
        check_semantics(folder)
    check_others()
    return 1 if FAILED else 0


if __name__ == '__main__':
    sys.exit(main())
