"""The table of rules says what was wished for, in every cell."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from data.policy.actor import PEOPLE, SYSTEM, Actor, Role
from data.policy.decide import decide
from data.policy.operation import Operation
from data.policy.rules import IMPARTIAL
from data.policy.subject import Subject, View
from matcher.types import Status, Visibility
from tests.data.policy import golden
from tests.data.policy.people import CHAIN, HOME, people

LETTERS = {View.FULL: "F", View.SUMMARY: "s", None: "-"}
STEPS = [one for one in Operation if one.startswith("step.")]
_KINDS = ("need", "achievement")
_CREATE = (Operation.NEED_CREATE, Operation.ACHIEVEMENT_CREATE)
READINGS = [
    *(one for one in Operation if one.split(".")[0] in _KINDS and one not in _CREATE),
    Operation.RUN_READ,
    Operation.POSTING_PURGE,
]
OTHERS = {line.split()[0]: line.split()[1:] for line in golden.OTHERS.strip().splitlines()}


def subject(actors: Mapping[str, Actor], visibility: str, status: Status) -> Subject:
    return Subject(
        owners=frozenset({str(actors["owner"].organization)}),
        visibility=Visibility(visibility),
        status=status,
        county=HOME,
        chains=frozenset({CHAIN}),
        handlers=frozenset({"handler"}),
        counterparties=frozenset({str(actors["counterparty"].organization)}),
    )


def test_every_operation_stands_in_the_golden_table():
    listed = {*READINGS, *STEPS, *(Operation(name) for name in OTHERS)}

    assert listed == set(Operation)
    assert {step.removeprefix("step.") for step in STEPS} == set(golden.STEPS)


def test_who_sees_and_changes_which_posting():
    cells, wrong = 0, []
    for operation in READINGS:
        of_achievement = operation.startswith("achievement")
        actors = people(of_achievement=of_achievement)
        assert tuple(actors) == golden.WHO
        for who, actor in actors.items():
            for visibility in golden.READ:
                for status in Status:
                    view = decide(actor, operation, subject(actors, visibility, status))
                    wanted = golden.expected(operation, who, visibility, status)
                    cells += 1
                    if LETTERS[view] != wanted:
                        wrong.append((operation, who, visibility, status, view, wanted))

    assert wrong == []
    assert cells == len(READINGS) * 13 * 3 * 10 == 5460


def test_who_takes_which_step():
    cells = 0
    for of_achievement in (False, True):
        table = golden.STEPS_OF_ACHIEVEMENTS if of_achievement else golden.STEPS
        actors = people(of_achievement=of_achievement)
        for step in STEPS:
            allowed = table[step.removeprefix("step.")][0]
            for who, actor in actors.items():
                posting = subject(actors, "public", Status.PUBLISHED)
                may = decide(actor, step, posting) is not None
                assert may == (who in allowed), (step, who)
                cells += 1

    assert cells == 2 * 11 * 13


@pytest.mark.parametrize("name", OTHERS)
def test_who_does_everything_else(name: str):
    operation = Operation(name)
    by_account = name.split(".")[0] in golden.KEPT_BY_ACCOUNT
    for role, letter in zip(PEOPLE, OTHERS[name], strict=True):
        actor = Actor(id="me", role=role, organization="o1")
        mine = Subject(account="me") if by_account else Subject(owners=frozenset({"o1"}))
        other = Subject(account="you") if by_account else Subject(owners=frozenset({"o2"}))
        charge = replace(other, handlers=frozenset({"me"}))
        told = [LETTERS[decide(actor, operation, about)] for about in (mine, other, charge)]

        wanted = {"y": "FFF", "o": "F--", "s": "s--", "h": "--F", "-": "---"}[letter]
        assert "".join(told) == wanted, (name, role)


@pytest.mark.parametrize("operation", IMPARTIAL)
def test_nobody_judges_or_pursues_the_matches_of_his_own_house(operation: Operation):
    for role in Role:
        insider = Actor(id="me", role=role, organization="u1")
        need = Subject(owners=frozenset({"e1"}), handlers=frozenset({"me"}), supplier="u1")

        assert decide(insider, operation, need) is None

    outsider = Actor(id="me", role=Role.BROKER, organization="u2")
    assert decide(outsider, operation, Subject(supplier="u1")) is View.FULL


def test_a_key_does_no_more_than_its_scopes_and_its_account():
    actors = people(of_achievement=False)
    key = replace(actors["owner"], scopes=frozenset({"need.read", "user.read"}))
    need = subject(actors, "masked", Status.DRAFT)

    allowed = {one for one in Operation if decide(key, one, need) is not None}

    assert allowed == {Operation.NEED_READ}


def test_an_account_without_an_organisation_owns_nothing():
    nobody = Actor(id="me", role=Role.ENTERPRISE)

    assert decide(nobody, Operation.NEED_CREATE, Subject()) is None
    assert decide(nobody, Operation.NEED_UPDATE, Subject(status=Status.DRAFT)) is None


def test_the_program_matches_contacts_signs_and_expires_but_does_not_post():
    need = Subject(visibility=Visibility.MASKED, status=Status.PUBLISHED)

    done = {one.removeprefix("step.") for one in STEPS if decide(SYSTEM, one, need)}

    assert done == {"match", "contact", "sign", "expire"}
    assert decide(SYSTEM, Operation.NEED_CREATE, need) is None
