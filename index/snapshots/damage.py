"""What rows of a store make Python raise is damage of the store."""

import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from knowledge.errors import DamagedSnapshotError

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


class _Damageable(Protocol):
    def damaged(self) -> DamagedSnapshotError: ...


_Read = TypeVar("_Read", bound=_Damageable)


def refusing_damage(
    method: Callable[Concatenate[_Read, _Given], _Made],
) -> Callable[Concatenate[_Read, _Given], _Made]:
    """Have a method that makes something of rows raise nothing but `DamagedSnapshotError`."""

    @wraps(method)
    def read(self: _Read, /, *given: _Given.args, **named: _Given.kwargs) -> _Made:
        try:
            return method(self, *given, **named)
        except (sqlite3.Error, ValueError, TypeError, LookupError, RecursionError) as error:
            raise self.damaged() from error

    return read
