# make, make test: see "make help".  The work is done by scripts/.

# Also where it is there and empty: "@$(PY) -m" would be "@ -m", whose failure
# make ignores.
override PYTHON3 := $(or $(strip $(PYTHON3)),python3)

# What the scripts read, as variables of make or of the environment.
export CONFIG PATCHES OPENSSL CPYTHON CONFIGURE_ARGS SHARED PREFIX
export DESTDIR JOBS DISTFILES CACHE BOOTSTRAP OPENSSL_VERSION PYTHON3
export TESTS SUITES ORACLE BENCH QUICK PYTHON3S PYTHON27S OPENSSL_VERSIONS
export MATRIX_EXTRA DEBIAN_MIRROR CLIENTS CLIENTS_STOCK SANITIZE REFLEAK
export FUZZ FUZZ_SECONDS FUZZ_INPUT MUTANTS SOAK_SECONDS BASE BASES
export DEBIAN DEBIAN_FULL BUNDLE_OPENSSL CHECK LINETESTS BARE PYTHON27 HASHLIB
export OVERLAY_TRIALS EVIDENCE PEP543 VARIATIONS PREVIOUS RELEASE_KEY RPM

# The first would hide scripts/ from "python3 -m scripts"; the second lets cd
# go elsewhere, also in the makefiles of others; the third makes each Python ask
# what next.
unexport PYTHONSAFEPATH CDPATH PYTHONINSPECT

PY := "$(PYTHON3)"
TOOLS_PY := build/tools/bin/python

.DEFAULT_GOAL := all
.NOTPARALLEL:
.SUFFIXES:
TARGETS := all test bootstrap fetch patch build demo install tarball \
	print-python openssl lint refresh bisect coverage bench matrix clients \
	sanitize refleak fuzz model mutants soak variations evidence review tools \
	dist release-key bases compare debian rpm bare overlay wheel overlay-test \
	overlay-bench clean distclean help
.PHONY: $(TARGETS)

WRONG := $(filter-out $(TARGETS),$(MAKECMDGOALS))
ifneq ($(WRONG),)
$(error there is no target "$(WRONG)"; "make help" lists all, and what they \
    take are variables, as in "make test TESTS=test_ssl")
endif

# Of the targets that do without bootstrap.
define needs_python
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 9))' \
		>/dev/null 2>&1 || { \
	sh scripts/bootstrap.sh --variables-of-python || exit 1; \
	echo "error: $(PYTHON3) does not run, or is older than Python 3.9" >&2; \
	echo '  -> "make bootstrap" says what to install' >&2; exit 1; }
endef

##@ The two that matter
all: bootstrap  ## build the patched interpreter and show what it can do
	@$(PY) -m scripts build
	@$(PY) -m scripts demo --once

test: all tools  ## test_ssl and its neighbours, Lib_tests, the tooling's tests
	@$(TOOLS_PY) -m scripts test

##@ For an interpreter that is there already
overlay: bootstrap  ## ssl of the series for PYTHON27=, in front of its own
	@$(PY) -m scripts overlay

wheel: bootstrap  ## wheels of it with an OpenSSL in them, and an sdist
	@$(PY) -m scripts wheel

overlay-test: wheel tools  ## try them in roots of Debian and Ubuntu
	@$(TOOLS_PY) -m scripts overlay-test

overlay-bench: wheel tools  ## what they cost, beside the built interpreter
	@$(TOOLS_PY) -m scripts overlay-bench

##@ Step by step
bootstrap:  ## check for (as root: install) the tools and headers needed
	@sh scripts/bootstrap.sh $(NEEDED)
clients variations: NEEDED := faketime
debian bare: NEEDED := debootstrap
overlay-test: NEEDED := debootstrap faketime
rpm: NEEDED := debootstrap rpmbuild
model: NEEDED := spin
release-key: NEEDED := minisign

fetch: bootstrap  ## fetch and verify the pinned source
	@$(PY) -m scripts fetch

patch: bootstrap  ## unpack the source and apply the series with quilt
	@$(PY) -m scripts patch

build: bootstrap  ## configure and compile
	@$(PY) -m scripts build

