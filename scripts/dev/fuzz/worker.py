"""One interpreter's side of a comparison: conversations over a pipe.

    python worker.py LIB_TESTS [canary]

Runs on Python 2.7 and 3.  Each line on standard input is a request in JSON,
each gets one line with the answer:

    {"setup": {...}}        begin a conversation: {}
    {"call": [...]}         {"outcome": [...], "noise": bool}, or
                            {"broken": text}
    {"hello": 1}            what this interpreter is

With "canary" pending() is one more than it is, which has to be noticed.
"""

from __future__ import print_function

import json
import ssl
import sys
import traceback
import warnings

LIB_TESTS = sys.argv[1]
CANARY = sys.argv[2:] == ['canary']
sys.path[0] = LIB_TESTS     # not this folder
warnings.simplefilter('ignore')

import conversation  # noqa: E402
import differences  # noqa: E402
import tls  # noqa: E402


def hello():
    return {'version': sys.version.split()[0],
            'openssl': ssl.OPENSSL_VERSION,
            'differences': [entry.id for entry in differences.DIFFERENCES
                            if entry.applies_to(sys.version_info)]}


def main():
    talk = None
    count = 0
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        request = json.loads(line)
        if 'hello' in request:
            answer = hello()
        elif 'setup' in request:
            count += 1
            talk = None
            if count % 200 == 0:
                tls.forget_errors()
            talk = conversation.Conversation(request['setup'])
            answer = {}
        else:
            try:
                answer = {'outcome': talk.call(request['call']),
                          'noise': talk.noise}
                if CANARY and request['call'][0] == 'pending':
                    answer['outcome'][1] += 1
            except conversation.Broken as error:
                answer = {'broken': str(error)}
            except Exception:
                answer = {'broken': traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + '\n')
        sys.stdout.flush()


if __name__ == '__main__':
    main()
