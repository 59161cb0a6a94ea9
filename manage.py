#!/usr/bin/env python
"""Django's command line for awx_lite."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command with the settings of this installation."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.prod")
    import awx_lite  # noqa: F401  (commands send tasks: the Celery application must be known)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
