# make up      start everything, stay in the foreground (Ctrl-C stops)    make down    stop it from elsewhere
# make status  what runs                                                  make clean   delete all data
# make backup TO=FILE   save all in one archive, also while it runs      make restore FROM=FILE   into an empty data directory
# make test    the tests                                                  make check   linters, types, floors, migrations

PY := .venv/bin/python
VENV := awx_lite/up/venv.sh
# processes that share out the tests; each starts a PostgreSQL, a Valkey and an awx_lite of its own
WORKERS ?= 2

.PHONY: tools up down clean status backup restore test check venv venv-dev format

up: venv
	@$(PY) -m awx_lite.up up

down status clean: venv
	@$(PY) -m awx_lite.up $@

backup: venv
	@$(PY) -m awx_lite.up backup "$(TO)"

restore: venv
	@$(PY) -m awx_lite.up restore "$(FROM)"

test: tools venv-dev
	@$(PY) -m pytest --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder $(TESTS)

check: venv-dev
	@.ci/check

format: venv-dev
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .

venv:
	@sh $(VENV)

tools:
	@.ci/tools

venv-dev:
	@sh $(VENV) dev
