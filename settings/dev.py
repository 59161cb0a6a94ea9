"""A developer's machine: pages of Django's own for errors, SQL in the log when asked for."""

from . import env
from .base import *

DEBUG = True
INTERNAL_IPS = ["127.0.0.1"]
if env.flag("LOG_SQL"):
    LOGGING["loggers"]["django.db.backends"] = {"level": "DEBUG"}
