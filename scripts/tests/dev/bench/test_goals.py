"""bench: each goal, just reached and just missed."""

import re
from types import SimpleNamespace

import pytest

from scripts.base import paths
from scripts.dev.bench import (
    compiling,
    goals,
    goals_page,
    part_bulk,
    part_programs,
    part_pyperformance,
    part_threads,
    report,
    results,
)
from scripts.dev.bench.results import FLOOR, MET, MISSED, UNJUDGED
from scripts.dev.bench.units import KIB, MIB


def session(*python3s):
    return SimpleNamespace(python3s=[
        SimpleNamespace(key=key, title='Python ' + key) for key in python3s])


def samples(**costs):
    return {key.replace('python', '3.'): [cost] * 3
            for key, cost in costs.items()}


def verdicts(found):
    return [goal.verdict for goal in found]


def test_goals_are_those_of_the_page():
    """A number that is changed in one place only is seen."""
    assert goals_page.markdown() in (
        paths.DOCS / 'performance.md').read_text()


def test_every_size_has_its_goal():
    assert set(goals.BULK_OF_C) == set(part_bulk.SIZES)
    sizes = [case.get('size') for _, case, _ in part_threads.WORK]
    assert set(goals.THREADS) <= set(sizes)


@pytest.mark.parametrize('size, version, part, verdict', [
    (64, 'TLSv1.3', 0.60, MET), (64, 'TLSv1.2', 0.59, MISSED),
    (KIB, 'TLSv1.3', 0.80, MET), (KIB, 'TLSv1.3', 0.79, MISSED),
    (KIB, 'TLSv1.2', 0.78, MET), (KIB, 'TLSv1.2', 0.77, MISSED),
    (16 * KIB, 'TLSv1.3', 1.00, MET), (16 * KIB, 'TLSv1.2', 0.99, FLOOR),
    (16 * KIB, 'TLSv1.3', 0.94, MISSED),
    (64 * KIB, 'TLSv1.2', 1.00, MET), (64 * KIB, 'TLSv1.3', 0.99, FLOOR),
    (64 * KIB, 'TLSv1.3', 0.94, MISSED),
    (MIB, 'TLSv1.3', 0.95, MET), (MIB, 'TLSv1.3', 0.94, MISSED)])
def test_bulk_of_c(size, version, part, verdict):
    found = goals.bulk(session(), samples(c=part, patched=1, pyopenssl=9),
                       size, version)
    assert (found[0].name, found[0].verdict) == ('C', verdict)


def test_bulk_of_others():
    costs = samples(c=1, patched=1, pyopenssl=3.5, python11=0.99, python13=1)
    found = goals.bulk(session('3.11', '3.13'), costs, 64, 'TLSv1.3')
    assert [(goal.text, goal.verdict) for goal in found[1:]] == [
        ('3.11 >= 1', MISSED), ('3.13 >= 1', MET), ('pyOpenSSL >= 3.5', MET)]
    costs['pyopenssl'] = [3.4] * 3
    assert goals.bulk(session(), costs, KIB, 'TLSv1.3')[-1].verdict == MISSED


@pytest.mark.parametrize('key, costs, expected', [
    ('rsa', dict(c=0.97, python13=1), [MET, MET]),
    ('rsa', dict(c=0.96, python13=0.99), [MISSED, MISSED]),
    ('ecdsa', dict(c=0.97, python13=1.01), [MET, MET]),
    ('ecdsa', dict(c=0.95, python13=1), [FLOOR, MET]),
    ('ecdsa', dict(c=0.94, python13=1), [MISSED, MET]),
    ('rsa', dict(c=1, python13=1, nameless=0.991), [MET, MET, MET]),
    ('ecdsa', dict(c=1, python13=1, nameless=0.984), [MET, MET, MISSED])])
def test_handshakes(key, costs, expected):
    found = goals.handshakes(session('3.11', '3.13'),
                             samples(patched=1, **costs), key)
    assert verdicts(found) == expected


