"""Run a program as another user, with none of root's rights.

    python2.7 another27.py UID FILE ARGUMENT ...   or: UID -m MODULE ...
"""

import os
import sys

import start27

uid = int(sys.argv.pop(1))
os.setgroups([])
os.setgid(uid)
os.setuid(uid)
start27.program()
