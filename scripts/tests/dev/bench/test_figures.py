"""bench: options, statistics, goals, the table, JSON and plots."""

import json
import os
import sys
import xml.etree.ElementTree
from types import SimpleNamespace

import pytest
from rich.console import Console

from scripts import options
from scripts.dev.bench import (
    contenders,
    goals,
    part_bulk,
    part_programs,
    part_pyperformance,
    plots,
    programs_page,
    report,
    request,
    results,
    slices,
    units,
)
from scripts.dev.bench.results import FLOOR, MET, Result
from scripts.dev.bench.stats import Spread
from scripts.dev.evidence import machine, record


def test_options_by_default():
    chosen = request.from_env({'PYTHON3': sys.executable})
    assert chosen.parts + options.BENCH.special == tuple(
        options.BENCH.choices)
    assert chosen.python3s == (sys.executable,)
    assert chosen.complete and not chosen.quick


def test_options_given(tmp_path):
    chosen = request.from_env({
        'BENCH': 'threads,bulk', 'QUICK': '1',
        'PYTHON3S': '{0} {0}'.format(sys.executable)})
    assert chosen.parts == ('bulk', 'threads')      # in their own order
    assert len(chosen.python3s) == 2
    assert chosen.quick and not chosen.complete


@pytest.mark.parametrize('environ, complete', [
    ({}, True), ({'BENCH': 'all'}, True),
    ({'PYTHON3S': sys.executable}, True),
    ({'QUICK': '1'}, False), ({'PYTHON27S': sys.executable}, False),
    ({'BENCH': 'bulk'}, False), ({'BENCH': 'instructions'}, False)])
def test_what_is_complete(environ, complete):
    """Each option alone keeps a run from being published."""
    chosen = request.from_env(dict({'PYTHON3': sys.executable}, **environ))
    assert chosen.complete == complete


@pytest.mark.parametrize('environ, words', [
    ({'BENCH': 'bulk speed'}, ['there is no speed', 'handshakes']),
    ({'PYTHON3S': '/nowhere/python3'}, ['PYTHON3S', '/nowhere/python3']),
    ({'PYTHON27S': 'no-such-python'}, ['PYTHON27S', 'no-such-python']),
    ({'QUICK': 'perhaps'}, ['QUICK=perhaps', 'yes']),
])
def test_options_refused(environ, words, capsys):
    with pytest.raises(SystemExit) as caught:
        request.from_env(environ)
    text = capsys.readouterr().err
    assert caught.value.code == 1
    for word in words:
        assert word in text


def test_not_a_python(tmp_path, capsys):
    program = tmp_path / 'python3'
    program.write_text('#!/bin/sh\necho no >&2\n')
    program.chmod(0o755)
    with pytest.raises(SystemExit):
        contenders.python3s([str(program)])
    assert 'cannot be measured:\nno' in capsys.readouterr().err


def test_not_a_patched_python(capsys):
    chosen = SimpleNamespace(groups=('pep546',))
    with pytest.raises(SystemExit):
        contenders._patched(chosen, [sys.executable])
    assert 'PYTHON27S names interpreters built' in capsys.readouterr().err


def test_without_pep546(capsys):
    with pytest.raises(SystemExit):
        contenders._patched(SimpleNamespace(groups=('base',)), ())
    assert 'leaves out group pep546' in capsys.readouterr().err


def test_same_python_twice():
    first, second = contenders.python3s([sys.executable] * 2)
    assert first.key != second.key and first.title != second.title


def test_spread():
    spread = Spread.of([4, 1, 3, 2, 5])
    assert (spread.median, spread.low, spread.high) == (3, 2, 4)
    assert Spread.of([7]).high == 7
    assert spread.as_json()['rounds'] == 5


def test_ratio_is_of_the_same_round():
    # Twice as slow in each round, though the rounds differ by ten.
    samples = {'c': [1.0, 10.0, 3.0], 'patched': [2.0, 20.0, 6.0]}
    spread = slices.ratio(samples, 'c', 'patched')
    assert (spread.low, spread.median, spread.high) == (0.5, 0.5, 0.5)


def test_order_is_fair():
    keys = ['a', 'b', 'c']
    orders = [slices.order(keys, number) for number in range(6)]
    assert all(sorted(one) == keys for one in orders)
    assert {one[0] for one in orders} == set(keys)
    assert len(set(map(tuple, orders))) == 6


@pytest.mark.parametrize('cost', [1, 900, 2e6, 3e9])
def test_count_fills_a_slice(cost):
    asked = []

    def run(count):
        asked.append(count)
        return count * cost

    count = slices.count_for(run, 0.04)
    assert count == pytest.approx(max(1, 0.04e9 / cost), rel=0.3)
    assert max(asked) <= 2 * max(1, 0.04e9 / cost)


