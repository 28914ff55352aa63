# The book's commands. `make help` lists them.

PYTHON ?= python3
VENV ?= .venv
# cpu: no GPU libraries. default: what the package index serves (CUDA on Linux).
TORCH ?= cpu
PORT ?= 8000
# What `make tables` recomputes: scripts of benchmarks/ that write result files.
TABLES ?= movielens_100k warm few_users cold_users cold_items sequences long_text memorization cost video shop social_media privacy multimodal planted_media explanations news groups music injection
# The course: its name, from which students' numbers follow, and what to grade.
COURSE ?= self-study
SUBMISSIONS ?=
GRADES ?= _build/grades
# Workers for the tests; each computes on one thread.
JOBS ?= 2

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
BENCH_BIN := .venv-bench/Scripts
else
BIN := $(VENV)/bin
BENCH_BIN := .venv-bench/bin
endif

INSTALLED := $(VENV)/.installed
BENCH_INSTALLED := .venv-bench/.installed
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
PYTEST := $(ONE_THREAD) $(BIN)/python -m pytest -n $(JOBS) --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup assets book test lint lab serve notebooks assignments grade tables bench clean

help:  ## list these commands
	@sed -n 's/^\([a-z]*\):.*##/\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(INSTALLED)  ## make .venv with everything that the book needs

$(INSTALLED): pyproject.toml constraints.txt tools/install.py
	$(PYTHON) tools/install.py --venv $(VENV) --torch $(TORCH)
	@touch $@

assets: setup  ## fetch data and weights into the cache, once
	@$(BIN)/python -m recsys_ref.assets fetch

book: assets  ## build the site, warnings as errors
	$(BIN)/jupyter-book build . -n -W --keep-going -q
	@echo "The book is ready. Open _build/html/index.html, or run: make serve"

test: book  ## run everything that can be checked: package, notebooks, site
	$(PYTEST) tests recsys_ref
	$(PYTEST) --nbval --nbval-current-env --nbval-cell-timeout 300 \
	    --override-ini addopts="" chapters

lint: setup  ## check code and notebooks for form
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/notebooks.py --check

lab: assets  ## open the chapters in JupyterLab
	$(BIN)/jupyter lab chapters

serve: book  ## serve the built site on this machine
	@echo "Serving on port $(PORT) of this machine; stop with Ctrl-C"
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

notebooks: assets  ## execute the notebooks again and normalise their outputs
	$(ONE_THREAD) $(BIN)/python tools/notebooks.py

assignments: setup  ## write the students' and the instructor's assignments
	@$(BIN)/python -m recsys_ref.course.commands --course "$(COURSE)" assignments

grade: assets  ## grade a class: make grade SUBMISSIONS=folder
	@test -n "$(SUBMISSIONS)" || { \
	    echo "Say what to grade: make grade SUBMISSIONS=folder"; exit 2; }
	@$(BIN)/python -m recsys_ref.course.commands --course "$(COURSE)" \
	    grade "$(SUBMISSIONS)" --output "$(GRADES)"

tables: assets  ## recompute the tables that the chapters read (TABLES="a b": some)
	@for table in $(TABLES); do \
	    $(ONE_THREAD) $(BIN)/python benchmarks/$$table.py || exit 1; done

$(BENCH_INSTALLED): pyproject.toml constraints-bench.txt tools/install.py
	$(PYTHON) tools/install.py --venv .venv-bench --torch none --extras bench \
	    --constraints constraints-bench.txt
	@touch $@

bench: assets $(BENCH_INSTALLED)  ## compare our speed with other libraries (ratios)
	$(ONE_THREAD) $(BENCH_BIN)/python benchmarks/speed_ease.py
	$(BENCH_BIN)/python benchmarks/speed_metrics.py
	$(BIN)/python benchmarks/speed_ials.py
	$(BIN)/python benchmarks/speed_gpt2.py
	$(BIN)/python benchmarks/speed_encode.py
	$(BIN)/python benchmarks/speed_scoring.py
	$(BIN)/python benchmarks/class_of_30.py

clean:  ## remove what the other commands made, except the asset cache
	rm -rf $(VENV) .venv-bench _build *.egg-info .pytest_cache .ruff_cache .hypothesis
