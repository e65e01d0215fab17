"""Labelled questions are read from YAML, and refused with the place of what is wrong."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.answers.conversation import Conversation, Turn
from knowledge.errors import EvaluationError
from knowledge.strict_yaml import read_yaml


class Kind(StrEnum):
    """What sort of question it is."""

    SINGLE = "single"
    COMPARISON = "comparison"
    FOLLOWUP = "followup"
    UNANSWERABLE = "unanswerable"


class Gap(StrEnum):
    """Why the guides don't answer a question."""

    OFF_TOPIC = "off_topic"
    NOT_SAID = "not_said"
    OTHER_ROLE = "other_role"
    NO_GUIDE = "no_guide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """Words of a document that answer one side of a question."""

    document: str
    span: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledQuestion:
    """A question with the words that answer it.

    Each of `sides` (one; of a comparison, one for each role) is answered by any one of its golds.
    A question that the guides don't answer has none, and a `reason`.
    """

    id: str
    kind: Kind
    question: str
    line: int
    sides: tuple[tuple[Gold, ...], ...] = ()
    conversation: Conversation = ()
    aspect: str | None = None
    reason: Gap | None = None

    @property
    def fingerprint(self) -> str:
        """Return what changes when the question or what answers it does."""
        values = [
            self.kind,
            self.question,
            [[turn.role, turn.text] for turn in self.conversation],
            [[[gold.document, gold.span] for gold in side] for side in self.sides],
        ]
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]


def read_questions(path: Path) -> tuple[LabelledQuestion, ...]:
    """Read a file of labelled questions.

    Raises:
        EvaluationError: it can't be read, or something in it is missing, unknown or impossible.
    """
    questions: dict[str, LabelledQuestion] = {}
    for line, values in _read_items(path):
        question = _read_question(path, line, values)
        if question.id in questions:
            raise EvaluationError(
                f"{path}, line {line}: the id {question.id} stands on line"
                f" {questions[question.id].line} already. Give each question its own."
            )
        questions[question.id] = question
    if not questions:
        raise EvaluationError(f"{path} holds no questions. docs/evaluation.md shows their shape.")
    return tuple(questions.values())


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


class _Turn(_Model):
    role: Literal["user", "assistant"]
    text: str


class _Gold(_Model):
    doc: _Text
    span: _Text


class _Label(_Model):
    id: Annotated[_Text, BeforeValidator(lambda id_: str(id_) if type(id_) is int else id_)]
    kind: Kind
    question: _Text
    aspect: str | None = None
    reason: Gap | None = None
    history: tuple[_Turn, ...] = ()
    gold: tuple[Annotated[tuple[_Gold, ...], Field(min_length=1)], ...] = ()


def _read_items(path: Path) -> Iterator[tuple[int, object]]:
    node, items = read_yaml(path, EvaluationError)
    if node is None or items is None:
        return
    if not isinstance(items, list):
        raise EvaluationError(f'{path} must hold a list of questions ("- id: …").')
    for item_node, item in zip(node.value, items, strict=True):
        yield item_node.start_mark.line + 1, item


def _read_question(path: Path, line: int, values: object) -> LabelledQuestion:
    id_ = values.get("id") if isinstance(values, dict) else None
    named = f"question {id_} (line {line})" if isinstance(id_, str | int) else f"line {line}"
    try:
        label = _Label.model_validate(values)
    except ValidationError as error:
        raise EvaluationError(f"{path}, {named}: {_explain(error)}") from error
    if problem := _contradiction(label):
        raise EvaluationError(f"{path}, {named}: {problem}")
    return LabelledQuestion(
        id=label.id,
        kind=label.kind,
        question=label.question,
        line=line,
        sides=tuple(
            tuple(Gold(document=gold.doc, span=gold.span) for gold in side) for side in label.gold
        ),
        conversation=tuple(Turn(role=turn.role, text=turn.text) for turn in label.history),
        aspect=label.aspect,
        reason=label.reason,
    )


def _contradiction(label: _Label) -> str | None:
    if label.kind is Kind.UNANSWERABLE:
        if label.gold:
            return "it is unanswerable and has a gold. Take the gold out, or mend its kind."
        if label.reason is None:
            return f"it has no reason. Say why it can't be answered: {', '.join(Gap)}."
        return None
    if label.reason is not None:
        return "it has a reason and is not unanswerable. Take the reason out, or mend its kind."
    if not label.gold:
        return "it has no gold. List the spans that answer it, or make it unanswerable."
    if label.kind is Kind.COMPARISON and len(label.gold) == 1:
        return "it is a comparison and its gold has one side. List one for each role."
    if label.kind is Kind.FOLLOWUP and not label.history:
        return "it is a followup and has no history. Add it, or make it single."
    return None


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    match first["type"]:
        case "extra_forbidden":
            models: dict[str, type[_Model]] = {"history": _Turn, "gold": _Gold}
            model = models.get(str(first["loc"][0]), _Label) if len(first["loc"]) > 1 else _Label
            known = ", ".join(model.model_fields)
            return f"there is no key {key}. Known here: {known}."
        case "missing":
            return f"it has no {key}. Add it."
        case "model_type" if not key:
            return 'a question must be a mapping ("id: …", "question: …").'
        case "string_pattern_mismatch" | "string_too_short":
            return f"{key} is empty. Fill it in."
        case _:
            found = repr(first["input"])
            found = found if len(found) <= 60 else f"{found[:60]}…"
            message = first["msg"][0].lower() + first["msg"][1:]
            return f"{key}: {message}, found {found}."
