"""What the process of an update does with archives."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import web

from .conftest import PLAY


def tar(*members: tuple[str, Any], mode: str = "w:gz") -> bytes:
    """An archive of (name, text), or (name, a changed TarInfo)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as file:
        for name, content in members:
            info = tarfile.TarInfo(name) if isinstance(content, str) else content
            data = content.encode() if isinstance(content, str) else b""
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    """A link as a member."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zipped(*members: tuple[str, str]) -> bytes:
    """A zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in members:
            file.writestr(name, text)
    return buffer.getvalue()


@pytest.fixture
def fetch(sync: Any) -> Any:
    """`fetch(bytes)`: an update from a web server that answers with these bytes."""

    def run(body: bytes, **options: Any) -> Any:
        with web(lambda got: (200, body)) as site:
            return sync(f"{site.url}/x.tar.gz", type="archive", **options)

    return run


@pytest.mark.parametrize(
    "body",
    [tar(("site.yml", PLAY), ("b/c.yml", PLAY)), zipped(("site.yml", PLAY), ("b/c.yml", PLAY))],
    ids=["tar", "zip"],
)
def test_tar_and_zip_are_unpacked(fetch: Any, body: bytes) -> None:
    done = fetch(body)
    assert done.result["playbooks"] == ["b/c.yml", "site.yml"], done.out
    assert len(done.result["revision"]) == 40
    assert fetch(body).result == done.result


def test_the_single_directory_of_a_forge_is_the_project(fetch: Any) -> None:
    assert fetch(tar(("repo-1.0/site.yml", PLAY))).result["playbooks"] == ["site.yml"]
    assert fetch(zipped(("repo-2.0/other.yml", PLAY))).result["playbooks"] == ["other.yml"]


@pytest.mark.parametrize(
    "body",
    [
        tar(("site.yml", PLAY), ("../../escaped", "x")),
        tar(("out", link("out", "../..")), ("out/escaped", "x")),
        tar(("out", link("out", "/etc/passwd"))),
        tar(("out", link("out", "../../../../etc/passwd", tarfile.LNKTYPE))),
        zipped(("site.yml", PLAY), ("../../escaped", "x")),
        zipped(("/escaped-by-a-test", "x")),
    ],
    ids=["tar-parent", "tar-through-link", "tar-link", "tar-hard-link", "zip-parent", "zip-root"],
)
def test_members_that_lead_outside_are_refused(fetch: Any, body: bytes, tmp_path: Path) -> None:
    good = fetch(tar(("site.yml", PLAY)))
    done = fetch(body)
    assert (done.code, done.result) == (1, {})
    assert "The archive is refused" in done.out
    assert not list(tmp_path.rglob("escaped*"))
    assert (good.place / "site.yml").is_file()
    assert (tmp_path / "sync" / "copy" / "site.yml").is_file()


@pytest.mark.parametrize(
    "body",
    [b"no archive", b"", tar(("a", "x" * 9999))[:60], b"PK\x05\x06" + b"\0" * 9],
    ids=["text", "empty", "half", "zip-end"],
)
def test_what_is_no_archive_is_refused(fetch: Any, body: bytes) -> None:
    done = fetch(body)
    assert done.code == 1
    assert "The archive is refused" in done.out


def test_an_archive_that_would_fill_the_disk_is_refused(fetch: Any) -> None:
    info = tarfile.TarInfo("big")
    info.size = 3 * 1024**3
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        file.addfile(info)
    body = zipped(("a", "x"))
    assert fetch(body).code == 0
    done = fetch(buffer.getvalue())
    assert done.code == 1


def test_a_download_that_fails_says_why(sync: Any) -> None:
    with web(lambda got: (404, {})) as site:
        done = sync(f"{site.url}/x.zip", type="archive", login={"username": "u", "password": "s3cret"})
        assert "cannot be downloaded: HTTP Error 404" in done.out
        assert site.got[0].headers["authorization"].startswith("Basic ")
        assert "s3cret" not in done.out
    assert "cannot be downloaded" in sync("http://127.0.0.1:1/x.zip", type="archive").out


def test_redirects_lead_to_the_web_and_take_no_login_along(sync: Any) -> None:
    with web(lambda got: (200, tar(("site.yml", PLAY)))) as there:
        moved = {"Location": there.url.replace("127.0.0.1", "localhost") + "/y.tgz"}
        with web(lambda got: (302, {}, moved)) as here:
            done = sync(f"{here.url}/x.tgz", type="archive", login={"username": "u", "password": "p"})
    assert done.code == 0, done.out
    assert "authorization" not in there.got[0].headers
    for target in ("file:///etc/passwd", "http://169.254.169.254/latest"):
        with web(lambda got, target=target: (302, {}, {"Location": target})) as here:
            assert sync(f"{here.url}/x.tgz", type="archive").code == 1


def test_subversion_that_is_not_installed_says_so(sync: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    done = sync("http://127.0.0.1:1/svn", type="svn")
    assert done.code == 1
    assert "svn is not installed" in done.out
