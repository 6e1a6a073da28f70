"""Scopes of API keys: operations by name, or all of a resource."""

from collections.abc import Iterable

from api.accounts.errors import BadScope
from data.policy.operation import Operation

GRANTABLE = tuple(op for op in Operation if not op.startswith("session."))
"""A machine signs neither in nor out; its key is all it has."""

_ALL = ".*"


def spelt_out(scopes: Iterable[str]) -> frozenset[str]:
    """The operations that scopes stand for; one that names none stands for nothing."""
    return frozenset(
        operation.value
        for scope in scopes
        for operation in GRANTABLE
        if operation.value == scope
        or (scope.endswith(_ALL) and operation.value.partition(".")[0] == scope.removesuffix(_ALL))
    )


def checked(scopes: Iterable[str]) -> list[str]:
    """The scopes in order, each once.

    Raises:
        BadScope: one names no operation, or there is none.
    """
    listed = sorted(set(scopes))
    for scope in listed or [""]:
        if not spelt_out([scope]):
            raise BadScope(scope)
    return listed