def test_a_goal_that_cannot_be_judged_is_not_met():
    found = goals.handshakes(session('3.11'), samples(
        c=1, patched=1, python11=1), 'rsa')
    assert verdicts(found) == [MET, UNJUDGED]
    row = results.Result('handshakes', 'RSA', {}, 'a second', {},
                         goals=found)
    assert row.verdict == UNJUDGED
    assert not results.as_rows([row])['handshakes']['ok']
    assert row.as_json()['goals'][1] == {
        'goal': '3.13 >= 1', 'value': None, 'verdict': 'not judged'}
    assert str(report.verdict(row)) == 'not judged: 3.13 not judged'
    assert report.summary([row]) == \
        '2 goals: 1 met, 0 above the floor, 0 missed, 1 not judged'


@pytest.mark.parametrize('runs, case, expected', [
    ([1.8] * 5, {'key': 'ecdsa'}, [MET]),
    ([1.9, 1.9, 1.79, 1.9, 1.9], {'key': 'ecdsa'}, [MISSED]),
    ([1.8], {'key': 'rsa'}, [MET]), ([1.79], {'key': 'rsa'}, [MISSED]),
    ([1.6], {'size': MIB}, [MET]), ([1.59], {'size': MIB}, [MISSED]),
    ([1.3], {'size': 64 * KIB}, [MET]),
    ([1.29], {'size': 64 * KIB}, [MISSED]),
    ([1.0], {'size': 16 * KIB}, [MET]),
    ([0.99], {'size': 16 * KIB}, [MISSED]), ([0.5], {'size': 64}, [])])
def test_threads(runs, case, expected):
    assert verdicts(goals.threads(runs, case)) == expected


def test_ecdsa_has_five_runs():
    assert [part_threads.runs_of(case) for _, case, _ in
            part_threads.WORK][:3] == [1, 5, 1]


@pytest.mark.parametrize('found, expected', [
    (goals.fairness(samples(without=5, patched=10)), [MET]),
    (goals.fairness(samples(without=5, patched=11)), [MISSED]),
    (goals.fairness(samples(patched=1)), [UNJUDGED]),
    (goals.sslsocket(samples(stock=0.99, socket=1)), [MET]),
    (goals.sslsocket(samples(stock=0.98, socket=1)), [MISSED]),
    (goals.instructions({'stock': 99, 'socket': 100}), [MET]),
    (goals.instructions({'stock': 98, 'socket': 100}), [MISSED]),
    (goals.bio(samples(memcpy=1, patched=9), 64), []),
    (goals.bio(samples(memcpy=0.9, patched=1), 16 * KIB), [MET]),
    (goals.bio(samples(memcpy=0.8, patched=1), 16 * KIB), [MISSED]),
    (goals.backlog(samples(patched=1.2), samples(patched=1)), [MET]),
    (goals.backlog(samples(patched=1.3), samples(patched=1)), [MISSED]),
    (goals.programs(samples(pyopenssl=1.5, patched=1)), [MET]),
    (goals.programs(samples(pyopenssl=1.4, patched=1)), [MISSED]),
    (goals.programs(samples(stock=2, patched=1)), []),
    (goals.startup(samples(stock=1, patched=1.02)), [MET]),
    (goals.startup(samples(stock=1, patched=1.03)), [MISSED])])
def test_ratios(found, expected):
    assert verdicts(found) == expected


@pytest.mark.parametrize('judge, moment, kib, expected', [
    (goals.memory, 'idle', 36, MET), (goals.memory, 'idle', 36.1, MISSED),
    (goals.socket_memory, 'idle', 45, MET),
    (goals.socket_memory, 'idle', 45.1, MISSED),
    (goals.memory, 'after_burst', 10.5, MET),
    (goals.memory, 'after_burst', 10.6, MISSED)])
def test_memory(judge, moment, kib, expected):
    found = judge(dict({'idle': 10 * KIB}, **{moment: kib * KIB}), moment)
    assert verdicts(found) == [expected]
    assert judge({}, 'trimmed') == []


