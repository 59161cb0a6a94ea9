"""survey_spec/: reading, setting and removing a template's questions; for workflow templates too."""

from __future__ import annotations

from typing import cast

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.verb_views import VerbView
from apps.jobs import surveys


class AnySerializer(serializers.Serializer):
    """The body has a shape of its own, which OPTIONS does not describe."""


class SurveyView(VerbView):
    """Whoever reads the template reads its survey; whoever may change it writes it."""

    serializer_class = AnySerializer

    def get(self, request: Request, pk: int) -> Response:
        """The questions, passwords masked."""
        return Response(surveys.shown(self.get_object().survey_spec))

    def post(self, request: Request, pk: int) -> Response:
        """Replace the survey; 200 without a body."""
        template = self.require("change")
        template.survey_spec = surveys.check_spec(cast("dict[str, object]", request.data), template.survey_spec)
        template.save(update_fields=["survey_spec"])
        return Response()

    def delete(self, request: Request, pk: int) -> Response:
        """Remove the survey; whether it is switched on stays."""
        template = self.require("change")
        template.survey_spec = {}
        template.save(update_fields=["survey_spec"])
        return Response()
