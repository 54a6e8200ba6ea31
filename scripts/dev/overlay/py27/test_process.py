"""Handshakes in threads, after a fork, and in a program that embeds the
interpreter."""

import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import traceback
import unittest
from distutils import sysconfig

import child

EMBED = r'''
#include "Python.h"
int main(int argc, char **argv)
{
    Py_SetProgramName(argv[1]);
    Py_Initialize();
    return PyRun_SimpleString("import ssl, sys\n"
        "print(ssl.__file__)\nssl.MemoryBIO()\n") != 0;
}
'''


def talk(rounds=1):
    """A handshake in memory and some data; returns the bytes received."""
    received = 0
    for _ in range(rounds):
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        ours = ssl.create_default_context(
            cafile=os.path.join(child.CERTS, 'ca.pem'))
        client = ours.wrap_bio(to_client, to_server,
                               server_hostname='localhost')
        theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        theirs.load_cert_chain(os.path.join(child.CERTS, 'server.pem'))
        server = theirs.wrap_bio(to_server, to_client, server_side=True)
        for end in (client, server, client, server, client):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
        client.write('x' * 16384)
        received += len(server.read(16384))
    return received


class Processes(unittest.TestCase):

    def test_fork(self):
        self.assertEqual(talk(), 16384)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                status = 0 if talk(3) == 3 * 16384 else 2
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        self.assertEqual(talk(3), 3 * 16384)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)

    def test_threads(self):
        results = []
        threads = [threading.Thread(target=lambda: results.append(talk(5)))
                   for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(results, [5 * 16384] * 8)

    def test_embedded(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, True)
        get = sysconfig.get_config_var
        if not get('Py_ENABLE_SHARED') and not os.path.exists(
                os.path.join(get('LIBPL'), get('LIBRARY'))):
            self.skipTest('no libpython to link with')
        source = os.path.join(folder, 'embed.c')
        with open(source, 'w') as file:
            file.write(EMBED)
        program = os.path.join(folder, 'embed')
        # As python2.7-config says.
        library = ['-L' + get('LIBDIR'), '-Wl,-rpath,' + get('LIBDIR'),
                   '-lpython2.7'] if get('Py_ENABLE_SHARED') else [
            os.path.join(get('LIBPL'), get('LIBRARY')),
            '-Xlinker', '-export-dynamic']
        argv = ['gcc', '-I' + sysconfig.get_python_inc(),
                '-I' + sysconfig.get_python_inc(plat_specific=True), source,
                '-o', program] + library
        argv += get('LIBS').split() + get('SYSLIBS').split()
        self.assertEqual(subprocess.call(argv), 0)
        output = subprocess.check_output([program, sys.executable], cwd='/')
        self.assertTrue(child.is_ours(output), output)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + ['-v'])
