#!/bin/sh
# Check the variables, and for the tools and headers that the build needs.  As
# root, with a package manager that is known, install what is missing;
# otherwise, or with BOOTSTRAP=no, stop with the command to type.
# What is installed is neither upgraded nor removed.  What a variable names
# and does not run was misspelt: it is an error, and nothing is installed.
# Arguments name what is needed besides: faketime, debootstrap, rpmbuild, spin,
# minisign.
set -u
unset PYTHONSAFEPATH    # hides scripts/ from "python3 -m scripts"
unset CDPATH            # lets cd go elsewhere, and print where
unset PYTHONINSPECT     # waits for commands at the end

NAMED_CC=${CC:-}
CC=${CC:-cc}
PYTHON3=${PYTHON3:-python3}
INTERVAL=30     # seconds between two lines on what is being installed

# What scripts/ imports: a module of the same name that PYTHONPATH puts in
# front stops them all.
MODULES="argparse, ast, base64, collections, concurrent, configparser, \
contextlib, csv, ctypes, dataclasses, datetime, difflib, email, fcntl, fnmatch, \
functools, glob, gzip, hashlib, html, http, importlib, inspect, io, itertools, \
json, locale, math, multiprocessing, operator, os, pathlib, platform, posixpath, pprint, \
random, re, resource, runpy, secrets, select, shlex, shutil, signal, socket, socketserver, \
ssl, stat, statistics, string, struct, subprocess, sys, sysconfig, tarfile, \
tempfile, textwrap, threading, time, tokenize, traceback, types, typing, unittest, \
urllib.error, urllib.parse, urllib.request, uuid, warnings, \
xml.etree.ElementTree, zipfile, zlib"

root=$(cd "$(dirname "$0")/.." && pwd)

have() { command -v "$1" >/dev/null 2>&1; }

stop() {
    echo "error: $1" >&2
    echo "  -> $2; nothing was installed" >&2
    exit 1
}

have_compiler() {
    set -- $CC
    [ $# != 0 ] && have "$1"
}

# compiles OPTION...: the compiler runs; what it says is in $said.
compiles() {
    said=$(echo a_word_to_keep | $CC "$@" -E -x c - 2>&1) || return 1
    case $said in *a_word_to_keep*) return 0 ;; *) return 1 ;; esac
}

header() {
    printf '#include <stddef.h>\n#include <stdio.h>\n#include <%s>\n' "$1" |
        $CC ${CPPFLAGS:-} -E -x c - >/dev/null 2>&1
}

# If it does not run, every header would look missing.
check_compiler() {
    if ! have_compiler; then
        [ -z "$NAMED_CC" ] && return
        stop "CC=$NAMED_CC: there is no such program" \
            'name a compiler that is installed, or leave CC out'
    fi
    compiles ${CPPFLAGS:-} && return
    found=$(echo "$said" | head -n 1)
    [ -n "${CPPFLAGS:-}" ] && compiles &&
        stop "CPPFLAGS=$CPPFLAGS: the compiler refuses it: $found" \
            'correct CPPFLAGS, or leave it out'
    [ -n "$NAMED_CC" ] &&
        stop "CC=$NAMED_CC is no C compiler that works: $found" \
            'name another one, or leave CC out'
    stop "the C compiler, cc, does not work: $found" \
        'repair it, or name another one, as CC=gcc'
}

# imports MODULES: Python 3.9 or later runs and has them; what it says is in
# $said.
imports() {
    said=$("$PYTHON3" -c "import sys
if sys.version_info < (3, 9): sys.exit('it is Python %d.%d' %
                                       sys.version_info[:2])
if sys.path[:1] == ['']: del sys.path[0]    # not what is in this folder
import $1
print('a_word_to_keep')" 2>&1 </dev/null) || return 1
    case $said in *a_word_to_keep*) return 0 ;; *) return 1 ;; esac
}

python_is_new() {
    [ "${python_looked_at:-}" = good ] && return
    imports "$MODULES" && python_looked_at=good
}

python_has_venv() { imports 'venv, ensurepip'; }

# What a Python that does not run says, in a line: of a traceback the last one
# tells, of other words the first one.
reason() {
    found=$(echo "$said" | grep -E '^(it is|[A-Za-z.]+Error:)' | tail -n 1)
    echo "${found:-$(echo "$said" | head -n 1)}"
}

# not_by_variables MODULES: end it if they are missing because of a variable
# that Python reads.
not_by_variables() {
    imports "$1" && return
    found=$(reason)
    # Not PYTHON3 and PYTHON27: they are ours.
    for name in $(env | sed -n 's/^\(PYTHON[A-Z][A-Z0-9_]*\)=.*/\1/p'); do
        eval "value=\${$name:-}"
        (unset "$name" && imports "$1") || continue
        stop "$name=$value: $PYTHON3 does not run with it: $found" \
            "correct $name, or leave it out"
    done
}

