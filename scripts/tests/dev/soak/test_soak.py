"""soak: what counts as a finding."""

import contextlib
import json

import pytest

from scripts.dev.soak import command


def samples(leak=0, descriptors=0, count=40, kind='resident'):
    """leak: bytes for each connection, of which there are 1,000 from one to
    the next."""
    return [{'seconds': i, 'memory': {kind: 20_000_000 + leak * 1000 * i},
             'descriptors': 7 + descriptors * i, 'connections': 1000 * i}
            for i in range(count)]


def summary(**changed):
    good = {'scenes': {name: 3 for name in command.SCENES},
            'bytes': {'passed': 5}, 'refused': {'SSLError': 1}, 'signals': 9,
            'stuck': 0, 'errors': []}
    return dict(good, **changed)


def test_good():
    result = command.judge(samples(), summary(), 0)
    assert result.findings == []
    assert result.facts['scenes'] == 3 * len(command.SCENES)
    assert result.facts['bytes passed'] == '5'


@pytest.mark.parametrize('arguments, text', [
    ((samples(), None, -11), 'status -11'),
    ((samples(), summary(), 1), 'status 1'),
    ((samples(), summary(stuck=2), 0), '2 threads'),
    ((samples(), summary(errors=['Wrong: a byte']), 0), 'a byte'),
    ((samples(), summary(scenes={'talk': 1}), 0), 'never played: close'),
    ((samples(leak=9), summary(), 0), 'resident memory grew'),
    ((samples(leak=9), summary(), 0), '9.0 per connection'),
    ((samples(leak=9, kind='allocated'), summary(), 0), 'allocated memory'),
    ((samples(descriptors=1), summary(), 0), 'descriptors grew from 17 to 46'),
    ((samples(count=3), summary(), 0), 'too few')])
def test_bad(arguments, text):
    assert text in '\n'.join(command.judge(*arguments).findings)


def test_what_is_no_growth():
    """The start does not count, nor what a sample differs by."""
    values = samples()
    values[0].update(memory={'resident': 1}, descriptors=1)
    values[-2]['memory']['resident'] += command.GROWTH * 2
    assert command.judge(values, summary(), 0).findings == []


def test_one_descriptor_is_enough():
    values = samples()
    values[-1]['descriptors'] += 1
    assert 'from 7 to 8' in command.judge(values, summary(), 0).findings[0]


@pytest.mark.parametrize('leak, findings', [(-0.1, 0), (0.1, 1)])
def test_which_leak_is_seen(leak, findings):
    """It is said, and true."""
    size = command.judge(samples(), summary(), 0).facts['a leak is seen from']
    assert size == '8.7 bytes per connection'
    values = samples(8.7 + leak)
    assert len(command.judge(values, summary(), 0).findings) == findings


def test_read():
    text = '\n'.join(['a word', json.dumps(samples()[0]),
                      json.dumps(summary())])
    assert command.read(text) == (samples()[:1], summary())
    assert command.read('') == ([], None)


def test_scenes_are_those_of_the_program():
    text = '\n'.join(path.read_text() for path
                     in sorted(command.PROGRAM.parent.glob('*27.py')))
    for name in command.SCENES:
        assert 'def {}(self)'.format(name) in text or \
            "scene('{}')".format(name) in text, name


@pytest.mark.parametrize('deaf', [None, 'lose', 'double', 'leak'])
def test_canaries(monkeypatch, project, deaf):
    """What is done wrong on purpose has to be found, each of it."""
    texts = {word: list(texts) for word, _, texts in command.CANARIES}

    def run(variant, seconds, seed, *words):
        found = texts[words[0]] if words else []
        return command.Result({}, found[words == (deaf,):])
    monkeypatch.setattr(command, 'run', run)
    monkeypatch.setattr(command.interpreter, 'ensure', lambda variant: None)
    monkeypatch.setattr(command.record, 'Taking', Taking)
    # "make test" has it.
    monkeypatch.setattr(command.locking, 'lock',
                        lambda path: contextlib.nullcontext())
    if deaf is None:
        assert command.main() == 0
    else:
        with pytest.raises(SystemExit):
            command.main()


class Taking:
    path = command.paths.ROOT

    def __init__(self, *args):
        pass

    def write(self, parts):
        return self
