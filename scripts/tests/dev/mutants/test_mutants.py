"""mutants: what is changed, in which order it is tried, what is kept."""

import json
import shutil
import sys
from types import SimpleNamespace

import pytest

from scripts.build.variant import Variant
from scripts.dev.mutants import (
    bed,
    command,
    equivalents,
    goals,
    operators,
    statuses,
    suites,
    treecopy,
)

C = '''\
/* a < b here
 * and there */
static int count;

static int
first(const char *text, int size)
{
    int number;
    if (size < 4 && text != NULL)   /* why < */
        number = strcmp(text, "a < b");
#if A < 3
    return number - 1;
}
'''
PYTHON = '''\
def first(a):
    """Return a if a == 1."""
    if a is not None and a == 1:
        return a    # or not
    raise ValueError('is not a == 1')
'''


@pytest.fixture(scope='module')
def universalmutator():
    if not operators.PACKAGE.exists():
        pytest.skip('make mutants has not installed it yet')


def changed(path, text):
    lines = set(range(1, len(text.splitlines()) + 1))
    return {(mutant.number, mutant.after.strip())
            for mutant in operators.of(path, text, lines)}


def test_changes_of_c(universalmutator):
    found = changed('a.c', C)
    assert {number for number, _ in found} == {9, 10, 12}
    assert (9, 'if (size <= 4 && text != NULL)   /* why < */') in found
    assert (9, 'if (size < 4 && text == NULL)   /* why < */') in found
    assert (9, 'if (size < 4 || text != NULL)   /* why < */') in found
    assert (9, 'if (0)   /* why < */') in found
    assert (9, 'if (size < (4 + 1) && text != NULL)   /* why < */') in found
    assert (10, ';') in found
    assert (12, 'return number + 1;') in found


def test_changes_of_python(universalmutator):
    found = changed('a.py', PYTHON)
    assert {number for number, _ in found} == {3, 4, 5}
    assert (3, 'if a is None and a == 1:') in found
    assert (3, 'if not (a is not None and a == 1):') in found
    assert (3, 'if a is not None or a == 1:') in found
    assert (4, 'return None    # or not') in found
    assert {after for number, after in found if number == 5} == {'pass'}


SEVERAL = '''\
static int
first(int a,
      int b)
{
    if (a == 1 &&       /* one ( */
        strcmp(name, "(") == 0) {
        call(a,
             b);
        first = last = NULL;
    } else if (a)
        while (b)
            b--;
    Py_BEGIN_ALLOW_THREADS
    call(')',
         a);
#define TWICE(a) \\
    do { \\
        call(a) \\
    while (0)
    return a == b
           || call(a,
                   b)
           || b;
}
'''


def test_several_lines_of_c(universalmutator):
    """As one, and each change of a single line once."""
    found = changed('a.c', SEVERAL)
    assert {number for number, _ in found} == {
        5, 6, 7, 9, 10, 11, 12, 14, 19, 20, 21, 23}
    assert (5, """if (!(a == 1 &&       /* one ( */
        strcmp(name, "(") == 0)) {""") in found
    assert (5, 'if (0) {') in found and (7, ';') in found
    assert (14, ';') in found and (10, '} else if (!(a))') in found
    assert (5, 'if (a == 1 ||       /* one ( */') in found
    assert (6, 'strcmp(name, "(") != 0) {') in found
    assert {(9, 'last = NULL;'), (9, 'first = NULL;')} < found
    assert (11, 'if (b)') in found and (21, '|| 0') in found
    first = [mutant for mutant in operators.of('a.c', SEVERAL, {8})]
    assert [(mutant.number, mutant.after) for mutant in first] == [
        (7, '        ;\n')]
    assert first[0].before == '        call(a,\n             b);'


def test_several_lines_of_python(universalmutator):
    text = '''\
def first(self):
    self.call(a[1:],
              ")")
    if (a or
            b):
        a = b = 1
    raise
'''
    found = changed('a.py', text)
    assert {(2, 'pass'), (4, """if not ((a or
            b)):"""), (4, 'if True:'), (6, 'b = 1'), (6, 'a = 1'),
            (7, 'pass')} < found


