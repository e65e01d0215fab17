import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.answers.replies import AnyReply
from bot.answers.reply_json import load_schema, to_json
from bot.answers.reply_text import plain_text
from tests.bot.fakes import (
    GUIDE,
    SKILLS,
    WORK,
    make_answer,
    make_clarify,
    make_comparison,
    make_not_covered,
)

REPLIES: dict[str, AnyReply] = {
    "answer": make_answer(),
    "comparison": make_comparison(),
    "clarify": make_clarify(),
    "not_covered": make_not_covered(),
}
KEYS = [
    "question",
    "standalone_question",
    "outcome",
    "text",
    "statements",
    "citations",
    "passages",
    "reason",
    "suggestions",
    "parts",
    "confidence",
    "snapshot",
    "timings_ms",
]


def is_valid(values: object) -> bool:
    # As other programs read it, so that a tuple isn't taken for something else than a list.
    written = json.loads(json.dumps(values, allow_nan=False))
    return bool(Draft202012Validator(load_schema()).is_valid(written))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(load_schema())


@pytest.mark.parametrize("outcome", REPLIES)
def test_every_outcome_has_the_documented_shape(outcome: str) -> None:
    reply = REPLIES[outcome]
    values = to_json(reply)
    assert list(values) == KEYS
    assert values["outcome"] == outcome
    assert values["text"] == plain_text(reply)
    assert values["parts"] == []
    assert is_valid(values)
    assert is_valid({"id": {"any": [1, None]}, **values})


def test_statements_point_at_their_citations() -> None:
    values = to_json(make_answer(WORK, SKILLS, WORK))
    assert [item["citations"] for item in values["statements"]] == [[0], [1, 2, 3], [0]]
    assert values["statements"][1]["text"] == "A data engineer needs: Python; SQL."
    assert values["statements"][1]["role"] == "Data Engineer"
    for citation in values["citations"]:
        assert GUIDE[citation["start"] : citation["end"]] == citation["quote"]
        assert citation["page"] is None


def test_passages_carry_their_text_and_scores() -> None:
    passages = to_json(make_answer())["passages"]
    assert [passage["id"] for passage in passages] == ["p0", "p1", "p2"]
    for passage in passages:
        assert GUIDE[passage["start"] : passage["end"]] == passage["text"]
    assert passages[1]["heading"] == "Data Engineer › Skills"
    assert (passages[0]["score"], passages[0]["dense"], passages[0]["lexical"]) == (1.5, 0.5, 7.25)


def test_a_reason_belongs_to_a_refusal_alone() -> None:
    assert to_json(make_not_covered())["reason"] == "not_said"
    assert not is_valid({**to_json(make_not_covered()), "reason": None})
    assert to_json(make_answer())["reason"] is None
    assert not is_valid({**to_json(make_answer()), "reason": "not_said"})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"id": None, "error": "The line is not JSON."}, True),
        ({"id": 7, "error": "Too long."}, True),
        ({"error": "Too long."}, False),
        ({"id": 7, "error": ""}, False),
        ({"id": 7, "error": "Too long.", "line": 3}, False),
        ({}, False),
        ([], False),
    ],
)
def test_a_line_that_failed_has_an_id_and_an_error(values: object, expected: bool) -> None:
    assert is_valid(values) is expected


def without(values: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != key}


@pytest.mark.parametrize("key", KEYS)
def test_no_key_may_be_missing(key: str) -> None:
    assert not is_valid(without(to_json(make_answer()), key))


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "refused"},
        {"more": 1},
        {"confidence": 1.5},
        {"statements": []},
        {"timings_ms": {"total": "fast"}},
        {"citations": [{"quote": "x"}]},
        {"parts": [{}]},
    ],
    ids=str,
)
def test_other_shapes_are_refused(change: dict[str, object]) -> None:
    assert not is_valid({**to_json(make_answer()), **change})


def test_the_page_about_json_describes_every_key() -> None:
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert described == KEYS


def test_parts_are_replies() -> None:
    values = to_json(make_answer())
    assert is_valid({**values, "parts": [values, to_json(make_not_covered())]})
