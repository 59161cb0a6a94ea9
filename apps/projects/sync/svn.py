"""Subversion directories."""

from __future__ import annotations

import shutil
from typing import Any

from .source import Source, say


class Svn(Source):
    """A directory of a repository at a revision."""

    def fetch(self) -> str:
        """Check out or update; the revision."""
        if self.spec["delete"]:
            shutil.rmtree(self.copy, ignore_errors=True)
        words = ["svn", "checkout", "--force", "-q", "--non-interactive", "-r", self.spec["branch"] or "HEAD"]
        login = self.login
        options: dict[str, Any] = {}
        if login.get("username"):
            words += ["--username", login["username"]]
        if login.get("password"):
            words += ["--password-from-stdin"]
            options = {"input": login["password"], "stdin": None}
        self.copy.mkdir(parents=True, exist_ok=True)
        say(f"Checking out {self.masked(self.spec['url'])}")
        # the at-sign after it keeps svn from reading one in it as a revision
        self.command([*words, "--", f"{self.spec['url']}@", str(self.copy)], **options)
        if self.spec["clean"]:
            self.command(["svn", "revert", "-q", "-R", "--", str(self.copy)])
            self.command(["svn", "cleanup", "-q", "--remove-unversioned", "--", str(self.copy)])
        return self.command(["svn", "info", "--show-item", "revision", "--", str(self.copy)]).strip()
