"""projects/N/update/, playbooks/, inventories/."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers, status
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.fields import NAMES, JSONValue
from apps.core.verb_views import VerbView

from .models import Project
from .serializers import ProjectUpdateSerializer
from .services import updates
from .services.playbooks import inventories, playbooks


class UpdateSerializer(serializers.Serializer):
    """What a GET of update/ answers."""

    can_update = serializers.BooleanField(read_only=True)


class UpdateView(VerbView):
    """update/: whether the project can be updated, and updating it (202)."""

    serializer_class = UpdateSerializer

    def get(self, request: Request, pk: int) -> Response:
        """Manual projects cannot."""
        return Response({"can_update": self.get_object().can_update})

    def post(self, request: Request, pk: int) -> Response:
        """Start an update; the answer is the update."""
        project = self.require("update")
        if not project.can_update:
            raise MethodNotAllowed("POST", "A manual project has nothing to update from.")
        made = updates.start(project)
        body: dict[str, Any] = ProjectUpdateSerializer(made, context={"request": request, "view": self}).data
        headers = {"Location": body["url"]}
        return Response({"project_update": made.pk, **body}, status=status.HTTP_202_ACCEPTED, headers=headers)


class PlaybooksSerializer(serializers.Serializer):
    """What OPTIONS says of playbooks/."""

    playbooks = JSONValue(NAMES)


class PlaybooksView(VerbView):
    """playbooks/: a list of relative paths."""

    serializer_class = PlaybooksSerializer

    def get(self, request: Request, pk: int) -> Response:
        """The playbooks that job templates may name."""
        return Response(playbooks(self.get_object()))


class InventoriesSerializer(serializers.ModelSerializer):
    """What OPTIONS says of inventories/."""

    class Meta:
        model = Project
        fields = ("inventory_files",)
        read_only_fields = fields


class InventoriesView(VerbView):
    """inventories/: a list of relative paths."""

    serializer_class = InventoriesSerializer

    def get(self, request: Request, pk: int) -> Response:
        """The files that inventory sources may name."""
        return Response(inventories(self.get_object()))
