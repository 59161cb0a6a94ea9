"""Typed reading of the environment: a bad value stops the start with one clear sentence."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})
POSTGRES_SCHEMES = frozenset({"postgres", "postgresql"})
REDIS_SCHEMES = frozenset({"redis", "rediss", "unix"})


def text(name: str, default: str = "") -> str:
    """The variable as text, or the default where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """The variable as a yes or no."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")
    return value.lower() in TRUE


def number(name: str, default: int) -> int:
    """The variable as a whole number."""
    value = text(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """The variable as a comma-separated list."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def home(checkout: Path) -> Path:
    """The data directory: AWX_LITE_HOME, or `var` in the checkout."""
    return Path(text("AWX_LITE_HOME", str(checkout / "var"))).expanduser().resolve()


def load(path: Path) -> None:
    """Take NAME=value lines that the launcher wrote, where the environment does not say otherwise."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read: {error.strerror}.") from error
    for line in lines:
        name, _equals, value = line.partition("=")
        if name and value:
            os.environ.setdefault(name, value)


def secret_key(directory: Path) -> str:
    """SECRET_KEY from the environment or from the file that the first start wrote."""
    if key := text("SECRET_KEY"):
        return key
    path = directory / "secret_key"
    try:
        key = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise ImproperlyConfigured(f"No SECRET_KEY: set it, or run `make up` once, which writes {path}.") from None
    except OSError as error:
        raise ImproperlyConfigured(f"The secret key cannot be read: {error}.") from error
    if not key:
        raise ImproperlyConfigured(f"The secret key in {path} is empty: restore it, or secrets stay unreadable.")
    return key


def database(name: str = "DATABASE_URL", default: str = "") -> dict[str, Any]:
    """A `postgres://user:password@host:port/name?option=value` URL as Django's database settings.

    The host of a unix socket is its directory, percent-encoded: `postgres://awx@%2Frun%2Fpg/awx`.
    """
    url = text(name, default)
    if not url:
        raise ImproperlyConfigured(f"No {name}: set it to postgres://user:password@host:port/name, or run `make up`.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not a valid URL: {error}.") from error
    database_name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in POSTGRES_SCHEMES or not database_name:
        raise ImproperlyConfigured(f"{name} must look like postgres://user:password@host:port/database.")
    options = dict(parse_qsl(parts.query))
    # urlsplit lowers the case of the host, which a socket directory must keep.
    host = unquote(options.pop("host", "") or _host(parts.netloc))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database_name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def _host(netloc: str) -> str:
    host = netloc.rsplit("@", 1)[-1]
    if host.startswith("["):
        return host[1:].split("]", 1)[0]
    return host.split(":", 1)[0]


def redis(name: str = "REDIS_URL", default: str = "") -> str:
    """The Redis URL as redis-py and Django read it: redis://, rediss:// or unix:///path."""
    url = text(name, default)
    if not url:
        raise ImproperlyConfigured(f"No {name}: set it to redis://host:port/0 or unix:///path, or run `make up`.")
    if urlsplit(url).scheme not in REDIS_SCHEMES:
        raise ImproperlyConfigured(f"{name} must begin with redis://, rediss:// or unix://.")
    return url


def broker(redis_url: str) -> str:
    """The same Redis as Celery names it: a unix socket is `redis+socket:///path?virtual_host=0`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number_of = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number_of}"


def host_id() -> str:
    """The name of this instance: CLUSTER_HOST_ID or the host's name."""
    return text("CLUSTER_HOST_ID", socket.gethostname())
