"""Panels for stored needs: who counts as a candidate, who is barred, who is busy."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from api.plans.teams import LeadNotAvailable, TeamOptions, UnknownCandidate, team_for
from api.records import Records
from data.decisions import DecisionRepository
from data.migrate import upgrade
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import make_engine, session_scope
from matcher.config import MatchConfig
from matcher.coverage import Answer
from matcher.decision import ReasonCode, Verdict
from matcher.match import Match, MatchList
from matcher.pairing.panel_types import TeamConfig
from matcher.pairing.panel_units import Unit
from matcher.requirements import Requirement
from matcher.span import Span
from matcher.types import Achievement, Need, Organization, OrganizationKind, Status
from tests.data.builders import make_decision

REQUIREMENTS = tuple(
    Requirement(text, Span("text", 0, 1), True, True, ())
    for text in ("护套减薄", "损耗降低", "批量生产")
)
ACHIEVEMENTS = [
    Achievement(id="a1", title="护套", organization="u1", team=("张工", "李工")),
    Achievement(id="a2", title="损耗", organization="u2", team=("王工",)),
    Achievement(id="a3", title="批产", organization="e1", team=("赵工",)),
    Achievement(id="a4", title="护套损耗", organization="u1", team=("孙工",)),
    # joins 孙工 to 李工, though it is in no match list
    Achievement(id="a5", title="别的", organization="u1", team=("孙工", "李工")),
]
ANSWERS = {"a1": (0,), "a2": (1, 2), "a3": (0, 1, 2), "a4": (0, 1)}
NEED = Need(id="n1", title="电机", organization="e1")


@pytest.fixture
def service(tmp_path: Path):
    """What ``team_for`` asks of a service, with a match list that is known."""
    engine = make_engine(f"sqlite:///{tmp_path / 'y.db'}")
    upgrade(engine)
    organizations = [
        Organization(id="e1", name="甲公司", kind=OrganizationKind.ENTERPRISE),
        Organization(id="u1", name="一大学", kind=OrganizationKind.UNIVERSITY),
        Organization(id="u2", name="二大学", kind=OrganizationKind.UNIVERSITY),
        Organization(id="u3", name="三大学", kind=OrganizationKind.UNIVERSITY),
    ]
    with session_scope(engine) as session:
        OrganizationRepository(session).upsert_many(organizations)
        AchievementRepository(session).upsert_many(ACHIEVEMENTS)
        needs = [NEED, *(Need(id=f"n{i}", title="别的需求") for i in (2, 3, 4))]
        gone = Need(id="n5", title="撤回", status=Status.WITHDRAWN)
        NeedRepository(session).upsert_many([*needs, gone])

    def unshown(need: Need, *, k: int) -> MatchList:
        listed = tuple(
            Match(
                rank,
                achievement,
                1.0,
                1.0,
                (0.2, 0.2, 0.3, 0.3),
                (),
                (),
                tuple(
                    Answer(r, 0.5, f"{achievement} 答 {r}", met=True)
                    if r in met
                    else Answer(r, 0.0)
                    for r in range(3)
                ),
            )
            for rank, (achievement, met) in enumerate(ANSWERS.items(), start=1)
        )
        return MatchList(need.id, listed, MatchConfig(), REQUIREMENTS)

    yield SimpleNamespace(engine=engine, records=Records(engine), unshown=unshown)
    engine.dispose()


def members(service, **options):
    panel = team_for(service, NEED, TeamOptions(**options)).panel
    return [member.candidate.name for member in panel.members], panel


def decide(service, need: str, achievement: str, verdict: Verdict, at: int = 0) -> None:
    reason = ReasonCode.WRONG_FIELD if verdict is Verdict.REJECT else None
    with session_scope(service.engine) as session:
        DecisionRepository(session).add(
            make_decision(
                f"{need}-{achievement}-{at}",
                query_id=need,
                document_id=achievement,
                verdict=verdict,
                reason=reason,
            )
        )


def test_people_who_share_any_achievement_are_one_group(service):
    names, panel = members(service)

    # a1 and a4 are of one group through a5: it answers 0 and 1, and 王工 1 and 2
    assert names == ["一大学 张工、李工、孙工", "二大学 王工"]
    assert panel.coverage == pytest.approx(1.0)


def test_experts_and_organisations_can_have_the_seats(service):
    # 孙工 answers 0 and 1, 王工 1 and 2
    assert set(members(service, by=Unit.EXPERT)[0]) == {"一大学 孙工", "二大学 王工"}
    assert set(members(service, by=Unit.ORGANIZATION)[0]) == {"一大学", "二大学"}


def test_the_organisation_that_asks_is_not_asked(service):
    _, panel = members(service)

    assert [(c.name, c.barred[:6]) for c in panel.passed_over] == [("甲公司 赵工", "需求方本单位")]


def test_a_rejected_achievement_does_not_count_until_the_broker_thinks_again(service):
    decide(service, "n1", "a2", Verdict.REJECT)
    assert members(service)[0] == ["一大学 张工、李工、孙工"]

    decide(service, "n1", "a2", Verdict.ACCEPT, at=1)
    assert len(members(service)[0]) == 2


def test_whoever_is_accepted_for_enough_other_needs_is_too_busy(service):
    for need in ("n1", "n2", "n3", "n5"):
        decide(service, need, "a5", Verdict.ACCEPT)

    # n1 is this need itself, and n5 is withdrawn
    assert members(service, config=TeamConfig(max_load=3))[1].busy == ()
    busy = members(service, config=TeamConfig(max_load=2))[1].busy
    assert [(c.name, c.load) for c in busy] == [("一大学 张工、李工、孙工", 2)]


@pytest.mark.parametrize("name", ["王工", "二大学", "u2", "u2/王工", "二大学 王工"])
def test_somebody_is_excluded_by_any_of_his_names(service, name: str):
    names, panel = members(service, exclude=(name,))

    assert names == ["一大学 张工、李工、孙工"]
    assert "二大学 王工" in {c.name for c in panel.passed_over}


def test_two_who_must_not_meet_are_kept_apart(service):
    assert len(members(service, apart=(("王工", "一大学"),))[0]) == 1


def test_excluding_an_organisation_without_a_match_is_no_mistake(service):
    assert len(members(service, exclude=("三大学",))[0]) == 2


def test_a_mistyped_name_gets_the_nearest_ones(service):
    with pytest.raises(UnknownCandidate, match="是否指") as caught:
        members(service, exclude=("二大",))

    assert "二大学" in caught.value.nearest


def test_the_lead_that_is_asked_for_leads(service):
    assert members(service, lead="二大学")[0][0] == "二大学 王工"


@pytest.mark.parametrize("options", [{"lead": "三大学"}, {"lead": "王工", "exclude": ("u2",)}])
def test_a_lead_that_cannot_be_is_refused(service, options):
    with pytest.raises(LeadNotAvailable, match="--lead"):
        members(service, **options)


def test_titles_are_those_of_the_achievements_that_answer(service):
    answer = team_for(service, NEED, TeamOptions())

    proofs = {p.achievement for m in answer.panel.members for p in m.proofs}
    assert set(answer.titles) == proofs
    assert answer.titles["a2"] == "损耗"
