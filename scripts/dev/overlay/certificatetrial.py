"""Are the system's certificates found, wherever the system has them?"""

import json
import re
import shutil

from scripts.base import console
from scripts.dev.overlay import sources, trial

SOURCE = sources.PACKAGE / 'src' / 'certificates.c'

_LOOK = ('import json, ssl; paths = ssl.get_default_verify_paths(); '
         'print(json.dumps([paths.cafile, '
         'len(ssl.create_default_context().get_ca_certs())]))')


def places(text):
    """The files (list of str) in *text* (str, certificates.c), in order."""
    table = re.search(r'files\[\] = \{(.*?)\};', text, re.DOTALL)[1]
    return re.findall(r'^\s*"([^"]+)"', table, re.MULTILINE)


def _look(place, python, env):
    return json.loads(place.run([python, '-c', _LOOK], env))


def run(place, python, env):
    """Let *python* (path), which has a wheel, look for certificates in each
    place, all others being empty, and where SSL_CERT_FILE says; ends the
    program if it finds others.  The root of *place* is changed."""
    certificates = trial.CERTS / 'ca.pem'
    paths = places(SOURCE.read_text())
    for path in paths:
        place.outside(path).unlink(missing_ok=True)
    for path in paths:
        target = place.outside(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(certificates, target)
        if _look(place, python, env) != [path, 1]:
            console.fail('{}: the certificates in {} are not found'.format(
                place.title, path))
        target.unlink()
    named = str(place.put(certificates))
    if _look(place, python, dict(env, SSL_CERT_FILE=named)) != [named, 1]:
        console.fail('{}: SSL_CERT_FILE is not read'.format(place.title))
