"""The process of a project update: `python -I sync.py SPEC.json`. Standard library only, so that it starts at once.

It brings the content of a repository to a directory named after its revision, once, and prints what it does. The spec
is written by runs.py; the result goes to result.json beside it: {"revision", "playbooks", "inventories"}.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
import scan

SHA = 40  # hexadecimal digits of a git revision
MOST_BYTES = 2 * 1024**3  # of an unpacked archive
CHUNK = 1 << 20


def run(argv: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; the caller looks at the return code."""
    return subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False, **options)  # noqa: S603


class Failed(Exception):  # noqa: N818
    """The update cannot go on; the sentence is the last line of its output."""


class Update:
    """One update, from its spec."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.copy, self.checkouts = Path(spec["copy"]), Path(spec["checkouts"])
        self.workspace = Path(spec["workspace"])
        self.env = self.environment()

    def environment(self) -> dict[str, str]:
        """What git and svn get: no configuration of the host, no prompts, no transports that run commands."""
        known = self.spec["known_hosts"]
        ssh = f"ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={known}"
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.workspace),
            "LANG": "C.UTF-8",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:ftp:ftps" + (":file" if self.spec["local"] else ""),
            "GIT_SSH_COMMAND": ssh,
            "SVN_SSH": ssh,
        }
        for name in ("SSH_AUTH_SOCK", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
            if name in os.environ:
                env[name] = os.environ[name]
        if self.spec["login"]:
            env |= self.askpass()
        return env

    def askpass(self) -> dict[str, str]:
        """A script that answers git's questions from two files; nothing secret is on a command line."""
        for name in ("username", "password"):
            path = self.workspace / f"login_{name}"
            path.write_text(self.spec["login"].get(name, ""), encoding="utf-8")
            path.chmod(0o600)
        script = self.workspace / "askpass"
        folder = str(self.workspace).replace("'", "'\\''")
        script.write_text(
            "#!/bin/sh\n"
            f"case \"$1\" in User*) cat '{folder}/login_username';; *) cat '{folder}/login_password';; esac\n",
            encoding="utf-8",
        )
        script.chmod(0o700)
        return {"GIT_ASKPASS": str(script), "SSH_ASKPASS": str(script)}

    # --- git -----------------------------------------------------------------------------------------------------

    def git(self, *words: str, quiet: bool = False, fails: bool = False) -> str:
        """Run git in the copy; its output is shown without secrets."""
        safe = ["-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never"]
        argv = ["git", *safe, *words]
        done = run(argv, cwd=self.copy, env=self.env)
        if done.returncode and not fails:
            raise Failed(f"git {words[0]} failed: {self.masked(done.stderr.strip() or done.stdout.strip())}")
        if not quiet and done.stderr.strip():
            say(self.masked(done.stderr.strip()))
        return "" if done.returncode else done.stdout.strip()

    def masked(self, text: str) -> str:
        """Text without the password, whether it came from the credential or stands in the address."""
        secrets = [self.spec["login"].get("password", ""), urlsplit(self.spec["url"]).password or ""]
        for secret in filter(None, secrets):
            text = text.replace(secret, "********").replace(quote(secret, safe=""), "********")
        return text

    def url(self) -> str:
        """The address; a user name of the credential goes into it, the password is asked for."""
        url, user = self.spec["url"], self.spec["login"].get("username", "")
        parts = urlsplit(url)
        if user and parts.scheme in ("http", "https") and not parts.username:
            return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}@{parts.netloc}"))
        return url

    def run_git(self) -> str:
        """Bring the branch's latest revision here; the revision."""
        known = self.unchanged()
        if known:
            say(f"The revision {known} is here already; nothing has changed.")
            return known
        if self.spec["delete"]:
            shutil.rmtree(self.copy, ignore_errors=True)
        self.copy.mkdir(parents=True, exist_ok=True)
        if not (self.copy / ".git").exists():
            self.git("init", "-q", quiet=True)
        refspecs = ["+refs/heads/*:refs/remotes/origin/*"]
        refspecs += [part.strip() for part in self.spec["refspec"].split(",") if part.strip()]
        say(f"Fetching {self.masked(self.spec['url'])}")
        self.git("fetch", "-q", "--force", "--prune", "--tags", "--", self.url(), *refspecs)
        revision = self.resolve()
        if self.spec["clean"]:
            self.git("clean", "-ffdxq", quiet=True)
        self.git("checkout", "-q", "--force", "--detach", revision, quiet=True)
        self.submodules()
        return revision

    def unchanged(self) -> str:
        """The revision that is known, if the remote still has it at the branch's head and it is checked out here."""
        known = self.spec["known"]
        place = self.checkouts / known if known else None
        if (
            place is None
            or not place.is_dir()
            or self.spec["submodules"]
            or self.spec["refspec"]
            or self.spec["delete"]
        ):
            return ""
        self.copy.mkdir(parents=True, exist_ok=True)
        branch = self.spec["branch"] or "HEAD"
        if branch == known:
            return known
        found = self.git("ls-remote", "-q", "--", self.url(), branch, f"{branch}^{{}}", quiet=True)
        heads = [line.split("\t") for line in found.splitlines()]
        wanted = {"HEAD", f"refs/heads/{branch}", f"refs/tags/{branch}^{{}}", f"refs/tags/{branch}"}
        heads = [(sha, name) for sha, name in heads if name in wanted]
        named = [sha for sha, name in heads if name.startswith("refs/heads/")] or [sha for sha, _ in heads][-1:]
        return known if named and named[0] == known else ""

    def resolve(self) -> str:
        """The revision of the branch, tag, reference or commit; HEAD of the remote where none is named."""
        branch = self.spec["branch"]
        if not branch:
            found = self.git("ls-remote", "--symref", "--", self.url(), "HEAD", quiet=True)
            sha = next(
                (
                    line.split("\t")[0]
                    for line in found.splitlines()
                    if line.endswith("\tHEAD") and len(line.split("\t")[0]) == SHA
                ),
                "",
            )
            if not sha:
                raise Failed("The repository has no default branch: it is empty, or name a branch.")
            return sha
        for name in (f"refs/remotes/origin/{branch}", f"refs/tags/{branch}", f"refs/remotes/{branch}", branch):
            sha = self.git(
                "rev-parse", "--verify", "-q", "--end-of-options", f"{name}^{{commit}}", quiet=True, fails=True
            )
            if sha:
                return sha
        raise Failed(f"The repository has no branch, tag or revision {branch}.")

    def submodules(self) -> None:
        """Submodules at their recorded revisions, or at their branches' heads."""
        if not (self.copy / ".gitmodules").exists():
            return
        self.git("submodule", "-q", "sync", "--recursive", quiet=True)
        words = ["submodule", "-q", "update", "--init", "--recursive", "--force"]
        self.git(*words, *(["--remote"] if self.spec["submodules"] else []))

    # --- svn and archives ----------------------------------------------------------------------------------------

    def run_svn(self) -> str:
        """Check out or update a Subversion directory; the revision."""
        if self.spec["delete"]:
            shutil.rmtree(self.copy, ignore_errors=True)
        revision = self.spec["branch"] or "HEAD"
        words = ["svn", "checkout", "--force", "-q", "--non-interactive", "-r", revision]
        login, secret = self.spec["login"], None
        if login.get("username"):
            words += ["--username", login["username"]]
        if login.get("password"):
            words, secret = [*words, "--password-from-stdin"], login["password"]
        self.copy.mkdir(parents=True, exist_ok=True)
        say(f"Checking out {self.masked(self.spec['url'])}")
        self.command([*words, "--", self.spec["url"], str(self.copy)], stdin=secret)
        return self.command(["svn", "info", "--show-item", "revision", "--", str(self.copy)]).strip()

    def command(self, words: list[str], stdin: str | None = None) -> str:
        """Run a program that may not be installed."""
        try:
            done = run(words, input=stdin, env=self.env)
        except FileNotFoundError as error:
            raise Failed(f"The program {words[0]} is not installed on this host.") from error
        if done.returncode:
            raise Failed(f"{words[0]} failed: {self.masked(done.stderr.strip())}")
        return done.stdout

    def run_archive(self) -> str:
        """Download and unpack an archive; the revision is the digest of its bytes."""
        say(f"Downloading {self.masked(self.spec['url'])}")
        with tempfile.NamedTemporaryFile(dir=self.workspace) as file:
            digest = self.download(file)
            shutil.rmtree(self.copy, ignore_errors=True)
            self.copy.mkdir(parents=True)
            unpack(Path(file.name), self.copy)
        return digest

    def download(self, file: Any) -> str:
        """Write the body to a file; its SHA-1, as AWX names archives' revisions."""
        request = urllib.request.Request(self.spec["url"])  # noqa: S310  (the scheme was checked)
        login, digest = self.spec["login"], hashlib.sha1(usedforsecurity=False)
        if login:
            manager = urllib.request.HTTPPasswordMgrWithPriorAuth()
            manager.add_password(
                None, self.spec["url"], login.get("username", ""), login.get("password", ""), is_authenticated=True
            )
            opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))
        else:
            opener = urllib.request.build_opener()
        try:
            with opener.open(request, timeout=60) as answer:
                while chunk := answer.read(CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise Failed(f"The archive cannot be downloaded: {self.masked(str(error))}") from error
        file.flush()
        return digest.hexdigest()

    # --- what all kinds do -----------------------------------------------------------------------------------------

    def publish(self, revision: str) -> Path:
        """The checkout of the revision: a copy that appears whole or not at all."""
        target = self.checkouts / revision
        if target.is_dir():
            return target
        self.checkouts.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=self.checkouts))
        try:
            shutil.copytree(self.copy, fresh, symlinks=True, dirs_exist_ok=True)
            self.requirements(fresh)
            fresh.chmod(0o755)
            fresh.rename(target)
        except OSError as error:
            if not target.is_dir():
                raise Failed(f"The checkout cannot be written: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return target

    def requirements(self, place: Path) -> None:
        """Roles and collections that the content asks for, into the checkout: cached with the revision."""
        for kind in ("roles", "collections"):
            files = (place / kind / "requirements.yml", place / kind / "requirements.yaml", place / "requirements.yml")
            asked = next((path for path in files if path.is_file() and not path.is_symlink()), None)
            if asked is None or not self.spec[kind]:
                continue
            say(f"Installing {kind} from {asked.relative_to(place)}")
            program = str(Path(sys.executable).with_name("ansible-galaxy"))
            words = [
                program,
                kind.removesuffix("s"),
                "install",
                "-r",
                str(asked),
                "-p",
                str(place / ".requirements" / kind),
            ]
            say(self.command(words).strip())

    def run(self) -> None:
        """All of it."""
        runs = {"git": self.run_git, "svn": self.run_svn, "archive": self.run_archive}
        if self.spec["type"] not in runs:
            raise Failed(f"Projects of the kind {self.spec['type']} cannot be updated here.")
        revision = runs[self.spec["type"]]()
        place = self.publish(revision)
        result = {"revision": revision, "playbooks": scan.playbooks(place), "inventories": scan.inventories(place)}
        (self.workspace / "result.json").write_text(json.dumps(result), encoding="utf-8")
        say(f"The project is at revision {revision} with {len(result['playbooks'])} playbooks.")


def unpack(archive: Path, target: Path) -> None:
    """Unpack a tar or zip file below a directory; members that lead outside of it are refused."""
    try:
        if zipfile.is_zipfile(archive):
            unzip(archive, target)
        else:
            with tarfile.open(archive) as tar:
                members = tar.getmembers()
                if sum(member.size for member in members) > MOST_BYTES:
                    raise Failed("The archive is too large.")
                tar.extractall(target, members=members, filter="data")
    except (tarfile.TarError, zipfile.BadZipFile) as error:
        raise Failed(f"The archive is refused: {error}.") from error
    entries = list(target.iterdir())
    if len(entries) == 1 and entries[0].is_dir() and not entries[0].is_symlink():
        strip(entries[0], target)


def unzip(archive: Path, target: Path) -> None:
    """A zip file without links."""
    root = target.resolve()
    with zipfile.ZipFile(archive) as file:
        if sum(info.file_size for info in file.infolist()) > MOST_BYTES:
            raise Failed("The archive is too large.")
        for info in file.infolist():
            if not (target / info.filename).resolve().is_relative_to(root):
                raise Failed(f"The archive is refused: {info.filename} leads outside.")
            file.extract(info, target)


def strip(only: Path, target: Path) -> None:
    """Archives of forges hold one directory: its content is the project."""
    aside = target.with_name(f"{target.name}.strip")
    shutil.rmtree(aside, ignore_errors=True)
    only.rename(aside)
    only.parent.rmdir()
    aside.rename(target)


def say(text: str) -> None:
    """A line of output."""
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def main() -> int:
    """Run the update; 0 where it was successful."""
    spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        Update(spec).run()
    except Failed as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"The update failed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
