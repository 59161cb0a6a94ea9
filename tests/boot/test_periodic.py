"""Beat names tasks that exist: a wrong name would fail only at run time, in a log nobody reads."""

from __future__ import annotations

import pytest
from django.conf import settings

from awx_lite.celery import app


@pytest.mark.parametrize("entry", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_each_periodic_task_is_registered(entry: str) -> None:
    app.loader.import_default_modules()
    assert settings.CELERY_BEAT_SCHEDULE[entry]["task"] in app.tasks
