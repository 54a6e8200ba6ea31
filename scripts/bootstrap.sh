#!/bin/sh
# Check for the tools and headers that the build needs.  As root, with a
# package manager that is known, install what is missing; otherwise, or with
# BOOTSTRAP=no, stop with the command to type.  What is there is not touched.
# Arguments name what is needed besides: faketime, debootstrap, rpmbuild.
set -u

CC=${CC:-cc}
PYTHON3=${PYTHON3:-python3}

have() { command -v "$1" >/dev/null 2>&1; }

header() {
    printf '#include <stddef.h>\n#include <stdio.h>\n#include <%s>\n' "$1" |
        $CC ${CPPFLAGS:-} -E -x c - >/dev/null 2>&1
}

python_is_new() {
    "$PYTHON3" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null
}

python_has_venv() { "$PYTHON3" -c 'import venv, ensurepip' 2>/dev/null; }

certificates() {
    for file in "${SSL_CERT_FILE:-/nowhere}" \
        /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
        /etc/ssl/cert.pem
    do
        [ -s "$file" ] && return 0
    done
    return 1
}

manager() {
    for name in apt-get dnf apk pacman; do
        have "$name" && { echo "$name"; return; }
    done
    echo none
}
MANAGER=$(manager)

# need KIND LABEL APT DNF APK PACMAN COMMAND...: run COMMAND; if it fails,
# remember the package.  KIND is required, or wanted for what can do without.
need() {
    kind=$1 label=$2 apt=$3 dnf=$4 apk=$5 pacman=$6
    shift 6
    "$@" && return
    case $MANAGER in
        apt-get) package=$apt ;;
        dnf) package=$dnf ;;
        apk) package=$apk ;;
        pacman) package=$pacman ;;
        *) package= ;;
    esac
    if [ "$kind" = required ]; then
        required="$required$label, "
    else
        wanted="$wanted$label, "
    fi
    case " $packages " in
        *" $package "*) ;;
        *) packages="$packages${packages:+ }$package" ;;
    esac
}

look() {
    required= wanted= packages=
    need required 'a C compiler' gcc gcc gcc gcc have "${CC%% *}"
    need required 'the C library headers' libc6-dev glibc-devel musl-dev \
        glibc header stdlib.h
    need required make make make make make have make
    need required quilt quilt quilt quilt quilt have quilt
    need required patch patch patch patch patch have patch
    need required tar tar tar tar tar have tar
    need required git git git git git have git
    need required 'Python 3.9 or later' python3 python3 python3 python \
        python_is_new
    need required 'the openssl program' openssl openssl openssl openssl \
        have openssl
    if [ -z "${OPENSSL:-}" ]; then
        need required "OpenSSL's headers" libssl-dev openssl-devel \
            openssl-dev openssl header openssl/ssl.h
    fi
    need required "zlib's headers" zlib1g-dev zlib-devel zlib-dev zlib \
        header zlib.h
    need wanted "bzip2's headers" libbz2-dev bzip2-devel bzip2-dev bzip2 \
        header bzlib.h
    need wanted "SQLite's headers" libsqlite3-dev sqlite-devel sqlite-dev \
        sqlite header sqlite3.h
    need wanted "libffi's headers" libffi-dev libffi-devel libffi-dev libffi \
        header ffi.h
    need wanted "readline's headers" libreadline-dev readline-devel \
        readline-dev readline header readline/readline.h
    need wanted "Python's venv and ensurepip (for make test)" python3-venv \
        python3 python3 python python_has_venv
    need wanted 'CA certificates (for downloads)' ca-certificates \
        ca-certificates ca-certificates ca-certificates certificates
    case " $EXTRA " in *' faketime '*)
        need wanted 'libfaketime (for make clients)' faketime libfaketime \
            libfaketime libfaketime have faketime ;;
    esac
    case " $EXTRA " in *' debootstrap '*)
        need required debootstrap debootstrap debootstrap debootstrap \
            debootstrap have debootstrap ;;
    esac
    case " $EXTRA " in *' rpmbuild '*)
        need required rpmbuild rpm rpm-build rpm rpm-tools have rpmbuild ;;
    esac
    required=${required%, } wanted=${wanted%, }
}

command_line() {
    case $MANAGER in
        apt-get) echo "apt-get install -y --no-install-recommends $packages" ;;
        dnf) echo "dnf install -y $packages" ;;
        apk) echo "apk add $packages" ;;
        pacman) echo "pacman -S --needed --noconfirm $packages" ;;
    esac
}

# True if apt knows a version of every package.
apt_has_candidates() {
    for package in $packages; do
        apt-cache policy "$package" 2>/dev/null |
            grep -q 'Candidate: [^(]' || return 1
    done
}

install() {
    echo "==> Installing what is missing: $(command_line)"
    if [ "$MANAGER" = apt-get ]; then
        export DEBIAN_FRONTEND=noninteractive
        if ! apt_has_candidates; then
            echo '    apt does not know all of them yet: apt-get update'
            apt-get -q update >"$LOG" 2>&1 || { tail -n 25 "$LOG"; return 1; }
        fi
    fi
    # An outdated list of packages is the most common reason to fail.
    $(command_line) >"$LOG" 2>&1 || {
        case $MANAGER in
            apt-get) apt-get -q update >>"$LOG" 2>&1 ;;
            pacman) pacman -Sy >>"$LOG" 2>&1 ;;
            *) false ;;
        esac && $(command_line) >>"$LOG" 2>&1
    } || { tail -n 25 "$LOG"; return 1; }
}

root=$(cd "$(dirname "$0")/.." && pwd)
EXTRA=$*
look
[ -z "$required$wanted" ] && exit 0

[ -z "$required" ] || echo "    missing: $required"
[ -z "$wanted" ] || echo "    missing, can do without: $wanted"
if [ "$(id -u)" = 0 ] && [ "$MANAGER" != none ] &&
    [ "${BOOTSTRAP:-yes}" != no ]
then
    mkdir -p "$root/build/logs"
    LOG=$root/build/logs/bootstrap.log
    : >"$LOG"
    # By sudo: the rest is made by the one who owns the checkout.
    chown "$(stat -c %u:%g "$root")" "$root/build" "$root/build/logs" "$LOG"
    install || {
        if [ -n "$required" ]; then
            echo "error: the packages could not be installed" >&2
            echo "  -> the whole output is in $LOG" >&2
            [ "$MANAGER" = dnf ] &&
                echo "     on RHEL and its kin quilt is in EPEL" >&2
            exit 1
        fi
        echo "    they could not be installed (see $LOG): going on without"
    }
    look
    [ -z "$required" ] && exit 0
    echo "error: still missing after the installation: $required" >&2
    echo "  -> is another compiler or Python first in PATH? CC= and" >&2
    echo "     PYTHON3= name the ones to use" >&2
    exit 1
fi

if [ -n "$required" ]; then
    echo "error: the build needs what is missing" >&2
    if [ "$MANAGER" = none ]; then
        echo "  -> install it with this system's package manager" >&2
    else
        echo "  -> type, as root: $(command_line)" >&2
    fi
    exit 1
fi
[ "$MANAGER" = none ] || echo "    to have it: $(command_line)"
exit 0
