"""An Ansible callback that writes what each task did, a line of JSON a task, to the file that RECORD names.

Source: https://docs.ansible.com/ansible/latest/dev_guide/developing_plugins.html#callback-plugins
"""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Every result, failed and ignored ones too."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any, **_more: Any) -> None:
        """A task that went well."""
        self.write(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False, **_more: Any) -> None:
        """A task that failed."""
        self.write(result, failed=True)

    def v2_runner_on_skipped(self, result: Any, **_more: Any) -> None:
        """A task that was not wanted."""
        self.write(result)

    def write(self, result: Any, **more: Any) -> None:
        """One line."""
        with open(os.environ["RECORD"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps({**result._result, **more}, default=str) + "\n")
