# make up      start everything, stay in the foreground (Ctrl-C stops)    make down    stop it from elsewhere
# make status  what runs                                                  make clean   delete all data
# make test    the tests                                                  make check   linters, types, floors, migrations

PY := .venv/bin/python
VENV := awx_lite/up/venv.sh

.PHONY: up down clean status test check venv venv-dev format

up: venv
	@$(PY) -m awx_lite.up up

down status clean: venv
	@$(PY) -m awx_lite.up $@

test: venv-dev
	@$(PY) -m pytest $(TESTS)

check: venv-dev
	@.ci/check

format: venv-dev
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .

venv:
	@sh $(VENV)

venv-dev:
	@sh $(VENV) dev
