"""Who may see and stop jobs, and see templates, of any kind: the rights of each kind decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.core.access import Access


class UnifiedJobTemplateAccess(Access):
    """Templates of all kinds in one list; nothing is made or changed there."""

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Never: each kind has a path of its own."""
        return False


class UnifiedJobAccess(Access):
    """Jobs of any kind: those who read what a job follows read it; nobody makes or changes one directly."""

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Never: jobs come from launches."""
        return False

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """Never."""
        return False
