"""Who may judge a forecast, and who may close it: by leading the node or something above it, on the business date."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.access import scope_of, tree_for
from pipeline.forecast_models import ForecastLock
from teams.models import Member
from users.models import User
from users.permissions import Permission


@dataclass(frozen=True)
class ForecastNode:
    """A node that people judge: `scope` is region, member or world; `id` that of the region or member."""

    scope: str
    id: int | None = None

    @property
    def columns(self) -> dict[str, object]:
        """As a row names it."""
        return {"scope": self.scope} | ({} if self.scope == "world" else {f"{self.scope}_id": self.id})


WORLD = ForecastNode("world")


def managers() -> dict[int, int]:
    """Who reports to whom today, by id."""
    found = Member.objects.filter(manager__isnull=False).values_list("pk", "manager_id")
    return {pk: manager for pk, manager in found if manager is not None}


def above(node: ForecastNode, *, viewer: User) -> list[ForecastNode]:
    """The node and everything above it today, nearest first, the world last."""
    if node.scope == "world" or node.id is None:
        return [WORLD]
    if node.scope == "region":
        path = tree_for(viewer).on(scope_of(viewer).on).path(node.id)
    else:
        reports_to, path = managers(), [node.id]
        while (manager := reports_to.get(path[-1])) is not None and manager not in path:
            path.append(manager)
    return [*(ForecastNode(node.scope, pk) for pk in path), WORLD]


def may_judge(viewer: User, node: ForecastNode) -> bool:
    """Adjust and submit: who leads the region or one above it; the member and the managers above her; who sees everything."""
    return viewer.may(Permission.SEE_ALL_FIGURES) or _leads_any(viewer, above(node, viewer=viewer))


def may_close(viewer: User, node: ForecastNode) -> bool:
    """Lock and unlock: an administrator, who sees everything, or who leads something above the node."""
    if viewer.may(Permission.SEE_ALL_FIGURES) or viewer.may(Permission.CONFIGURE_PIPELINE):
        return True
    return _leads_any(viewer, above(node, viewer=viewer)[1:])


def _leads_any(viewer: User, nodes: list[ForecastNode]) -> bool:
    member = Member.objects.filter(user=viewer).values_list("pk", flat=True).first()
    led = set(scope_of(viewer).region_ids)
    return any(
        (node.scope == "region" and node.id in led) or (node.scope == "member" and node.id == member) for node in nodes
    )


def lock_in_force(node: ForecastNode, first: int, last: int, *, viewer: User) -> ForecastLock | None:
    """The lock that closes these months of the node: its own, one above it, or one of a longer period."""
    around = ForecastLock.objects.filter(first__lte=first, last__gte=last).select_related("region", "member", "by")
    latest: dict[tuple[object, ...], ForecastLock] = {}
    for row in around.order_by("id"):
        latest[row.scope, row.region_id, row.member_id, row.first, row.last] = row
    over = {(one.scope, one.id) for one in above(node, viewer=viewer)}
    closed = [
        row
        for row in latest.values()
        if row.is_locked and (row.scope, row.region_id if row.scope == "region" else row.member_id) in over
    ]
    return max(closed, key=lambda row: row.pk, default=None)
