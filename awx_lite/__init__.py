"""The roof: it imports the apps and is imported by none."""

from .celery import app as celery_app

__version__ = "0.1.0"
__all__ = ("celery_app",)
