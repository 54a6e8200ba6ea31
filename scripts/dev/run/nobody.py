"""Commands run by a user who owns nothing; only root can do that."""

UID = 65534

#: Not every release has setpriv.
_BECOME = ('import os, sys; os.setgroups([]); os.setgid({0}); '
           'os.setuid({0}); os.execvp(sys.argv[1], sys.argv[1:])').format(UID)


def command(*words):
    """The command (str list) that runs *words* so."""
    return ['python3', '-c', _BECOME, *words]
