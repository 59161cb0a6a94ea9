"""The Celery application: broker, queues and the periodic tasks come from the Django settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.prod")

app = Celery("awx_lite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
