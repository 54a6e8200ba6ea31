"""From a bare interpreter to asynchronous TLS, without anybody's C code.

    python2.7 bootstrap.py FOLDER [--cafile ca.pem --url https://host/ ...]

Run it with an installed patched Python 2.7 ("make install").  In FOLDER it
makes a virtual environment, brings pip into it by ensurepip, installs a
package, and fetches the URLs with asyncore_fetch.py.  What PEP 546 was for:
pip itself could have done its network I/O so.
"""

from __future__ import print_function

import argparse
import os
import subprocess
import sys
import sysconfig

HERE = os.path.dirname(os.path.abspath(__file__))
REQUIREMENTS = os.path.join(HERE, 'requirements-bootstrap.txt')
COMPILED = ('.so', '.pyd', '.dylib', '.dll')


class Failure(Exception):
    """A step did not do what it should."""


def run(*argv, **variables):
    """Run a command and show it; Failure if it fails."""
    environ = dict((name, value) for name, value in os.environ.items()
                   if not name.startswith('PYTHON'))
    environ.update(variables, PIP_NO_PYTHON_VERSION_WARNING='1')
    print('$', ' '.join(argv))
    sys.stdout.flush()
    status = subprocess.call(argv, env=environ)
    if status:
        raise Failure('{} ended with status {}'.format(argv[0], status))


def pip(python, *arguments, **variables):
    run(python, '-m', 'pip', '--disable-pip-version-check', 'install',
        '--quiet', *arguments, **variables)


def compiled_files(folder):
    """Paths of compiled code in *folder*; links are not followed, which lead
    to the standard library."""
    return [os.path.join(parent, name)
            for parent, _, names in os.walk(folder) for name in names
            if name.endswith(COMPILED)
            and not os.path.islink(os.path.join(parent, name))]


def bootstrap(folder, package, urls, cafile):
    """Do it all.  *folder*: a path that does not exist yet."""
    base = os.path.join(folder, 'base')
    env = os.path.join(folder, 'env')
    python = os.path.join(env, 'bin', 'python')
    os.makedirs(folder)

    # Python 2.7 has no venv.  virtualenv, and the pip to install it with,
    # go to a "user base" in the folder: the interpreter stays as it is.
    user = {'PYTHONUSERBASE': base}
    run(sys.executable, '-m', 'ensurepip', '--user', **user)
    pip(sys.executable, '--user', '--no-warn-script-location',
        '--require-hashes', '-r', REQUIREMENTS, **user)
    run(sys.executable, '-m', 'virtualenv', '--quiet', '--no-pip',
        '--no-setuptools', '--no-wheel', '--no-download', env, **user)

    run(python, '-m', 'ensurepip')
    pip(python, package)
    found = compiled_files(folder)
    if found:
        raise Failure('compiled code was installed: ' + ', '.join(found))
    if urls:
        trust = ['--cafile', cafile] if cafile else []
        run(python, '-B', os.path.join(HERE, 'asyncore_fetch.py'),
            *(trust + urls))


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('folder', help='where to; must not exist')
    parser.add_argument('--package', default='six==1.17.0',
                        help='what pip installs (default: %(default)s)')
    parser.add_argument('--url', action='append', default=[], dest='urls',
                        help='fetch this; may be given repeatedly')
    parser.add_argument('--cafile', metavar='FILE',
                        help="whom to trust (default: the system's)")
    options = parser.parse_args(argv)
    if sys.version_info[0] != 2:
        parser.error('run it with Python 2.7; Python 3 has venv')
    if sysconfig.is_python_build():
        parser.error('this interpreter is not installed: "make install"')
    if os.path.exists(options.folder):
        parser.error('{} exists'.format(options.folder))
    try:
        bootstrap(os.path.abspath(options.folder), options.package,
                  options.urls, options.cafile)
    except Failure as error:
        return 'failed: {}'.format(error)
    print('done: {} in {}'.format(options.package, options.folder))


if __name__ == '__main__':
    sys.exit(main())
