"""Sub-lists that upper apps share: roles with access, labels."""

from __future__ import annotations

from typing import Any

from apps.core.sublists import Sub
from apps.rbac.sublists import OBJECT_ROLES

from .access_list import ACCESS_LIST
from .models import Label


def drop_label(user: Any, parent: Any, label: Label) -> None:
    """Take a label off; one that nothing carries any more is deleted."""
    parent.labels.remove(label)
    Label.drop_unused([label.pk])


class Labelled:
    """For resources of what carries labels: those that nothing else carries go with it."""

    def perform_destroy(self, obj: Any) -> Any:
        """Delete the object, then its lonely labels."""
        ids = list(obj.labels.values_list("pk", flat=True))
        answer = super().perform_destroy(obj)  # type: ignore[misc]
        Label.drop_unused(ids)
        return answer


ROLES = (OBJECT_ROLES, ACCESS_LIST)
LABELS = Sub("labels", slug="labels", attach=True, create=True, on_detach=drop_label)