def test_lines_of_a_mutant(tmp_path):
    """Those that follow stay where they are."""
    (tmp_path / 'a.py').write_text('a(1,\n  2)\nb\n')
    place = bed.Bed.__new__(bed.Bed)
    place.variant = SimpleNamespace(src=tmp_path, python=sys.executable)
    out = tmp_path / 'out'
    out.mkdir()
    mutant = operators.Mutant('a.py', 1, 'a(1,\n  2)', 'pass\n')
    assert place.make(mutant, out) == ''
    assert (out / 'a.py').read_text() == 'pass\n\nb\n'
    with pytest.raises(ValueError):
        place.make(mutant._replace(number=2), out)


def test_only_the_lines(universalmutator):
    assert {mutant.number for mutant in operators.of('a.c', C, {12})} == {12}
    assert operators.of('a.c', C, set()) == []


def test_literals_stay():
    before = '    number = f(b, "a < b") == 2;'
    code = operators.blank_comments(before)
    assert code == '    number = f(b,        ) == 2;'
    after = operators.restore(before, code, code.replace('==', '!='))
    assert after == '    number = f(b, "a < b") != 2;'


@pytest.mark.parametrize('line, expected', [
    ('    int number, *other;', True), ('#ifdef A', True),
    ('static PyObject *last;', True), ('    0,      /* tp_call */', True),
    ('    return number;', False), ('    goto error;', False),
    ('    number = 0;', False), ('    f(number);', False)])
def test_declarations(line, expected):
    assert operators.is_declaration(line) == expected


@pytest.mark.parametrize('text, number, expected', [
    (C, 3, ''), (C, 9, 'first'), (C, 12, 'first'), (C + 'int a;\n', 14, ''),
    ('static int f(int a)\n{\n    g(\n    2);\n}\n', 4, 'f')])
def test_function_of_c(text, number, expected):
    assert operators.function(text.splitlines(), number, '.c') == expected


@pytest.mark.parametrize('number, expected', [
    (1, ''), (2, 'first'), (5, 'first'), (7, 'A'), (9, 'A.m')])
def test_function_of_python(number, expected):
    text = PYTHON + 'class A:\n    x = 1\n    def m(self):\n        pass\n'
    assert operators.function(text.splitlines(), number, '.py') == expected


def test_choose():
    names = ['m{}'.format(number) for number in range(50)]
    first = command.choose(names, 10, 'a')
    assert first == command.choose(reversed(names), 10, 'a')
    assert len(set(first)) == 10 and first != command.choose(names, 10, 'b')
    assert command.choose(names, 20, 'a')[:10] == first
    assert sorted(command.choose(names, 'all', 'a')) == sorted(names)
    # One that turns out to be equivalent does not cost the others.
    assert command.choose(set(names) - {first[0]}, 9, 'a') == first[1:]


def test_place_of_results():
    """Another library, another variant and other patches are another one."""
    def place(series='123', tools='3.0', **variant):
        return command.place_of(SimpleNamespace(
            series=series, variant=Variant(**variant),
            tools={'openssl': tools}))
    assert place() == place()
    assert len({place(), place('124'), place(tools='3.1'),
                place(openssl='/a'), place(groups=('base', ))}) == 5


def test_journal_goes_on(tmp_path):
    journal = command.Journal(tmp_path / 'journal.jsonl')
    assert journal.read({}) == {}
    results = {'one': bed.Result('killed', 'test_a', 1.5, 'a'),
               'two': bed.Result('survived', 'test_a', 1.5, 'all'),
               'three': bed.Result('same', '', 0.0)}
    for name, result in results.items():
        journal.add(name, result)
    with open(journal.path, 'a') as file:
        file.write('["four", "kil')
    assert journal.read({'a', 'all'}) == results
    # Those that depend on other tests are judged again.
    assert set(journal.read({'a', 'more'})) == {'one', 'three'}
    assert set(journal.read({'b', 'all'})) == {'two', 'three'}


def test_result_depends_on_tests(measured, placed, tmp_path, monkeypatch):
    """A kill on the module that did it, what survives on all of them."""
    mutant = operators.Mutant('Modules/_ssl.c', 10, 'a', 'b')
    for guilty, expected in (('c', 'c'), ('b', 'all')):
        monkeypatch.setattr(suites, 'command', lambda copy, suite: (
            ['false' if suite.name == guilty else 'true'], tmp_path))
        result = placed.run(mutant, measured[0], tmp_path / 'log')
        assert result.tests == expected


