"""Who may read, make and change schedules: those who may start the template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.core.access import Access


class ScheduleAccess(Access):
    """A schedule's template decides; what the answers point to must be usable."""

    needs = {"unified_job_template": "start", "inventory": "use", "execution_environment": "view"}
    creator_needs = ("unified_job_template",)

    def allows(self, target: Any, action: str) -> bool:
        """The template's own kind knows what starting it needs."""
        if action == "start":
            return action in family(target).held(self.user, [target]).get(target.pk, ())
        return super().allows(target, action)

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """Whoever changes the template; whoever made the schedule, while he may start the template."""
        return super().may_change(obj, data)

    def may_attach(self, parent: Any, child: Any, sub: Any) -> bool:
        """Credentials, labels and groups of the answers: change the schedule, use the thing."""
        return self.may("change", parent) and self.allows(child, sub.role)


def family(template: Any) -> Any:
    """The model at the root of the templates, which asks each kind."""
    return next(base for base in type(template).__mro__ if base.__name__ == "UnifiedJobTemplate")
