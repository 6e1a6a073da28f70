import json

import pytest

from evaluation.ablation import ablate
from evaluation.errors import UnusableFolds
from evaluation.systems import RandomSystem
from tests.evaluation.toys import ToyFit, ToyGrader, make_dataset


class Blind(ToyGrader):
    def retrieve(self, query, *, k, allowed=None):
        documents = RandomSystem([document.id for document in self.dataset.documents])
        return documents.retrieve(query, k=k, allowed=allowed)


def fit_without(dataset, asked):
    """Without the text signals nothing is known; the others add nothing."""

    def choose(left_out):
        asked.append(tuple(left_out))
        return (lambda judgements: Blind(dataset)) if "text" in left_out else ToyFit(dataset)

    return choose


def test_a_group_is_worth_what_its_absence_costs():
    dataset = make_dataset(20)
    asked = []

    ablation = ablate(fit_without(dataset, asked), ["chain", "text"], dataset)

    assert asked == [(), ("chain",), ("text",)]
    assert ablation.whole.mean == pytest.approx(1.0)
    text, chain = ablation.groups
    assert (text.group, chain.group) == ("text", "chain")
    assert text.worth.mean == pytest.approx(1 - text.ndcg.mean)
    assert text.worth.low > 0.1
    assert text.p < 0.001
    assert (chain.worth.mean, chain.p) == (0.0, 1.0)


def test_figures_are_plain_values_and_words():
    dataset = make_dataset(6)
    steps = []
    ablation = ablate(
        fit_without(dataset, []),
        ["text"],
        dataset,
        folds=2,
        progress=lambda *step: steps.append(step),
    )

    published = json.loads(json.dumps(ablation.as_json(), allow_nan=False))

    assert list(published) == ["ndcg@10", "without"]
    assert published["without"]["text"]["worth"]["n"] == 6
    assert [row[0] for row in ablation.rows()] == ["无 / nothing", "text"]
    assert {len(row) for row in ablation.rows()} == {len(ablation.columns())}
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_one_need_cannot_be_ablated():
    dataset = make_dataset(1)

    with pytest.raises(UnusableFolds):
        ablate(fit_without(dataset, []), ["text"], dataset)