def test_mean_of_benchmarks():
    found = part_pyperformance.mean([{'stock': [1, 8], 'patched': [4, 2]},
                                     {'stock': [4, 2], 'patched': [4, 8]}])
    assert found == {'stock': pytest.approx([2, 4]),
                     'patched': pytest.approx([4, 4])}


def session(*python3s):
    return SimpleNamespace(python3s=[
        SimpleNamespace(key=key, title='Python ' + key) for key in python3s])


def samples(**costs):
    return {key: [cost] * 3 for key, cost in costs.items()}


def test_results_of_a_program():
    row = SimpleNamespace(name='a program', key='httplib')
    rate, cpu, rss = part_programs.results_of(row, answers(
        patched={'cpu': 20000, 'wall': 25000}))
    assert rate.figures['patched'].median == pytest.approx(4e6)
    assert rate.ratios['patched'].median == pytest.approx(2)
    assert rate.goals[0].verdict == MET and rate.goals[0].name == 'pyOpenSSL'
    assert cpu.figures['pyopenssl'].median == pytest.approx(0.4)
    assert cpu.ratios['plain'].median == 1 and not cpu.goals
    assert rss.figures['plain'].median == 5


ECHOED = {'held': 100, 'connected': 100, 'errors': 0, 'bytes_sent': 5000,
          'server_in': 5000, 'server_out': 5000, 'bytes_back': 5000}


def test_texts():
    assert units.size_text(64) == '64 B'
    assert units.size_text(16384) == '16 KiB'
    assert units.size_text(1 << 28) == '256 MiB'
    assert units.figure_text(1846.7, 'MiB/s') == '1,847'
    assert units.figure_text(1.0349, 'us') == '1.03'
    assert units.ratio_text(0.9512) == '0.951'
    assert units.ratio_text(0.5449) == '0.54'


# ---- a whole run, made up -------------------------------------------------

PEOPLE = [SimpleNamespace(key=key, title=title, role=key, versions={
    'python': None, 'openssl': 'OpenSSL 3'}) for key, title in (
        ('c', 'C'), ('patched', '2.7 patched'), ('python3.11.7',
                                                 'Python 3.11'),
        ('pyopenssl', 'pyOpenSSL'), ('socket', 'SSLSocket'),
        ('stock', 'SSLSocket, stock'))]


def spreads(*keys, value=1.0):
    return {key: Spread(value, value * 0.9, value * 1.1, 5) for key in keys}


def answers(**changes):
    """What a program of each kind answered in three rounds."""
    one = {'cpu': 40000, 'wall': 50000, 'count': 100, 'rss': 5 * units.MIB}
    return {way: [dict(one, **changes.get(way, {}))] * 3 for way in (
        'patched', 'pyopenssl', 'stock-pyopenssl', 'plain')}


def made_up():
    """A Result or more of each part."""
    some = ('c', 'patched', 'python3.11.7')
    for version in part_bulk.VERSIONS:
        for size in part_bulk.SIZES:
            yield Result('bulk', units.size_text(size) + ', ' + version,
                         {'version': version, 'size': size}, 'MiB/s',
                         spreads(*some, value=1000.0), 'c',
                         spreads('patched', 'python3.11.7', value=0.9),
                         goals.bulk(session(), samples(
                             c=1, patched=1.03, pyopenssl=9), size,
                             version))
    yield Result('handshakes', 'RSA-2048, TLSv1.3', {'key': 'rsa'},
                 'a second', spreads(*some, value=1200.0), 'c',
                 spreads('patched', 'python3.11.7'))
    for size in (64, 1024):
        yield Result('bio', 'write + read', {'size': size}, 'us',
                     spreads('memcpy', 'ctypes', *some), 'memcpy',
                     spreads(*some))
        yield Result('bio', 'write behind', {
            'size': 1024, 'backlog': size, 'operation': 'writes'}, 'us',
            spreads(*some), 'c', spreads('patched'))
    yield Result('sslsocket', 'SSLSocket, 64 B, TLSv1.3', {'size': 64}, 'us',
                 spreads('socket', 'stock'), 'stock', spreads('socket'))
    for case in ({'key': 'rsa'}, {'size': 64}, {'size': 1024},
                 {'written': 1024}):
        yield Result('threads', 'two threads, x', case, 'x', spreads(*some),
                     facts={'busy': 'key' in case})
    yield Result('fairness', 'longest wait, 64 B written in a loop',
                 {'size': 64, 'way': 'loop'}, 'ms', spreads(*some))
    yield Result('memory', 'idle pair', {'moment': 'idle'}, 'KiB',
                 spreads(*some, value=40.0))
    for figure in ('accepts', 'rss'):
        yield Result('echo', figure, {'figure': figure, 'connections': 9},
                     'a second', spreads('patched'))
    for name, key in (('Twisted echo', 'twisted-echo'),
                      ('trollius HTTPS', 'trollius-https')):
        yield from part_programs.results_of(
            SimpleNamespace(name=name, key=key), answers())
    for figure in ('cpu', 'rss'):
        yield Result('startup', 'import ssl', {'figure': figure}, 'ms',
                     spreads('patched', 'stock'), 'stock',
                     spreads('patched'), goals.startup(
                         samples(stock=1, patched=1.01)))
    for name in ('2to3', 'sympy_sum', 'geometric mean'):
        yield Result('pyperformance', 'pyperformance, ' + name,
                     {'benchmark': name}, 'ms', spreads('patched', 'stock'),
                     'stock', spreads('patched'), goals.pyperformance(
                         samples(stock=1, patched=1.005)))
    for group in ('all', '_ssl.c', 'libssl'):
        yield Result('instructions', '64 B: ' + group,
                     {'work': '64 B', 'group': group}, 'instructions',
                     spreads(*some, value=9000.0))
    yield Result('echo', '9 connections held', {'connections': 9},
                 'connections', spreads('patched'), goals=goals.echo(
                     ECHOED, 100, 100))


