# Two commands for a fresh machine: make demo, make test. Needs Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
# The script that MLflow runs registers itself with MLflow when it is imported.
DOCTESTS := --doctest-modules src/salesworthy --ignore=src/salesworthy/model/served_model.py
export MLFLOW_DISABLE_TELEMETRY := true
export OMP_WAIT_POLICY ?= PASSIVE
# Where this is set, every process compiles our modules anew, and pytest every test.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install install-dev install-spark demo test static suite check bench lock clean
.DELETE_ON_ERROR:

install: .venv/.base
install-dev: .venv/.dev
install-spark: .venv/.spark

.venv/.uv: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "salesworthy needs Python 3.11 or newer; set PYTHON=python3.12, say")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/bootstrap.txt
	@touch $@

.venv/.base: .venv/.uv requirements/base.txt pyproject.toml
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --requirement requirements/base.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q src
	@touch $@

.venv/.dev: .venv/.base requirements/dev.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --requirement requirements/dev.txt
	@touch $@

.venv/.spark: .venv/.base requirements/spark.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --requirement requirements/spark.txt
	@touch $@

demo: install
	@$(BIN)/python -m salesworthy.cli.demo

# Types are checked while the tests run: they take one core for a minute, and end with the name of what failed.
test: install-dev
	@$(MAKE) --no-print-directory -j 2 static suite

static:
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

suite:
	$(BIN)/python -m pytest $(DOCTESTS)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --nbmake tests notebooks

check: install-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -q -m "not slow"
	$(BIN)/python -m pytest -q $(DOCTESTS)

bench: install-dev
	$(BIN)/python -m experiments.benchmarks

lock: .venv/.uv
	$(BIN)/uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes requirements/bootstrap.in -o requirements/bootstrap.txt
	$(BIN)/uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes pyproject.toml requirements/build.in -o requirements/base.txt
	$(BIN)/uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes --extra dev --extra notebooks -c requirements/base.txt pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes --extra spark -c requirements/dev.txt pyproject.toml -o requirements/spark.txt

clean:
	rm -rf .venv .salesworthy data/market data/out out models reports ledger.db* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find mlflow -mindepth 1 ! -name README.md ! -name compose.yaml -delete
