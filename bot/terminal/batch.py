"""Many questions at once: JSON lines in, one reply or error a line out, in order."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.answers.assistant import Assistant
from bot.answers.conversation import MAX_TURNS, Conversation, Turn
from bot.answers.reply_json import to_json
from bot.terminal.notes import Notes
from knowledge.errors import RolewiseError


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchQuestion:
    """A line of a batch."""

    id: object
    text: str
    conversation: Conversation


class BatchLineError(Exception):
    """Say what is wrong with a line; the rest of the batch goes on."""

    def __init__(self, message: str, id_: object = None) -> None:
        """Take what is wrong, and the line's id where it could be read."""
        super().__init__(message)
        self.id = id_


def answer_batch(
    lines: Iterable[bytes], assistant: Assistant, notes: Notes
) -> Iterator[dict[str, Any]]:
    """Yield a reply, or what was wrong, for each line that isn't blank.

    Args:
        lines: JSON in UTF-8, an object a line.
        assistant: Answers.
        notes: Is told of bugs, which cost one line each.
    """
    for line in lines:
        if not line.strip():
            continue
        try:
            question = read_question(line)
        except BatchLineError as error:
            yield {"id": error.id, "error": str(error)}
            continue
        try:
            reply = to_json(assistant.reply(question.text, question.conversation))
        except RolewiseError as error:
            yield {"id": question.id, "error": str(error)}
        except Exception as error:  # one line's bug doesn't cost the others
            notes.report_bug(error)
            yield {"id": question.id, "error": f"This is a bug in Rolewise: {error!r}."}
        else:
            yield {"id": question.id, **reply}


def read_question(line: bytes) -> BatchQuestion:
    """Return the question of a line.

    Raises:
        BatchLineError: the line isn't JSON, or not of the shape that a batch reads.
    """
    try:
        values = json.loads(
            line.decode("utf-8-sig"), parse_constant=_refuse_number, parse_float=_read_float
        )
    except UnicodeDecodeError as error:
        raise BatchLineError("The line is not UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise BatchLineError(f"The line is not JSON: {error}.") from error
    if not isinstance(values, dict):
        raise BatchLineError(f"The line holds {_name_type(values)} instead of an object.")
    id_ = values.get("id")
    if "question" not in values:
        raise BatchLineError('The line has no "question".', id_)
    text = values["question"]
    if not isinstance(text, str):
        raise BatchLineError(f'"question" is {_name_type(text)} instead of a text.', id_)
    return BatchQuestion(id=id_, text=text, conversation=_read_history(values, id_))


def _read_history(values: dict[str, Any], id_: object) -> Conversation:
    history = values.get("history")
    if history is None:
        return ()
    if not isinstance(history, list):
        raise BatchLineError(f'"history" is {_name_type(history)} instead of a list.', id_)
    turns = []
    for position, item in enumerate(history):
        match item:
            case {"role": "user" | "assistant" as role, "text": str(text)}:
                turns.append(Turn(role=role, text=text))
            case _:
                raise BatchLineError(
                    f'"history" has at {position} something other than'
                    ' {"role": "user" or "assistant", "text": "…"}.',
                    id_,
                )
    return tuple(turns[-MAX_TURNS:])


def _refuse_number(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")


def _read_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits} is too large")
    return number


def _name_type(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
