"""retry_policy/: whether failed jobs of a template are tried again by themselves (AWX has no such path)."""

from __future__ import annotations

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.verb_views import VerbView
from apps.jobs.models import RetryPolicy

NONE = {"attempts": 0, "delay": 0, "hosts": "failed"}


class RetryPolicySerializer(serializers.ModelSerializer):
    """How often, how many seconds later, on which hosts."""

    class Meta:
        model = RetryPolicy
        fields = ("attempts", "delay", "hosts")


class RetryPolicyView(VerbView):
    """GET for whoever reads the template; PUT and DELETE for whoever may change it."""

    serializer_class = RetryPolicySerializer

    def get(self, request: Request, pk: int) -> Response:
        """The policy; no attempts where there is none."""
        policy = RetryPolicy.objects.filter(job_template=self.get_object()).first()
        return Response(self.get_serializer(policy).data if policy else NONE)

    def put(self, request: Request, pk: int) -> Response:
        """Set it."""
        template = self.require("change")
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        defaults = {"delay": 0, "hosts": "failed"} | given.validated_data
        policy, _new = RetryPolicy.objects.update_or_create(job_template=template, defaults=defaults)
        return Response(self.get_serializer(policy).data)

    def delete(self, request: Request, pk: int) -> Response:
        """Remove it; tries that wait already are dropped when they are due."""
        RetryPolicy.objects.filter(job_template=self.require("change")).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
