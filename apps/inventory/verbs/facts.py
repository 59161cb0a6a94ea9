"""ansible_facts/: what Ansible found out about a host."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.verb_views import VerbView
from apps.inventory.models import HostFacts
from apps.inventory.serializers.host import FactsSerializer


class FactsView(VerbView):
    """Read only: jobs write facts."""

    serializer_class = FactsSerializer

    def get(self, request: Request, pk: int) -> Response:
        """The facts, or nothing."""
        host = self.get_object()
        return Response(HostFacts.objects.filter(host=host).values_list("data", flat=True).first() or {})
