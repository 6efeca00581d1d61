#!/usr/bin/env python3
# How the command behaves: exit codes, what goes to which stream, files whole or not at all, results that can be rerun.
"""Usage: manners_test.py ORRERY"""
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

ROOT = pathlib.Path(__file__).parents[2]
SMALL = str(ROOT / 'scenarios/gpt_small_8_gpus.yaml')
NODE = str(ROOT / 'scenarios/imports/two_gpus.nccl.xml')
ORRERY = ''
RUN_FILES = ['config.resolved.yaml', 'links.csv', 'ops.csv', 'power.csv', 'result.json', 'run.log', 'trace.pftrace']


class Manners(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def orrery(self, *arguments, code=0, stdout=subprocess.PIPE, **environment):
        done = subprocess.run([ORRERY, *map(str, arguments)], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=stdout,
                              stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def left(self):
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob('*'))

    def test_version_and_help_are_data(self):
        self.assertRegex(self.orrery('--version').stdout, r'^orrery \d+\.\d+\.\d+\n$')
        for arguments in ([], ['run'], ['topology'], ['list'], ['validate'], ['accuracy'], ['collective'], ['import'],
                          ['scale'], ['replay']):
            done = self.orrery(*arguments, '--help')
            self.assertIn('--help', done.stdout)
            self.assertEqual(done.stderr, '')

    def test_wrong_arguments_end_with_2(self):
        for arguments in ([], ['fly'], ['run'], ['run', SMALL, '--fast'], ['run', SMALL, '--trace-detail', 'atom'],
                          ['run', SMALL, '--trace', 'x.txt'], ['run', SMALL, '--trace', 'x.json', '--trace-ranks', '8'],
                          ['run', SMALL, '--set', 'plan'], ['run', SMALL, '--set', 'plan.tensors=2'],
                          ['run', SMALL, '--network', 'foo'], ['run', 'nowhere.yaml'], ['run', 'no_such_name'],
                          ['run', str(ROOT)], ['topology', 'nowhere.yaml'], ['topology', 'dgx_a100', '--chips', '0'],
                          ['list', 'planets'], ['import', 'nowhere.xml'], ['import', SMALL], ['import', NODE, '--format', 'vhs'],
                          ['import', NODE, '--chip', 'h10O_sxm'], ['import', NODE, '--scale-up', '300'],
                          ['import', NODE, '--format', 'hwloc', '-o', 'node.yaml'], ['accuracy', SMALL], ['accuracy', 'nowhere.yaml']):
            done = self.orrery(*arguments, code=2)
            self.assertEqual(done.stdout, '', arguments)
            self.assertNotEqual(done.stderr, '', arguments)
        self.assertEqual(self.left(), [])

    def test_what_disturbs_a_run_is_reported_and_what_changes_nothing_is_said(self):
        slow = str(ROOT / 'scenarios/slow_chip.yaml')
        plain = json.loads(self.orrery('run', slow, '--set', 'events=[]', '--json', '-').stdout)
        self.assertNotIn('disturbances', plain)
        done = self.orrery('run', slow, '--json', '-')
        disturbed = json.loads(done.stdout)
        self.assertGreater(disturbed['step_time_s'], 1.2 * plain['step_time_s'])
        self.assertGreater(disturbed['skew_s'], plain['skew_s'])
        self.assertEqual([one['what'] for one in disturbed['disturbances']], ['chip5 at 60 %'])
        self.assertNotIn('warning', done.stderr)
        late = self.orrery('run', slow, '--set', 'events=[{at: 1 h, chip: chip5, speed: 60 %}]', '--json', '-')
        self.assertIn("the event 'chip5 at 60 %' changes nothing: the step is over after", late.stderr)
        self.assertEqual(json.loads(late.stdout)['step_time_ps'], plain['step_time_ps'])
        stuck = self.orrery('run', slow, '--set', 'events=[{at: 1 ms, link: chip5, bandwidth: down}]', code=1)
        self.assertIn('is down since 1.00 ms', stuck.stderr)
        self.assertEqual(stuck.stdout, '')

    def test_several_jobs_are_run_together_and_alone(self):
        two = str(ROOT / 'scenarios/two_jobs.yaml')
        result = json.loads(self.orrery('run', two, '--json', '-').stdout)
        self.assertEqual([job['name'] for job in result['jobs']], ['left', 'right'])
        for job in result['jobs']:
            self.assertGreater(job['slowdown'], 1)
            self.assertEqual(job['report']['step_time_s'], job['step_time_s'])
        self.assertTrue(result['shared_links'])
        self.assertEqual(self.orrery('validate', two).stdout.count('\n'), 2)
        for arguments in (['--trace', 'x.json'], ['-o', 'x']):
            self.assertIn('this scenario has several', self.orrery('run', two, *arguments, code=2).stderr)
        self.assertEqual(self.left(), [])

    def test_what_is_imported_can_be_surveyed(self):
        printed = self.orrery('import', NODE, '--chip', 'a100_sxm_80gb', '--name', 'Mine').stdout
        self.orrery('import', NODE, '--chip', 'a100_sxm_80gb', '--name', 'Mine', '-o', 'node.yaml')
        self.assertEqual((self.folder / 'node.yaml').read_text(), printed)
        survey = json.loads(self.orrery('topology', 'node.yaml', '--json').stdout)
        self.assertEqual((survey['cluster'], survey['chips'], survey['nodes']), ('Mine', 2, 1))
        self.assertIn('nccl', self.orrery('list', 'imports').stdout)

    def test_the_report_is_plain_text_on_standard_output(self):
        done = self.orrery('run', SMALL)
        self.assertNotIn('\x1b', done.stdout + done.stderr)
        self.assertLessEqual(done.stdout.count('\n'), 50)
        self.assertRegex(done.stderr.splitlines()[-1], r'^simulated in .* s \(.* M events/s, peak memory .*\)$')
        self.assertEqual(self.left(), [])
        quiet = self.orrery('run', SMALL, '--quiet')
        self.assertEqual(quiet.stdout + quiet.stderr, '')

    def test_json_on_standard_output_is_all_there_is(self):
        result = json.loads(self.orrery('run', SMALL, '--json', '-').stdout)
        self.assertEqual(result['chips'], 8)
        self.assertGreater(result['step_time_s'], 0)
        self.orrery('run', SMALL, '--json', 'result.json')
        self.assertEqual(json.loads((self.folder / 'result.json').read_text()), result)

    def test_the_schema_knows_every_key(self):
        known = json.loads((ROOT / 'docs/result.schema.json').read_text())
        result = json.loads(self.orrery('run', SMALL, '--json', '-').stdout)
        self.assertLessEqual(set(result), set(known['properties']))
        self.assertLessEqual(set(known.get('required', [])), set(result))

    def test_assignments_change_the_run(self):
        base = json.loads(self.orrery('run', SMALL, '--json', '-').stdout)
        other = json.loads(self.orrery('run', SMALL, '--json', '-', '--set', 'plan.batch=32').stdout)
        self.assertGreater(other['step_time_s'], 1.5 * base['step_time_s'])
        ideal = json.loads(self.orrery('run', SMALL, '--json', '-', '--network', 'ideal').stdout)
        self.assertEqual(ideal['network'], 'ideal')
        self.assertLessEqual(ideal['step_time_s'], base['step_time_s'])

    def test_inputs_that_change_nothing_are_said(self):
        done = self.orrery('run', SMALL, '--set', 'plan.tensor=1', '--set', 'plan.data=4', '--set',
                           'plan.sequence_parallel=true', code=0)
        self.assertIn("'sequence_parallel' changes nothing: there is only one tensor rank", done.stderr)

    def test_a_run_directory_can_be_rerun_from_itself(self):
        self.orrery('run', SMALL, '-o', 'first')
        self.assertEqual(sorted(path.name for path in (self.folder / 'first').iterdir()), RUN_FILES)
        self.orrery('run', 'first/config.resolved.yaml', '-o', 'second/')
        for name in RUN_FILES[1:5]:
            self.assertEqual((self.folder / 'first' / name).read_bytes(), (self.folder / 'second' / name).read_bytes(), name)
        log = (self.folder / 'first/run.log').read_text()
        self.assertRegex(log, r'^orrery \d')
        self.assertRegex(log, r'config\.resolved\.yaml: fnv1a-128 [0-9a-f]{32}\n')
        # A second run into the same folder takes its place; a folder with anything else in it is never touched.
        self.orrery('run', SMALL, '-o', 'first', '--set', 'plan.batch=32')
        self.assertNotEqual((self.folder / 'first/result.json').read_bytes(), (self.folder / 'second/result.json').read_bytes())
        (self.folder / 'first/thesis.tex').write_text('years of work')
        self.orrery('run', SMALL, '-o', 'first', code=2)
        self.assertEqual((self.folder / 'first/thesis.tex').read_text(), 'years of work')
        self.assertEqual([name for name in self.left() if 'partial' in name], [])

    def test_the_csv_files_hold_numbers(self):
        self.orrery('run', SMALL, '-o', 'out')
        for name, columns in [('ops.csv', 11), ('links.csv', 7), ('power.csv', 5)]:
            rows = (self.folder / 'out' / name).read_text().splitlines()
            self.assertGreater(len(rows), 8, name)
            self.assertEqual({row.count(',') + 1 for row in rows}, {columns}, name)

    def test_ops_come_by_time_and_their_shares_are_of_the_step(self):
        self.orrery('run', SMALL, '-o', 'out')
        step = json.loads((self.folder / 'out/result.json').read_text())['step_time_s']
        with open(self.folder / 'out/ops.csv', encoding='utf-8') as file:
            rows = list(csv.DictReader(file))
        totals = [float(row['total_s']) for row in rows]
        self.assertEqual(totals, sorted(totals, reverse=True))
        busy = {}
        for row in rows:
            stream = row['role'], row['stream']
            busy[stream] = busy.get(stream, 0) + float(row['share_of_step'])
        self.assertLessEqual(max(busy.values()), 1.0001)
        ranks = totals[0] / (float(rows[0]['share_of_step']) * step)
        self.assertAlmostEqual(ranks, round(ranks), places=3)

    def test_traces_of_both_formats(self):
        self.orrery('run', SMALL, '--trace', 't.json', '--trace-ranks', '0-3')
        events = json.loads((self.folder / 't.json').read_text())['traceEvents']
        self.assertEqual(len({event['pid'] for event in events if event.get('ph') == 'X'}), 4)
        self.orrery('run', SMALL, '--trace', 't.pftrace', '--trace-detail', 'kernel')
        self.assertGreater((self.folder / 't.pftrace').stat().st_size, 10_000)
        self.assertEqual(self.left(), ['t.json', 't.pftrace'])

    def test_a_collective_is_a_table_of_sizes(self):
        sizes = ['collective', 'dgx_a100', '--bytes', '1KiB:4KiB']
        text = self.orrery(*sizes, '--algorithm', 'ring').stdout.splitlines()
        self.assertIn('all_reduce · 8 chips of DGX A100', text[0])
        self.assertEqual([line.split()[0] for line in text[-3:]], ['1024', '2048', '4096'])
        rows = json.loads(self.orrery(*sizes, '--json').stdout)['rows']
        for row in rows:
            # The first of those tried is what the tuner believes to be fastest.
            self.assertEqual(row['time_s'], row['tried'][0]['time_s'])
            self.assertEqual(row['protocol'], min(row['tried'], key=lambda one: one['tuner_s'])['protocol'])
            self.assertAlmostEqual(row['bus_bandwidth_bytes_per_s'], 1.75 * row['bytes'] / row['time_s'], delta=1)
        self.assertEqual(len(self.orrery(*sizes, '--explain').stdout.splitlines()), len(text) + 3 * len(rows[0]['tried']))
        for row in json.loads(self.orrery(*sizes, '--library', 'none', '--json').stdout)['rows']:
            self.assertEqual(row['time_s'], min(one['time_s'] for one in row['tried']))
        slow = json.loads(self.orrery(*sizes, '--launch-interval', '1 ms', '--json').stdout)['rows']
        self.assertEqual([row['time_s'] for row in slow], [1e-3] * 3)

    def test_a_collective_by_a_schedule_of_ones_own(self):
        ring = str(ROOT / 'sim/collective/schedules/ring_of_4.xml')
        same = ['collective', 'dgx_a100', '--bytes', '1MiB:4MiB', '--json']
        own = json.loads(self.orrery(*same, '--schedule', ring).stdout)['rows']
        ours = json.loads(self.orrery(*same, '--chips', '4', '--algorithm', 'ring', '--library', 'none', '--granularity',
                                      'stepwise').stdout)['rows']
        self.assertEqual([row['time_s'] for row in own], [row['time_s'] for row in ours])
        self.assertIn('the schedule is for 4 members', self.orrery(*same, '--schedule', ring, '--chips', '8', code=2).stderr)

    def test_a_collective_that_cannot_be(self):
        for arguments, said in [
                (['--bytes', '1'], 'expected a number of bytes'),
                (['--bytes', '2KiB:1KiB'], 'this range ends before it begins'),
                (['--bytes', '1KiB:8GiX'], "no unit of bytes is called 'GiX'"),
                (['--kind', 'send_recv'], 'between 2 chips, not 8'),
                (['--kind', 'all_to_all', '--algorithm', 'ring'], 'this algorithm does no all_to_all'),
                (['--protocol', 'LL256'], 'it has: LL, LL128, Simple'),
                (['--algorithm', 'bruck', '--protocol', 'LL'], 'it has: none'),
                (['--library', 'none', '--protocol', 'LL'], "a communication library's, and none is in use"),
                (['--skew', '1'], 'only all_to_all_v is skewed'),
                (['--schedule', 'x.xml', '--algorithm', 'ring'], '--algorithm excludes --schedule'),
                (['--granularity', 'fluid', '--network', 'packet'], "only 'stepwise' goes with it"),
                (['--kind', 'gossip'], 'gossip'), (['--factor', '1'], '--factor'), (['--stack', 'nobody'], 'nobody')]:
            self.assertIn(said, self.orrery('collective', 'dgx_a100', *arguments, code=2).stderr)

    def test_scale_is_a_table_of_sizes_on_the_terminal_and_in_files(self):
        sizes = ['scale', SMALL, '--chips', '2..16', '--strong', '--weak']
        done = self.orrery(*sizes, '--json', 's.json', '--csv', 's.csv', '--svg', 's.svg')
        self.assertIn('weak scaling over data', done.stdout)
        self.assertIn('strong scaling over data', done.stdout)
        self.assertRegex(done.stdout, r'\n {8}2 +- not a multiple of tensor 2 × pipeline 2 = 4 chips\n')
        self.assertRegex(done.stdout, r'\n {7}16 +- the plan needs 16 chips, but the cluster has 8\n')
        self.assertEqual(self.left(), ['s.csv', 's.json', 's.svg'])
        curves = json.loads((self.folder / 's.json').read_text())['curves']
        self.assertEqual([curve['mode'] for curve in curves], ['weak', 'strong'])
        with open(self.folder / 's.csv', encoding='utf-8') as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([int(row['chips']) for row in rows], 2 * [2, 4, 8, 16])
        self.assertEqual([row['mode'] for row in rows], 4 * ['weak'] + 4 * ['strong'])
        self.assertEqual(ElementTree.parse(self.folder / 's.svg').getroot().tag, '{http://www.w3.org/2000/svg}svg')
        for curve, batches in zip(curves, [[8, 16], [16, 16]]):
            ran = [size for size in curve['sizes'] if size['refusal'] is None]
            self.assertEqual([(size['chips'], size['batch']) for size in ran], list(zip([4, 8], batches)))
            self.assertEqual(ran[0]['efficiency'], 1)
            rates = [size['tokens_per_s'] / size['chips'] for size in ran]
            self.assertAlmostEqual(ran[1]['efficiency'], rates[1] / rates[0], places=9)
            # Each size is what `run` makes of it.
            for size in ran:
                run = json.loads(self.orrery('run', SMALL, '--json', '-', '--set', f'plan.data={size["data"]}', '--set',
                                             f'plan.batch={size["batch"]}', '--set', f'chips={size["chips"]}').stdout)
                for key in ['step_time_s', 'tokens_per_s', 'mfu', 'chi', 'least_rho', 'bubble_s', 'energy_per_token_j']:
                    self.assertEqual(size[key], run[key], key)
        # Equal inputs give equal bytes; what simulating took varies, so it must be asked for.
        for option, name in [('--json', 's.json'), ('--csv', 's.csv'), ('--svg', 's.svg')]:
            self.assertEqual(self.orrery(*sizes, option, '-').stdout, (self.folder / name).read_text())
        self.assertNotIn('simulation_wall_s', curves[0]['sizes'][1])
        costly = json.loads(self.orrery(*sizes, '--cost', '--json', '-').stdout)['curves'][0]['sizes']
        self.assertGreater(costly[1]['simulation_wall_s'], 0)
        quiet = self.orrery(*sizes, '--quiet')
        self.assertEqual(quiet.stdout + quiet.stderr, '')

    def test_scale_goes_by_the_file_unless_options_say_otherwise(self):
        key = ['--set', 'scale={grows: pipeline, chips: [4, 8], mode: strong}']
        curve = json.loads(self.orrery('scale', SMALL, *key, '--json', '-').stdout)['curves'][0]
        self.assertEqual((curve['grows'], curve['mode']), ('pipeline', 'strong'))
        self.assertEqual([(size['pipeline'], size['batch']) for size in curve['sizes']], [(1, 16), (2, 16)])
        curve = json.loads(self.orrery('scale', SMALL, *key, '--grows', 'tensor', '--mode', 'weak', '--chips', '8', '--json',
                                       '-').stdout)['curves'][0]
        self.assertEqual((curve['grows'], curve['mode'], len(curve['sizes'])), ('tensor', 'weak', 1))
        # Without sizes: from one rank of what grows, as far as the cluster holds.
        curve = json.loads(self.orrery('scale', SMALL, '--json', '-').stdout)['curves'][0]
        self.assertEqual([size['chips'] for size in curve['sizes']], [4, 8])
        plain = self.orrery('run', SMALL, '--json', '-')
        self.assertEqual(self.orrery('run', SMALL, *key, '--json', '-').stdout, plain.stdout)

    def test_files_are_scaled_side_by_side(self):
        other = self.folder / 'other.yaml'
        other.write_text(f'# the same with slower links\ninclude: {SMALL}\nname: Other\nnetwork: alpha-beta\n')
        done = self.orrery('scale', SMALL, other, '--chips', '4,8', '--json', 's.json', '--svg', 's.svg')
        self.assertIn('Side by side: weak scaling\n  A  ', done.stdout)
        curves = json.loads((self.folder / 's.json').read_text())['curves']
        self.assertEqual([curve['network'] for curve in curves], ['fluid', 'alpha-beta'])
        self.assertIn('B  Other', (self.folder / 's.svg').read_text())

    def test_sizes_without_figures_never_end_the_table(self):
        big = str(ROOT / 'scenarios/does_not_fit.yaml')
        sizes = json.loads(self.orrery('scale', big, '--json', '-').stdout)['curves'][0]['sizes']
        self.assertTrue(all(size['refusal'].startswith("doesn't fit in memory: needs ") for size in sizes))
        self.assertIn('no size ran', self.orrery('scale', big).stdout)
        self.orrery('scale', big, '--strict', code=3)
        # A run that can't finish is a row as well, but the command says that something went wrong.
        broken = self.orrery('scale', SMALL, '--chips', '4,8', '--set',
                             'events=[{at: 0 s, link: chip7, bandwidth: down}]', code=1)
        self.assertRegex(broken.stdout, r'\n {8}8 +- ')

    def test_a_scale_that_cannot_be(self):
        for arguments, said in [
                (['--chips', '64,x'], "--chips:1:4: error: expected a number of chips, not 'x'"),
                (['--chips', '64..8'], 'this range ends before it begins'),
                (['--chips', '0'], 'at least 1 chip'),
                (['--chips', '8..4194304'], 'at most 1048576 chips can be simulated'),
                (['--grows', 'expert'], '--grows'), (['--mode', 'week'], '--mode'),
                (['--mode', 'weak', '--strong'], '--mode excludes --strong'),
                (['--json', '-', '--svg', '-'], "'-' stands for standard output, which --json has"),
                (['--set', 'scale={by: 2}'], "the scale has no key 'by'"), (['--set', 'plan.tensor=3'], 'split evenly'),
                ([str(ROOT / 'scenarios/two_jobs.yaml')], 'one job is scaled'), (['nowhere.yaml'], 'nowhere.yaml')]:
            done = self.orrery('scale', SMALL, *arguments, code=2)
            self.assertIn(said, done.stderr)
            self.assertEqual(done.stdout, '')
        self.assertIn('cannot be written', self.orrery('scale', SMALL, '--svg', 'nowhere/s.svg', code=1).stderr)
        self.assertEqual(self.left(), [])

    def test_what_cannot_be_written_fails_and_leaves_nothing(self):
        (self.folder / 'file').write_text('x')
        for arguments in (['--json', 'nowhere/result.json'], ['--trace', 'nowhere/t.json'], ['-o', 'file/out']):
            done = self.orrery('run', SMALL, *arguments, code=1)
            self.assertIn('cannot be written', done.stderr)
        with open('/dev/full', 'w', encoding='utf-8') as full:
            self.orrery('run', SMALL, stdout=full, code=1)
            self.orrery('run', SMALL, '--json', '-', stdout=full, code=1)
        self.assertEqual(self.left(), ['file'])

    def test_what_does_not_fit_is_a_result(self):
        scenario = str(ROOT / 'scenarios/does_not_fit.yaml')
        result = json.loads(self.orrery('run', scenario, '--json', '-').stdout)
        self.assertGreater(result['memory']['total_bytes'], result['memory']['capacity_bytes'])
        self.assertIn('would fit', result['memory']['advice'])
        self.orrery('run', scenario, '--strict', code=3)
        self.orrery('run', SMALL, '--strict', code=0)

    def test_topology_writes_text_json_and_dot(self):
        self.assertIn('A100', self.orrery('topology', 'dgx_a100').stdout)
        survey = json.loads(self.orrery('topology', 'dgx_a100_superpod', '--chips', '64', '--json').stdout)
        self.assertEqual(survey['chips'], 64)
        self.assertEqual(json.loads(self.orrery('topology', SMALL, '--json').stdout)['chips'], 8)
        self.assertTrue(self.orrery('topology', 'dgx_a100', '--dot', '-').stdout.startswith('digraph'))
        self.orrery('topology', 'ring_8', '--dot', 'ring.dot')
        self.assertTrue((self.folder / 'ring.dot').read_text().rstrip().endswith('}'))

    def test_topology_shows_routes(self):
        text = self.orrery('topology', 'llama3_24k', '--chips', '64', '--route', '0:17', '--routing', 'spray').stdout
        self.assertIn('node0/chip0 to node2/chip1: spray routes, 16 paths', text)
        self.assertIn('path 16 of 16: share 6.25 %, 6 links, 6.60 us, 46.0 GB/s at its narrowest', text)
        self.assertRegex(text, r'  unit0/leaf0 > pod0/spine3  network  spine +50.0 GB/s +92.0 % +2.00 us')
        paths = json.loads(self.orrery('topology', 'ring_8', '--route', 'chip0:3', '--json').stdout)['paths']
        self.assertEqual([link['to'] for link in paths[0]['links']], ['chip1', 'chip2', 'chip3'])
        self.assertEqual([path['share'] for path in paths], [1])
        for words, message in [(['--route', '0:8'], "--route:1:3: error: no chip is called '8'"),
                               (['--route', '3'], '--route:1:1: error: two chips are wanted'),
                               (['--route', '0:0'], 'these are one chip'),
                               (['--routing', 'ecmp'], '--routing requires --route'),
                               (['--route', '0:3', '--dot', '-'], 'excludes'),
                               (['--route', '0:3', '--seed', '7'], 'a seed changes nothing with minimal routes'),
                               (['--route', '0:3', '--seed', '7', '--routing', 'spray'], "a routing has no key 'seed'")]:
            done = self.orrery('topology', 'ring_8', *words, code=2)
            self.assertIn(message, done.stderr)
            self.assertEqual(done.stdout, '')

    def test_a_seed_goes_with_the_routing_that_the_file_names(self):
        crowded = str(ROOT / 'scenarios/crowded_uplinks.yaml')
        times = {seed: json.loads(self.orrery('run', crowded, '--seed', seed, '--json', '-').stdout) for seed in '17'}
        again = json.loads(self.orrery('run', crowded, '--json', '-').stdout)
        self.assertEqual(times['7'], again)
        self.assertEqual(again['routing'], 'ecmp')
        self.assertNotEqual(times['1']['step_time_ps'], again['step_time_ps'])
        minimal = json.loads(self.orrery('run', crowded, '--routing', 'minimal', '--json', '-').stdout)
        self.assertNotIn('routing', minimal)
        self.assertLess(minimal['step_time_ps'], again['step_time_ps'])
        done = self.orrery('run', SMALL, '--seed', '7', code=2)
        self.assertIn('a seed changes nothing with minimal routes', done.stderr)

    def test_list_has_a_sentence_for_everything(self):
        for line in self.orrery('list').stdout.splitlines():
            if line.startswith('  '):
                self.assertRegex(line, r'^  \S+ +\S.* \S', line)
        self.assertEqual(self.orrery('list', 'networks').stdout.splitlines()[0], 'networks')

    def test_validate_checks_without_running(self):
        self.assertIn('8 chips', self.orrery('validate', SMALL).stdout)
        for path in sorted((ROOT / 'scenarios').glob('**/*.yaml')):
            if path.parent.name != 'common':
                self.orrery('validate', path)

    def test_accuracy_compares_with_what_was_measured(self):
        done = self.orrery('accuracy', ROOT / 'scenarios/korthikanti22/22b_full.yaml', '--json', '-')
        rows = json.loads(done.stdout)['rows']
        self.assertEqual([row['measured_step_time_s'] for row in rows], [1.42])
        self.assertNotIn('mfu_kept', rows[0])

    def test_accuracy_compares_how_mfu_falls_with_size(self):
        node = ROOT / 'scenarios/korthikanti22/22b_full.yaml'
        rows = json.loads(self.orrery('accuracy', '--scaling', node, node, '--json', '-').stdout)['rows']
        self.assertEqual([(row['chips'], row['batch'], row['mfu_kept'], row['measured_mfu_kept']) for row in rows],
                         [(8, 4, 1, 1)] * 2)
        self.assertIn('over 1 row\n', self.orrery('accuracy', '--scaling', node, node).stdout)


if __name__ == '__main__':
    ORRERY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
