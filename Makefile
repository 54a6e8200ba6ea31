# make, make test: see "make help".  The work is done by scripts/.

PYTHON3 ?= python3

# What the scripts read, as variables of make or of the environment.
export CONFIG PATCHES OPENSSL CPYTHON CONFIGURE_ARGS SHARED PREFIX DESTDIR
export JOBS DISTFILES CACHE BOOTSTRAP OPENSSL_VERSION PYTHON3 TESTS SUITES
export BENCH QUICK PYTHON3S PYTHON27S OPENSSL_VERSIONS MATRIX_EXTRA
export DEBIAN_MIRROR LINETESTS

PY := $(PYTHON3)
TOOLS_PY := build/tools/bin/python

.DEFAULT_GOAL := all
.NOTPARALLEL:
.SUFFIXES:
.PHONY: all test bootstrap fetch patch build demo install openssl lint \
	refresh bisect coverage bench matrix tools print-python clean \
	distclean help review

##@ The two that matter
all: bootstrap  ## build the patched interpreter and show what it can do
	@$(PY) scripts/build.py
	@$(PY) scripts/rundemo.py --once

test: all tools  ## test_ssl and its neighbours, Lib_tests, the tooling's tests
	@$(TOOLS_PY) scripts/runtests.py

##@ Step by step
bootstrap:  ## check for (as root: install) the tools and headers needed
	@sh scripts/bootstrap.sh

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

review: bootstrap  ## one HTML site of docs, patches and figures, for reviewers
	@$(PY) scripts/review.py

tools: bootstrap  ## set up build/tools, what the tests and lint need
	@$(PY) scripts/venv.py

##@ Cleaning
clean:  ## remove what was built with the given options
	@$(PY) scripts/clean.py

distclean:  ## remove all of build/, fetched files and tools too
	@$(PY) scripts/clean.py --all

help:  ## this list
	@$(PY) scripts/help.py