check_python() {
    if ! have "$PYTHON3"; then
        [ "$PYTHON3" = python3 ] && return
        stop "PYTHON3=$PYTHON3: there is no such program" \
            'name a Python 3.9 or later, or leave PYTHON3 out'
    fi
    not_by_variables "$MODULES"
    not_by_variables 'venv, ensurepip'
    [ "$PYTHON3" = python3 ] || python_is_new && return
    stop "PYTHON3=$PYTHON3 is no Python 3.9 or later that works: $(reason)" \
        'name another one, or leave PYTHON3 out'
}

# The values of the variables, once Python can look at them.
checked=no
check_variables() {
    [ $checked = no ] && have "$PYTHON3" && python_is_new || return 0
    (cd "$root" && "$PYTHON3" -m scripts variables) || exit 1
    checked=yes
}

certificates() {
    for file in "${SSL_CERT_FILE:-/nowhere}" \
        /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
        /etc/ssl/cert.pem
    do
        [ -s "$file" ] && return 0
    done
    return 1
}

services() { [ -s /etc/services ] && [ -s /etc/protocols ]; }

manager() {
    for name in apt-get dnf apk pacman; do
        have "$name" && { echo "$name"; return; }
    done
    echo none
}
MANAGER=$(manager)

# True if the package is installed.
installed() {
    case $MANAGER in
        apt-get) dpkg-query -W -f='${Status}\n' "$1" |
            grep 'install ok installed' ;;
        dnf) ! rpm -q "$1" >/dev/null || echo yes ;;
        apk) apk info -e "$1" ;;
        pacman) pacman -Q "$1" ;;
    esac 2>/dev/null | grep -q .
}

# need KIND LABEL APT DNF APK PACMAN COMMAND...: run COMMAND; if it fails,
# remember the package, unless that is installed and thus no cure.  KIND is
# required, or wanted for what can do without.
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
    # Without a compiler nobody knows, but what is installed will be found.
    [ "$1" = header ] && ! have_compiler && installed "$package" && return
    if [ "$kind" = required ]; then
        required="$required$label, "
    else
        wanted="$wanted$label, "
    fi
    [ -n "$package" ] || return
    if installed "$package"; then
        [ "$kind" = wanted ] || no_cure="$no_cure$label ($package), "
        return
    fi
    [ "$kind" = wanted ] || needed="$needed $package"
    case " $packages " in
        *" $package "*) ;;
        *) packages="$packages${packages:+ }$package" ;;
    esac
}

look() {
    required= wanted= packages= needed= no_cure=
    need required 'a C compiler' gcc gcc gcc gcc have_compiler
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
    need wanted '/etc/services and /etc/protocols (for make test)' netbase \
        setup alpine-baselayout-data iana-etc services
    case " $EXTRA " in *' faketime '*)
        need wanted 'libfaketime (for a clock of its own)' faketime libfaketime \
            libfaketime libfaketime have faketime ;;
    esac
    case " $EXTRA " in *' debootstrap '*)
        need required debootstrap debootstrap debootstrap debootstrap \
            debootstrap have debootstrap ;;
    esac
    case " $EXTRA " in *' rpmbuild '*)
        need required rpmbuild rpm rpm-build rpm rpm-tools have rpmbuild ;;
    esac
    case " $EXTRA " in *' minisign '*)
        need required 'minisign (for make release-key)' minisign minisign \
            minisign minisign have minisign ;;
    esac
    case " $EXTRA " in *' spin '*)
        need required 'spin (for make model)' spin spin spin spin \
            have spin ;;
    esac
    required=${required%, } wanted=${wanted%, } no_cure=${no_cure%, }
}

# What installs the packages; $1 are options that are not for people.
command_line() {
    case $MANAGER in
        apt-get) set -- apt-get ${1:-} install -y --no-upgrade \
            --no-install-recommends ;;
        dnf) set -- dnf install ${1:--y} --setopt=install_weak_deps=False ;;
        apk) set -- apk add ${1:-} ;;
        pacman) set -- pacman -S --needed --noconfirm ${1:-} ;;
    esac
    echo "$* $packages"
}

# What installing the packages would upgrade or remove, a line each.
changes() {
    case $MANAGER in
        apt-get) LC_ALL=C $(command_line -s) | sed -n -E \
            -e 's/^Inst ([^ ]+) \[([^]]*)\] \(([^ ]+).*/\1 (\2 to \3)/p' \
            -e 's/^Remv ([^ ]+).*/\1 (removed)/p' ;;
        dnf) LC_ALL=C $(command_line --assumeno) | sed -n -E \
            '/^(Upgrading|Downgrading|Removing)/,/^$/s/^ +([^ ]+) .*/\1/p' ;;
        apk) $(command_line --simulate) | sed -n -E \
            's/^\([0-9/]+\) (Upgrading|Downgrading|Purging) (.*)/\2/p' ;;
        pacman) $(command_line '--print --print-format %n') |
            while read -r name; do pacman -Q "$name"; done ;;
    esac 2>/dev/null
}

