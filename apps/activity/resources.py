"""activity_stream."""

from __future__ import annotations

from apps.core.registry import register
from apps.core.resources import Resource

from .access import ActivityAccess
from .models import ActivityStream
from .serializers import ActivitySerializer


@register("activity_stream")
class Activities(Resource):
    """Who did what, when."""

    model = ActivityStream
    serializer_class = ActivitySerializer
    access = ActivityAccess
    list_methods = ("get",)
    detail_methods = ("get",)
    summary = ("id", "operation")
    search = ("changes",)
    filterable = ("actor",)
    unfilterable = ("object_association", "object_type")
