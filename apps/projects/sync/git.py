"""Git repositories."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from .source import Failed, Source, check_host, say

# hooks never run; a repository that another user owns is read all the same
SAFE = ("-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "gc.auto=0")
REFS = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
REVISION = re.compile(r"^[0-9a-f]{40}([0-9a-f]{24})?$")
DEPTH = 10  # of submodules in submodules


def verb(words: tuple[str, ...]) -> str:
    """The word that says what git was to do."""
    return next((word for word in words if word[0] != "-" and "=" not in word), "")


class Git(Source):
    """A repository at a branch, tag or revision."""

    def git(self, *words: str, quiet: bool = False, fails: bool = False, at: Path | None = None) -> str:
        """Run git in the copy; its messages are shown without secrets."""
        done = self.run(["git", *SAFE, *words], cwd=at or self.copy)
        if done.returncode and not fails:
            raise Failed(f"git {verb(words)} failed: {self.masked(done.stderr.strip() or done.stdout.strip())}")
        if not quiet and done.stderr.strip():
            say(self.masked(done.stderr.strip()))
        return "" if done.returncode else done.stdout.strip()

    def url(self) -> str:
        """The address with the user name and without the password: git asks for it."""
        url, user = self.spec["url"], quote(self.login.get("username", ""), safe="")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https", "ssh"):
            return url
        host = parts.netloc.rpartition("@")[2]
        if parts.scheme == "ssh" and parts.username:
            user = parts.username
        return urlunsplit(parts._replace(netloc=f"{user}@{host}" if user else host))

    def fetch(self) -> str:
        """Bring the branch's latest revision here; the revision."""
        known = self.unchanged()
        if known:
            say(f"The revision {known} is here already; nothing has changed.")
            return known
        if self.spec["delete"]:
            shutil.rmtree(self.copy, ignore_errors=True)
        self.open()
        refspecs = [*REFS, *(part.strip() for part in self.spec["refspec"].split(",") if part.strip())]
        say(f"Fetching {self.masked(self.spec['url'])}")
        self.git("fetch", "-q", "--force", "--prune", "--update-head-ok", "--", self.url(), *refspecs)
        revision = self.resolve()
        if self.spec["clean"]:
            self.git("clean", "-ffdxq", quiet=True)
        self.git("checkout", "-q", "--force", "--detach", revision, quiet=True)
        self.submodules(self.copy)
        return revision

    def open(self) -> None:
        """The copy as a repository, without the locks that a killed update left: updates of a project never overlap."""
        self.copy.mkdir(parents=True, exist_ok=True)
        for lock in (self.copy / ".git").glob("*.lock"):
            lock.unlink()
        if not (self.copy / ".git" / "HEAD").is_file():
            self.git("init", "-q", quiet=True)

    def unchanged(self) -> str:
        """The revision that is known, if the remote still has it at the branch's head and it is checked out here."""
        known = self.spec["known"]
        skip = not known or self.spec["submodules"] or self.spec["refspec"] or self.spec["delete"] or self.spec["clean"]
        if skip or not (self.checkouts / known).is_dir():
            return ""
        branch = self.spec["branch"] or "HEAD"
        if branch == known:
            return known
        found = self.git("ls-remote", "-q", "--", self.url(), branch, f"{branch}^{{}}", quiet=True, at=self.workspace)
        heads = {name: sha for sha, name in (line.split("\t", 1) for line in found.splitlines() if "\t" in line)}
        wanted = ("HEAD",) if not self.spec["branch"] else (f"refs/heads/{branch}", f"refs/tags/{branch}^{{}}",
                                                            f"refs/tags/{branch}")  # fmt: skip
        head = next((heads[name] for name in wanted if name in heads), "")
        return known if head == known else ""

    def resolve(self) -> str:
        """The revision of the branch, tag, reference or commit; HEAD of the remote where none is named."""
        branch = self.spec["branch"]
        if not branch:
            found = self.git("ls-remote", "-q", "--", self.url(), "HEAD", quiet=True)
            sha = next((line.split("\t")[0] for line in found.splitlines() if line.endswith("\tHEAD")), "")
            if not sha:
                raise Failed("The repository has no default branch: it is empty, or name a branch.")
            return sha
        names = (f"refs/remotes/origin/{branch}", f"refs/tags/{branch}", f"refs/remotes/{branch}", branch)
        sha = next(filter(None, map(self.commit, names)), "")
        if not sha and REVISION.match(branch):
            # not below any branch or tag: some servers give it all the same
            self.git("fetch", "-q", "--", self.url(), branch, quiet=True, fails=True)
            sha = self.commit(branch)
        if not sha:
            raise Failed(f"The repository has no branch, tag or revision {branch}.")
        return sha

    def commit(self, name: str) -> str:
        """The revision of a name in the copy; "" for an unknown one."""
        words = ("rev-parse", "--verify", "-q", "--end-of-options", f"{name}^{{commit}}")
        return self.git(*words, quiet=True, fails=True)

    def submodules(self, place: Path, depth: int = DEPTH) -> None:
        """Submodules at their recorded revisions, or at their branches' heads; each address is checked first."""
        if not (place / ".gitmodules").is_file() or not depth:
            return
        # addresses may be relative to the repository's own
        origin = ("-c", f"remote.origin.url={self.url()}") if place == self.copy else ()
        for word in ("init", "sync"):
            self.git(*origin, "submodule", "-q", word, quiet=True, at=place)
        for url in self.configured(r"^submodule\..*\.url$", place):
            self.check_submodule(url)
        remote = ["--remote"] if self.spec["submodules"] else []
        self.git(*origin, "submodule", "-q", "update", "--force", *remote, quiet=True, at=place)
        for path in self.configured(r"^submodule\..*\.path$", place, "--file", ".gitmodules"):
            inner = (place / path).resolve()
            if inner.is_relative_to(place.resolve()) and inner.is_dir():
                self.submodules(inner, depth - 1)

    def configured(self, pattern: str, place: Path, *where: str) -> list[str]:
        """The values of git's configuration whose names match; a name may hold spaces, so lines are not cut at one."""
        found = self.git("config", "-z", *where, "--get-regexp", pattern, quiet=True, fails=True, at=place)
        return [entry.partition("\n")[2] for entry in found.split("\0") if entry]

    def check_submodule(self, url: str) -> None:
        """A submodule may lie on another host, but on this one only where projects may."""
        if "://" in url and not url.startswith("file:"):
            check_host(urlsplit(url).hostname or "", block_private=self.spec["block_private"])
            return
        path = urlsplit(url).path if url.startswith("file:") else url
        if path.startswith(("/", ".", "~")):
            roots = [Path(root).resolve() for root in self.spec["roots"]]
            if not any(Path(path).resolve().is_relative_to(root) for root in roots):
                raise Failed("A submodule on the server itself is refused.")

    def finish(self, place: Path) -> None:
        """A `.git` for playbooks that ask for the revision: the objects stay in the copy, its addresses too."""
        own, there = self.copy / ".git", place / ".git"
        (there / "objects" / "info").mkdir(parents=True)
        (there / "refs").mkdir()
        (there / "objects" / "info" / "alternates").write_text(f"{own / 'objects'}\n", encoding="utf-8")
        (there / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = false\n", encoding="utf-8")
        for name in ("HEAD", "index"):
            if (own / name).is_file():
                shutil.copyfile(own / name, there / name)
