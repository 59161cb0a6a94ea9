"""Run one update; the exit status is 0 where it was successful."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from apps.projects.sync.source import Failed, say
from apps.projects.sync.update import update


def main() -> int:
    """Whatever is wrong with the source is the last line of the output."""
    spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        update(spec)
    except Failed as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"The update failed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
