"""A small checkout with a small "CPython", patched with the real quilt."""

import difflib
import shutil

import pytest

from scripts.dev.lint.rules import ALL_RULES
from scripts.dev.lint.rules.context import Context
from scripts.series import quilt, walk

HEADER = '''\
From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: A. Maintainer <maintainer@example.org>
Date: Sun, 22 Nov 2026 10:00:00 +0000
Subject: ssl: add one thing

It adds one thing because another one cannot be had without it.
Nothing changes for those who do not use it.  It can be dropped when
upstream has it.

Origin: vendor
Bug: https://bugs.python.org/issue22559
Forwarded: not-needed
Last-Update: 2026-11-22
---
'''

C_SOURCE = '''\
#define FIRST 1

int
add(int a, int b)
{
    if (a > b) {
        a = b;
    }
    return a + b;
}
'''

SSL_PY = ''.join('line_{0} = {0}\n'.format(number)
                 for number in range(1, 701))

SETUP_PY = '''\
openssl_ver = 0
openssl_ver = compute()

min_openssl_ver = 0x00907000
if openssl_ver < min_openssl_ver:
    exts.append('_sha256')
'''

TEST_SSL_PY = '''\
def test_main():
    tests = [ContextTests, BasicTests]
    if threads:
        tests.append(ThreadedTests)
    run(tests)
'''

FILES = {
    'Modules/_ssl.c': C_SOURCE, 'Lib/ssl.py': SSL_PY, 'setup.py': SETUP_PY,
    'Lib/test/test_ssl.py': TEST_SSL_PY, 'Misc/NEWS': 'News\n',
    'configure': '#!/bin/sh\nexit 0\n',
}


class Project:
    """A checkout at ``root``; ``pristine`` is its pinned source."""

    def __init__(self, folder):
        self._place(folder)
        self._now = {}      # files as the patches of write() leave them
        self.patches.mkdir(parents=True)
        self.series.write_text('')
        for path, text in FILES.items():
            self.put(self.pristine, path, text)
        self.pyconfig.parent.mkdir()
        self.pyconfig.write_text('')

    def _place(self, folder):
        self.root = folder / 'checkout'
        self.patches = self.root / 'patches'
        self.series = self.root / 'series'
        self.pristine = folder / 'pristine'
        self.pyconfig = folder / 'pyconfig' / 'pyconfig.h'
        self.work = folder / 'work'

    @staticmethod
    def put(tree, path, text):
        path = tree / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def names(self):
        return self.series.read_text().split()

    def add(self, name, changes, header=HEADER):
        """Add the patch *name*; *changes*: {path: (old, new) or text}.

        A text becomes the whole file; a pair replaces one string in it.
        """
        tree = walk.copy_tree(str(self.pristine), str(self.work))
        options = dict(patches_dir=self.patches, series_file=self.series)
        if self.names():
            quilt.quilt(tree, 'push', '-a', **options)
        quilt.quilt(tree, 'new', name, **options)
        for path, change in changes.items():
            quilt.quilt(tree, 'add', path, **options)
            if isinstance(change, tuple):
                text = (self.work / path).read_text()
                assert change[0] in text
                change = text.replace(change[0], change[1], 1)
            self.put(self.work, path, change)
        quilt.quilt(tree, 'refresh', **options)
        shutil.rmtree(tree)
        self.edit(name, lambda text: header + text)
        return name

    def write(self, name, changes):
        """As add(), but without quilt: quick, and good enough wherever the
        bytes of a refresh do not matter."""
        text = HEADER
        for path, change in sorted(changes.items()):
            old = self._now.get(path)
            if old is None and (self.pristine / path).exists():
                old = (self.pristine / path).read_text()
            if isinstance(change, tuple):
                assert change[0] in old
                change = old.replace(change[0], change[1], 1)
            self._now[path] = change
            text += ''.join(difflib.unified_diff(
                (old or '').splitlines(True), change.splitlines(True),
                '/dev/null' if old is None else 'a/' + path, 'b/' + path))
        (self.patches / name).write_text(text)
        with self.series.open('a') as file:
            file.write(name + '\n')

    def copy(self, folder):
        """A copy of the project in *folder*, as new."""
        shutil.copytree(str(self.root.parent), str(folder))
        copy = Project.__new__(Project)
        copy._place(folder)
        copy._now = dict(self._now)
        return copy

    def edit(self, name, change):
        """Replace the text of the patch *name* by change(text)."""
        path = self.patches / name
        path.write_text(change(path.read_text()))

    def context(self, **options):
        options.setdefault('pyconfig', lambda: str(self.pyconfig))
        return Context(str(self.root), str(self.pristine), **options)

    def lint(self, rule_id, **options):
        """The findings of one rule, "where: message" strings."""
        rule = next(rule for rule in ALL_RULES if rule.id == rule_id)
        with self.context(**options) as context:
            return ['{}: {}'.format(*finding)
                    for finding in rule.check(context) or ()]


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)
