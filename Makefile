# The one command surface: `make demo` to run it, `make test` to test it, `make help` for the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PHOTOS ?=
DATA ?=
JOBS ?= logical

.DEFAULT_GOAL := help
.PHONY: help demo test test-without-torch check lint types contracts unit e2e torture screenshots bench bundled-model installer distributions installer-test installer-packages runtime-packages system-packages qt-libraries clean

help:
	@echo "make demo [PHOTOS=DIR]        set up, index real photographs, run queries, open the window"
	@echo "make test [JOBS=N]            set up; lint, types, import contracts and tests, N (all cores) at a time"
	@echo "make test-without-torch       the tests of all that runs without torch, in an environment that lacks it"
	@echo "make check                    lint, types and import contracts only"
	@echo "make e2e                      drive the real window and page as a person would (needs Xvfb, xdotool, chromium)"
	@echo "make torture [SECONDS=N]      kills, damage, full disks and load against what is promised, in 20 minutes"
	@echo "make screenshots              draw every screen into build/screens, and those of README anew"
	@echo "make bench                    speed, as a table of ratios"
	@echo "make installer                packages of the program for this system, in dist/"
	@echo "make distributions            wheel and sdist, in dist/"
	@echo "make installer-test           install the .deb in an empty Debian without a network, and use it (as root)"
	@echo "make bundled-model DATA=DIR   train resources/models/bundled on a Flickr8k folder"
	@echo "make installer-packages       apt-get what the two above take (Debian, Ubuntu; as root)"
	@echo "make system-packages          apt-get the libraries that Qt needs (Debian, Ubuntu; as root)"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "PhotoSearch needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	@echo "Installing PhotoSearch into $(VENV) (half a gigabyte; a minute or two the first time)"
	$(BIN)/python -m pip install --quiet --editable '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "Installing PhotoSearch and its development tools into $(VENV) (a few GB with torch)"
	@# Most of torch's files are never imported: those that are get compiled when they first are.
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	$(BIN)/python -m photosearch.demo $(if $(PHOTOS),--photos '$(PHOTOS)')

test: $(VENV)/.dev qt-libraries check unit

check: lint types contracts

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal

# The base installation and the tools of tests, in an environment beside the others.
WITHOUT_TORCH := $(VENV)-without-torch

test-without-torch:
	$(PYTHON) -m venv $(WITHOUT_TORCH)
	$(WITHOUT_TORCH)/bin/python -m pip install --quiet --editable '.[test]'
	$(WITHOUT_TORCH)/bin/python -m pytest --numprocesses $(JOBS) --dist worksteal

README_SCREENS := timeline-en-light-1280 results-en-dark-1280 information-en-light-1280 why-zh_CN-dark-1280

e2e: $(VENV)/.dev qt-libraries
	$(BIN)/python -m tests.e2e.person --pictures build/e2e
	$(BIN)/python -m tests.e2e.page --pictures build/e2e-page

# PARTS: only these, such as PARTS='kills pictures'.
torture: $(VENV)/.dev qt-libraries
	$(BIN)/python -m tests.torture $(PARTS) $(if $(SECONDS),--seconds $(SECONDS))

screenshots: $(VENV)/.dev qt-libraries
	PHOTOSEARCH_SCREENS=build/screens $(BIN)/python -m pytest tests/gui/test_screens.py
	cp $(README_SCREENS:%=build/screens/%.jpg) docs/images/

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench

LANGUAGES = $(DATA)/../languages
MORE = $(wildcard $(DATA)/../more/coco-texts.csv)
bundled-model: $(VENV)/.dev
	@test -n "$(DATA)" || { echo "Name the data: make bundled-model DATA=DIR (a folder with images/, train.csv and val.csv)"; exit 2; }
	$(BIN)/python -m trainer train bundled --data '$(DATA)' --languages '$(LANGUAGES)' $(if $(MORE),--more '$(MORE)') $(if $(wildcard $(DATA)/../coco-objects),--objects "$(DATA)/../coco-objects") --out resources/models/bundled
	$(BIN)/python -m trainer export resources/models/bundled --int8 '$(DATA)/images'

# The base installation and what `photosearch serve` takes, which is what gets frozen. A commit gives the same packages each time.
FROZEN := build/frozen-env
WHEN = SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct)

$(FROZEN)/.ready: pyproject.toml
	$(PYTHON) -m venv $(FROZEN)
	$(FROZEN)/bin/python -m pip install --quiet --upgrade pip
	$(FROZEN)/bin/python -m pip install --quiet 'pyinstaller>=6.22' '.[serve]'
	@touch $@

# What an AppImage begins with, and the licences of what that is linked with.
RUNTIME := build/appimage
RUNTIME_PACKAGES := libsquashfuse-dev libfuse3-dev libzstd-dev libc6-dev

$(RUNTIME)/runtime: installer/linux/runtime.c
	mkdir -p $(@D)
	for package in $(RUNTIME_PACKAGES); do cp /usr/share/doc/$$package/copyright $(@D)/$$package.txt; done
	gcc -Os -static -s -Wall -Wextra -o $@ $< -lsquashfuse_ll -lsquashfuse -lfuse3 -lzstd

installer: $(FROZEN)/.ready $(RUNTIME)/runtime
	$(FROZEN)/bin/python -m pip install --quiet --no-deps --force-reinstall .
	$(WHEN) PHOTOSEARCH_COMMIT=$$(git rev-parse HEAD) PYTHONHASHSEED=0 $(FROZEN)/bin/pyinstaller --noconfirm --log-level WARN \
	  --workpath build/pyinstaller --distpath build/frozen installer/photosearch.spec
	$(WHEN) $(FROZEN)/bin/python -m installer.linux build/frozen/photosearch --runtime $(RUNTIME) --out dist $(if $(PAGES),--home $(PAGES))

distributions:
	$(PYTHON) -m venv build/distributing
	build/distributing/bin/python -m pip install --quiet build twine
	build/distributing/bin/python -m build --outdir dist
	build/distributing/bin/python -m twine check --strict dist/*.whl dist/*.tar.gz

installer-test: $(VENV)/.dev
	$(BIN)/python -m tests.e2e.installed dist/photosearch_*.deb --pictures build/installed

# What Qt loads from the system; the window and the tests of the window need them.
QT_PACKAGES := libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 \
  libxcb-shape0 libdbus-1-3 libfontconfig1

qt-libraries: $(VENV)/.dev
	@$(BIN)/python -c 'import PySide6.QtWidgets' 2>/dev/null || \
	  { echo "Qt's system libraries are missing; on Debian or Ubuntu: apt-get install $(QT_PACKAGES)"; exit 1; }

system-packages:
	apt-get update -qq
	apt-get install -y -qq $(QT_PACKAGES)

# What `make installer` and `make installer-test` take besides.
INSTALLER_PACKAGES := binutils dpkg-dev rpm zstd squashfs-tools libwayland-client0 libwayland-cursor0 libwayland-egl1 \
  debootstrap xvfb xdotool

installer-packages: system-packages
	apt-get install -y -qq $(INSTALLER_PACKAGES)
	test -e $(RUNTIME)/runtime || $(MAKE) runtime-packages

runtime-packages:
	apt-get install -y -qq gcc $(RUNTIME_PACKAGES)

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
