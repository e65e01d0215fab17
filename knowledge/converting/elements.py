"""Elements of XML and HTML, as lxml reads them."""

from typing import Any, TypeAlias

Element: TypeAlias = Any
"""An element of lxml, which has no types; or None, where it says so."""


def local_name(element: Element) -> str:
    """Return an element's name without its namespace; "" of a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def name_of(element: Element) -> str:
    """Return an element's name in HTML, in lower case; "" of a comment."""
    return local_name(element).lower()
