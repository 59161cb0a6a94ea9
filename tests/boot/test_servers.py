"""The servers that the suite runs on."""

from __future__ import annotations

import pytest
import redis
from django.db import connection


@pytest.mark.django_db
def test_the_database_is_postgresql_and_folds_case_beyond_ascii() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'ÄÖÜ' ILIKE 'äöü', current_setting('server_version_num')::int")
        folds, version = cursor.fetchone()
    assert folds
    assert version >= 150000


def test_valkey_answers(valkey: redis.Redis) -> None:
    assert valkey.ping()
