"""What a guide says of itself before its text: title, other names and web address, in YAML."""

import re
from dataclasses import dataclass

import yaml

_FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_MAX_CHARACTERS = 16_384
_NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is said of a guide beside its text."""

    title: str | None = None
    aliases: tuple[str, ...] = ()
    url: str | None = None


NOTHING_SAID = Description()


def read_front_matter(text: str) -> tuple[Description, int]:
    """Return what a text's front matter says, and where the body behind it starts.

    Keys that it doesn't know are passed over, since other programs read front matter too.

    Raises:
        ValueError: it is no YAML, or a value of it is of another kind.
    """
    match = _FRONT_MATTER.match(text, 0, _MAX_CHARACTERS)
    if not match:
        return NOTHING_SAID, 0
    try:
        # Scalars are taken as they are written, "1.10" and "yes" too; tags and merges, which can
        # grow without bound, mean nothing.
        values = yaml.load(match["yaml"], Loader=yaml.BaseLoader)  # noqa: S506 - texts alone
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 2}" if mark else ""
        problem = getattr(error, "problem", None) or error
        raise ValueError(f"its front matter is not valid YAML{place}: {problem}") from error
    if not isinstance(values, dict):
        return NOTHING_SAID, 0
    return (
        Description(
            title=_text_value(values, "title"),
            aliases=_text_values(values, "aliases"),
            url=_web_address(values),
        ),
        match.end(),
    )


def _text_value(values: dict[object, object], key: str) -> str | None:
    value = values.get(key, "")
    if not isinstance(value, str):
        raise ValueError(f"its front matter's {key} is not a text")
    return None if value in _NOTHING else _as_text(value, key) or None


def _as_text(value: str, key: str) -> str:
    text = " ".join(value.split())
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"its front matter's {key} holds half a character") from error
    return text


def _text_values(values: dict[object, object], key: str) -> tuple[str, ...]:
    value = values.get(key, "")
    if isinstance(value, str):
        value = [] if value in _NOTHING else value.split(",")
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"its front matter's {key} is not a list of names")
    return tuple(filter(None, (_as_text(item, key) for item in value)))


def _web_address(values: dict[object, object]) -> str | None:
    url = _text_value(values, "url")
    if url is not None and not re.fullmatch(r"https?://\S+", url):
        raise ValueError("its front matter's url does not begin with http:// or https://")
    return url
