"""Run a program in the user's locale, as many programs ask for.

    python2.7 localised27.py FILE ARGUMENT ...   or: -m MODULE ARGUMENT ...
"""

import locale

import start27

locale.setlocale(locale.LC_ALL, '')
start27.program()
