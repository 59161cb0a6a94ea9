"""The environment is read with types, and a mistake in it is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from settings import env  # noqa: TID251  (the reader itself is under test)


def test_a_database_url_has_user_password_host_port_and_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:p%40ss@db.example:6432/awx?sslmode=require")
    assert env.database() == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "awx",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize("url", ["postgres://awx@%2Frun%2FMixed/awx", "postgresql://awx@/awx?host=/run/Mixed"])
def test_a_socket_directory_keeps_its_case(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert env.database()["HOST"] == "/run/Mixed"


@pytest.mark.parametrize("url", ["", "mysql://x/y", "postgres://host", "postgres://host:port/x", "nonsense"])
def test_a_wrong_database_url_is_named(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database()


def test_celery_gets_the_same_socket_in_its_own_words() -> None:
    assert env.broker("unix:///run/valkey.sock") == "redis+socket:///run/valkey.sock?virtual_host=0"
    assert env.broker("unix:///run/valkey.sock?db=3") == "redis+socket:///run/valkey.sock?virtual_host=3"
    assert env.broker("redis://host:6379/1") == "redis://host:6379/1"


def test_a_wrong_redis_url_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "http://host")
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        env.redis()


def test_without_a_secret_key_nothing_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY")
    with pytest.raises(ImproperlyConfigured, match="No SECRET_KEY"):
        env.secret_key(tmp_path)
    (tmp_path / "secret_key").write_text("abc\n")
    assert env.secret_key(tmp_path) == "abc"


@pytest.mark.parametrize(("value", "expected"), [("yes", True), ("1", True), ("off", False), ("", False)])
def test_flags(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("A_FLAG", value)
    assert env.flag("A_FLAG") is expected


def test_a_flag_or_number_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_VALUE", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="A_VALUE must be yes or no"):
        env.flag("A_VALUE")
    with pytest.raises(ImproperlyConfigured, match="A_VALUE must be a whole number"):
        env.number("A_VALUE", 1)


def test_the_launchers_file_fills_what_the_environment_leaves_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIVEN_A", "mine")
    monkeypatch.delenv("GIVEN_B", raising=False)
    (tmp_path / "environment").write_text("GIVEN_A=theirs\nGIVEN_B=x=y\n")
    env.load(tmp_path / "environment")
    assert env.text("GIVEN_A") == "mine"
    assert env.text("GIVEN_B") == "x=y"
    monkeypatch.delenv("GIVEN_B")
