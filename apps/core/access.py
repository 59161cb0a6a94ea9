"""Who may do what to an object. One Access class a model; every other module asks these questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist


class Access:
    """Superusers may do all; others see what `visible_to` lets through and do what `held` says they hold.

    A model takes part through two methods (the mixins of apps.rbac give both):
    `QuerySet.visible_to(user)`, and `Model.held(user, objects) -> {pk: set of actions}`.
    """

    needs: Mapping[str, str] = {}  # a foreign key in the payload -> the action needed on what it points to
    creator_needs: tuple[str, ...] = ()  # of `needs`: those that must be given by anyone but a superuser
    left = ("organization", "inventory", "project", "credential")  # of `needs`: held also to point elsewhere
    auditor_sees = True  # whether the system auditor sees every row

    def __init__(self, user: Any, model: Any = None) -> None:
        self.user = user
        self.model = model

    @property
    def everything(self) -> bool:
        """Whether this user may do anything."""
        return self.user.is_superuser

    def visible(self, queryset: Any) -> Any:
        """The rows that this user may read."""
        if self.everything or (self.auditor_sees and getattr(self.user, "is_system_auditor", False)):
            return queryset
        return queryset.visible_to(self.user)

    def may(self, action: str, obj: Any) -> bool:
        """Whether this user may do `action` (view, change, delete, use, execute, …) to `obj`."""
        if self.everything or (action == "view" and self.auditor_sees and self.user.is_system_auditor):
            return True
        return action in type(obj).held(self.user, [obj]).get(obj.pk, ())

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Whether this user may create an object with `data` (raw ids or instances): hold what `needs` names."""
        if self.everything:
            return True
        if not self.needs or any(not data.get(name) for name in self.creator_needs):
            return False
        return self.may_use(data)

    def may_change(self, obj: Any, data: Mapping[str, Any]) -> bool:
        """Whether `data` may be written to `obj`: the right to change it, and to use what it pointed and points to."""
        if not self.may("change", obj):
            return False
        fresh = {name: data[name] for name in self.needs if name in data and self.differs(obj, name, data[name])}
        before = {name: getattr(obj, f"{name}_id") for name in fresh if name in self.left}
        return self.may_use(fresh) and self.may_use(before)

    @staticmethod
    def differs(obj: Any, name: str, value: Any) -> bool:
        """Whether the foreign key `name` would change."""
        return str(getattr(obj, f"{name}_id")) != str(getattr(value, "pk", value))

    def may_use(self, data: Mapping[str, Any]) -> bool:
        """Hold the needed action on every object that the payload points to."""
        if self.everything:
            return True
        return all(self.holds(name, data[name], action) for name, action in self.needs.items() if data.get(name))

    def holds(self, name: str, value: Any, action: str) -> bool:
        """Whether the target of the foreign key `name` allows `action`; an unknown id is the serializer's affair."""
        target = self.model._meta.get_field(name).related_model
        if not isinstance(value, target):
            try:
                value = target._base_manager.get(pk=value)
            except (ObjectDoesNotExist, ValueError, TypeError):
                return True
        return self.allows(value, action)

    def allows(self, target: Any, action: str) -> bool:
        """Ask the access rules of another model."""
        from . import registry

        return registry.for_model(type(target)).access_for(self.user).may(action, target)

    def may_attach(self, parent: Any, child: Any, sub: Any) -> bool:
        """Whether `child` may be linked below `parent`: change the parent, and hold `sub.role` on the child."""
        return self.may(sub.parent_role, parent) and self.allows(child, sub.role)

    def may_detach(self, parent: Any, child: Any, sub: Any) -> bool:
        """Whether a link may be removed: the right to change the parent."""
        return self.may(sub.parent_role, parent)

    def may_give(self, obj: Any, role_field: str, receiver: Any) -> bool:
        """Whether a role of `obj` may be given to, or taken from, a user or a team: the right to change the object."""
        return self.may("change", obj)

    def may_create_in(self, parent: Any, sub: Any) -> bool:
        """Whether a child may be created below `parent`, before the child's own rules are asked."""
        return self.may(sub.parent_role, parent)

    def capabilities(self, objects: Iterable[Any], wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """`user_capabilities` of a page of objects: {pk: {capability: bool}}, with a constant number of queries."""
        objects = list(objects)
        if self.everything:
            return {obj.pk: dict.fromkeys(wanted, True) for obj in objects}
        held = self.model.held(self.user, objects) if objects else {}
        return {obj.pk: {name: action in held.get(obj.pk, ()) for name, action in wanted.items()} for obj in objects}


class OpenAccess(Access):
    """Everyone reads; superusers write."""

    def visible(self, queryset: Any) -> Any:
        """All of them."""
        return queryset

    def may(self, action: str, obj: Any) -> bool:
        """Reading is free."""
        return self.everything or action == "view"

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Superusers only."""
        return self.everything