def test_identity_of_a_module(measured, tmp_path, monkeypatch):
    """It changes with the file, and with what all of Lib_tests use."""
    variant, (suite, other, *_), reached = measured
    folder = tmp_path / 'Lib_tests'
    folder.mkdir()
    monkeypatch.setattr(suites.paths, 'LIB_TESTS', folder)
    monkeypatch.setattr(suites.identity.tests, '__defaults__', (tmp_path,))
    library = suites.Suite('Lib_tests', 'test_a')

    def ids():
        return tuple(suites.identity_of(variant, one)
                     for one in (suite, other, library))
    (folder / 'test_a.py').write_text('1')
    before = ids()
    (folder / 'test_b.py').write_text('1')
    assert ids() == before
    (folder / 'tls.py').write_text('1')
    assert [a == b for a, b in zip(before, ids())] == [True, True, False]
    suites.source(variant, suite).write_text('1')
    assert [a == b for a, b in zip(before, ids())] == [False, True, False]
    assert not reached.is_of(variant, other)    # of before it had an id
    known = dict(reached.read(other), tests=before[1])
    reached.path(other).write_text(json.dumps(known))
    assert reached.is_of(variant, other)
    suites.source(variant, other).write_text('2')
    assert not reached.is_of(variant, other)


@pytest.mark.parametrize('status, output, timed_out, expected', [
    (0, 'OK', False, ('passed', '')),
    (1, 'FAIL: test_a (m.Case)\n', False, ('failed', 'test_a (m.Case)')),
    (1, 'ERROR: test_a (m.Case)\n', False, ('failed', 'test_a (m.Case)')),
    (1, 'FAILED Lib_tests/test_a.py::test_b - x\n', False,
     ('failed', 'Lib_tests/test_a.py::test_b')),
    (-11, '', False, ('crashed', 'signal 11')),
    (-9, '', True, ('timed out', '')),
    (1, 'ImportError: no', False, ('failed', ''))])
def test_verdict(status, output, timed_out, expected):
    assert suites.judge(status, output, timed_out)[:2] == expected


@pytest.fixture
def measured(tmp_path):
    """(variant, suites, Reached) of two files that are counted in part."""
    for name, text in (('Modules/_ssl.c', C), ('Modules/_hashopenssl.c', C),
                       ('Lib/test/a.py', 'import hashlib\nos._exit(0)\n'),
                       ('Lib/test/b.py', ''), ('Lib/test/c.py', ''),
                       ('Lib/test/d.py', 'import hashlib\n')):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    known = [suites.Suite('in-tree', name) for name in 'abcd']
    reached = suites.Reached(tmp_path)
    for suite, seconds, lines in zip(known, (9, 9, 2, 1),
                                     ([], [9], [9, 10], [10])):
        reached.path(suite).write_text(json.dumps({
            'verdict': ['passed', '', seconds],
            'lines': {'Modules/_ssl.c': lines},
            'counted': {'Modules/_ssl.c': [9, 10]}}))
    return SimpleNamespace(src=tmp_path), known, reached


@pytest.fixture
def placed(measured, monkeypatch):
    """A Bed for what is measured, that compiles nothing."""
    monkeypatch.setattr(suites, 'environ', lambda variant: None)
    place = bed.Bed.__new__(bed.Bed)
    place.variant, place.known, place.reached = measured
    place.limits, place.tests = dict.fromkeys(place.known, 9), 'all'
    place.ids = {suite: suite.name for suite in place.known}
    return place


def test_a_copy_has_one_other_file(tmp_path):
    source = tmp_path / 'a'
    module = source / 'build' / 'lib.x' / '_ssl.so'
    for path, text in ((module, 'built'), (source / 'Lib/ssl.py', 'old'),
                       (source / 'Lib/ssl.pyc', 'old, too')):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    variant = SimpleNamespace(src=source, python=source / 'python', root=1)
    (tmp_path / 'new').write_text('new')
    made = treecopy.Copy(variant, tmp_path / 'b')
    assert (made.python, made.root) == (tmp_path / 'b/src/python', 1)
    for path, place in (('Modules/_ssl.c', module.relative_to(source)),
                        ('Lib/ssl.py', 'Lib/ssl.py')):
        made.put(path, tmp_path / 'new')
        assert (made.src / place).read_text() == 'new'
        assert (source / place).read_text() in ('built', 'old')
        made.restore(path)
        assert (made.src / place).samefile(source / place)
    assert (source / 'Lib/ssl.pyc').exists()
    assert not (made.src / 'Lib/ssl.pyc').exists()