def test_every_program_with_pyopenssl_has_a_goal():
    answer = {'cpu': 4, 'wall': 5, 'count': 1, 'rss': 6}
    judged = {row.key for row in part_programs.ROWS
              if next(part_programs.results_of(row, {
                  way: [answer] * 3 for way in row.ways})).goals}
    assert judged == {row.key for row in part_programs.ROWS} - {
        'trollius-https'}


#: A ratio of 1 but for its quartiles: 0.95 and 1.05; 0.99 and 1.01.
WIDE, NARROW = [0.95, 0.95, 1, 1.05, 1.05], [0.99, 0.99, 1, 1.01, 1.01]


@pytest.mark.parametrize('slower, spread, verdict', [
    (1.0, [1] * 5, MET), (0.9, [1] * 5, MET), (1.009, [1] * 5, MET),
    (1.02, [1] * 5, MISSED), (1.02, NARROW, MISSED),
    # What nobody could see, and what is seen all the same.
    (1.02, WIDE, MET), (1.04, WIDE, MISSED)])
def test_goal_of_a_macro_benchmark(slower, spread, verdict):
    found, = goals.pyperformance({
        'stock': [100] * 5,
        'patched': [100 * slower * value for value in spread]})
    assert found.verdict == verdict and found.name == 'stock'


def test_goal_of_their_mean():
    # Each of them alone is within its noise.
    rows = [{'stock': [cost * value for value in WIDE],
             'patched': [1.02 * cost] * 5} for cost in (3, 50, 700)]
    for row in rows:
        assert goals.pyperformance(row)[0].verdict == MET
    found, = goals.pyperformance_mean(part_pyperformance.mean(rows))
    assert found.verdict == MISSED
    rows.append({'stock': [1.1 * value for value in WIDE],
                 'patched': [1.0] * 5})
    found, = goals.pyperformance_mean(part_pyperformance.mean(rows))
    assert found.verdict == MET


ECHOED = {'held': 100, 'connected': 100, 'errors': 0, 'bytes_sent': 5000,
          'server_in': 5000, 'server_out': 5000, 'bytes_back': 5000}


@pytest.mark.parametrize('change, bad', [
    ({}, []),
    ({'held': 99}, ['all held']),
    ({'errors': 1}, ['no error']),
    ({'server_in': 4999}, ['no byte lost']),
    ({'bytes_back': 4999}, ['no byte lost']),
])
def test_goals_of_echo(change, bad):
    found = goals.echo(dict(ECHOED, **change), 100, 100)
    assert [goal.name for goal in found if goal.verdict == MISSED] == bad


def test_fewer_connections_are_told():
    found = goals.echo(ECHOED, 10000, 100)
    assert found[-1].text == 'limit of files: 100 not 10000'
    assert found[-1].verdict == MISSED


@pytest.mark.parametrize('python3s, cost, count, verdict', [
    (('3.13', '3.11'), 16.6, 10000, MET), (('3.11',), 16.7, 10000, MISSED),
    (('3.11',), 1.0, 9999, UNJUDGED), (('3.13',), 1.0, 10000, UNJUDGED)])
def test_cpu_of_an_echo(python3s, cost, count, verdict):
    found = goals.echo_cpu(session(*python3s), {
        'patched': cost, '3.11': 16.6, '3.13': 1.0}, count)
    assert verdicts(found) == [verdict]


def test_rounds_are_those_of_the_page():
    page = (paths.DOCS / 'performance.md').read_text()
    said = dict(re.findall(r'^\| `(\w+)` \| .* \| (\d+ × \d+ ms) \|$', page,
                           re.MULTILINE))
    asked = {}
    for path in compiling.HERE.glob('part_*.py'):
        for seconds, rounds in re.findall(r'session\.plan\(([\d.]+), (\d+)\)',
                                          path.read_text()):
            asked[path.stem[len('part_'):]] = '{} × {:.0f} ms'.format(
                rounds, 1000 * float(seconds))
    assert said == asked and len(said) == 8
