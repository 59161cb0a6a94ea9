"""Sub-lists: /parents/<pk>/children/, declared as data on the parent's resource."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sub:
    """One related list of a resource."""

    segment: str  # the path segment, the key in `related`, and part of the URL's name
    source: str = ""  # the ORM relation (or accessor), where it differs from the segment
    slug: str = ""  # the child's resource, where the model's own is not meant or there is no ORM relation
    create: bool = False  # POST without an id makes a new child
    attach: bool = False  # POST {"id": 1} links; with "disassociate" it unlinks
    delete: bool = False  # DELETE removes all children
    role: str = "view"  # the action needed on a child in order to link it
    parent_role: str = "change"  # the action needed on the parent in order to link or create
    ordered: bool = False  # the link has a position (an OrderedLink); new ones go last
    order_by: tuple[str, ...] = ()  # where the child's own order is not meant
    rows: Callable[[Any, Any], Any] | None = None  # (parent, user) -> queryset, where no single relation says it
    visible_all: bool = False  # the parent's reader sees every child (rows are not narrowed by the child's rules)
    key: str = ""  # the child's foreign key that POST fills with the parent, where it cannot be derived
    fill: Callable[[Any], dict[str, Any]] | None = None  # parent -> further values that POST gives every new child
    serializer: Any = None  # where the child's own serializer is not meant
    bare_body: bool = False  # how OPTIONS words the body of a list that only links
    on_attach: Callable[[Any, Any, Any], Any] | None = None  # (user, parent, child); replaces add()
    on_detach: Callable[[Any, Any, Any], Any] | None = None  # (user, parent, child); replaces remove()
    on_delete_all: Callable[[Any], Any] | None = None  # (rows); replaces rows.delete()
    check_attach: Callable[[Any, Any, Any], None] | None = None  # (user, parent, child); raises
    check_detach: Callable[[Any, Any, Any], None] | None = None
    check_list: Callable[[Any, Any], None] | None = None  # (user, parent); raises
    may_add: Callable[[Any, Any, Any], bool] | None = None  # (user, parent, data); in place of the child's own rule
    title: str = ""

    @property
    def relation(self) -> str:
        """The accessor on the parent."""
        return self.source or self.segment

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods of the path."""
        return ("get", *(("post",) if self.create or self.attach else ()), *(("delete",) if self.delete else ()))
