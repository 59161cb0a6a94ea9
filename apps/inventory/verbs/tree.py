"""tree/: the groups of an inventory, each with its children, and theirs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import BadRequest
from apps.core.verb_views import VerbView
from apps.inventory.models import Group
from apps.inventory.serializers.host import GroupTreeSerializer

MAX_DEPTH = 200  # of groups in groups; a circle, which an import may bring, has no end either
MAX_NODES = 20_000  # a group below several others is shown several times: a deep mesh would have no end


class TreeView(VerbView):
    """Three queries, however deep it is."""

    serializer_class = GroupTreeSerializer
    kinds = ("group",)

    def get(self, request: Request, pk: int) -> Response:
        """The groups that are in no other group, with what is below them."""
        inventory = self.get_object()
        groups = list(Group.objects.filter(inventory=inventory).select_related("inventory").order_by("name"))
        children, nested = defaultdict(list), set()
        links = Group.children.through.objects.filter(from_group__inventory=inventory)
        for parent, child in links.order_by("to_group__name").values_list("from_group_id", "to_group_id"):
            children[parent].append(child)
            nested.add(child)
        serializer = self.get_serializer()
        serializer.prepare(groups)
        shown = {group.pk: serializer.to_representation(group) for group in groups}
        self.nodes = 0
        return Response([self.node(group.pk, shown, children, 1) for group in groups if group.pk not in nested])

    def node(
        self, pk: int, shown: dict[int, dict[str, Any]], children: dict[int, list[int]], depth: int
    ) -> dict[str, Any]:
        """One group with everything below it."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise BadRequest({"detail": f"The tree has more than {MAX_NODES} places; ask for the lists of groups."})
        if depth > MAX_DEPTH:
            raise BadRequest({"detail": f"The tree is deeper than {MAX_DEPTH} groups; ask for the lists of groups."})
        return {**shown[pk], "children": [self.node(child, shown, children, depth + 1) for child in children[pk]]}
