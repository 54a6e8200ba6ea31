"""The demo, on this Python, which has what the patches add to 2.7."""

import os
import re
import subprocess
import sys

import pytest

from scripts.tests import minicheckout


def demo(*, path=None, before=''):
    program = 'import sys; sys.path.insert(0, {!r}); import demo\n'.format(
        str(minicheckout.SCRIPTS / 'build')) + before + (
        '\ntry:\n    demo.main()\n'
        'except demo.Failure as failure:\n'
        '    sys.exit("demo failed: {}".format(failure))\n')
    env = dict(os.environ)
    if path is not None:
        env['PATH'] = path
    done = subprocess.run([sys.executable, '-c', program], env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60)
    return done.returncode, done.stdout


def test_demo():
    status, output = demo()
    assert status == 0, output
    assert len(re.findall(r'client -> server +[1-9]\d* bytes', output)) >= 4
    assert len(re.findall(r'server -> client +[1-9]\d* bytes', output)) >= 3
    assert len(re.findall(r'client -> socket +[1-9]\d* bytes', output)) >= 4
    assert output.count('verified name  localhost') == 2
    assert output.count('(TLSv1.3)') == 2
    assert 'closed by both ends, nothing left over' in output
    assert output.endswith('All steps happened.\n')


@pytest.mark.parametrize('before, message', [
    ('demo.VERSION = "TLSv1.4"', 'TLSv1.4 was not negotiated, but TLSv1.3'),
    ('demo.HOST = "wrong.example"; make = demo.make_certificates\n'
     'def other(folder):\n    demo.HOST = "localhost"\n    make(folder)\n'
     '    demo.HOST = "wrong.example"\ndemo.make_certificates = other',
     'wrong.example'),
    ('demo.carry = lambda source, target: False',
     'handshake: both ends wait for each other'),
    ('import ssl; del ssl.MemoryBIO', 'has no ssl.MemoryBIO'),
    ('demo.free_port = lambda: "nonsense"', 's_server ended at once'),
    ('demo.PATIENCE = 0.5; real = demo.Wire.flush\n'
     'def flush(self, step, deadline):\n'
     '    self.end.outgoing.read() if step == "write" else '
     'real(self, step, deadline)\n'
     'demo.Wire.flush = flush', 'read: nothing happened for'),
])
def test_demo_fails_loudly(before, message):
    status, output = demo(before=before)
    assert status != 0 and message in output, output
    assert 'All steps happened' not in output


def test_demo_without_openssl(tmp_path):
    status, output = demo(path=str(tmp_path))
    assert status != 0
