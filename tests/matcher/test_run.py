from matcher.run import Run, ranking, top


def test_ties_break_by_document_id():
    assert ranking({"b": 1.0, "a": 1.0, "c": 2.0}) == ["c", "a", "b"]


def test_top_keeps_the_best_in_order():
    assert list(top({"b": 1.0, "a": 3.0, "c": 2.0}, k=2)) == ["a", "c"]


def test_a_run_ranks_each_query_and_knows_nothing_of_others():
    run = Run("s", {"q": {"a": 1.0, "b": 2.0}})

    assert run.ranking("q") == ["b", "a"]
    assert run.ranking("other") == []
