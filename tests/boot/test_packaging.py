"""Dockerfile, compose files, nginx and units of systemd: each read by its own tool, and in step with the code."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from awx_lite.up.single import components
from tests.boot.launcher import CHECKOUT

COMPOSE, TLS = CHECKOUT / "docker-compose.yml", CHECKOUT / "docker" / "tls.yml"
PACKAGING = CHECKOUT / "packaging"
UNITS = sorted(PACKAGING.glob("*.service"))


class Loader(yaml.SafeLoader):
    """Reads the tags with which one compose file overrides another."""


Loader.add_constructor("!override", lambda loader, node: loader.construct_sequence(node, deep=True))


def composed() -> dict:
    """The main file, with its anchors resolved and its variables at their defaults."""
    return filled(yaml.load(COMPOSE.read_text(), Loader))  # noqa: S506


def filled(value: Any) -> Any:
    """A value whose variables are replaced by their defaults, as compose does without an environment."""
    if isinstance(value, dict):
        return {key: filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value]
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value) if isinstance(value, str) else value


def processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> set[str]:
    """The processes of an installation, as `run` knows them."""
    monkeypatch.setenv("AWX_LITE_HOME", str(tmp_path / "home"))
    return set(components())


def test_the_compose_file_is_valid_by_the_specification() -> None:
    shown = {name: value for name, value in composed().items() if not name.startswith("x-")}
    file = PyCompose.from_yaml(yaml.safe_dump(shown))
    file.validate()
    assert set(file.service_names()) == set(composed()["services"])


def test_the_compose_file_names_only_what_it_declares() -> None:
    body = composed()
    services, volumes = body["services"], set(body["volumes"])
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= set(services), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (CHECKOUT / source).exists() if source.startswith("./") else source in volumes, volume


def test_compose_and_systemd_start_every_process_of_an_installation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wanted = processes(monkeypatch, tmp_path)
    commands = [service.get("command", []) for service in composed()["services"].values()]
    commands.append(re.findall(r'"([^"]+)"', (CHECKOUT / "Dockerfile").read_text().rsplit("CMD", 1)[1]))
    assert {command[-1] for command in commands if command[-2:-1] == ["run"]} == wanted
    target = unit(PACKAGING / "awx-lite.target")["Unit"]["Wants"].split()
    units = " ".join(name.removesuffix(".service") for name in target)
    assert {re.split("[-@]", name)[-1] for name in units.split()} - {"setup"} == wanted


def test_services_of_the_application_share_their_settings() -> None:
    services = composed()["services"]
    plain = {name: service for name, service in services.items() if service.get("image") == "awx_lite"}
    first = services["web"]["environment"]
    assert len(plain) > 4
    for service in plain.values():
        assert first.items() <= service["environment"].items()
        assert "data:/data" in service["volumes"]


def test_the_override_for_tls_mounts_what_is_there() -> None:
    body = yaml.load(TLS.read_text(), Loader)  # noqa: S506
    assert set(body["services"]) <= set(composed()["services"])
    sources = [volume.split(":")[0] for volume in body["services"]["nginx"]["volumes"]]
    assert [source for source in sources if not (CHECKOUT / source).exists()] in ([], ["./docker/tls"])


def test_the_dockerfile_passes_its_linter_and_does_not_run_as_root() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [hadolint, "--no-color", CHECKOUT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("", 0)
    users = re.findall(r"^USER (\S+)", (CHECKOUT / "Dockerfile").read_text(), re.MULTILINE)
    assert users[-1] == "10001:10001"


@pytest.mark.parametrize("name", ["nginx.conf", "nginx-tls.conf"])
def test_nginx_takes_its_configuration(tmp_path: Path, name: str) -> None:
    tls = tmp_path / "tls"
    tls.mkdir()
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=awx.example.com"),
            *("-keyout", tls / "privkey.pem", "-out", tls / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    for file in ("proxy.conf", name):
        text = (CHECKOUT / "docker" / file).read_text().replace("/etc/nginx/tls", str(tls))
        (tmp_path / file).write_text(text.replace("/etc/nginx/awx_lite", str(tmp_path)))
    logs = f"pid {tmp_path}/pid; error_log {tmp_path}/error;"
    (tmp_path / "whole.conf").write_text(f"{logs} events {{}} http {{ access_log off; include {tmp_path / name}; }}")
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    done = subprocess.run([nginx, "-t", "-c", tmp_path / "whole.conf"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def unit(path: Path) -> configparser.ConfigParser:
    """A unit file."""
    parser = configparser.ConfigParser(interpolation=None, strict=True, comment_prefixes=("#", ";"))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_run_this_code_as_an_account_of_its_own(path: Path) -> None:
    service = unit(path)["Service"]
    assert (service["User"], service["EnvironmentFile"]) == ("awx", "/etc/awx_lite/environment")
    assert service["ExecStart"].startswith("/opt/awx_lite/.venv/bin/python -m awx_lite.up ")
    assert service.get("KillMode", "control-group") == ("process" if "worker@" in path.name else "control-group")


def test_systemd_finds_no_fault_where_it_is_installed(tmp_path: Path) -> None:
    for path in PACKAGING.iterdir():
        text = (
            path.read_text().replace("/opt/awx_lite/.venv/bin/python", sys.executable).replace("User=awx", "User=root")
        )
        (tmp_path / path.name.replace("@.", "@jobs.")).write_text(text.replace("Group=awx", "Group=root"))
    names = [path for path in sorted(tmp_path.iterdir()) if path.suffix == ".service"]
    assert len(names) == len(UNITS)
    program = shutil.which("systemd-analyze")
    said = ""
    if program:
        said = subprocess.run(
            [program, "verify", "--man=no", *names], capture_output=True, text=True, check=False
        ).stderr
    ours = [line for line in said.splitlines() if "awx-lite" in line]
    assert ours == []


def test_the_environment_file_names_settings_that_exist() -> None:
    code = "".join(
        path.read_text() for folder in ("settings", "awx_lite") for path in (CHECKOUT / folder).rglob("*.py")
    )
    names = re.findall(r"^#?([A-Z_]+)=", (PACKAGING / "environment").read_text(), re.MULTILINE)
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} <= set(names)
    assert [name for name in names if f'"{name}"' not in code] == []
