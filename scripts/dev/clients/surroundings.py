"""What a client's tests find when they run: files, variables, the clock."""

import os
import shutil
import socket
import subprocess
import time

from scripts.base import console, paths
from scripts.dev.clients import packages, sources
from scripts.dev.matrix import conditions
from scripts.dev.run import examples27, intree

PY27 = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), 'py27')
_PATIENCE = 60      # seconds, for a port that somebody else uses


def self_signed(path):
    """Write a key and a self-signed certificate for localhost to *path*
    (Path)."""
    done = subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days',
         '3650', '-subj', '/CN=localhost', '-addext',
         'subjectAltName=DNS:localhost', '-keyout', str(path), '-out', '-'],
        text=True, capture_output=True)
    if done.returncode:
        console.fail('openssl made no certificate:\n' + done.stderr.strip(),
                     'it needs OpenSSL 1.1.1 or later: "openssl version" '
                     'says which one this is')
    with open(path, 'a') as file:
        file.write(done.stdout)


def _port_is_free(port):
    with socket.socket() as probe:
        # As servers do it: a connection in TIME_WAIT does not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', port))
        except OSError:
            return False
    return True


def wait_for_ports(client, patience=_PATIENCE):
    """Wait until the ports that *client* needs are free; ends the program
    after *patience* seconds."""
    deadline = time.monotonic() + patience
    for port in client.ports:
        while not _port_is_free(port):
            if time.monotonic() > deadline:
                console.fail(
                    '{} needs port {} of 127.0.0.1, which is in use'.format(
                        client.title, port),
                    'end the program that listens there ("ss -ltnp" names '
                    'it), or leave {} out of CLIENTS'.format(client.name))
            time.sleep(0.5)


def work_folder(client, variant, checkout=None):
    """A new folder in which the tests are run (Path), with what they
    need; that of *checkout* (definition.Checkout), if there is one."""
    where = packages.folder(client, variant)
    work = where / 'work'
    shutil.rmtree(work, ignore_errors=True)
    if client.tests_of:
        packages.unpack(client, variant, work)
    else:
        work.mkdir()
    for pattern in client.copies:
        found = sorted(variant.src.glob(pattern))
        if not found:
            console.fail('{}: no {} in {}'.format(client.name, pattern,
                                                  variant.src),
                         'see to "copies" in its definition')
        for path in found:
            (shutil.copytree if path.is_dir() else shutil.copy)(
                str(path), str(work / path.name))
    for name in client.files:
        self_signed(work / name)
    sources.copy_project(client, work)
    sources.edit(work, client.edits, client.name)
    sources.patch(client, work)
    temporary = where / 'tmp'
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    if checkout:
        sources.unpack_checkout(checkout, work / 'checkout')
        return work / 'checkout'
    return work


def clock_variables(client):
    """The variables (dict) for the client's clock, {} if it has none."""
    if not client.clock:
        return {}
    # Timeouts go by the other clock, which has to be true.
    return dict(conditions.clock_variables(
        client.clock, 'CLIENTS: {} runs with the clock at {}'.format(
            client.name, client.clock)), FAKETIME_DONT_FAKE_MONOTONIC='1')


def environ(client, variant):
    """The environ (dict) for the client's tests."""
    where = packages.folder(client, variant)
    env = intree.clean_env(variant)
    del env['PYTHONNOUSERSITE']
    env.update(PYTHONUSERBASE=str(packages.base(client, variant)),
               PYTHONDONTWRITEBYTECODE='1', PYTHONUNBUFFERED='1',
               TMPDIR=str(where / 'tmp'))
    path = [str(where / 'work' / name) for name in client.path]
    if client.startup:
        path.append(os.path.join(PY27, client.startup))
    if client.plugins or client.drop_in:
        path.append(PY27)
    if client.startup:
        path.append(str(paths.ROOT / 'docs' / 'examples'))
    if path:
        env['PYTHONPATH'] = os.pathsep.join(path)
    if client.installed:
        env['INSTALLED_PYTHON'] = str(examples27.installed(variant))
    if client.openssl_conf:
        env.update(conditions.openssl_conf(
            ''.join(line + '\n' for line in client.openssl_conf),
            where / 'openssl.cnf'))
    env.update(clock_variables(client))
    env.update(client.variables)
    return env
