"""A method that caches may hold without keeping its object alive."""

from collections.abc import Callable
from typing import TypeVar
from weakref import WeakMethod

Found = TypeVar("Found")


def held_weakly(method: Callable[[str], Found]) -> Callable[[str], Found]:
    """Return what calls a method and keeps neither its object nor the index behind it alive."""
    reference = WeakMethod(method)

    def call(argument: str) -> Found:
        bound = reference()
        assert bound is not None, "only the object itself calls it"
        return bound(argument)

    return call