def recorded(found):
    """The record of a run that *found* (Results)."""
    where = machine.describe()
    return record.Record(
        'bench', 'series', '', {'contenders': {
            item.key: dict(item.versions, title=item.title, role=item.role)
            for item in PEOPLE}}, where, where['date'], True,
        results.as_rows(found))


def test_json_and_plots(tmp_path):
    found = list(made_up())
    made = recorded(found)
    assert made.machine['cpus'] == len(os.sched_getaffinity(0))
    assert made.machine['date'].endswith('UTC')
    rows = [row for part in made.rows.values() for row in part['results']]
    assert len(rows) == len(found)
    assert rows[2]['goals'][0]['verdict'] == FLOOR
    assert json.loads(json.dumps(made.rows, allow_nan=False)) == made.rows
    written = plots.draw(made, tmp_path)
    assert {item.stem for item in written} == set(options.BENCH.choices)
    for item in written:
        root = xml.etree.ElementTree.parse(item).getroot()
        assert root.tag.endswith('svg')
        assert item.stem in ('sslsocket', 'instructions') or \
            '2.7 patched' in item.read_text()


def test_page_of_programs():
    text = programs_page.markdown(recorded(list(made_up())))
    rows = {line.split(' | ')[0][2:]: line.strip('| ').split(' | ')
            for line in text.splitlines() if line.startswith('| ')}
    assert rows['program'][1:] == [
        'unit', 'stock', 'stock, pyOpenSSL', 'here, pyOpenSSL', 'here',
        'without TLS', 'ratio']
    assert rows['Twisted echo: CPU time'][1:] == [
        'µs a request', '', '0.40', '0.40', '0.40', '0.40', '1.000']
    assert rows['Twisted echo: RSS'][-1] == '1.000'
    assert rows['import ssl'][1:] == ['ms', '1.00', '', '', '1.00', '',
                                      '1.000']
    assert 'series series' in text


def test_plots_are_the_same_again(tmp_path):
    made = recorded(list(made_up()))
    before = {item: item.read_bytes() for item in plots.draw(made, tmp_path)}
    assert {item: item.read_bytes()
            for item in plots.draw(made, tmp_path)} == before


def test_table():
    found = list(made_up())
    out = Console(width=210, record=True, file=open(os.devnull, 'w'))
    out.print(report.table(PEOPLE, found, 'title'))
    text = out.export_text()
    row, = [line for line in text.splitlines()
            if '16 KiB, TLSv1.3' in line]
    assert '[MiB/s]' in row and 'C >= 1' in row
    assert 'above the floor: C 0.971' in row
    assert '0.90 ±.09' in row
    assert 'memcpy 1.00, ctypes 1.00' in text
    assert 'stock 1.00' in text
    assert 'met' in [line for line in text.splitlines()
                     if 'connections held' in line][0]
    assert report.busy(found)
    assert not report.busy(found[:3])
    assert report.summary(found[:3]) == \
        '5 goals: 4 met, 1 above the floor, 0 missed, 0 not judged'


def test_all_parts_have_modules():
    import importlib
    for name in options.BENCH.choices:
        part = importlib.import_module('scripts.dev.bench.part_' + name)
        assert part.TITLE and callable(part.run)
