"""One update: fetch, publish the checkout of the revision, and look at what it holds."""

from __future__ import annotations

import fcntl
import filecmp
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from apps.projects import scan

from . import galaxy, signature
from .archive import Archive
from .git import Git
from .source import Failed, Source, say
from .svn import Svn

KINDS: dict[str, Callable[[dict[str, Any]], Source]] = {"git": Git, "svn": Svn, "archive": Archive}
# the repository's own bookkeeping holds addresses and needs as much room again
LEFT_OUT = (".git", ".svn")


def update(spec: dict[str, Any]) -> None:
    """All of it; the result is a file in the workspace."""
    source = KINDS[spec["type"]](spec)
    with alone(source.copy):
        revision = source.fetch()
        if spec["revision"] not in ("", revision):
            raise Failed(f"The source holds the revision {revision} now, and no longer {spec['revision']}.")
        signature.verify(source)
        place = publish(source, revision)
    result = {"revision": revision, "playbooks": scan.playbooks(place), "inventories": scan.inventories(place)}
    (source.workspace / "result.json").write_text(json.dumps(result), encoding="utf-8")
    say(f"The project is at revision {revision} with {len(result['playbooks'])} playbooks.")


@contextmanager
def alone(copy: Path) -> Iterator[None]:
    """Nobody else on this host works on the copy: neither an update nor a job that fetches an older revision."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    with copy.with_name(f".{copy.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def publish(source: Source, revision: str) -> Path:
    """The checkout of the revision: a copy that appears whole or not at all."""
    target = source.checkouts / revision
    if target.is_dir() and not outdated(source, target):
        return target
    source.checkouts.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=source.checkouts))
    try:
        shutil.copytree(source.copy, fresh, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        source.finish(fresh)
        galaxy.install(source, fresh)
        fresh.chmod(0o755)
        if target.is_dir():
            # jobs that run in it go on there; it is removed when it is old
            target.rename(tempfile.mkdtemp(prefix=".old-", dir=source.checkouts))
        fresh.rename(target)
    except (OSError, shutil.Error) as error:
        raise Failed(f"The checkout cannot be written: {error}") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def outdated(source: Source, target: Path) -> bool:
    """Whether the checkout is not what the copy is: jobs wrote into it, or submodules moved on."""
    if not any(source.spec[name] for name in ("clean", "delete", "submodules", "signature_key")):
        return False
    new, old = dict(listed(source.copy)), dict(listed(target))
    if new.keys() != old.keys():
        return True
    return not all(same(new[name], old[name]) for name in new)


def listed(root: Path) -> Iterator[tuple[str, Path]]:
    """(relative name, path) of all files and links, without what is not the content's own."""
    for place, directories, files in os.walk(root):
        top = Path(place) == root
        skipped = {*LEFT_OUT, *(galaxy.FOLDERS.values() if top else ())}
        links = [name for name in directories if (Path(place) / name).is_symlink()]
        directories[:] = [name for name in directories if name not in skipped and name not in links]
        for name in (*files, *links):
            if name not in LEFT_OUT:
                path = Path(place) / name
                yield str(path.relative_to(root)), path


def same(one: Path, other: Path) -> bool:
    """Whether two files have the same bytes, or two links the same target."""
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    return filecmp.cmp(one, other, shallow=False)
