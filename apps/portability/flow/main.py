"""From flags to an exit code; the command of manage.py and the plain client share it."""

from __future__ import annotations

from typing import Any, TextIO

from . import printing, running
from .client import Client, FlowError
from .options import read

REFUSED = 2  # nothing was run, or nobody knows how it ended


def perform(client: Client, given: dict[str, Any], stream: TextIO | None = None) -> int:
    """Run the flow, print the report, return the exit code."""
    screen = printing.Screen(stream)
    try:
        options = read(given)
        result = running.run(client, options, say=screen.say, out=screen.out, status=screen.status)
        for line in printing.report(result):
            screen.say(line)
        if given["report"]:
            printing.write(result, given["report"])
    except (FlowError, ValueError, OSError) as error:
        screen.say(f"refused      {error}")
        return REFUSED
    except KeyboardInterrupt:
        screen.say("interrupted; what was launched goes on at the server")
        return REFUSED
    return result.code
