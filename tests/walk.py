"""What every address answers to every role. A URL pattern that is not named here fails the walk (test_access_walk.py).

`STATED` maps a URL name (or a prefix of names that ends with `*`) to what is expected: the statuses by role, and how the
address is filled in. The world is that of `tests/cast.py`: ACME belongs to `owner`; `europe_lead` leads its region;
`outsider` and `asia_lead` have nothing to do with it.
"""

from __future__ import annotations

from rollups.job_lists import RUN
from tests.walk_answers import (
    CHANGE_STRUCTURE,
    KNOW_QUOTA,
    ROLES,
    SEE_FACT,
    SEE_NAME,
    SEE_WHOLE,
    SET_QUOTA,
    STAFF,
    WON,
    YEAR,
    Stated,
    World,
    a_member,
    a_membership,
    acme,
    acme_and,
    covers_acme,
    edits_fact,
    europe,
    everybody,
    made,
    nothing_there,
    only_posted,
    permitted,
    permitted_to_post,
    restructures_acme,
    seen_by,
    signed_in,
    staff_only,
    staffs_acme,
    the_owner,
    third_party,
    viewers_own,
    with_token,
)
from users.permissions import Permission

__all__ = ["ROLES", "SEE_FACT", "SEE_NAME", "SEE_WHOLE", "STATED", "World", "stated_for"]

