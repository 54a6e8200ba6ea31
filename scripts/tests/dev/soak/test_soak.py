"""soak: what counts as a finding."""

import json

import pytest

from scripts.dev.soak import command


def samples(step=0, descriptors=0, count=40):
    return [{'seconds': i, 'rss': 20_000_000 + step * i,
             'descriptors': 7 + descriptors * i} for i in range(count)]


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
    ((samples(step=200_000), summary(), 0), 'resident memory grew'),
    ((samples(descriptors=1), summary(), 0), 'descriptors grew'),
    ((samples(count=3), summary(), 0), 'too few')])
def test_bad(arguments, text):
    assert text in '\n'.join(command.judge(*arguments).findings)


def test_what_is_no_growth():
    """The start does not count, nor what malloc's arenas take."""
    values = samples(step=20_000)
    values[0]['rss'] = 1
    assert command.judge(values, summary(), 0).findings == []


def test_read():
    text = '\n'.join(['a word', json.dumps(samples()[0]),
                      json.dumps(summary())])
    assert command.read(text) == (samples()[:1], summary())
    assert command.read('') == ([], None)


def test_scenes_are_those_of_the_program():
    text = command.PROGRAM.read_text()
    for name in command.SCENES:
        assert 'def {}(self)'.format(name) in text or \
            "scene('{}')".format(name) in text, name