# End it, or leave out what can be done without, rather than change what is
# installed.
refuse_changes() {
    changed=$(changes)
    [ -n "$changed" ] || return 0
    all=$packages packages=${needed# }
    if [ -z "$packages" ] || [ -n "$(changes)" ]; then
        packages=$all
        echo '    to install this would change what is installed:'
        echo "$changed" | sed 's/^/      /'
        return 1
    fi
    echo "    left out what would change what is installed, of: $all"
}

# True if apt knows a version of every package.
apt_has_candidates() {
    for package in $packages; do
        apt-cache policy "$package" 2>/dev/null |
            grep -q 'Candidate: [^(]' || return 1
    done
}

# What the package manager does now, out of $LOG.
last_words() {
    tail -n 40 "$LOG" | sed -n -E \
        -e 's/^Get:[0-9]+( [^ ]+){3} ([A-Za-z0-9][^ ]*).*/, fetching \2/p' \
        -e 's/^Unpacking ([^ ]+).*/, unpacking \1/p' \
        -e 's/^Setting up ([^ ]+).*/, setting up \1/p' \
        -e 's/^.*[Ii]nstalling *:? *([A-Za-z0-9][^ ]*).*/, installing \1/p' |
        tail -n 1
}

say_progress() {
    passed=0
    while sleep 1 >/dev/null 2>&1; do
        kill -0 $$ 2>/dev/null || exit 0
        passed=$((passed + 1))
        if [ -t 1 ]; then
            printf '\r\033[K    %s%s, %s s' "$MANAGER" "$(last_words)" $passed
        elif [ $((passed % INTERVAL)) = 0 ]; then
            echo "    $MANAGER$(last_words), $passed s"
        fi
    done
}

# watched COMMAND...: run it with its output in $LOG; say how far it is.
watched() {
    say_progress &
    watcher=$!
    "$@" >>"$LOG" 2>&1 </dev/null
    status=$?
    kill $watcher 2>/dev/null
    wait $watcher 2>/dev/null
    [ -t 1 ] && printf '\r\033[K'
    return $status
}

update() {
    case $MANAGER in
        apt-get) watched apt-get -q update ;;
        pacman) watched pacman -Sy ;;
        *) false ;;
    esac
}

install() {
    if [ "$MANAGER" = apt-get ]; then
        export DEBIAN_FRONTEND=noninteractive
        if ! apt_has_candidates; then
            echo '==> Updating the list of packages: apt-get update'
            update || { tail -n 25 "$LOG"; return 1; }
        fi
    fi
    refuse_changes || return 2
    echo "==> Installing what is missing: $(command_line)"
    watched $(command_line) && return
    # An outdated list of packages is the most common reason to fail.
    update && { refuse_changes || return 2; } && watched $(command_line) &&
        return
    tail -n 25 "$LOG"
    return 1
}

# For targets that need no more: ends it if a variable keeps Python from
# running, whatever else it lacks.
if [ "$*" = --variables-of-python ]; then
    not_by_variables sys
    exit 0
fi

EXTRA=$*
case $(echo "${BOOTSTRAP:-yes}" | tr A-Z a-z) in
    yes | y | 1 | true | on) may_install=yes ;;
    no | n | 0 | false | off) may_install=no ;;
    *) stop "BOOTSTRAP=$BOOTSTRAP: neither yes nor no" \
        'write BOOTSTRAP=yes or BOOTSTRAP=no' ;;
esac
check_compiler
check_python
check_variables
look
[ -z "$required$wanted" ] && exit 0

[ -z "$required" ] || echo "    missing: $required"
[ -z "$wanted" ] || echo "    missing, can do without: $wanted"
if [ -n "$no_cure" ]; then
    stop "installed, but not found or not working: $no_cure" \
        'PATH, CC or CPPFLAGS may hide it'
fi
if [ "$(id -u)" = 0 ] && [ "$MANAGER" != none ] && [ -n "$packages" ] &&
    [ $may_install = yes ]
then
    mkdir -p "$root/build/logs"
    LOG=$root/build/logs/bootstrap.log
    : >"$LOG"
    # By sudo: the rest is made by the one who owns the checkout.
    chown "$(stat -c %u:%g "$root")" "$root/build" "$root/build/logs" "$LOG"
    install
    failed=$?
    if [ $failed != 0 ]; then
        if [ -n "$required" ] && [ $failed = 2 ]; then
            echo 'error: nothing was installed' >&2
            echo '  -> if these changes are all right, type:' \
                "$(command_line)" >&2
            exit 1
        fi
        if [ -n "$required" ]; then
            echo "error: the packages could not be installed" >&2
            echo "  -> the whole output is in $LOG" >&2
            [ "$MANAGER" = dnf ] &&
                echo "     on RHEL and its kin quilt is in EPEL" >&2
            exit 1
        fi
        echo "    they could not be installed (see $LOG): going on without"
    fi
    look
    [ -z "$required" ] && { check_variables; exit 0; }
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
[ -z "$packages" ] || [ "$MANAGER" = none ] ||
    echo "    to have it: $(command_line)"
exit 0
