"""The quality sets are what their heads say: well-formed, disjoint, and every span in its guide."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent
GUIDES = HERE / "guides"
SEED = HERE.parent.parent / "seeds" / "software-engineer-data-science.txt"

HALVES = {"d": "development", "t": "test"}
KINDS = {"s": "single", "c": "comparison", "f": "followup", "u": "unanswerable"}
ASPECTS = {
    "definition", "responsibilities", "goal", "skills", "tools", "motivation", "difference",
    "overlap", "collaboration", "levels", "salary", "education", "entry", "outlook",
    "conditions", "names", "other",
}  # fmt: skip
LEAST_OF_KIND = {"single": 100, "comparison": 50, "followup": 50, "unanswerable": 60}
LEAST_OF_REASON = {"off_topic": 18, "not_said": 27, "other_role": 8, "no_guide": 7}
KEYS = {
    "single": {"id", "kind", "aspect", "question", "gold"},
    "comparison": {"id", "kind", "question", "gold"},
    "followup": {"id", "kind", "aspect", "history", "question", "gold"},
    "unanswerable": {"id", "kind", "reason", "question"},
}
IDENTIFIER = re.compile(r"([dt])-([scfu])\d{3}")

Item = dict[str, Any]


def read(half: str) -> list[Item]:
    items = yaml.safe_load((HERE / f"{half}.yaml").read_text(encoding="utf-8"))
    assert isinstance(items, list)
    return items


@cache
def text_of(document: str) -> str:
    path = SEED if document == SEED.name else GUIDES / document
    assert path.is_file(), f"no such document: {document}"
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def spans_of(item: Item) -> list[tuple[str, str]]:
    return [(one["doc"], one["span"]) for side in item.get("gold", []) for one in side]


ITEMS = [(half, item) for half in HALVES.values() for item in read(half)]
EACH = pytest.mark.parametrize(("half", "item"), ITEMS, ids=[item["id"] for _, item in ITEMS])


@EACH
def test_item_has_the_shape_of_its_kind(half: str, item: Item) -> None:
    named = IDENTIFIER.fullmatch(item["id"])
    assert named is not None
    assert (HALVES[named[1]], KINDS[named[2]]) == (half, item["kind"])
    assert set(item) == KEYS[item["kind"]]
    assert item["question"] == item["question"].strip() != ""
    if "aspect" in item:
        assert item["aspect"] in ASPECTS
    if "reason" in item:
        assert item["reason"] in LEAST_OF_REASON


@EACH
def test_history_alternates_from_the_user_to_the_assistant(half: str, item: Item) -> None:
    turns = item.get("history", [])
    assert bool(turns) == (item["kind"] == "followup"), half
    assert len(turns) % 2 == 0
    assert len(turns) <= 2 * 5
    for turn, role in zip(turns, cycle(("user", "assistant")), strict=False):
        assert set(turn) == {"role", "text"}
        assert turn["role"] == role
        assert turn["text"].strip()


@EACH
def test_gold_is_verbatim_text_of_its_document(half: str, item: Item) -> None:
    sides = item.get("gold", [])
    assert len(sides) >= {"unanswerable": 0, "comparison": 2}.get(item["kind"], 1), half
    for side in sides:
        assert side
        assert len({(one["doc"], one["span"]) for one in side}) == len(side)
    for document, span in spans_of(item):
        assert span in text_of(document), f"not in {document}: {span}"
        assert 3 <= len(span.split()) <= 40
        assert "\n\n" not in span


def test_identifiers_and_questions_are_unique_over_both_halves() -> None:
    assert max(Counter(item["id"] for _, item in ITEMS).values()) == 1
    asked = Counter(
        (item["question"].casefold(), str(item.get("history", ""))) for _, item in ITEMS
    )
    assert max(asked.values()) == 1


def test_there_are_enough_of_each_kind_and_reason() -> None:
    assert len(ITEMS) >= 260
    counts = Counter(item["kind"] for _, item in ITEMS)
    counts.update(item["reason"] for _, item in ITEMS if "reason" in item)
    for name, least in (LEAST_OF_KIND | LEAST_OF_REASON).items():
        assert counts[name] >= least, name


def test_each_half_holds_about_half_of_each_kind() -> None:
    counts = Counter((half, item["kind"]) for half, item in ITEMS)
    for kind in KINDS.values():
        development, test = (counts[half, kind] for half in HALVES.values())
        assert abs(development - test) <= 0.1 * (development + test), kind


@pytest.mark.parametrize("half", HALVES.values())
def test_each_half_asks_about_every_guide(half: str) -> None:
    asked = {document for one, item in ITEMS if one == half for document, _ in spans_of(item)}
    guides = {path.relative_to(GUIDES).as_posix() for path in GUIDES.rglob("*") if path.is_file()}
    assert asked == guides | {SEED.name}


def test_guides_are_as_many_and_as_long_as_said() -> None:
    paths = [path for path in GUIDES.rglob("*") if path.is_file()]
    assert len(paths) >= 14
    lengths = [len(path.read_text(encoding="utf-8").split()) for path in paths]
    assert all(300 <= length <= 1_500 for length in lengths)
    assert 11_000 <= sum(lengths) <= 14_000
