"""Who is behind a match list."""

import pytest

from matcher.config import MatchConfig
from matcher.coverage import Answer
from matcher.match import Match, MatchList
from matcher.pairing.panel_units import Unit, candidates, units
from matcher.types import Achievement

ACHIEVEMENTS = [
    Achievement(id="a1", title="护套", organization="u1", team=("张工", "李工")),
    Achievement(id="a2", title="轴承", organization="u1", team=("李工", "王工")),
    Achievement(id="a3", title="润滑", organization="u1", team=("赵工",)),
    Achievement(id="a4", title="磁材", organization="u2", team=("张工",)),
    Achievement(id="a5", title="绕组", organization="u2"),
    Achievement(id="a6", title="无主"),
]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (Unit.ORGANIZATION, {"u1": "a1 a2 a3", "u2": "a4 a5", "a6": "a6"}),
        (
            Unit.GROUP,
            {"u1/张工": "a1 a2", "u1/赵工": "a3", "u2/张工": "a4", "u2": "a5", "a6": "a6"},
        ),
        (
            Unit.EXPERT,
            {
                "u1/张工": "a1",
                "u1/李工": "a1 a2",
                "u1/王工": "a2",
                "u1/赵工": "a3",
                "u2/张工": "a4",
                "u2": "a5",
                "a6": "a6",
            },
        ),
    ],
)
def test_units_are_people_who_work_together_within_one_organisation(by, expected):
    found = {unit.id: " ".join(unit.achievements) for unit in units(ACHIEVEMENTS, by)}

    assert found == expected


def test_a_group_names_all_its_people():
    group = units(ACHIEVEMENTS, Unit.GROUP)[0]

    assert set(group.people) == {"张工", "李工", "王工"}
    assert group.organization == "u1"


def make_match(rank: int, document_id: str, *answers: Answer, fair: float | None = 0.6) -> Match:
    levels = None if fair is None else (1 - fair, 0.0, fair, 0.0)
    return Match(rank, document_id, 1.0, 1.0, levels, (), (), answers)


def listed(*matches: Match) -> MatchList:
    return MatchList("n1", matches, MatchConfig())


def told(matches: MatchList, **about: dict[str, str]):
    found = units(ACHIEVEMENTS, Unit.ORGANIZATION)
    facts = {"load": {}, "barred": {}} | about
    return candidates(matches, found, name=lambda unit: f"单位 {unit.id}", **facts)


def test_a_candidate_brings_its_best_sentence_for_each_requirement():
    near = Answer(0, 0.9, "差一点", met=False)
    met = Answer(0, 0.4, "达到了", met=True)
    other, silent = Answer(1, 0.5, "另一条", met=True), Answer(1, 0.1)

    (u1,) = told(listed(make_match(1, "a1", near, silent), make_match(2, "a2", met, other)))

    assert [(p.requirement, p.achievement, p.sentence) for p in u1.proofs] == [
        (0, "a2", "达到了"),
        (1, "a2", "另一条"),
    ]


def test_a_candidate_fits_as_its_best_achievement_does():
    found = told(
        listed(
            make_match(1, "a4", fair=0.3),
            make_match(2, "a1", fair=0.6),
            make_match(3, "a2", fair=0.7),
        )
    )

    # in the order of the list; a6 is not in it
    assert [(c.id, c.fit) for c in found] == [("u2", 0.3), ("u1", 0.7)]


def test_without_a_ranker_the_place_in_the_list_tells_the_fit():
    found = told(listed(make_match(1, "a1", fair=None), make_match(2, "a4", fair=None)))

    assert {c.id: c.fit for c in found} == {"u1": 1.0, "u2": 0.5}


def test_what_is_known_of_a_unit_comes_along():
    (u1,) = told(listed(make_match(1, "a1")), load={"u1": 2}, barred={"u1": "冲突"})

    assert (u1.name, u1.load, u1.barred) == ("单位 u1", 2, "冲突")


def test_what_is_hardly_related_to_the_need_is_no_proof():
    by_chance = Answer(0, 0.9, "厚度 2 mm", met=True)

    found = told(listed(make_match(1, "a1", fair=0.5), make_match(2, "a4", by_chance, fair=0.2)))

    assert [c.id for c in found] == ["u1"]
