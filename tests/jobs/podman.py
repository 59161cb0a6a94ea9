"""What stands for podman in tests: it notes what it is told, then runs the inner command with the variables it got.

The arguments of each call become one line of JSON in a file beside the program.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

WITH_VALUE = {"-v", "--env", "--network"}


def main(words: list[str]) -> None:
    """Note, and run."""
    with Path(sys.argv[0] + ".log").open("a", encoding="utf-8") as log:
        log.write(json.dumps(words) + "\n")
    if "run" not in words:
        return
    rest, env = words[words.index("run") + 1 :], {"PATH": os.environ["PATH"], "HOME": "/"}
    while rest[0].startswith("-"):
        option = rest.pop(0)
        if option in WITH_VALUE:
            value = rest.pop(0)
            if option == "--env":
                env[value] = os.environ[value]
        elif option.startswith("--workdir="):
            os.chdir(option.partition("=")[2])
        elif option.startswith("--authfile="):
            file = Path(option.partition("=")[2])
            Path(sys.argv[0] + ".auth").write_text(f"{file.stat().st_mode:o} {file.read_text()}", encoding="utf-8")
    os.execvpe(rest[1], rest[1:], env)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
