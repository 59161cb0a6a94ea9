"""The test suite: fast password hashes, a fixed instance name, a throw-away key, servers of its own.

tests/conftest.py starts PostgreSQL and Valkey at TEST_PLACE; DATABASE_URL and REDIS_URL of the environment win.
Nothing is created here: tools that only read the settings (mypy, makemigrations --check) leave no trace.
"""

import os
import tempfile
from pathlib import Path
from urllib.parse import quote

TEST_PLACE = Path(tempfile.gettempdir(), f"awx-lite-test-{os.getpid()}")
EMBEDDED_POSTGRES = not os.environ.get("DATABASE_URL")
EMBEDDED_VALKEY = not os.environ.get("REDIS_URL")

# what the environment leaves open; a process that shares out the tests takes it back before it starts others
CHOSEN_HERE = {
    name: value
    for name, value in {
        "SECRET_KEY": "a key for tests only",
        "CLUSTER_HOST_ID": "awx-test",
        "AWX_LITE_HOME": str(TEST_PLACE / "home"),
        "DATABASE_URL": f"postgres://awx@{quote(str(TEST_PLACE / 'postgres' / 'socket'), safe='')}/awx",
        "REDIS_URL": f"unix://{TEST_PLACE / 'valkey' / 'valkey.sock'}",
    }.items()
    if not os.environ.get(name)
}
os.environ.update(CHOSEN_HERE)

from .base import *  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
LOGGING["root"]["level"] = "WARNING"
