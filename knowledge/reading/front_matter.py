"""What a guide says of itself before its text: title, other names, web address; YAML or TOML."""

import contextlib
import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

_FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_TOML = re.compile(r"\+\+\+[ \t]*\n(?P<toml>.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_MAX_CHARACTERS = 16_384
_KNOWN = frozenset({"title", "aliases", "url"})
_TITLES_OF_JOBS = frozenset({"jobtitle", "positiontitle", "roletitle"})
_KEYS_OF_JOBS = frozenset(
    """
    applicationdeadline applyby basesalary closingdate compensation contract contracttype deadline
    degreerequired degreesrequired duration education educationrequired employmenttype experience
    experiencelevel experiencerequired grade hours hoursperweek joblocation jobtype length level
    location maxsalary minsalary pay paygrade payrange payscale rate reportsto salary salarymax
    salarymin salaryrange schedule seniority startdate startingsalary stipend team teamsize term
    timecommitment wage workhours workinghours
    """.split()
)
"""What else schema.org's JobPosting, and those who publish jobs, have keys for."""

_NOTHING = ("", "~", "null", "Null", "NULL")
_ENDS_SENTENCE = re.compile(r"[.!?][)\"'”’*_]*(?:\s|\Z)")
_FEWEST_WORDS_OF_PROSE = 6
_MAY_BE_PROSE = re.compile(r"[.!?|>]")
_KEY = re.compile(r"^[\"']?([\w -]+?)[\"']?\s*:", re.MULTILINE)
_PLACE_IN_SITE = re.compile(r"(?:\.{0,2}/(?!/)|[\w%~-]+(?:/|\Z))[^\s:]*")
_LINE_OF_TOML = re.compile(
    r"^(?P<key>[\w-]+)[ \t]*=[ \t]*(?P<mark>[\"'])(?P<text>[^\n\"'\\]*)(?P=mark)(?=[ \t]*$)",
    re.MULTILINE,
)
_LONG_TOML = re.compile(r"\"{3}|'{3}")
# "a_job_type" is so called that it comes first.
_SORTED_BY = re.compile(r"^[a-z]{1,2}_")
_ESCAPED_LINE_END = re.compile(r"(?<!\\)(?:\\t)*\\[rn](?:\\[rnt])*")
# Markdown has the same escapes for marks.
_OTHER_ESCAPE = re.compile(r"\\(?:\w|\\|\n)")
_BLOCKS = frozenset({"|", ">"})
"""How YAML writes texts of several lines."""


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
        ValueError: it is no YAML, or a value of it is of another kind. Of TOML, between lines of
            three pluses, what can't be read is passed over.
    """
    if toml := _TOML.match(text, 0, _MAX_CHARACTERS):
        return _describe(_values_of_toml(toml["toml"])), toml.end()
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
    return _describe(values), match.end()


def _values_of_toml(source: str) -> dict[str, object]:
    """Return what is valid of TOML: all of it, else those of its first lines that are alone."""
    values: dict[str, object] = {}
    try:
        values = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError):
        for line in itertools.takewhile(lambda line: not line.startswith("["), source.split("\n")):
            with contextlib.suppress(tomllib.TOMLDecodeError, RecursionError):
                values |= tomllib.loads(line)
    is_kept = (str, list, dict)
    return {
        key: value if isinstance(value, is_kept) else str(value) for key, value in values.items()
    }


def _describe(values: Mapping[Any, object]) -> Description:
    return Description(
        title=_text_value(values, "title") or _title_of_job(values),
        aliases=_text_values(values, "aliases"),
        url=_web_address(values),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotable:
    """The stretches of a front matter that are the guide's own, and where it ends.

    Each is [start, end) of the text, in order. `prose` are sentences, of a "description", say, and
    values of several lines; `facts` is what is said of a job, "salary: $50,000". `breaks` are where
    the prose has line ends that are escaped.
    """

    prose: tuple[tuple[int, int], ...] = ()
    facts: tuple[tuple[int, int], ...] = ()
    breaks: tuple[tuple[int, int], ...] = ()
    end: int = 0

    @property
    def start(self) -> int:
        """Where the first begins."""
        return min(start for start, _ in self.prose + self.facts)


# Each document is asked for its title, and then again to be split.
@lru_cache(maxsize=1)
def quotable_front_matter(text: str) -> Quotable | None:
    """Return what can be quoted of a text's front matter, if anything; of a broken one nothing."""
    if toml := _TOML.match(text, 0, _MAX_CHARACTERS):
        # Lines within a text of several are no keys.
        return None if _LONG_TOML.search(toml["toml"]) else _quotable_toml(toml)
    match = _FRONT_MATTER.match(text, 0, _MAX_CHARACTERS)
    if not match or not (_MAY_BE_PROSE.search(match["yaml"]) or _says_facts(match["yaml"])):
        return None
    try:
        root = yaml.compose(match["yaml"], Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    said = [
        node
        for node in _values_in(root)
        if len(node.value.split()) >= _FEWEST_WORDS_OF_PROSE
        and (_has_lines(node) or _ENDS_SENTENCE.search(node.value))
    ]
    prose = {span for node in said for span in _written(match["yaml"], node)}
    facts = {
        (key.start_mark.index, value.end_mark.index)
        for key, value in _facts_in(root)
        if key.start_mark.index < value.end_mark.index
        and not any(key.start_mark.index < start < value.end_mark.index for start, _ in prose)
    }
    if not prose and not facts:
        return None
    breaks = {span for node in said for span in _line_ends_in(match["yaml"], node)}
    begins = match.start("yaml")
    prose_there, facts_there, breaks_there = (
        tuple((begins + start, begins + end) for start, end in sorted(spans))
        for spans in (prose, facts, breaks)
    )
    return Quotable(prose=prose_there, facts=facts_there, breaks=breaks_there, end=match.end())


def _quotable_toml(match: re.Match[str]) -> Quotable | None:
    """Return what can be quoted of TOML: of lines that have a key and a text without escapes."""
    facts, prose = [], []
    for line in _LINE_OF_TOML.finditer(match.string, *match.span("toml")):
        if _letters_of(line["key"]) in _KEYS_OF_JOBS and line["text"]:
            facts.append(line.span())
        elif (
            line["key"] not in _KNOWN
            and not _is_title(line["key"])
            and len(line["text"].split()) >= _FEWEST_WORDS_OF_PROSE
            and _ENDS_SENTENCE.search(line["text"])
        ):
            prose.append(line.span("text"))
    if not prose and not facts:
        return None
    return Quotable(prose=tuple(prose), facts=tuple(facts), end=match.end())


def _facts_in(root: yaml.Node | None) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Yield what is said of a job in a word or two, with its key."""
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if (
            isinstance(key, yaml.ScalarNode)
            and _letters_of(key.value) in _KEYS_OF_JOBS
            and isinstance(value, yaml.ScalarNode)
            and value.value not in _NOTHING
            and value.style not in _BLOCKS
        ):
            yield key, value


def _says_facts(source: str) -> bool:
    return any(_letters_of(key) in _KEYS_OF_JOBS for key in _KEY.findall(source))


def _values_in(root: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Yield the values of keys that say nothing of the guide itself, and of lists."""
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        # An alias is its anchor's node, which may be around it.
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            waiting.extend(value for key, value in node.value if not _is_known(key))


def _is_known(key: yaml.Node) -> bool:
    name = key.value if isinstance(key, yaml.ScalarNode) else ""
    return name in _KNOWN or _is_title(name)


def _is_title(key: str) -> bool:
    """Tell "jobTitle" and "seo_title", which name the guide, from what it says."""
    return _letters_of(key).endswith("title")


def _written(source: str, node: yaml.ScalarNode) -> Iterator[tuple[int, int]]:
    """Yield where a value's own words stand, without quotes; nothing where those are escaped."""
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in _BLOCKS:
        yield source.index("\n", start) + 1, end
    elif node.style is None:
        yield start, end
    elif node.style == '"' or node.style not in source[start + 1 : end - 1]:
        inside = _ESCAPED_LINE_END.sub("", source[start + 1 : end - 1])
        # An anchor or a tag stands before the mark.
        if source[start] == node.style and not _OTHER_ESCAPE.search(inside):
            yield start + 1, end - 1


def _has_lines(node: yaml.ScalarNode) -> bool:
    """Tell a value of several lines, be their ends escaped."""
    return node.style in _BLOCKS or (node.style == '"' and "\n" in node.value.strip())


def _line_ends_in(source: str, node: yaml.ScalarNode) -> Iterator[tuple[int, int]]:
    """Yield where a value between double quotes has line ends that are escaped."""
    if node.style == '"':
        for match in _ESCAPED_LINE_END.finditer(source, node.start_mark.index, node.end_mark.index):
            yield match.span()


def _title_of_job(values: Mapping[Any, object]) -> str | None:
    """Return what other programs that publish jobs have for a title: "jobTitle", "role_title"."""
    for key, value in values.items():
        if _letters_of(str(key)) in _TITLES_OF_JOBS and isinstance(value, str):
            return _text_value(values, str(key))
    return None


def _letters_of(key: str) -> str:
    return "".join(filter(str.isalpha, _SORTED_BY.sub("", key))).lower()


def _text_value(values: Mapping[Any, object], key: str) -> str | None:
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


def _text_values(values: Mapping[Any, object], key: str) -> tuple[str, ...]:
    value = values.get(key, "")
    if isinstance(value, str):
        value = [] if value in _NOTHING else value.split(",")
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"its front matter's {key} is not a list of names")
    names = (_as_text(item, key) for item in value)
    # Site generators redirect from such as "/jobs/nurse".
    return tuple(name for name in names if name and not name.startswith("/"))


def _web_address(values: Mapping[Any, object]) -> str | None:
    """Return the address; a page's place in its own site ("/jobs/nurse") is none."""
    url = _text_value(values, "url")
    if url is None or re.fullmatch(r"https?://\S+", url):
        return url
    if _PLACE_IN_SITE.fullmatch(url):
        return None
    raise ValueError("its front matter's url does not begin with http:// or https://")
