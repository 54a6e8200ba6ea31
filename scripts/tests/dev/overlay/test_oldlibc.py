"""overlay: linking as with an old glibc, and what a module shows."""

import platform
import re
import subprocess

import pytest

from scripts.dev.overlay import certificatetrial, oldlibc, symbols

READELF = '''
   Num:    Value          Size Type    Bind   Vis      Ndx Name
     1: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND to@GLIBC_2.2.5 (2)
  1305: 0000000000098510   244 IFUNC   GLOBAL DEFAULT   16 memcpy@@GLIBC_2.14
  1306: 0000000000098500    41 FUNC    GLOBAL DEFAULT   16 memcpy@GLIBC_2.2.5
   400: 0000000000090000    41 FUNC    GLOBAL DEFAULT   16 open@@GLIBC_2.2.5
   401: 0000000000090001    41 FUNC    WEAK   DEFAULT   16 cond@GLIBC_2.2.5
   402: 0000000000090002    41 FUNC    WEAK   DEFAULT   16 cond@@GLIBC_2.3.2
   403: 0000000000090003     8 OBJECT  GLOBAL DEFAULT   36 stderr@@GLIBC_2.2.5
   404: 0000000000090003     8 FUNC    GLOBAL DEFAULT   36 new@@GLIBC_2.34
   405: 0000000000090003     8 FUNC    GLOBAL DEFAULT   36 own@@GLIBC_PRIVATE
   406: 0000000000000024     4 TLS     GLOBAL DEFAULT   28 errno@@GLIBC_PRIVATE
'''

PROGRAM = r'''
#include <string.h>
#include <stdio.h>
#include <pthread.h>
void *copy(void *to, const void *from, size_t size)
{
    pthread_rwlock_t lock;
    pthread_rwlock_init(&lock, NULL);
    fprintf(stderr, "%d\n", (int)size);
    return memcpy(to, from, size);
}
'''


def test_choose():
    assert oldlibc.choose(READELF, (2, 5)) == {
        'memcpy': ('2.2.5', True), 'open': ('2.2.5', True),
        'cond': ('2.3.2', True), 'stderr': ('2.2.5', False)}
    assert oldlibc.choose(READELF, (2, 14))['memcpy'] == ('2.14', True)


def test_each_version_is_declared_once():
    text = oldlibc.version_script(oldlibc.choose(READELF, (2, 14)))
    assert text.split('\n')[:3] == ['GLIBC_2.2.5 { };', 'GLIBC_2.3.2 { };',
                                    'GLIBC_2.14 { };']


@pytest.mark.parametrize('name, library', [
    ('pthread_create', 'libpthread.so.0'), ('sem_wait', 'libpthread.so.0'),
    ('__pthread_key_create', 'libpthread.so.0'), ('dlopen', 'libdl.so.2'),
    ('dladdr1', 'libdl.so.2'), ('clock_gettime', 'librt.so.1'),
    ('aio_read', 'librt.so.1'), ('memcpy', 'libc.so.6'),
    ('clock', 'libc.so.6'), ('semget', 'libc.so.6')])
def test_the_library_that_had_it(name, library):
    assert oldlibc.library_of(name) == library


def versions(library):
    """The versions of glibc that *library* asks for."""
    done = subprocess.run(['readelf', '-V', '-W', str(library)], text=True,
                          stdout=subprocess.PIPE, check=True)
    return {tuple(map(int, word[len('GLIBC_'):].split('.')))
            for word in done.stdout.split() if word.startswith('GLIBC_2')}


@pytest.mark.skipif(platform.machine() not in oldlibc.OLDEST,
                    reason='no wheel is made on this architecture')
def test_what_is_linked_with_it(tmp_path):
    oldest = oldlibc.OLDEST[platform.machine()]
    source = tmp_path / 'copy.c'
    source.write_text(PROGRAM)
    argv = ['cc', '-shared', '-fPIC', '-fno-builtin', str(source)]
    plain, old = tmp_path / 'plain.so', tmp_path / 'old.so'
    subprocess.run(argv + ['-o', str(plain)], check=True)
    assert max(versions(plain)) > oldest
    stand_ins = map(str, oldlibc.make(tmp_path / 'libc'))
    subprocess.run(argv + ['-nodefaultlibs', '-Wl,--as-needed', *stand_ins,
                           '-lgcc', '-o', str(old)], check=True)
    assert versions(old) and max(versions(old)) <= oldest
    done = subprocess.run(['readelf', '-d', str(old)], text=True,
                          stdout=subprocess.PIPE, check=True)
    # Where an old system has threads, and where it has all else.
    assert re.findall(r'NEEDED.*\[(.*)\]', done.stdout) == [
        'libpthread.so.0', 'libc.so.6']
    # It runs here, with the C library itself.
    import ctypes
    target = ctypes.create_string_buffer(4)
    ctypes.CDLL(str(old)).copy(target, b'abc', 4)
    assert target.value == b'abc'


MODULE = '''
    12: 0000000000000000     0 FUNC    WEAK   DEFAULT  UND __gmon_start__
    13: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND PyErr_Clear
    14: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND read@GLIBC_2.2.5 (2)
    15: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND sendmmsg
    16: 00000000000a7e30  3187 FUNC    GLOBAL DEFAULT   12 init_ssl
    17: 00000000000a7e40  3187 FUNC    WEAK   DEFAULT   12 SSL_read
'''


def test_what_a_module_shows_and_needs():
    assert symbols.read(MODULE) == (
        {'init_ssl', 'SSL_read'}, {'PyErr_Clear', 'sendmmsg'})


def module(tmp_path, text):
    source, target = tmp_path / 'm.c', tmp_path / '_ssl.so'
    source.write_text(text)
    subprocess.run(['cc', '-shared', '-fPIC', '-o', str(target),
                    str(source)], check=True)
    return target


@pytest.mark.parametrize('text, said', [
    ('void init_ssl(void) {} void init_hashlib(void) {}', ''),
    ('void init_ssl(void) {} void init_hashlib(void) {} int SSL_read;',
     'shows SSL_read'),
    ('void init_ssl(void) {}', 'shows init_hashlib'),
    ('void new_one(void); void Py_Own(void);\n'
     'void init_ssl(void) {new_one(); Py_Own();} '
     'void init_hashlib(void) {}', 'needs new_one')])
def test_modules(tmp_path, capsys, text, said):
    path = module(tmp_path, text)
    if said:
        with pytest.raises(SystemExit):
            symbols.check(path)
        assert capsys.readouterr().err.split('\n')[1].endswith(said)
    else:
        symbols.check(path)


def test_the_places_of_certificates():
    found = certificatetrial.places(certificatetrial.SOURCE.read_text())
    assert len(found) == len(set(found)) > 3
    assert '/etc/ssl/certs/ca-certificates.crt' in found