@pytest.mark.parametrize('path, number, before, expected', [
    ('Modules/_ssl.c', 9, 'a', 'cba'),     # the fastest first, forks last
    ('Modules/_ssl.c', 10, 'a', 'dca'),
    ('Modules/_ssl.c', 12, 'a', 'dca'),     # goes on from line 10
    ('Modules/_ssl.c', 8, 'a', 'abcd'),     # before anything that is counted
    ('Modules/_ssl.c', 8, 'a\nb', 'cba'),
    ('Modules/_ssl.c', 3, 'a', 'abcd'),
    ('Modules/_hashopenssl.c', 9, 'a', 'ad')])
def test_order(measured, path, number, before, expected):
    """Those that run the line, and those of which it is not known."""
    variant, known, reached = measured
    mutant = operators.Mutant(path, number, before, 'b')
    assert ''.join(suite.name for suite in
                   reached.order(variant, known, mutant)) == expected


def test_equivalents():
    mutant = operators.Mutant('x.c', 5, '    a = 1;', '    a = 2;', 'f')
    entry = {'path': 'x.c', 'function': 'f', 'before': 'a = 1;',
             'after': 'a = 2;', 'reason': 'nobody reads it'}
    assert equivalents.split({'m': mutant}, [entry]) == (
        {}, {'m': 'nobody reads it'}, [])
    for other in (mutant._replace(before='    a = 3;'),
                  mutant._replace(function='g')):
        others, found, wrong = equivalents.split({'m': other}, [entry])
        assert others == {'m': other} and found == {} and len(wrong) == 1
    wrong = equivalents.split({'m': mutant}, [dict(entry, reason=' ')])[2]
    assert 'no reason' in wrong[0]


def test_equivalents_count():
    """An entry does not excuse a line that nobody has looked at."""
    mutants = {str(number): operators.Mutant('x.c', number, ' a;', ' ;', 'f')
               for number in (1, 2)}
    entry = {'path': 'x.c', 'function': 'f', 'before': 'a;', 'after': ';',
             'reason': 'nobody calls it'}
    wrong = equivalents.split(mutants, [entry])[2]
    assert len(wrong) == 1 and '2 such lines' in wrong[0]
    assert equivalents.split(mutants, [dict(entry, count=2)])[2] == []
    others, found, wrong = equivalents.split(
        mutants, [dict(entry, count=2, which=[2])])
    assert (set(others), set(found), wrong) == ({'1'}, {'2'}, [])


def test_equivalents_have_reasons():
    for entry in equivalents.read(''):
        assert {*equivalents.FIELDS, 'reason'} <= set(entry) <= {
            *equivalents.FIELDS, 'reason', 'count', 'which', 'seen_with'}


def test_equivalents_of_another_library(tmp_path, monkeypatch):
    monkeypatch.setattr(equivalents, 'FILE', tmp_path / 'a.json')
    equivalents.FILE.write_text('[{"seen_with": "OpenSSL 3.[2-9]"}, {}]')
    assert len(equivalents.read('OpenSSL 3.0.19')) == 2
    assert equivalents.read('OpenSSL 3.2.1') == [{}]


STATUSES = '''\
static int sign(int a);

static int
sign(int a)
{
    if (a)
        return -1;
    return 0;
}

static int
truth(int a)
{
    return 1;
}

static int
both(int a)
{
    return 1;
}

static int
kept(int a)
{
    return 1;
}

static int
pointed(void)
{
    return 1;
}

int
exported(int a)
{
    return 1;
}

static int
nobody(void)
{
    return 1;
}

static int
main(void)
{
    int a = kept(3);
    f = pointed;
    if (pointed() || !exported(1))
        return 3;
    if (a > 2 && sign(sign(1) < 0) < 0 ||
        truth((1)))
        return 2;
    while (!truth(2) && both(2) >= 0)
        both(3) && a;
    return 1;
}
'''


