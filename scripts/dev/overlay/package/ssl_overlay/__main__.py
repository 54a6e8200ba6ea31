"""python -m ssl_overlay: which ssl is in use, and is that as it should be?"""

import sys

# What had been imported when this began, before all that is imported here.
BEFORE = list(sys.modules)

import argparse  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402

from ssl_overlay import judge, places, report  # noqa: E402


def show(facts):
    """Print *facts* for people."""
    use, own = facts['in_use'], facts['own']
    lines = [
        ('python', facts['python']),
        ('ssl', use['ssl'] or use['error']),
        ('_ssl', use['_ssl'] or use['error']),
        ('OpenSSL', '%s, %s' % (
            use['openssl'], 'in the overlay' if facts['bundled']
            else 'a library of its own')),
        ('series', '%s: %s' % (facts['version'],
                               ' '.join(facts['groups']) or 'no groups')),
        ('without it', '%s, %s' % (own['ssl'], own['openssl'])),
        ('', own['known']['what'] if own['known']
         else 'not known: sha256 %s' % own['sha256'])]
    for title, text in lines:
        print('%-11s %s' % (title, text))


def main():
    parser = argparse.ArgumentParser(
        prog='python -m ssl_overlay', description=__doc__)
    parser.add_argument(
        '--check', action='store_true', help='exit 1 if the overlay is not '
        "in front, or if the interpreter's own ssl.py is not known")
    parser.add_argument(
        '--known', metavar='SHA256', action='append', default=[],
        help='an ssl.py that you know and accept; may be repeated')
    parser.add_argument('--json', action='store_true',
                        help='print all facts, for programs')
    args = parser.parse_args()
    if not os.path.isdir(places.HERE):
        sys.exit('problem: %s is no folder: from a zip file, neither the .pth '
                 'line is run nor _ssl loaded; install the wheel with pip'
                 % places.HERE)
    facts = report.collect(BEFORE)
    facts['problems'] = judge.problems(facts, args.known)
    if args.json:
        print(json.dumps(facts, indent=1, sort_keys=True))
    elif not args.check:
        show(facts)
    if not args.json:
        for text in facts['problems']:
            sys.stderr.write('problem: %s\n' % text)
    return 1 if args.check and facts['problems'] else 0


if __name__ == '__main__':
    sys.exit(main())
