"""Rendered answers on the shelf."""

from api.rest.shelf import Shelf


def test_an_answer_is_found_for_the_state_that_it_was_rendered_from():
    shelf = Shelf()
    shelf.keep("k", "state 1", b"one")

    assert shelf.find("k", "state 1") == b"one"
    assert shelf.find("k", "state 2") is None
    assert shelf.find("other", "state 1") is None


def test_what_was_asked_for_longest_ago_is_given_up_first():
    shelf = Shelf(most_bytes=10)
    shelf.keep("a", "s", b"12345")
    shelf.keep("b", "s", b"12345")
    shelf.find("a", "s")
    shelf.keep("c", "s", b"12345")

    assert shelf.find("a", "s") is not None
    assert shelf.find("b", "s") is None


def test_a_new_state_takes_the_place_of_the_old_one():
    shelf = Shelf(most_bytes=10)
    for state in range(5):
        shelf.keep("a", str(state), b"12345")
    shelf.keep("b", "s", b"12345")

    assert shelf.find("a", "4") is not None
    assert shelf.find("b", "s") is not None
