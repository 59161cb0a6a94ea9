"""The web server's side: an open connection goes to the process of live output, with what is known about it.

The file descriptor travels over a unix socket (SCM_RIGHTS, unix(7)). In its place the web server keeps one end of a
dead pair of sockets, so that whatever it does to end the request reaches nobody.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request

log = logging.getLogger(__name__)
PASS_SECONDS = 2.0
# the headers of a request that the process of live output needs
KEPT = ("Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol")


def hand_over(request: Request, kind: str, **details: Any) -> HttpResponse:
    """Pass the request's connection on; the answer is never seen, unless nobody could take the connection (503)."""
    connection = request.META.get("gunicorn.socket")
    if type(connection) is not socket.socket:  # a TLS socket cannot be passed on, other web servers do not show theirs
        return unavailable("This web server cannot keep connections open.")
    message = json.dumps(
        {
            "kind": kind,
            "user": request.user.pk,
            "login": login_of(request),
            "headers": {name: request.headers[name] for name in KEPT if name in request.headers},
            "path": request.path,
            **details,
        }
    ).encode()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.settimeout(PASS_SECONDS)
            way.connect(str(settings.LIVE_SOCKET))
            socket.send_fds(way, [message], [connection.fileno()])
    except OSError as error:
        log.warning("The process of live output does not take connections: %s", error)
        return unavailable("Live output is not available now.")
    let_go(connection)
    return HttpResponse(status=204, headers={"Connection": "close"})


def let_go(connection: socket.socket) -> None:
    """Put a dead socket behind the web server's descriptor."""
    here, there = socket.socketpair()
    there.close()
    os.dup2(here.fileno(), connection.fileno(), inheritable=False)
    here.close()


def login_of(request: Request) -> dict[str, Any]:
    """By what the connection is allowed, so that it can end when that ends."""
    if getattr(request.auth, "token_checksum", None):
        return {"token": request.auth.pk}
    session = getattr(request, "session", None)
    if request.auth is None and session is not None and session.session_key and "_auth_user_id" in session:
        return {"session": session.session_key}
    return {}


def unavailable(why: str) -> HttpResponse:
    """503, to be tried again."""
    return JsonResponse({"detail": why}, status=503, headers={"Retry-After": "5"})
