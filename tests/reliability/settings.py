"""The installation that the reliability tests kill parts of: its tables are made straight from the models."""

from settings.test import *  # noqa: F403, TID251

MIGRATION_MODULES = {app.rsplit(".", 1)[-1]: None for app in INSTALLED_APPS}  # noqa: F405
DATABASES["default"]["CONN_MAX_AGE"] = 60  # noqa: F405
LOGGING["root"]["level"] = "INFO"  # noqa: F405
ROOT_URLCONF = "tests.reliability.urls"
