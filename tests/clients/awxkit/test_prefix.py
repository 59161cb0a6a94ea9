"""The awx command against the controller's prefix, as clients of the platform set it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_the_awx_command_works_below_the_controllers_prefix(server):
    login = ["--conf.host", server.url, "--conf.username", server.user, "--conf.password", server.password]
    argv = [str(Path(sys.executable).with_name("awx")), *login, "-f", "json"]
    environment = os.environ | {"AWXKIT_API_BASE_PATH": "/api/controller/"}

    def awx(*words):
        done = subprocess.run(
            [*argv, *words], capture_output=True, text=True, timeout=120, check=False, env=environment
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert '"token"' in awx("login")
    listed = json.loads(awx("job_templates", "list", "--name", "Demo Job Template"))
    assert listed["results"][0]["url"].startswith("/api/controller/v2/job_templates/")
    assert "Hello World!" in awx("job_templates", "launch", "Demo Job Template", "--monitor")