demo: build  ## TLS in memory, then against openssl s_server
	@$(PY) -m scripts demo

install: build  ## install to PREFIX (below DESTDIR)
	@$(PY) -m scripts install

tarball: build tools  ## an archive that runs from any folder, BUNDLE_OPENSSL=
	@$(TOOLS_PY) -m scripts tarball

print-python:  ## print the path of the built interpreter (with make -s)
	$(needs_python)
	@$(PY) -m scripts print-python

openssl: bootstrap  ## build a pinned OpenSSL, OPENSSL_VERSION=, to build against
	@$(PY) -m scripts openssl

##@ For work on the patches
lint: bootstrap tools  ## check headers, names, order, fuzz and style of the patches
	@$(TOOLS_PY) -m scripts lint

refresh: bootstrap tools  ## rewrite the patches with quilt, on the pinned source
	@$(TOOLS_PY) -m scripts refresh

bisect: bootstrap tools  ## build and run test_ssl after each patch
	@$(TOOLS_PY) -m scripts bisect

coverage: all tools  ## coverage of the new code, as figures and as HTML
	@$(TOOLS_PY) -m scripts coverage

bench: bootstrap tools  ## speed and memory compared with C, Python 3 and pyOpenSSL
	@$(TOOLS_PY) -m scripts bench

matrix: bootstrap tools  ## build and test with every OpenSSL that is pinned
	@$(TOOLS_PY) -m scripts matrix

clients: bootstrap tools  ## real software and its own tests, on stock and patched
	@$(TOOLS_PY) -m scripts clients

sanitize: bootstrap tools  ## all tests under ASan, UBSan and TSan, some in valgrind
	@$(TOOLS_PY) -m scripts sanitize

refleak: bootstrap tools  ## what each test leaves behind; 10,000 connections
	@$(TOOLS_PY) -m scripts refleak

fuzz: bootstrap tools  ## libFuzzer on bytes, Hypothesis on calls, FUZZ_SECONDS=
	@$(TOOLS_PY) -m scripts fuzz

evidence: bootstrap tools  ## renew what was measured on another series, EVIDENCE=
	@$(TOOLS_PY) -m scripts evidence

model: bootstrap tools  ## all orders of calls by three threads, by spin
	@$(TOOLS_PY) -m scripts model

soak: bootstrap tools  ## everything at once in one process, for SOAK_SECONDS=
	@$(TOOLS_PY) -m scripts soak

mutants: bootstrap tools  ## changes of added lines that no test sees, MUTANTS=
	@$(TOOLS_PY) -m scripts mutants

variations: all tools  ## the tests under switches of 2.7, locales, orders
	@$(TOOLS_PY) -m scripts variations

review: bootstrap  ## one HTML site of docs, patches and figures, for reviewers
	@$(PY) -m scripts review

tools: bootstrap  ## set up build/tools, what the tests and lint need
	@$(PY) -m scripts tools

##@ For packagers
dist: bootstrap tools  ## write the release files to build/dist
	@$(TOOLS_PY) -m scripts dist

release-key: bootstrap tools  ## a key pair that signs what make dist writes
	@$(TOOLS_PY) -m scripts release-key

bases: bootstrap tools  ## how each patch applies to the trees of others, BASE=
	@$(TOOLS_PY) -m scripts bases

compare: bootstrap tools  ## which patches differ from those of a release, PREVIOUS=
	@$(TOOLS_PY) -m scripts compare

debian: dist build  ## build, install and test Debian's package, or DEBIAN=
	@$(TOOLS_PY) -m scripts debian

rpm: dist build  ## build, install and test an RPM with it, or RPM=
	@$(TOOLS_PY) -m scripts rpm

bare: bootstrap tools  ## README's two commands in bare Debian roots, BARE=
	@$(TOOLS_PY) -m scripts bare

##@ Cleaning
clean:  ## remove what was built with the given options
	$(needs_python)
	@$(PY) -m scripts clean

distclean:  ## remove all of build/, fetched files and tools too
	$(needs_python)
	@$(PY) -m scripts clean --all

help:  ## this list
	$(needs_python)
	@$(PY) -m scripts help
