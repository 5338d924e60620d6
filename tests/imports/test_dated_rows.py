"""What a dated row does to the periods that stand already."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from accounts.models import OrgLink, Post
from coverage.models import Coverage
from regions.models import RegionCountry, RegionLink
from teams.models import TeamMember
from tests.imports.world import load, refusals

Period = tuple[str, str, str]
COUNTRIES = "region_code,country,valid_from,valid_to\n"
LINKS = "child_code,valid_from,parent_code,valid_to\n"
TEAM = "account_code,member_email,role,valid_from,valid_to\n"


def _day(day: dt.date | None) -> str:
    return "" if day is None else day.isoformat()


def _countries(country: str) -> list[Period]:
    rows = RegionCountry.objects.filter(country=country).order_by("valid_from")
    return [(row.region.code, _day(row.valid_from), _day(row.valid_to)) for row in rows.select_related("region")]


def _links(child: str) -> list[Period]:
    rows = RegionLink.objects.filter(child__code=child).order_by("valid_from").select_related("parent")
    return [(row.parent.code, _day(row.valid_from), _day(row.valid_to)) for row in rows]


def _managers() -> list[Period]:
    rows = TeamMember.objects.filter(team__account__code="ACME", role="global_account_manager").order_by("valid_from")
    return [(row.member.email[:2], _day(row.valid_from), _day(row.valid_to)) for row in rows.select_related("member")]


def test_a_later_start_closes_the_open_period_and_adds_one(world: Path) -> None:
    file = COUNTRIES + "APAC,DE,2024-01-01,\n"
    assert load(world, region_countries=file).counts["region_countries.csv"]["created"] == 1
    assert _countries("DE") == [("DACH", "0001-01-01", "2024-01-01"), ("APAC", "2024-01-01", "")]
    assert load(world, region_countries=file).counts["region_countries.csv"]["unchanged"] == 1


def test_the_same_start_corrects_the_value(world: Path) -> None:
    result = load(world, region_countries=COUNTRIES + "EMEA,DE,,\n")
    assert result.counts["region_countries.csv"]["updated"] == 1
    assert _countries("DE") == [("EMEA", "0001-01-01", "")]


def test_the_order_of_lines_does_not_matter(world: Path) -> None:
    file = COUNTRIES + "EMEA,KR,2024-01-01,\nAPAC,KR,2020-01-01,\nWORLD,KR,2022-01-01,\n"
    assert load(world, region_countries=file).is_clean
    assert _countries("KR") == [
        ("APAC", "2020-01-01", "2022-01-01"),
        ("WORLD", "2022-01-01", "2024-01-01"),
        ("EMEA", "2024-01-01", ""),
    ]
    assert load(world, region_countries=file).counts["region_countries.csv"]["unchanged"] == 3


def test_restating_the_value_in_force_changes_nothing(world: Path) -> None:
    result = load(world, region_countries=COUNTRIES + "DACH,DE,2023-01-01,\n")
    assert result.counts["region_countries.csv"]["unchanged"] == 1
    assert _countries("DE") == [("DACH", "0001-01-01", "")]


def test_an_earlier_start_is_taken_when_it_ends_in_time(world: Path) -> None:
    assert load(world, region_links=LINKS + "DACH,2019-01-01,APAC,2020-01-01\n").is_clean
    assert _links("DACH") == [("APAC", "2019-01-01", "2020-01-01"), ("EMEA", "2020-01-01", "")]


def test_an_end_that_runs_into_the_next_period_is_refused(world: Path) -> None:
    assert refusals(load(world, region_links=LINKS + "DACH,2019-01-01,APAC,2020-01-02\n")) == [
        ("region_links", 2, "valid_to")
    ]


def test_a_start_inside_a_closed_period_is_refused(world: Path) -> None:
    load(world, region_countries=COUNTRIES + "APAC,KR,2020-01-01,2022-01-01\n")
    assert refusals(load(world, region_countries=COUNTRIES + "EMEA,KR,2021-01-01,\n")) == [
        ("region_countries", 2, "valid_from")
    ]


def test_an_empty_parent_in_a_links_file_ends_the_link(world: Path) -> None:
    file = LINKS + "DACH,2024-01-01,,\n"
    assert load(world, region_links=file).counts["region_links.csv"]["updated"] == 1
    assert _links("DACH") == [("EMEA", "2020-01-01", "2024-01-01")]
    assert load(world, region_links=file).counts["region_links.csv"]["unchanged"] == 1


def test_an_empty_parent_from_the_links_own_start_takes_it_away(world: Path) -> None:
    assert load(world, region_links=LINKS + "DACH,2020-01-01,,\n").is_clean
    assert _links("DACH") == []


def test_an_empty_parent_in_regions_changes_no_link(world: Path) -> None:
    result = load(world, regions="code,name,parent_code,valid_from\nDACH,DACH,,2024-01-01\n")
    assert result.counts["regions.csv"]["unchanged"] == 1
    assert _links("DACH") == [("EMEA", "2020-01-01", "")]


def test_a_new_parent_in_regions_moves_the_region_from_the_day_on(world: Path) -> None:
    result = load(world, regions="code,name,parent_code,valid_from\nDACH,DACH,APAC,2024-01-01\n")
    assert result.counts["regions.csv"]["updated"] == 1
    assert _links("DACH") == [("EMEA", "2020-01-01", "2024-01-01"), ("APAC", "2024-01-01", "")]


def test_two_regions_swap_places_on_one_day(world: Path) -> None:
    load(world, regions="code,name,parent_code\nA,A,\nB,B,A\n")
    file = LINKS + "B,2024-01-01,,\nA,2024-01-01,B,\n"
    assert load(world, region_links=file).is_clean
    assert (_links("A"), _links("B")) == ([("B", "2024-01-01", "")], [("A", "0001-01-01", "2024-01-01")])


def test_one_global_account_manager_at_a_time(world: Path) -> None:
    assert load(world, team_members=TEAM + "ACME,bo@us.example,global_account_manager,2023-01-01,\n").is_clean
    assert _managers() == [("an", "2020-01-01", "2023-01-01"), ("bo", "2023-01-01", "")]
    earlier = TEAM + "ACME,bo@us.example,global_account_manager,2019-01-01,\n"
    assert refusals(load(world, team_members=earlier)) == [("team_members", 2, "valid_from")]


def test_other_roles_stand_side_by_side(world: Path) -> None:
    file = TEAM + "ACME,ana@us.example,legal,2020-01-01,\nACME,bo@us.example,legal,2021-01-01,\n"
    assert load(world, team_members=file).is_clean
    assert TeamMember.objects.filter(role="legal", valid_to=None).count() == 2


def test_a_second_open_period_of_the_same_key_is_refused(world: Path) -> None:
    load(world, team_members=TEAM + "ACME,bo@us.example,legal,2020-01-01,\n")
    assert refusals(load(world, team_members=TEAM + "ACME,bo@us.example,legal,2021-01-01,\n")) == [
        ("team_members", 2, "valid_from")
    ]


def test_coverage_changes_its_reach_from_a_day_on(world: Path) -> None:
    head = "account_code,org_unit_code,member_email,role,valid_from,covers_descendants\n"
    load(world, coverage=head + "ACME,HQ,ana@us.example,legal,2020-01-01,\n")
    load(world, coverage=head + "ACME,HQ,ana@us.example,legal,2022-01-01,true\n")
    rows = Coverage.objects.order_by("valid_from").values_list("covers_descendants", "valid_to")
    assert list(rows) == [(False, dt.date(2022, 1, 1)), (True, None)]


def test_a_post_gets_a_new_title_from_a_day_on(world: Path) -> None:
    head = "contact_external_id,org_unit_code,valid_from,title\n"
    load(world, posts=head + "C1,JP,2020-01-01,Buyer\n")
    load(world, posts=head + "C1,JP,2022-01-01,Head of buying\n")
    assert list(Post.objects.order_by("valid_from").values_list("title", flat=True)) == ["Buyer", "Head of buying"]


def test_a_share_is_corrected_without_touching_the_parent(world: Path) -> None:
    head = "account_code,structure,child_code,valid_from,parent_code,share\n"
    result = load(world, org_links=head + "ACME,legal,CH,2021-01-01,HQ,51.00\n")
    assert result.counts["org_links.csv"]["updated"] == 1
    link = OrgLink.objects.get(child__code="CH")
    assert (str(link.share), link.valid_to) == ("51.00", None)


def test_a_unit_moves_by_its_own_file(world: Path) -> None:
    head = "account_code,code,name,parent_code,valid_from\n"
    result = load(world, org_units=head + "ACME,CH,Акме,JP,2023-01-01\n")
    assert result.counts["org_units.csv"]["updated"] == 1
    rows = OrgLink.objects.filter(child__code="CH").order_by("valid_from")
    assert [(row.parent.code, row.valid_to) for row in rows] == [("HQ", dt.date(2023, 1, 1)), ("JP", None)]
