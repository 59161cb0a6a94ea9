"""What all kinds of sources share: the spec, the environment of programs, and output without secrets."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from apps.core import addresses


class Failed(Exception):  # noqa: N818
    """The update cannot go on; the sentence is the last line of its output."""


def say(text: str) -> None:
    """A line of output."""
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def check_host(host: str, *, block_private: bool) -> None:
    """Refuse a host with an address that nobody may make us call; one that does not resolve fails later, by itself."""
    try:
        found = {str(row[4][0]) for row in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return
    for address in found:
        sentence = addresses.refusal(address, block_private=block_private)
        if sentence:
            raise Failed(sentence)


class Source(ABC):
    """Where the content comes from; `fetch` brings it to `copy` and says which revision it is."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.copy, self.checkouts = Path(spec["copy"]), Path(spec["checkouts"])
        self.workspace = Path(spec["workspace"])
        self.login = self.logins()
        self.env = self.environment()
        if self.host():
            check_host(self.host(), block_private=spec["block_private"])

    @abstractmethod
    def fetch(self) -> str:
        """Bring the content to `copy`; the revision."""

    def finish(self, place: Path) -> None:  # noqa: B027  (most have nothing to add)
        """Add to a fresh checkout what copying leaves out."""

    def host(self) -> str:
        """The host of the address; "" for a path of this host."""
        url = self.spec["url"]
        if "://" in url:
            return urlsplit(url).hostname or ""
        return "" if self.spec["local"] else url.partition(":")[0].rpartition("@")[2]

    def logins(self) -> dict[str, str]:
        """User name and password: the credential's, else those in the address."""
        given = urlsplit(self.spec["url"]) if "://" in self.spec["url"] else None
        if given is None or self.spec["login"] or not given.password:
            return dict(self.spec["login"])
        return {"username": unquote(given.username or ""), "password": unquote(given.password)}

    def environment(self) -> dict[str, str]:
        """The job's environment, without the host's configuration and keys, prompts, transports that run commands."""
        ssh = (
            f"ssh -F /dev/null -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile='{self.spec['known_hosts']}'"
            " -o IdentityFile=none"
        )
        if not self.login.get("password"):
            ssh += " -o BatchMode=yes"
        env = {
            **os.environ,
            "HOME": str(self.workspace),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:ftp:ftps" + (":file" if self.spec["local"] else ""),
            "GIT_SSH_COMMAND": ssh,
            "SVN_SSH": ssh,
        }
        if self.login:
            env |= self.askpass()
        return env

    def askpass(self) -> dict[str, str]:
        """A script that answers git's questions from two files; nothing secret is on a command line."""
        for name in ("username", "password"):
            path = self.workspace / f"login_{name}"
            path.touch(mode=0o600)
            path.write_text(self.login.get(name, ""), encoding="utf-8")
        script = self.workspace / "askpass_login"
        folder = str(self.workspace).replace("'", "'\\''")
        script.write_text(
            "#!/bin/sh\n"
            f"case \"$1\" in User*) cat '{folder}/login_username';; *) cat '{folder}/login_password';; esac\n",
            encoding="utf-8",
        )
        script.chmod(0o700)
        return {"GIT_ASKPASS": str(script), "SSH_ASKPASS": str(script), "SSH_ASKPASS_REQUIRE": "force"}

    def masked(self, text: str) -> str:
        """Text without the passwords, whether they came from credentials or stand in the address."""
        for secret in filter(None, (self.login.get("password", ""), self.password(), *self.tokens())):
            text = text.replace(secret, "********").replace(quote(secret, safe=""), "********")
        return text

    def password(self) -> str:
        """The password in the address."""
        return (urlsplit(self.spec["url"]).password or "") if "://" in self.spec["url"] else ""

    def tokens(self) -> list[str]:
        """The secrets of Galaxy servers."""
        return [server["token"] for server in self.spec["galaxy"]["servers"] if server.get("token")]

    def run(self, argv: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; the caller looks at the return code."""
        options.setdefault("env", self.env)
        options.setdefault("stdin", subprocess.DEVNULL)
        try:
            return subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False, **options)  # noqa: S603
        except FileNotFoundError as error:
            raise Failed(f"The program {Path(argv[0]).name} is not installed on this host.") from error

    def command(self, argv: list[str], **options: Any) -> str:
        """Run a program that must end well; its output."""
        done = self.run(argv, **options)
        if done.returncode:
            raise Failed(f"{Path(argv[0]).name} failed: {self.masked(done.stderr.strip() or done.stdout.strip())}")
        return done.stdout