PAGES: dict[str, Stated] = {
    "healthz": Stated(everybody),
    "readyz": Stated(everybody),
    "account_*": Stated(third_party, lambda world: {"key": "x", "uidb36": "x"}),
    "mfa_*": Stated(third_party),
    "socialaccount_*": Stated(third_party),
    "sign-in/social/*": Stated(third_party),
    "admin/*": Stated(staff_only, lambda world: {"url": "x", "object_id": "0"}),
    "admin:login": Stated(lambda role, user: {302} if role in STAFF else {200}),
    "admin:*": Stated(
        staff_only, lambda world: {"object_id": "0", "app_label": "users", "content_type_id": 0, "url": "x"}
    ),
    "core:gallery": Stated(seen_by(STAFF, anonymous=404)),
    "core:set_language": Stated(lambda role, user: {302}),
    "core:set_theme": Stated(lambda role, user: {405}),
    "users:tokens": Stated(signed_in),
    "users:revoke_token": Stated(only_posted),
    "accounts:list": Stated(signed_in, query=YEAR),
    "accounts:detail": Stated(seen_by(SEE_NAME), acme),
    "accounts:team": Stated(seen_by(SEE_NAME), acme),
    "accounts:team_add": Stated(staffs_acme, acme),
    "accounts:team_appoint": Stated(staffs_acme, acme),
    "accounts:team_undo": Stated(only_posted, acme),
    "accounts:team_end": Stated(staffs_acme, a_membership),
    "accounts:team_correct": Stated(staffs_acme, a_membership),
    "coverage:team": Stated(seen_by(SEE_NAME), acme),
    "accounts:people": Stated(seen_by(SEE_NAME), acme),
    "accounts:merge": Stated(permitted(Permission.MERGE_ACCOUNTS), acme, query="?into=OTHER"),
    "accounts:merged": Stated(permitted(Permission.MERGE_ACCOUNTS)),
    "accounts:unmerge": Stated(permitted_to_post(Permission.MERGE_ACCOUNTS), lambda world: {"pk": 1}),
    "together:page": Stated(seen_by(SEE_NAME), acme),
    "together:meetings": Stated(seen_by(SEE_NAME), acme),
    "together:invitation": Stated(seen_by(SEE_NAME), acme, query="?at=2026-03-05T14:00Z&minutes=60"),
    "coverage:load": Stated(signed_in),
    "coverage:load_settings": Stated(permitted(Permission.CONFIGURE_TEAMS)),
    "coverage:reassign": Stated(signed_in, query="?from=owner@example.org&account=ACME"),
    "coverage:proposals": Stated(signed_in),
    "coverage:ask": Stated(permitted(Permission.EDIT_ACCOUNTS)),
    "coverage:proposal": Stated(seen_by(SEE_WHOLE), made("proposal")),
    "coverage:accept": Stated(permitted_to_post(Permission.EDIT_ACCOUNTS), made("proposal")),
    "coverage:suggestions": Stated(seen_by(SEE_NAME), acme, query="?unit=ACME-DE&role=local_account_manager"),
    "coverage:fill": Stated(permitted_to_post(Permission.EDIT_ACCOUNTS), acme),
    "coverage:structure": Stated(seen_by(SEE_NAME), acme),
    "coverage:branch": Stated(seen_by(SEE_NAME), acme),
    "coverage:search": Stated(seen_by(SEE_NAME), acme, query="?q=a"),
    "coverage:outline": Stated(seen_by(SEE_NAME), acme),
    "coverage:csv": Stated(seen_by(SEE_NAME), acme),
    "coverage:svg": Stated(seen_by(SEE_NAME), acme),
    "coverage:unit_options": Stated(seen_by(SEE_NAME), acme, query="?parent=a"),
    "coverage:restructure": Stated(restructures_acme, lambda world: {**acme(world), "deed": "move"}, "?unit=ACME-DE"),
    "coverage:preview": Stated(restructures_acme, lambda world: {**acme(world), "deed": "close"}, "?unit=ACME-DE"),
    "coverage:undo_step": Stated(only_posted, lambda world: {**acme(world), "pk": 1}),
    "coverage:unit": Stated(seen_by(SEE_NAME), acme, query="?unit=ACME-DE"),
    "coverage:alignment_line": Stated(seen_by(SEE_NAME), acme),
    "handovers:list": Stated(signed_in),
    "handovers:add": Stated(permitted(Permission.EDIT_ACCOUNTS)),
    "handovers:detail": Stated(seen_by(SEE_NAME), made("handover")),
    "handovers:cancel": Stated(only_posted, made("handover")),
    "handovers:step": Stated(only_posted, made("handover")),
    "coverage:ranking": Stated(signed_in),
    "coverage:member_ranking": Stated(
        seen_by(set(ROLES) - {"anonymous", "viewer"}), lambda world: {"email": "owner@example.org"}
    ),
    "coverage:member_alignment": Stated(
        seen_by(set(ROLES) - {"anonymous", "viewer"}), lambda world: {"email": "owner@example.org"}
    ),
    "coverage:board": Stated(seen_by(SEE_NAME), acme),
    "coverage:board_slot": Stated(seen_by(SEE_NAME), acme, query="?unit=ACME-DE&role=local_account_manager"),
    "coverage:board_preview": Stated(covers_acme, acme, query="?unit=ACME-DE&role=local_account_manager"),
    "coverage:board_cover": Stated(covers_acme, acme, query="?unit=ACME-DE&role=local_account_manager"),
    "coverage:board_end": Stated(covers_acme, lambda world: {"code": "ACME", "pk": world.ids["coverage"]}),
    "coverage:board_undo": Stated(only_posted, acme),
    "pipeline:list": Stated(signed_in),
    "deals:board": Stated(signed_in),
    "deals:column": Stated(signed_in, query="?column=proposal"),
    "work:list": Stated(signed_in),
    **{f"work:{name}": Stated(only_posted) for name in ("snooze", "wake", "act", "undo")},
    "work:digest": Stated(signed_in),
    "work:settings": Stated(signed_in),
    "work:unsubscribe": Stated(lambda role, user: {404}, lambda world: {"token": "forged"}),
    "work:rhythms": Stated(permitted(Permission.CONFIGURE_TEAMS)),
    "work:digests": Stated(permitted(Permission.SEE_JOBS)),
    "work:again": Stated(permitted_to_post(RUN), lambda world: {"pk": 1}),
    "workspace:home": Stated(signed_in, query=YEAR),
    "workspace:search": Stated(signed_in, query="?q=ac"),
    "workspace:deleted": Stated(permitted(Permission.EDIT_FACTS)),
    "workspace:news": Stated(signed_in),
    "workspace:restore": Stated(
        permitted_to_post(Permission.EDIT_FACTS), lambda world: {"kind": "revenue", "event": 1}
    ),
    "workspace:customers": Stated(signed_in, query=f"{YEAR}&region=EUROPE"),
    "workspace:check": Stated(signed_in, query=YEAR),
    "workspace:proof": Stated(signed_in, query=WON),
    "workspace:unpriced": Stated(signed_in, query=YEAR),
    "workspace:bridge": Stated(signed_in, query=f"{YEAR}&region=EUROPE"),
    "workspace:alignment": Stated(signed_in, query="?region=EUROPE"),
    "workspace:bridge_bar": Stated(signed_in, query=f"{YEAR}&region=EUROPE"),
    "workspace:regions": Stated(signed_in, query=YEAR),
    "workspace:region": Stated(signed_in, lambda world: {"code": "EUROPE"}, query=YEAR),
    "workspace:country": Stated(signed_in, lambda world: {"code": "EUROPE", "country": "DE"}, query=YEAR),
    "figures:bridge": Stated(seen_by(SEE_NAME), acme, query=YEAR),
    "figures:account": Stated(seen_by(SEE_NAME), acme, query=YEAR),
    "forecast:every_region_submit": Stated(only_posted),
    "forecast:every_region_lock": Stated(only_posted),
    "forecast:every_member_submit": Stated(only_posted),
    "forecast:every_member_lock": Stated(only_posted),
    "forecast:every_*": Stated(signed_in, query="?of=2024-Q1"),
    "forecast:region_adjust": Stated(seen_by({"europe_lead", "executive", "superuser"}), europe),
    **{f"forecast:region_{deed}": Stated(only_posted, europe) for deed in ("take_back", "submit", "lock")},
    "forecast:region*": Stated(signed_in, europe, query="?of=2024-Q1"),
    "forecast:member_adjust": Stated(seen_by({"owner", "executive", "superuser"}), the_owner),
    **{f"forecast:member_{deed}": Stated(only_posted, the_owner) for deed in ("take_back", "submit", "lock")},
    "forecast:member*": Stated(seen_by(set(ROLES) - {"anonymous", "viewer"}), the_owner, query="?of=2024-Q1"),
    "figures:member": Stated(
        seen_by(set(ROLES) - {"anonymous", "viewer"}), lambda world: {"email": "owner@example.org"}, query=YEAR
    ),
    "scores:weights": Stated(permitted(Permission.CONFIGURE_PIPELINE)),
    "scores:tile": Stated(signed_in, query="?kind=account&code=ACME"),
    "scores:score": Stated(seen_by(SEE_WHOLE), lambda world: {"kind": "account", "code": "ACME"}),
    "quotas:list": Stated(signed_in, query="?scope=region"),
    "quotas:tiles": Stated(signed_in, query="?scope=account&code=ACME"),
    "quotas:grid": Stated(lambda role, user: {200 if role in SET_QUOTA else 403} if user else {302}),
    "quotas:undo": Stated(only_posted, lambda world: {"scope": "region", "measure": "won"}),
    "quotas:detail": Stated(seen_by(KNOW_QUOTA), made("quotas")),
    "teams:list": Stated(signed_in),
    "members:detail": Stated(seen_by(set(ROLES) - {"anonymous", "viewer"}), a_member),
    "members:add": Stated(permitted(Permission.CONFIGURE_TEAMS)),
    "members:edit": Stated(permitted(Permission.CONFIGURE_TEAMS), a_member),
    "members:delete": Stated(permitted_to_post(Permission.CONFIGURE_TEAMS), a_member),
    "regions:list": Stated(permitted(Permission.CONFIGURE_REGIONS)),
    "regions:add": Stated(permitted(Permission.CONFIGURE_REGIONS)),
    **{
        f"regions:{name}": Stated(permitted_to_post(Permission.CONFIGURE_REGIONS))
        for name in ("change", "take_out", "day", "discard", "commit")
    },
    "regions:calendars": Stated(permitted(Permission.CONFIGURE_REGIONS)),
    "regions:calendar": Stated(permitted(Permission.CONFIGURE_REGIONS), lambda world: {"country": "BD"}),
    "regions:take_back": Stated(permitted_to_post(Permission.CONFIGURE_REGIONS), lambda world: {"pk": 0}),
    "redraw:preview": Stated(permitted(Permission.CONFIGURE_REGIONS)),
    "regions:detail": Stated(permitted(Permission.CONFIGURE_REGIONS), lambda world: {"code": "EUROPE"}),
    "policies:grid": Stated(permitted(Permission.CONFIGURE_TEAMS)),
    "policies:undo": Stated(permitted_to_post(Permission.CONFIGURE_TEAMS), lambda world: {"tier": "key"}),
    "stages:list": Stated(permitted(Permission.CONFIGURE_PIPELINE)),
    "stages:add": Stated(permitted(Permission.CONFIGURE_PIPELINE)),
    "stages:detail": Stated(permitted(Permission.CONFIGURE_PIPELINE), lambda world: {"code": "proposal"}),
    "stages:criteria": Stated(permitted_to_post(Permission.CONFIGURE_PIPELINE), lambda world: {"code": "proposal"}),
    "stages:contacts": Stated(permitted_to_post(Permission.CONFIGURE_PIPELINE)),
    "stages:stage_contacts": Stated(
        permitted_to_post(Permission.CONFIGURE_PIPELINE), lambda world: {"code": "proposal"}
    ),
    "stages:table": Stated(permitted(Permission.CONFIGURE_PIPELINE), lambda world: {"name": "competitors"}),
    "setup:teams": Stated(permitted(Permission.CONFIGURE_TEAMS)),
    "setup:table": Stated(permitted(Permission.CONFIGURE_TEAMS), lambda world: {"name": "tiers"}),
    "money:rates": Stated(permitted(Permission.CONFIGURE_RATES)),
    "users:list": Stated(permitted(Permission.MANAGE_USERS)),
    "users:detail": Stated(permitted(Permission.MANAGE_USERS), viewers_own),
    "users:invitation": Stated(permitted_to_post(Permission.MANAGE_USERS), viewers_own),
    "people:invite": Stated(permitted(Permission.MANAGE_USERS)),
    "people:grants": Stated(permitted(Permission.MANAGE_USERS), viewers_own),
    "imports:list": Stated(permitted(Permission.IMPORT_DATA)),
    "imports:detail": Stated(permitted(Permission.IMPORT_DATA), made("batch")),
    "imports:errors": Stated(permitted(Permission.IMPORT_DATA), made("batch")),
    "imports:start": Stated(permitted_to_post(Permission.IMPORT_DATA), made("batch")),
    "comparisons:list": Stated(seen_by(CHANGE_STRUCTURE), acme),
    "comparisons:detail": Stated(seen_by(CHANGE_STRUCTURE), acme_and("comparison")),
    **{
        f"comparisons:{name}": Stated(only_posted, acme_and("comparison"))
        for name in ("decide", "columns", "carry_out", "take_back", "again")
    },
    "rollups:jobs": Stated(permitted(Permission.SEE_JOBS)),
    "rollups:workers": Stated(permitted(Permission.SEE_JOBS)),
    "rollups:run": Stated(permitted_to_post(RUN), lambda world: {"kind": "verify"}),
    "rollups:again": Stated(permitted_to_post(RUN), lambda world: {"run": 1}),
    "leads:list": Stated(signed_in),
    "leads:detail": Stated(seen_by(SEE_FACT), made("leads")),
    "leads:add": Stated(permitted(Permission.EDIT_FACTS)),
    "leads:undo": Stated(permitted_to_post(Permission.EDIT_FACTS)),
    **{f"leads:{name}": Stated(edits_fact, made("leads")) for name in ("edit", "convert")},
    "leads:move": Stated(permitted_to_post(Permission.EDIT_FACTS), made("leads")),
    **{
        f"leads:{name}": Stated(permitted(Permission.CONFIGURE_PIPELINE))
        for name in ("set_up", "score", "campaigns", "reasons")
    },
    "leads:campaign": Stated(permitted(Permission.CONFIGURE_PIPELINE), lambda world: {"code": "fairs"}),
    "funnel:page": Stated(signed_in, query=YEAR),
    "funnel:growth": Stated(signed_in, query=YEAR),
    "funnel:growth_bar": Stated(signed_in, query=f"{YEAR}&region=EUROPE"),
    "pipeline:account": Stated(seen_by(SEE_NAME), acme),
    "pipeline:detail": Stated(seen_by(SEE_FACT), made("opportunities")),
    "pipeline:add": Stated(permitted(Permission.EDIT_FACTS)),
    "pipeline:undo": Stated(permitted_to_post(Permission.EDIT_FACTS)),
    "pipeline:plays": Stated(seen_by(SEE_FACT), made("opportunities")),
    "plays:list": Stated(signed_in, query=YEAR),
    "plays:detail": Stated(signed_in, lambda world: {"code": "PLAY-OLD"}, query=YEAR),
    "plays:deals": Stated(signed_in, lambda world: {"code": "PLAY-OLD"}, query=YEAR),
    "play_setup:list": Stated(permitted(Permission.CONFIGURE_PIPELINE)),
    "play_setup:add": Stated(permitted(Permission.CONFIGURE_PIPELINE)),
    "play_setup:edit": Stated(permitted(Permission.CONFIGURE_PIPELINE), lambda world: {"code": "PLAY-OLD"}),
    "play_setup:close": Stated(permitted(Permission.CONFIGURE_PIPELINE), lambda world: {"code": "PLAY-OLD"}),
    "pipeline:edit": Stated(edits_fact, made("opportunities")),
    "pipeline:move": Stated(edits_fact, made("opportunities")),
    **{
        f"pipeline:{name}": Stated(permitted_to_post(Permission.EDIT_FACTS), made("opportunities"))
        for name in ("take_back", "contacts", "competitors", "next_step", "tick")
    },
    "pipeline:delete": Stated(permitted_to_post(Permission.EDIT_FACTS), made("opportunities")),
}

