"""Who the client is: the peer, or what a proxy says of it where PROXY_IP_ALLOWED_LIST names the proxy."""

from __future__ import annotations

from typing import Any

from . import live


def trusted(request: Any) -> bool:
    """Whether the peer is a proxy whose headers count."""
    peers = {request.META.get("REMOTE_ADDR", ""), request.META.get("REMOTE_HOST", "")} - {""}
    return bool(peers & set(live.get("PROXY_IP_ALLOWED_LIST")))


def client_address(request: Any) -> str:
    """One address: the nearest hop before a trusted proxy, else the peer's own."""
    peer = request.META.get("REMOTE_ADDR") or "local"
    if not trusted(request):
        return peer
    known = set(live.get("PROXY_IP_ALLOWED_LIST"))
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    return next((hop for hop in reversed(hops) if hop not in known), peer)
