"""Addresses that users name lead to nothing inside (CVE-2026-84721, CVE-2026-12564, CVE-2020-14327, CVE-2020-14328)."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from apps.core import outbound

METADATA = (
    "169.254.169.254", "fe80::1", "0.0.0.0", "::", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",  # noqa: S104
    "224.0.0.1", "fd00:ec2::254", "100.100.100.200",
)  # fmt: skip
PRIVATE = ("127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "::1", "fc00::1", "::ffff:127.0.0.1")


@pytest.mark.parametrize("address", METADATA)
def test_what_serves_the_machines_own_secrets_is_never_called(address):
    with pytest.raises(outbound.Refused):
        outbound.check(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused_where_the_setting_says_so(settings, address):
    settings.OUTBOUND_BLOCK_PRIVATE = False
    outbound.check(address)
    settings.OUTBOUND_BLOCK_PRIVATE = True
    with pytest.raises(outbound.Refused):
        outbound.check(address)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://x/",
        "http://",
        "http://169.254.169.254/latest/meta-data/",
        "http://[/",
        "http://x:99999/",
        "http://a..b/",
        f"http://{'a' * 64}.example/",
    ],
)
def test_other_schemes_and_metadata_are_refused(url):
    with pytest.raises((outbound.Refused, OSError)):
        outbound.call("GET", url)


def test_a_name_is_checked_by_where_it_leads(monkeypatch):
    answer = [(2, 1, 6, "", ("192.0.2.1", 80)), (2, 1, 6, "", ("169.254.169.254", 80))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: answer)
    with pytest.raises(outbound.Refused):
        outbound.connect("innocent.example.com", 80)
    with pytest.raises(outbound.Refused):
        outbound.address_of("innocent.example.com", 25)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\nno end"])
def test_a_server_that_sends_a_byte_now_and_then_holds_nobody(said, monkeypatch):
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.5)
    ended = threading.Event()

    def drip():
        taken, _ = door.accept()
        with taken, contextlib.suppress(OSError):
            taken.sendall(said)
            while not ended.wait(0.05):
                taken.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=drip)
        thread.start()
        try:
            with pytest.raises(TimeoutError):
                outbound.call("GET", f"http://127.0.0.1:{door.getsockname()[1]}/")
        finally:
            ended.set()
            thread.join()


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/", "http://127.0.0.1:1/", "https://example.com/", "file:///x", "http://[", "//x:99999/"],
)
def test_a_redirect_to_another_host_is_not_followed(monkeypatch, target):
    asked = []

    def send(session, method, url, options):
        asked.append(url)
        return outbound.Answer(302, b"", {"Location": target}, url)

    monkeypatch.setattr(outbound, "send", send)
    with pytest.raises(outbound.Refused):
        outbound.call("GET", "http://hook.example.com/x")
    assert asked == ["http://hook.example.com/x"]
