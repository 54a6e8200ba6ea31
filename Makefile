# make, make test: see "make help".  The work is done by scripts/.

PYTHON3 ?= python3

# What the scripts read, as variables of make or of the environment.
export CONFIG PATCHES OPENSSL CPYTHON CONFIGURE_ARGS SHARED PREFIX
export DESTDIR JOBS DISTFILES CACHE BOOTSTRAP OPENSSL_VERSION PYTHON3
export TESTS SUITES BENCH QUICK PYTHON3S PYTHON27S OPENSSL_VERSIONS
export MATRIX_EXTRA DEBIAN_MIRROR CLIENTS CLIENTS_STOCK SANITIZE REFLEAK
export FUZZ FUZZ_SECONDS FUZZ_INPUT BASE DEBIAN_FULL BUNDLE_OPENSSL
export CHECK LINETESTS PYTHON27 HASHLIB OVERLAY_TRIALS

PY := $(PYTHON3)
TOOLS_PY := build/tools/bin/python

.DEFAULT_GOAL := all
.NOTPARALLEL:
.SUFFIXES:
.PHONY: all test bootstrap fetch patch build demo install tarball \
	print-python openssl lint refresh bisect coverage bench matrix clients \
	sanitize refleak fuzz review tools dist bases debian rpm overlay wheel \
	overlay-test overlay-bench clean distclean help

##@ The two that matter
all: bootstrap  ## build the patched interpreter and show what it can do
	@$(PY) scripts/build.py
	@$(PY) scripts/rundemo.py --once

test: all tools  ## test_ssl and its neighbours, Lib_tests, the tooling's tests
	@$(TOOLS_PY) scripts/runtests.py

##@ For an interpreter that is there already
overlay: bootstrap  ## ssl of the series for PYTHON27=, in front of its own
	@$(PY) scripts/overlay/make_overlay.py

wheel: bootstrap  ## wheels of it with an OpenSSL in them, and an sdist
	@$(PY) scripts/overlay/make_wheel.py

overlay-test: wheel tools  ## try them in roots of Debian and Ubuntu
	@$(TOOLS_PY) scripts/overlay/make_trials.py

overlay-bench: wheel tools  ## what they cost, beside the built interpreter
	@$(TOOLS_PY) scripts/overlay/make_figures.py

##@ Step by step
bootstrap:  ## check for (as root: install) the tools and headers needed
	@sh scripts/bootstrap.sh $(NEEDED)
clients: NEEDED := faketime
debian: NEEDED := debootstrap
overlay-test: NEEDED := debootstrap
rpm: NEEDED := debootstrap rpmbuild

fetch: bootstrap  ## fetch and verify the pinned source
	@$(PY) scripts/fetch.py

patch: bootstrap  ## unpack the source and apply the series with quilt
	@$(PY) scripts/tree.py

build: bootstrap  ## configure and compile
	@$(PY) scripts/build.py

demo: build  ## TLS in memory, then against openssl s_server
	@$(PY) scripts/rundemo.py

install: build  ## install to PREFIX (below DESTDIR)
	@$(PY) scripts/install.py

tarball: build tools  ## an archive that runs from any folder, BUNDLE_OPENSSL=
	@$(TOOLS_PY) scripts/tarball.py

print-python:  ## print the path of the built interpreter (with make -s)
	@$(PY) scripts/layout.py

openssl: bootstrap  ## build a pinned OpenSSL, OPENSSL_VERSION=, to build against
	@$(PY) scripts/openssl.py

##@ For work on the patches
lint: bootstrap tools  ## check headers, names, order, fuzz and style of the patches
	@$(TOOLS_PY) scripts/lint.py

refresh: bootstrap tools  ## rewrite the patches with quilt, on the pinned source
	@$(TOOLS_PY) scripts/refresh.py

bisect: bootstrap tools  ## build and run test_ssl after each patch
	@$(TOOLS_PY) scripts/bisect_series.py

coverage: all tools  ## coverage of the new code, as figures and as HTML
	@$(TOOLS_PY) scripts/measure_coverage.py

bench: bootstrap tools  ## speed and memory beside C, Python 3 and pyOpenSSL
	@$(TOOLS_PY) scripts/bench.py

matrix: bootstrap tools  ## build and test with every OpenSSL that is pinned
	@$(TOOLS_PY) scripts/matrix.py

clients: bootstrap tools  ## real software and its own tests, on stock and patched
	@$(TOOLS_PY) scripts/clients.py

sanitize: bootstrap tools  ## all tests under ASan, UBSan and TSan, some in valgrind
	@$(TOOLS_PY) scripts/sanitize.py

refleak: bootstrap tools  ## what each test leaves behind; 10,000 connections
	@$(TOOLS_PY) scripts/refleak.py

fuzz: bootstrap tools  ## libFuzzer on bytes, Hypothesis on calls, FUZZ_SECONDS=
	@$(TOOLS_PY) scripts/fuzz.py

review: bootstrap  ## one HTML site of docs, patches and figures, for reviewers
	@$(PY) scripts/review.py

tools: bootstrap  ## set up build/tools, what the tests and lint need
	@$(PY) scripts/venv.py

##@ For packagers
dist: bootstrap tools  ## write the release files to build/dist
	@$(TOOLS_PY) scripts/makedist.py

bases: bootstrap tools  ## which groups apply to 2.7.18, to Debian's, to BASE
	@$(TOOLS_PY) scripts/bases.py

debian: dist build  ## build, install and test Debian's package with the patches
	@$(TOOLS_PY) scripts/makedebian.py

rpm: dist build  ## build, install and test an RPM with the series
	@$(TOOLS_PY) scripts/makerpm.py

##@ Cleaning
clean:  ## remove what was built with the given options
	@$(PY) scripts/clean.py

distclean:  ## remove all of build/, fetched files and tools too
	@$(PY) scripts/clean.py --all

help:  ## this list
	@$(PY) scripts/help.py
