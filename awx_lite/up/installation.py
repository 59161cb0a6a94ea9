"""One installation from its first to its last process."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

from . import requirements
from .components import (
    address,
    celery_components,
    live_component,
    live_socket,
    logs_in,
    postgres_component,
    reachable_host,
    valkey_component,
    web_component,
)
from .errors import StartError
from .lock import Lock
from .logs import last_line
from .place import CHECKOUT, Place, write_private
from .postgres import Postgres
from .supervisor import Supervisor, stop_survivors
from .valkey import Valkey

SERVER_SECONDS = 60
WEB_SECONDS = 90
DEMO = "/api/v2/job_templates/Demo%20Job%20Template++Default/launch/"


class Installation:
    """Starts everything, watches over it, stops it."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.place = Place.of_environment()
        self.lock = Lock(self.place.home)
        self.bind, self.port = requirements.listen_address()
        self.supervisor = Supervisor(self.place.home / "run" / "children.json", self.place.home / "log", self.say)

    def say(self, sentence: str) -> None:
        """One line of progress."""
        print(f"[{time.monotonic() - self.begun:5.1f} s] {sentence}", flush=True)

    def start(self) -> None:
        """From nothing to a served API."""
        self.start_application(self.prepare(port_needed=True))

    def prepare(self, *, port_needed: bool = False) -> dict[str, str]:
        """The data directory, servers, tables and demo objects; returns the environment of our processes."""
        requirements.check_python()
        missing = requirements.missing_tools()
        self.place.prepare()
        self.lock.take()
        for name in stop_survivors(self.supervisor.register):
            self.say(f"stopped {name}, which an earlier start had left behind")
        if port_needed:
            requirements.check_port(self.bind, self.port)
        if missing:
            self.say(f"note: {' and '.join(missing)} not installed, jobs on other hosts need it (openssh-client)")
        if not requirements.has_home():
            self.say("note: this account has no home directory that it can write to, playbooks for localhost need one")
        requirements.check_servers(os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL"))
        environment = self.environment()
        write_private(self.place.environment, "\n".join(f"{name}={environment[name]}" for name in PUBLISHED))
        self.manage(environment, "migrate", "the tables", "--noinput", "-v0")
        self.manage(environment, "preload", "the demo objects")
        return environment

    def environment(self) -> dict[str, str]:
        """The environment of all our processes, with both servers running."""
        place = self.place
        return {
            **os.environ,
            "AWX_LITE_HOME": str(place.home),
            "SECRET_KEY": place.secret_key(),
            "AWX_LITE_ADMIN_PASSWORD": place.admin_password(),
            "CLUSTER_HOST_ID": os.environ.get("CLUSTER_HOST_ID") or socket.gethostname(),
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE") or "settings.prod",
            "AWX_LITE_URL": self.url,
            "AWX_LITE_LIVE_SOCKET": os.environ.get("AWX_LITE_LIVE_SOCKET") or str(live_socket(place)),
            "DATABASE_URL": os.environ.get("DATABASE_URL") or self.start_postgres(),
            "REDIS_URL": os.environ.get("REDIS_URL") or self.start_valkey(),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def url(self) -> str:
        """Where this host reaches the API."""
        return f"http://{address(reachable_host(self.bind), self.port)}"

    def start_postgres(self) -> str:
        """The embedded PostgreSQL; its URL."""
        server = Postgres.at(self.place.postgres)
        if not server.data.exists():
            self.say("PostgreSQL: making the data directory")
        server.prepare()
        component = postgres_component(server, self.place)
        self.supervisor.start(component)
        self.supervisor.wait_for(component, SERVER_SECONDS)
        server.create_database()
        self.say("PostgreSQL runs")
        return server.url

    def start_valkey(self) -> str:
        """The embedded Valkey; its URL."""
        server = Valkey.at(self.place.home / "valkey")
        component = valkey_component(server, self.place)
        self.supervisor.start(component)
        self.supervisor.wait_for(component, SERVER_SECONDS)
        self.say("Valkey runs")
        return server.url

    def manage(self, environment: dict[str, str], command: str, what: str, *arguments: str) -> None:
        """Run one management command to its end."""
        self.say(f"{command}: {what}")
        log = self.place.log(command)
        argv = [sys.executable, "manage.py", command, *arguments]
        with log.open("ab") as output:
            log.chmod(0o600)
            code = subprocess.run(
                argv, cwd=CHECKOUT, env=environment, stdout=output, stderr=output, check=False, start_new_session=True
            ).returncode
        if code:
            raise StartError(f"manage.py {command} failed: {last_line(log)} (see {log})")

    def start_application(self, environment: dict[str, str]) -> None:
        """The web, the workers and beat; returns when the API answers."""
        environment = {name: value for name, value in environment.items() if name != "AWX_LITE_ADMIN_PASSWORD"}
        self.say("web, workers and beat: starting")
        web = web_component(environment, self.place, self.bind, self.port)
        self.supervisor.start(web)
        for component in (live_component(environment, self.place), *celery_components(environment, self.place)):
            self.supervisor.start(component)
        self.supervisor.wait_for(web, WEB_SECONDS)
        self.say("the API answers")

    def greet(self) -> None:
        """Address, account and a line to try."""
        url = self.url
        password = self.place.admin_password()
        account = f"admin:{shlex.quote(password)}"
        if not logs_in(self.bind, self.port, "admin", password):
            password, account = "the one that was set since the first start", "admin"
        print(f"\n  address   {url}/api/v2/\n  user      admin\n  password  {password}\n")
        print(f"  curl -u {account} -X POST {url}{DEMO}\n", flush=True)

    def watch(self) -> None:
        """Tend the children until someone interrupts."""
        while True:
            self.supervisor.tend()
            time.sleep(0.25)

    def stop(self) -> None:
        """Stop everything; jobs that run go on and are taken up at the next start."""
        if self.supervisor.components:
            self.say("stopping (running jobs go on, the next start takes them up again)")
        self.supervisor.stop()
        self.lock.release()


# What manage.py needs to reach the servers of a running installation.
PUBLISHED = ("DATABASE_URL", "REDIS_URL", "CLUSTER_HOST_ID", "AWX_LITE_URL")
