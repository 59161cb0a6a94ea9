"""The base of every resource: a DRF viewset whose class attributes are its whole declaration."""

from __future__ import annotations

import functools
from typing import Any, ClassVar, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.http import Http404
from rest_framework import status, viewsets
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from . import context
from .access import Access
from .filters import FilterBackend, filter_type
from .models import Columnwise
from .sublists import Sub
from .summaries import DEFAULT
from .verbs import Verb


class View:
    """What all views of the API share: the actor is known from here on, and bodies are JSON objects."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, then name the actor."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        context.set_actor(request.user)
        if request.method in ("POST", "PUT", "PATCH") and not isinstance(request.data, dict):
            raise ParseError("The body must be a JSON object.")

    def get_view_name(self) -> str:
        """The title in OPTIONS and in the browsable API."""
        return getattr(self, "title", "") or type(self).__name__


class Resource(View, viewsets.GenericViewSet):
    """List, detail, create, change and delete of one model, with its sub-lists and verbs."""

    # the declaration
    slug: ClassVar[str]  # set by @register
    model: ClassVar[type[models.Model]]
    access: ClassVar[type[Access]] = Access
    sublists: ClassVar[tuple[Sub, ...]] = ()
    verbs: ClassVar[tuple[Verb, ...]] = ()  # /<slug>/<pk>/<verb>/
    list_methods: ClassVar[tuple[str, ...]] = ("get", "post")
    detail_methods: ClassVar[tuple[str, ...]] = ("get", "put", "patch", "delete")
    has_detail: ClassVar[bool] = True
    joins: ClassVar[tuple[str, ...]] = ()  # select_related for list and detail
    named_by: ClassVar[tuple[tuple[str, ...], ...]] = ()  # (("name",), ("organization__name",)): see named_urls
    named_short: ClassVar[bool] = False  # whether the first group alone is enough, as for job templates
    summary: ClassVar[tuple[str, ...]] = DEFAULT  # what others show of it; "kind=credential_type__kind" renames
    copies: ClassVar[tuple[str, ...] | None] = None  # many-to-manys that POST copy/ takes along; None: no copy
    root: ClassVar[str] = ""  # the key in the API root, where it is not the slug; "-" for none
    list_serializer_class: ClassVar[Any] = None
    search: ClassVar[tuple[str, ...]] = ("name", "description")
    filterable: ClassVar[tuple[str, ...]] = ()  # relations and columns that may be filtered though not shown
    filter_aliases: ClassVar[dict[str, str]] = {}  # AWX's name of a relation: the path that it stands for here
    unfilterable: ClassVar[tuple[str, ...]] = ()  # columns that may not (400)
    secret_fields: ClassVar[tuple[str, ...]] = ()  # columns that may never be filtered (403)
    unlinked: ClassVar[tuple[str, ...]] = ()  # sub-lists and verbs without an entry in `related`
    kinds: ClassVar[tuple[str, ...]] = ()  # `types` of OPTIONS, where the model's own name is not it
    title_noun: ClassVar[str] = ""

    filter_backends: ClassVar[Any] = [FilterBackend]
    lookup_value_converter = "int"

    # --- what is derived from it ---------------------------------------------------------------------------------

    @classmethod
    def type_name(cls, model: type[models.Model]) -> str:
        """The model's name in the API: JobTemplate -> job_template."""
        name = model.__name__
        return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))

    @classmethod
    def types(cls) -> list[str]:
        """`types` of OPTIONS."""
        return list(cls.kinds or (cls.type_name(cls.model),))

    @classmethod
    def noun(cls) -> str:
        """The model's name for people: Job Template."""
        return cls.title_noun or cls.type_name(cls.model).replace("_", " ").title()

    @classmethod
    @functools.cache
    def segments(cls) -> tuple[str, ...]:
        """What hangs below each object and is linked in `related`."""
        names = [sub.segment for sub in cls.sublists] + [verb.name for verb in cls.verbs]
        if cls.copies is not None:
            names.append("copy")
        return tuple(name for name in names if name not in cls.unlinked)

    @classmethod
    @functools.cache
    def link_fields(cls, serializer: Any) -> tuple[tuple[str, str, str], ...]:
        """Foreign keys with an entry in `related`: (name, attribute, slug of the target)."""
        from . import registry

        shown = set(serializer.Meta.fields) | {"created_by", "modified_by"}
        shown -= set(getattr(serializer.Meta, "unlinked", ()))
        out = []
        for field in cls.model._meta.concrete_fields:
            target = registry.find_model(field.related_model) if field.is_relation and field.related_model else None
            if target and target.has_detail and field.name in shown:
                out.append((field.name, field.attname, target.slug))
        return tuple(out)

    @classmethod
    def access_for(cls, user: Any) -> Access:
        """The access rules of this model as `user` meets them."""
        return cls.access(user, cls.model)

    @classmethod
    def optimized(cls, queryset: Any) -> Any:
        """The queryset with the joins that every row needs."""
        return queryset.select_related(*cls.joins) if cls.joins else queryset

    def get_view_name(self) -> str:
        """`Organization List`, `Organization Detail`."""
        return f"{self.noun()} {'Detail' if self.detail else 'List'}"

    def get_serializer_class(self) -> Any:
        """Lists may show less than details."""
        return (not self.detail and self.list_serializer_class) or self.serializer_class

    def get_serializer_context(self) -> dict[str, Any]:
        """Details carry `named_url`; lists do not."""
        return {**super().get_serializer_context(), "detail": bool(self.detail)}

    # --- rows ----------------------------------------------------------------------------------------------------

    @classmethod
    def rows(cls) -> Any:
        """All rows this resource serves, before any right is asked."""
        return cls.model._default_manager.all()

    def get_queryset(self) -> Any:
        """The rows the user may see."""
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return self.optimized(self.access_for(self.request.user).visible(self.rows()))

    def get_object(self) -> Any:
        """The row of the URL, if the user may see it."""
        return self.find(self.request.user, self.kwargs["pk"])

    @classmethod
    def find(cls, user: Any, pk: int) -> Any:
        """Row `pk` as `user` may see it; a hidden row answers like one that is not there."""
        obj = cls.optimized(cls.access_for(user).visible(cls.rows())).filter(pk=pk).first()
        if obj is None:
            cls.refuse_hidden(pk)
        return obj

    @classmethod
    def refuse_hidden(cls, pk: int) -> None:
        """404; with HIDDEN_ANSWERS_403 (AWX's own way) a row that exists but may not be seen is a 403."""
        if settings.HIDDEN_ANSWERS_403 and cls.rows().filter(pk=pk).exists():
            raise PermissionDenied
        raise Http404

    # --- the methods ---------------------------------------------------------------------------------------------

    def list(self, request: Request, **kwargs: Any) -> Response:
        """A page of what the user may see."""
        self.check_list(request)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def check_list(self, request: Request) -> None:
        """Refuse the whole list to some users; for subclasses."""

    def retrieve(self, request: Request, pk: int) -> Response:
        """One object."""
        return Response(self.get_serializer(self.get_object()).data)

    def create(self, request: Request, **kwargs: Any) -> Response:
        """A new object; rights come before the fields, so that an outsider learns nothing from the errors."""
        access = self.access_for(request.user)
        if not access.may_add(cast("dict[str, Any]", request.data)):
            raise PermissionDenied
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if not access.may_add(serializer.validated_data):
            raise PermissionDenied
        with transaction.atomic():
            obj = self.perform_create(serializer)
        return self.created(serializer, obj)

    def created(self, serializer: Any, obj: Any) -> Response:
        """201 with the object and its Location."""
        serializer.context["detail"] = True
        data = serializer.to_representation(obj)
        return Response(data, status=status.HTTP_201_CREATED, headers={"Location": str(data.get("url", ""))})

    def perform_create(self, serializer: Any, **extra: Any) -> Any:
        """Save, and let the creator administer what he made."""
        obj = serializer.save(**extra)
        self.grant_creator(obj, self.request.user)
        return obj

    @staticmethod
    def grant_creator(obj: Any, user: Any) -> None:
        """Models with roles give their creator the admin role."""
        grant = getattr(obj, "grant_creator", None)
        if grant is not None:
            grant(user)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """PUT: the whole object; what is not named goes back to its default."""
        obj, access = self.get_object(), self.access_for(request.user)
        if not access.may_change(obj, cast("dict[str, Any]", request.data)):
            raise PermissionDenied
        if isinstance(obj, Columnwise):
            obj.remember_columns()
        serializer = self.get_serializer(obj, data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        if not access.may_change(obj, serializer.validated_data):
            raise PermissionDenied
        with transaction.atomic():
            obj = self.perform_update(serializer)
        return Response(serializer.to_representation(obj))

    def perform_update(self, serializer: Any) -> Any:
        """Save the change."""
        return serializer.save()

    def partial_update(self, request: Request, pk: int) -> Response:
        """PATCH: only what is named."""
        return self.update(request, pk, partial=True)

    def destroy(self, request: Request, pk: int) -> Response:
        """DELETE."""
        obj = self.get_object()
        self.check_delete(obj)
        if not self.access_for(request.user).may("delete", obj):
            raise PermissionDenied
        try:
            with transaction.atomic():
                answer = self.perform_destroy(obj)
        except IntegrityError:  # something came to point to it in the same moment: once more, with that in sight
            with transaction.atomic():
                answer = self.perform_destroy(self.get_object())
        return answer or Response(status=status.HTTP_204_NO_CONTENT)

    def check_delete(self, obj: Any) -> None:
        """Refuse what cannot be deleted now, before rights are asked; for subclasses."""

    def perform_destroy(self, obj: Any) -> Response | None:
        """Delete the row, or return an answer of one's own (202 where the deletion goes on in the background)."""
        obj.delete()
        return None

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """What OPTIONS calls the type of a field, where it is not what the field's class says."""
        return None

    @classmethod
    def filter_types(cls, queryset: Any, kinds: list[str]) -> Any:
        """`?type=`: on a list of one type it changes nothing."""
        return filter_type(cls, queryset, kinds)
