"""`run NAME`: one process of an installation by itself, for systemd and containers, as `make up` would start it."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from . import requirements
from .components import celery_components, live_component, live_socket, web_component
from .errors import StartError
from .place import CHECKOUT, Place
from .supervisor import Component


def run(name: str) -> None:
    """Become the process; its environment names the servers."""
    missing = [variable for variable in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(variable)]
    if missing:
        raise StartError(f"`run` starts one process over servers that run elsewhere: set {' and '.join(missing)}.")
    requirements.check_python()
    known = components()
    if name not in known:
        raise StartError(f"There is no process {name!r}: it is one of {', '.join(known)}.")
    chosen = known[name]
    os.chdir(CHECKOUT)
    os.execve(chosen.argv[0], chosen.argv, dict(chosen.environment))  # noqa: S606


def components() -> dict[str, Component]:
    """Every process but the servers, by name."""
    place = Place.of_environment()
    place.prepare()
    bind, port = requirements.listen_address()
    environment = {name: value for name, value in os.environ.items() if name != "AWX_LITE_ADMIN_PASSWORD"} | {
        "AWX_LITE_HOME": str(place.home),
        "SECRET_KEY": place.secret_key(),
        "CLUSTER_HOST_ID": os.environ.get("CLUSTER_HOST_ID") or socket.gethostname(),
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE") or "settings.prod",
        "AWX_LITE_LIVE_SOCKET": os.environ.get("AWX_LITE_LIVE_SOCKET") or str(live_socket(place)),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }
    found = [
        web_component(environment, place, bind, port),
        live_component(environment, place),
        *celery_components(environment, place, socket.gethostname()),
    ]
    return {component.name: component for component in found}
