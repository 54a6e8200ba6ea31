#!/bin/sh
# Prints Lib/ssl_series.py, by which an interpreter says which patches it was
# built with:
#
#   sh ssl_series.sh [--patch] [--version VERSION] [--patches FOLDER] NAME...
#
# NAME: the names of the patches in the order in which they were applied.
# With --patch it prints a patch that adds the file.  By default version and
# patches are those of the release or checkout that this file is in.
set -eu

fail() {
    echo "ssl_series.sh: $1" >&2
    exit 1
}

top=$(dirname "$0")/..
form=module
version=
patches=$top/patches
while [ $# -gt 0 ]; do
    case $1 in
        --version | --patches)
            [ $# -gt 1 ] && [ -n "$2" ] || fail "$1 what? Write its value" ;;
    esac
    case $1 in
        --patch) form=patch; shift ;;
        --version) version=$2; shift 2 ;;
        --patches) patches=$2; shift 2 ;;
        *) break ;;
    esac
done
[ $# -gt 0 ] || fail 'name the patches that were applied'
[ -n "$version" ] || version=$(cat "$top/VERSION")

groups=
for name in "$@"; do
    [ -f "$patches/$name" ] || fail "there is no $patches/$name"
    group=${name#*-}
    group=${group%%-*}
    case " $groups " in
        *" $group "*) ;;
        *) groups="${groups:+$groups }$group" ;;
    esac
done

content() {
    for name in "$@"; do
        cat "$patches/$name"
    done
}

digest() {
    if command -v sha256sum > /dev/null; then
        sha256sum
    else
        shasum -a 256
    fi
}

sha256=$(content "$@" | digest)

module() {
    cat << END
"""The patches that this interpreter's ssl was built with.

SERIES is a dict: version, of the series of patches (a str); groups and
patches, the names of those that were applied, in their order (lists of str);
patches_sha256, of these files one after the other (a str, hexadecimal).  It
is a literal, so that it can be read without running anything.

"python -m ssl_series" prints that and the ssl in use, as JSON.
"""

SERIES = {
    'version': '$version',
    'groups': [
$(printf "        '%s',\n" $groups)
    ],
    'patches': [
$(printf "        '%s',\n" "$@")
    ],
    'patches_sha256':
        '${sha256%% *}',
}


def in_use():
    """What "import ssl" gives (dict): ssl and _ssl, where they are (str);
    openssl (str); error, why ssl cannot be imported (str), or None."""
    try:
        import _ssl
        import ssl
    except ImportError as error:
        return {'ssl': None, '_ssl': None, 'openssl': None,
                'error': str(error)}
    return {'ssl': ssl.__file__, 'openssl': ssl.OPENSSL_VERSION,
            '_ssl': getattr(_ssl, '__file__', 'built-in'), 'error': None}


if __name__ == '__main__':
    import json
    import sys
    python = '%s, %s' % (sys.executable, sys.version.split()[0])
    print(json.dumps(dict(SERIES, python=python, file=__file__,
                          in_use=in_use()), indent=1, sort_keys=True))
END
}

if [ $form = module ]; then
    module "$@"
    exit
fi
cat << END
Description: ssl_series: say which patches of "PEP 546 for real" are applied
 Written by packaging/ssl_series.sh of version $version for exactly the
 patches that are applied here: write it anew when these change.
Origin: vendor
Forwarded: not-needed

--- /dev/null
+++ b/Lib/ssl_series.py
@@ -0,0 +1,$(module "$@" | wc -l | tr -d ' ') @@
END
module "$@" | sed 's/^/+/'
