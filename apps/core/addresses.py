"""Which addresses of the network nobody may make us call. Standard library only: processes without Django use it."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

# where clouds answer with secrets, outside of the link-local ranges
METADATA = frozenset({"100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"})
NAT64 = ipaddress.ip_network("64:ff9b::/96")


NOWHERE = urlsplit("")


def parts_of(url: str) -> SplitResult:
    """An address in its parts; those of an empty one where it cannot be read (`http://[`)."""
    try:
        return urlsplit(url)
    except ValueError:
        return NOWHERE


def refusal(address: str, *, block_private: bool) -> str:
    """Why an address is not called, as a sentence; "" for one that may be."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        sentence = refusal(str(inner), block_private=block_private) if inner is not None else ""
        if sentence:
            return sentence
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or str(ip) in METADATA:
        return f"Calls to {ip} are not allowed."
    if block_private and not ip.is_global:
        return f"Calls to private addresses ({ip}) are not allowed."
    return ""
