"""The installation that the reliability tests kill parts of."""

from settings.test import *  # noqa: F403, TID251

DATABASES["default"]["CONN_MAX_AGE"] = 60  # noqa: F405
LOGGING["root"]["level"] = "INFO"  # noqa: F405
ROOT_URLCONF = "tests.reliability.urls"
