"""Replay of the seeds of make fuzz, and of what it found.

Each file in fuzz_seeds/ is a conversation, see fuzzbytes.py; the rules that
hold for every conversation are those of conversation.py.  The sequences in
fuzz_seeds/sequences.json are those of the machine that compares Python 2.7
with Python 3.
"""

import io
import json
import os
import ssl

import pytest

import conversation
import fuzzbytes

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      'fuzz_seeds')
SEQUENCES = os.path.join(FOLDER, 'sequences.json')


def seeds():
    return sorted(name for name in os.listdir(FOLDER)
                  if not name.endswith('.json'))


def sequences():
    with io.open(SEQUENCES, encoding='utf-8') as stream:
        return json.load(stream)


def have(setup, calls):
    """The outcomes of *calls*."""
    talk = conversation.Conversation(setup)
    return [talk.call(call) for call in calls]


def need(setup):
    """Skip a test for a TLS version that this OpenSSL does not have."""
    if setup.get('version') == 'TLSv1.3' and not ssl.HAS_TLSv1_3:
        pytest.skip('%s has no TLS 1.3' % ssl.OPENSSL_VERSION)


@pytest.mark.parametrize('name', seeds())
def test_seed(name):
    with open(os.path.join(FOLDER, name), 'rb') as stream:
        setup, calls = fuzzbytes.decode(stream.read(), conversation.REENTRY)
    need(setup)
    assert len(have(setup, calls)) == len(calls) > 0


@pytest.mark.parametrize('name', sorted(sequences()))
def test_sequence(name):
    sequence = sequences()[name]
    need(sequence['setup'])
    assert len(have(sequence['setup'], sequence['calls'])) > 0


class TestRules(object):
    """What conversation.py and fuzzbytes.py themselves do."""

    def talk(self, **setup):
        need(setup)
        talk = conversation.Conversation(dict(setup, cert='ecdsa'))
        for call in fuzzbytes.HANDSHAKE:
            talk.call(call)
        return talk

    def test_transfer(self, version):
        talk = self.talk(version=version)
        assert talk.call(['write', 'client', 5, 'bytes']) == ['returned', 5]
        assert talk.call(['carry', 'client', -1]) == ['returned', True]
        outcome = talk.call(['read', 'server', 1024])
        assert outcome[0] == 'returned' and outcome[1]['size'] == 5
        assert talk.call(['version', 'server']) == ['returned', version]

    def test_tampered_record(self, version):
        talk = self.talk(version=version)
        talk.call(['write', 'client', 100, 'bytes'])
        talk.call(['tamper', 'client', [[20, 1]]])
        assert talk.call(['read', 'server', 1024])[:3] == [
            'raised', 'SSLError', 1]
        assert not talk.honest and talk.failed

    def test_wrong_data_is_noticed(self):
        talk = self.talk()
        talk.call(['write', 'client', 5, 'bytes'])
        talk.call(['carry', 'client', -1])
        talk.sent['client'][2] ^= 1
        with pytest.raises(conversation.Broken) as info:
            talk.call(['read', 'server', 5])
        assert 'has not written' in str(info.value)

    def test_bad_record_without_cause_is_noticed(self):
        talk = self.talk()
        talk.call(['write', 'client', 100, 'bytes'])
        talk.call(['tamper', 'client', [[20, 1]]])
        talk.honest = True
        with pytest.raises(conversation.Broken) as info:
            talk.call(['read', 'server', 5])
        assert 'no byte was changed' in str(info.value)

    def test_change_of_the_wrong_bio_is_noticed(self, monkeypatch):
        talk = self.talk()
        monkeypatch.setattr(talk, '_call_bio', lambda end, which: talk.end(
            'server').outgoing.write(b'x'))
        talk.call(['bio', 'client', 'incoming'])
        monkeypatch.setattr(talk, '_call_write', lambda end, size, kind:
                            talk.end('server').outgoing.write(b'x'))
        with pytest.raises(conversation.Broken) as info:
            talk.call(['write', 'client', 1, 'bytes'])
        assert 'changed outgoing of the server by 1' in str(info.value)

    @pytest.mark.parametrize('call, value', [
        (['read', 'client', 9], {'size': 1, 'crc': 0}),
        (['read_into', 'client', 9, 9], 1),
        (['write', 'client', 1, 'bytes'], 1)])
    def test_data_despite_a_wrong_name_is_noticed(self, monkeypatch, call,
                                                  value):
        talk = conversation.Conversation(
            {'cert': 'ecdsa', 'name': 'localhost', 'check_hostname': True})
        monkeypatch.setattr(talk, '_call_' + call[0], lambda *args: value)
        with pytest.raises(conversation.Broken) as info:
            talk.call(call)
        assert 'the name is wrong' in str(info.value)

    def test_refusal_of_the_right_name_is_noticed(self, monkeypatch):
        def refuse(*args):
            error = ssl.SSLCertVerificationError(1, 'refused')
            error.reason, error.library = 'CERTIFICATE_VERIFY_FAILED', 'SSL'
            error.verify_code = 62
            raise error

        for name, honest in (('localhost', True), ('server.test', False)):
            talk = conversation.Conversation(
                {'cert': 'server', 'name': name, 'check_hostname': True})
            talk.honest = honest
            monkeypatch.setattr(talk, '_call_read', refuse)
            if honest:
                with pytest.raises(conversation.Broken) as info:
                    talk.call(['read', 'client', 9])
                assert 'the name is right' in str(info.value)
            else:
                talk.call(['read', 'client', 9])

    def test_other_exception_is_noticed(self, monkeypatch):
        talk = self.talk()
        monkeypatch.setattr(talk, '_call_write', lambda *args: 1 // 0)
        with pytest.raises(conversation.Broken) as info:
            talk.call(['write', 'client', 1, 'bytes'])
        assert 'ZeroDivisionError' in str(info.value)

    def test_encode_is_the_inverse(self):
        calls = [['write', 'client', 1024, 'bytearray'],
                 ['tamper', 'server', [[300, 7], [5, 255]]],
                 ['inject', 'client', '00ff17'], ['unwrap', 'server'],
                 ['read_into', 'server', -1, 16384]]
        data = fuzzbytes.encode((1, 0), calls)
        setup, decoded = fuzzbytes.decode(data, conversation.REENTRY)
        assert decoded == calls and setup['version'] == 'TLSv1.2'
        setup, decoded = fuzzbytes.decode(
            fuzzbytes.encode_raw((0, 0), 'server', [b'ab', b'c'], True),
            conversation.REENTRY)
        assert [call for call in decoded if call[0] == 'inject'] == [
            ['inject', 'server', '6162'], ['inject', 'server', '63']]
        assert decoded[:len(fuzzbytes.HANDSHAKE)] == fuzzbytes.HANDSHAKE

    def test_every_input_means_something(self):
        for number in range(256):
            data = bytes(bytearray([number] * 40))
            setup, calls = fuzzbytes.decode(data, conversation.REENTRY)
            assert set(setup) == set(conversation.SETUP)
            assert all(call[1] in conversation.ENDS for call in calls)
            assert conversation.REENTRY or setup['callback'] != 'reenter'
