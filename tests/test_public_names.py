"""The public surface is what it says it is."""

import matcher


def test_every_public_name_exists_and_is_listed_in_order():
    assert [name for name in matcher.__all__ if not hasattr(matcher, name)] == []
    assert sorted(matcher.__all__) == matcher.__all__


def test_every_public_name_is_documented():
    assert [n for n in matcher.__all__ if not getattr(matcher, n).__doc__] == []
