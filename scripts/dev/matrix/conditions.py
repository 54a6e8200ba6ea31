"""Conditions for a run of tests: OpenSSL's configuration and the clock."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

from scripts.base import console

MUSL_CC = Path(__file__).resolve().with_name('musl-cc')

_CONF = '''\
openssl_conf = default_conf
[default_conf]
ssl_conf = ssl_sect
[ssl_sect]
system_default = system_default_sect
[system_default_sect]
'''


_FIPS = '''\
config_diagnostics = 1
openssl_conf = default_conf
.include {}/ssl/fipsmodule.cnf
[default_conf]
providers = providers
alg_section = algorithms
[providers]
fips = fips_sect
base = base
[base]
activate = 1
[algorithms]
default_properties = fips=yes
'''


def fips_conf(prefix, path):
    """Write an OPENSSL_CONF for the FIPS provider of the OpenSSL in
    *prefix*, and no other that has algorithms, to *path* (Path).  Returns
    the variables for it (dict)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_FIPS.format(prefix))
    return {'OPENSSL_CONF': str(path)}


def openssl_conf(text, path):
    """Write an OPENSSL_CONF with *text* (str), lines for all TLS contexts,
    to *path* (Path).  Returns the variables for it (dict)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_CONF + text)
    return {'OPENSSL_CONF': str(path)}


def clock_variables(clock, wanted_by):
    """The variables (dict) that set the clock to *clock* ('YYYY-MM-DD
    hh:mm:ss') by libfaketime; it goes on from there.

    wanted_by: for the message that ends the program without it (str).
    """
    if not shutil.which('faketime'):
        console.fail('{}: there is no faketime'.format(wanted_by),
                     'apt-get install faketime (elsewhere: libfaketime)')
    output = subprocess.run(
        ['faketime', '-f', '@' + clock, 'env'], check=True, text=True,
        stdout=subprocess.PIPE).stdout
    return dict(re.findall(r'^(LD_PRELOAD|FAKETIME)=(.*)$', output,
                           re.MULTILINE))


def musl_compiler():
    """The command of the compiler for musl; ends the program if none."""
    if not shutil.which('musl-gcc'):
        console.fail('MATRIX_EXTRA=musl: there is no musl-gcc',
                     'apt-get install musl-tools')
    return shlex.quote(str(MUSL_CC))