_OPEN = {"regions", "region-links", "region-countries", "exchange-rates", "coverage-policies", "products", "stages"}
_OPEN |= {"competitors"}
_OPEN |= {"country-calendars", "country-days", "plays", "campaigns"}
_BY_NAME = {"accounts", "org-units", "org-links", "team-members", "coverage"}
_WHOLE = {"opportunity-contacts", "contacts", "posts", "relationships", "potentials"}
_FACTS = {
    "opportunity-competitors",
    "revenue",
    "opportunities",
    "opportunity-lines",
    "opportunity-splits",
    "stage-history",
    "leads",
    "play-uses",
    "lead-history",
}
_SIGNED_IN = set(ROLES) - {"anonymous"}
READERS: dict[str, set[str]] = {
    **dict.fromkeys(_OPEN, _SIGNED_IN),
    **dict.fromkeys(_BY_NAME, SEE_NAME),
    **dict.fromkeys(_WHOLE, SEE_WHOLE),
    **dict.fromkeys(_FACTS, SEE_FACT),
    "region-leads": _SIGNED_IN - {"viewer"},
    "members": _SIGNED_IN - {"viewer"},
    "quotas": KNOW_QUOTA,
}

API: dict[str, Stated] = {
    "api:schema": Stated(everybody),
    "api:docs": Stated(everybody),
    "api:nothing": Stated(nothing_there),
    "api:suggestions": Stated(seen_by(SEE_NAME, anonymous=401), acme, query="?unit=ACME-DE&role=local_account_manager"),
    "api:rollups-regions": Stated(with_token, query=YEAR),
    "api:rollups-region": Stated(with_token, lambda world: {"code": "EUROPE"}, query=YEAR),
    "api:rollups-accounts": Stated(with_token, query=YEAR),
    "api:rollups-account": Stated(seen_by(SEE_NAME, anonymous=401), acme, query=YEAR),
    "api:attainments": Stated(with_token),
    "api:funnel": Stated(with_token, query=YEAR),
    "api:pipeline-growth": Stated(with_token),
    "api:alignment": Stated(seen_by(SEE_NAME, anonymous=401), acme),
    "api:rollups-members": Stated(with_token, query=YEAR),
    "api:rollups-member": Stated(
        seen_by(set(ROLES) - {"anonymous", "viewer"}, anonymous=401),
        lambda world: {"email": "owner@example.org"},
        query=YEAR,
    ),
    "api:rollups-org-unit": Stated(
        seen_by(SEE_NAME, anonymous=401), lambda world: {"code": "ACME", "unit": "ACME-DE"}, query=YEAR
    ),
    "api:rollups-world-proof": Stated(with_token, query=WON),
    "api:rollups-region-proof": Stated(with_token, lambda world: {"code": "EUROPE"}, query=WON),
    "api:rollups-account-proof": Stated(seen_by(SEE_NAME, anonymous=401), acme, query=WON),
    "api:rollups-org-unit-proof": Stated(
        seen_by(SEE_NAME, anonymous=401), lambda world: {"code": "ACME", "unit": "ACME-DE"}, query=WON
    ),
    "api:rollups-member-proof": Stated(
        seen_by(set(ROLES) - {"anonymous", "viewer"}, anonymous=401),
        lambda world: {"email": "owner@example.org"},
        query=WON,
    ),
    "api:rollups-world-bridge": Stated(with_token, query=YEAR),
    "api:rollups-region-bridge": Stated(with_token, lambda world: {"code": "EUROPE"}, query=YEAR),
    "api:rollups-account-bridge": Stated(seen_by(SEE_NAME, anonymous=401), acme, query=YEAR),
    "api:rollups-org-unit-bridge": Stated(
        seen_by(SEE_NAME, anonymous=401), lambda world: {"code": "ACME", "unit": "ACME-DE"}, query=YEAR
    ),
    "api:forecasts-snapshots": Stated(with_token),
    "api:forecasts-regions*": Stated(with_token, query="?period=2024-Q1"),
    "api:forecasts-region*": Stated(with_token, europe, query="?period=2024-Q1"),
    "api:forecasts-members*": Stated(with_token, query="?period=2024-Q1"),
    "api:forecasts-member*": Stated(
        seen_by(set(ROLES) - {"anonymous", "viewer"}, anonymous=401), the_owner, query="?period=2024-Q1"
    ),
    **{f"api:{slug}-list": Stated(with_token) for slug in READERS},
    **{f"api:{slug}-detail": Stated(seen_by(readers, anonymous=401), made(slug)) for slug, readers in READERS.items()},
}

API["api:accounts-detail"] = Stated(seen_by(SEE_NAME, anonymous=401), lambda world: {"pk": world.cast.acme.pk})

STATED: dict[str, Stated] = {**PAGES, **API}


def stated_for(name: str) -> Stated | None:
    if name in STATED:
        return STATED[name]
    return next((found for key, found in STATED.items() if key.endswith("*") and name.startswith(key[:-1])), None)
