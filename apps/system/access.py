"""System jobs are the superusers'; auditors read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.core.access import Access


class SystemAccess(Access):
    """Nothing is made here; superusers launch and schedule."""

    @property
    def reader(self) -> bool:
        """Whether the user may look at all."""
        return self.everything or self.user.is_system_auditor

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Never: the templates are what they are, and jobs come from launches."""
        return False

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """Only links to notification templates change, and only by superusers."""
        return self.everything
