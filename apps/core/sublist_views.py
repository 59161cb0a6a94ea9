"""The one view of all sub-lists: list, create in, attach to and detach from one relation of one parent."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from rest_framework import status
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response

from . import registry
from .errors import BadRequest
from .resources import Resource
from .sublists import Sub

MAX_DIGITS = 18  # of an id


class SubListView(Resource):
    """Bound by `bind` to a parent, a child and a Sub; most of its behaviour is the child resource's own."""

    parent: ClassVar[type[Resource]]
    child: ClassVar[type[Resource]]
    sub: ClassVar[Sub]

    def get_view_name(self) -> str:
        """`Organization Teams List`."""
        words = self.sub.title or self.sub.segment.replace("_", " ").title()
        return f"{self.parent.noun()} {words} List"

    def get_parent(self) -> Any:
        """The object above, if the user may see it."""
        if not hasattr(self, "_parent"):
            self._parent = self.parent.find(self.request.user, self.kwargs["pk"])
        return self._parent

    def check_list(self, request: Request) -> None:
        """The list's own conditions, or else those of the child's list."""
        if self.sub.check_list:
            self.sub.check_list(request.user, self.get_parent())
        else:
            self.child.check_list(self, request)

    def get_queryset(self) -> Any:
        """The children that the user may see."""
        if getattr(self, "swagger_fake_view", False):
            return self.child.model._default_manager.none()
        parent, user, sub = self.get_parent(), self.request.user, self.sub
        related = sub.rows(parent, user) if sub.rows else getattr(parent, sub.relation).all()
        if not sub.visible_all:
            related = self.child.access_for(user).visible(related)
        if sub.order_by:
            related = related.order_by(*sub.order_by)
        elif sub.ordered:
            related = in_order(related, getattr(parent, sub.relation), parent)
        return self.child.optimized(related)

    # --- POST ----------------------------------------------------------------------------------------------------

    def create(self, request: Request, **kwargs: Any) -> Response:
        """Link an existing child, unlink it, or make a new one."""
        parent = self.get_parent()
        linking = getattr(request._request, "linking", "")
        if linking:
            return self.link_all(request, parent, detach=linking == "disassociate")
        if self.sub.attach and ("disassociate" in request.data or request.data.get("id") or not self.sub.create):
            return self.link(request, parent)
        return self.create_child(request, parent)

    def link(self, request: Request, parent: Any) -> Response:
        """Attach or detach `{"id": …}`; `disassociate` acts by its presence."""
        self.link_one(request.user, parent, request.data.get("id"), detach="disassociate" in request.data)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def link_all(self, request: Request, parent: Any, *, detach: bool) -> Response:
        """`{"instances": [1, 2]}`, as clients of the platform's gateway link: all of them or none."""
        asked = request.data.get("instances")
        if not self.sub.attach:
            raise MethodNotAllowed("POST")
        if not isinstance(asked, list) or not asked:
            raise BadRequest({"instances": ["A list of ids is required."]})
        with transaction.atomic():
            for one in asked:
                self.link_one(request.user, parent, one, detach=detach)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def link_one(self, user: Any, parent: Any, asked: Any, *, detach: bool) -> None:
        """Attach or detach one child by its id, where the rules of both allow it."""
        sub, child = self.sub, self.find_child(asked)
        access = self.parent.access_for(user)
        allowed = access.may_detach if detach else access.may_attach
        if not allowed(parent, child, sub):
            raise PermissionDenied
        check = sub.check_detach if detach else sub.check_attach
        if check:
            check(user, parent, child)
        with transaction.atomic():
            (self.detach if detach else self.attach)(user, parent, child)

    def find_child(self, asked: Any) -> Any:
        """The child with this id; 400 where it is missing, no number (a text of digits is none), or not there."""
        if not asked:
            raise BadRequest({"msg": 'An "id" is required to link an object here.'})
        if isinstance(asked, bool) or not isinstance(asked, int) or len(str(asked)) > MAX_DIGITS:
            raise BadRequest({"msg": 'The "id" must be a number.'})
        child = self.child.rows().filter(pk=int(asked)).first()
        if child is None:
            raise BadRequest({"detail": f"There is no {self.child.noun().lower()} with the id {asked}."})
        return child

    def attach(self, user: Any, parent: Any, child: Any) -> None:
        """Add the link; twice is fine."""
        if self.sub.on_attach:
            self.sub.on_attach(user, parent, child)
            return
        if self.sub.key:
            setattr(child, self.sub.key, parent)
            child.save()
            return
        manager = getattr(parent, self.sub.relation)
        if not self.sub.ordered:
            manager.add(child)
        elif not manager.filter(pk=child.pk).exists():
            links = manager.through._default_manager.filter(**{manager.source_field_name: parent.pk})
            last = links.aggregate(last=models.Max("position"))["last"]
            manager.add(child, through_defaults={"position": 0 if last is None else last + 1})

    def detach(self, user: Any, parent: Any, child: Any) -> None:
        """Remove the link; a child that is not linked is fine."""
        if self.sub.on_detach:
            self.sub.on_detach(user, parent, child)
        elif self.sub.key:
            self.cut(parent, child)
        else:
            getattr(parent, self.sub.relation).remove(child)

    def cut(self, parent: Any, child: Any) -> None:
        """End a link that is a column of the child; refused where the child cannot be without a parent."""
        if not self.child.model._meta.get_field(self.sub.key).null:
            raise BadRequest({"msg": f"A {self.child.noun().lower()} cannot be without its {self.sub.key}."})
        if getattr(child, f"{self.sub.key}_id") == parent.pk:
            setattr(child, self.sub.key, None)
            child.save()

    def create_child(self, request: Request, parent: Any) -> Response:
        """A new child below the parent: the parent's rules, then the child's own."""
        user, key = request.user, self.parent_key()
        if not self.parent.access_for(user).may_create_in(parent, self.sub):
            raise PermissionDenied
        data = {**cast("dict[str, Any]", request.data), **({key: parent.pk} if key else {})}
        data |= self.sub.fill(parent) if self.sub.fill else {}
        data.pop("id", None)
        existing = self.existing(parent, data)
        if existing is not None:
            return existing
        self.check_add(user, parent, data)
        serializer = self.get_serializer(data=data)
        serializer.is_valid(raise_exception=True)
        self.check_add(user, parent, serializer.validated_data)
        with transaction.atomic():
            child = self.perform_create(serializer)
            if key is None and (self.sub.on_attach or hasattr(parent, self.sub.relation)):
                self.attach(user, parent, child)
        return self.created(serializer, child)

    def check_add(self, user: Any, parent: Any, data: Any) -> None:
        """Whether the user may make such a child: the list's own rule, or the child's."""
        rule = self.sub.may_add
        if not (rule(user, parent, data) if rule else self.child.access_for(user).may_add(data)):
            raise PermissionDenied

    def existing(self, parent: Any, data: dict[str, Any]) -> Response | None:
        """Some lists link a child of the same name instead of making a second one; for subclasses of the child."""
        find = getattr(self.child, "attach_existing", None)
        child = find(self.request.user, parent, self.sub, data) if find else None
        if child is None:
            return None
        self.attach(self.request.user, parent, child)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def perform_create(self, serializer: Any, **extra: Any) -> Any:
        """The child's own way of being made."""
        return self.child.perform_create(self, serializer, **extra)

    def parent_key(self) -> str | None:
        """The child's foreign key to the parent, or None where the relation is many-to-many."""
        if self.sub.key:
            return self.sub.key
        try:
            relation = self.parent.model._meta.get_field(self.sub.relation)
        except FieldDoesNotExist:
            return None
        return relation.field.name if relation.one_to_many else None

    def destroy_all(self, request: Request, pk: int) -> Response:
        """DELETE on the list: every child goes, in one statement."""
        parent = self.get_parent()
        if not self.parent.access_for(request.user).may("delete", parent):
            raise PermissionDenied
        with transaction.atomic():
            (self.sub.on_delete_all or QuerySet.delete)(self.get_queryset())
        return Response(status=status.HTTP_204_NO_CONTENT)


def in_order(queryset: Any, manager: Any, parent: Any) -> Any:
    """Children by the position of their link to the parent."""
    links = manager.through._default_manager.filter(
        **{manager.source_field_name: parent.pk, manager.target_field_name: models.OuterRef("pk")}
    )
    return queryset.annotate(link_position=models.Subquery(links.values("position")[:1])).order_by(
        "link_position", "pk"
    )


def child_of(parent: type[Resource], sub: Sub) -> type[Resource]:
    """The resource of a sub-list's children."""
    if sub.slug:
        return registry.by_slug(sub.slug)
    return registry.for_model(parent.model._meta.get_field(sub.relation).related_model)


def bind(parent: type[Resource], sub: Sub) -> type[Resource]:
    """A view class for one sub-list: the child's class below SubListView, so that its overrides count."""
    child = child_of(parent, sub)
    name = f"{parent.__name__}{sub.segment.title().replace('_', '')}"
    body: dict[str, Any] = {"parent": parent, "sub": sub, "child": child, "__doc__": sub.segment}
    if sub.serializer:
        body |= {"serializer_class": sub.serializer, "list_serializer_class": None}
    return type(name, (SubListView, child), body)