@pytest.mark.parametrize('function, before, after, same', [
    ('sign', 'return 0;', 'return (0 + 1);', True),
    ('sign', '    return 0;', '    return 1;', True),
    ('sign', 'return 0;', 'return -1;', False),
    ('sign', 'return -1;', 'return 0;', False),
    ('truth', 'return 1;', 'return (1 + 1);', True),
    ('truth', 'return 1;', 'return 0;', False),
    ('truth', 'return 1;', ';', False),
    ('both', 'return 1;', 'return (1 + 1);', False),
    ('kept', 'return 1;', 'return (1 + 1);', False),
    ('pointed', 'return 1;', 'return (1 + 1);', False),
    ('exported', 'return 1;', 'return (1 + 1);', False),
    ('nobody', 'return 1;', 'return (1 + 1);', False),
    ('main', 'return 1;', 'return (1 + 1);', False)])
def test_statuses(function, before, after, same):
    mutants = {'m': operators.Mutant('x.c', 1, before, after, function)}
    assert ('m' in statuses.same(mutants, {'x.c': STATUSES})) == same
    assert statuses.same(mutants, {}) == {}


def test_report(capsys):
    """Survivors are listed; what counts is their share, and where they
    are."""
    mutants = {str(number): operators.Mutant(
        'Lib/ssl.py', number, 'a = 1', 'a = 2', 'cipher')
        for number in range(100)}
    done = {name: bed.Result('killed', 'test_a', 1.0) for name in mutants}
    done['98'] = bed.Result('survived', 'test_b', 1.0)
    done['99'] = bed.Result('same', '', 0.0)
    assert command.report(list(mutants), mutants, done, {}, []) == 0
    output = capsys.readouterr().out
    assert '99.0%' in output and 'nearest: test_b' in output
    assert command.report(list(mutants), mutants, done, {}, ['stale']) == 1
    assert command.report(['96', '97', '98'], mutants, done, {}, []) == 1
    mutants['98'] = mutants['98']._replace(function='SSLSocket._verify')
    capsys.readouterr()
    assert command.report(list(mutants), mutants, done, {}, []) == 1
    assert 'SSLSocket._verify, of goals.py' in capsys.readouterr().out


def test_vital_functions():
    mutants = [operators.Mutant(path, 1, 'a', 'b', name)
               for path, names in goals.EACH.items() for name in names]
    assert all(map(goals.is_vital, mutants))
    assert not goals.is_vital(mutants[0]._replace(path='Lib/other.py'))
    assert goals.unknown(mutants) == []
    (wrong,) = goals.unknown(mutants[1:])
    assert mutants[0].function + '()' in wrong


@pytest.mark.parametrize('slow, outcome, order', [
    (False, 'killed', 'd c restore c put'),
    (True, 'survived', 'd c restore c put a')])
def test_time_out(placed, tmp_path, monkeypatch, slow, outcome, order):
    """What does not end without the mutant either is no kill."""
    done = []
    placed.put = lambda mutant, folder: done.append('put')
    copy = SimpleNamespace(restore=lambda path: done.append('restore'))

    def run(argv, suite, *others):
        done.append(suite.name)
        late = suite.name == 'c' and (slow or 'restore' not in done)
        return suites.Verdict('timed out' if late else 'passed', '', 1.0)
    monkeypatch.setattr(suites, 'command', lambda copy, suite: ('', suite))
    monkeypatch.setattr(suites, 'run', run)
    mutant = operators.Mutant('Modules/_ssl.c', 10, 'a', 'b')
    assert placed.run(mutant, copy, tmp_path / 'log').outcome == outcome
    assert ' '.join(done) == order


@pytest.mark.skipif(shutil.which('cc') is None, reason='needs a compiler')
def test_compiler(tmp_path, monkeypatch):
    monkeypatch.setattr(bed.sslprefix, 'inspect', lambda *args:
                        SimpleNamespace(configure_args=['CFLAGS=-DA=1']))
    compiler = bed.Compiler(SimpleNamespace(src=tmp_path, openssl=''), {})
    digests = []
    for index, text in enumerate(('int f(void) { return A; }\n',
                                  'int f(void) { return (A); }\n',
                                  'int f(void) { return A + 1; }\n')):
        folder = tmp_path / str(index)
        folder.mkdir()
        target = compiler.compile('Modules/_ssl.c', text, folder)
        digests.append(bed.files.sha256_of(target))
    assert digests[0] == digests[1] != digests[2]
    assert compiler.compile('Modules/_ssl.c', 'int f(', tmp_path) is None
