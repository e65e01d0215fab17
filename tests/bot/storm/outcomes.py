"""What the bot was asked and what it showed, held against what the assistant says offline."""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bot.answers.assistant import Assistant
from bot.answers.conversation import MAX_TURNS, Conversation, extend
from bot.answers.question import clean_question
from bot.answers.replies import Answer, AnyReply, Clarify, Comparison, NotCovered, Several
from bot.answers.reply_text import plain_text
from bot.community.showing.text import clean_text, read_question
from knowledge.errors import QuestionError
from tests.bot.storm.hostile import FOREIGN_ID
from tests.loopback.markdown import Kind, Node, parse, seen_text, walk
from tests.loopback.model import Json, Message, walk_components

COMPARED_CHARACTERS = 40
TEXT_DISPLAY = 10
_NOT_SEEN = re.compile(r"[\s\u200b]+")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that was owed an answer.

    Attributes:
        key: the conversation that it belongs to.
        typed: what the person typed, mentions and all.
        shown: what was shown, as it was then.
        answer_id: the message that answers.
        goes_on_from: the answer that the question goes on from, rather than from what was asked
            last; 0 where it goes on from nothing.
    """

    what: str
    key: Hashable
    typed: str
    shown: str
    answer_id: int
    goes_on_from: int | None = None


@dataclass(frozen=True, kw_only=True)
class Edited:
    """A question was edited, and its answer with it."""

    typed: str
    shown: str
    answer_id: int


@dataclass(frozen=True, kw_only=True)
class Removed:
    """A question was removed, and its answer with it."""

    answer_id: int


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A thread was opened that goes on from an answer."""

    key: Hashable
    answer_id: int


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """Somebody let the bot forget all that they asked."""

    keys: tuple[Hashable, ...]


Entry: TypeAlias = Asked | Edited | Removed | Opened | Forgotten


@dataclass
class _Exchange:
    """A question and its reply as they read now, and the answers that it goes on from."""

    key: Hashable
    before: tuple[int, ...]
    question: str = ""
    reply: str = ""


class Replay:
    """Asks again, offline, what was asked in the storm."""

    def __init__(self, assistant: Assistant, bot_id: int) -> None:
        self._assistant = assistant
        self._bot_id = bot_id
        self._latest: dict[Hashable, int] = {}
        self._exchanges: dict[int, _Exchange] = {}

    def difference(self, entry: Entry) -> str | None:
        """Return how an entry was answered otherwise than offline, if it was."""
        match entry:
            case Asked():
                exchange = _Exchange(entry.key, self._path_before(entry))
                self._exchanges[entry.answer_id] = exchange
                difference = self._answer(entry, exchange)
                if exchange.reply:
                    self._latest[entry.key] = entry.answer_id
                return difference
            case Edited():
                return self._answer(entry, self._exchanges[entry.answer_id])
            case Removed():
                self._exchanges[entry.answer_id].reply = ""
            case Opened():
                self._latest[entry.key] = entry.answer_id
            case Forgotten():
                for key in entry.keys:
                    self._latest.pop(key, None)
                for exchange in self._exchanges.values():
                    if exchange.key in entry.keys:
                        exchange.reply = ""
        return None

    def _path_before(self, entry: Asked) -> tuple[int, ...]:
        if entry.goes_on_from == 0:
            return ()
        followed = self._exchanges.get(entry.goes_on_from or 0)
        last = self._latest.get(entry.key)
        if followed is not None and followed.reply:
            last = entry.goes_on_from
        return () if last is None else (*self._exchanges[last].before, last)[-MAX_TURNS // 2 :]

    def _conversation(self, answer_ids: tuple[int, ...]) -> Conversation:
        conversation: Conversation = ()
        for answer_id in answer_ids:
            said = self._exchanges[answer_id]
            if said.reply:
                conversation = extend(conversation, said.question, said.reply)
        return conversation

    def _answer(self, entry: Asked | Edited, exchange: _Exchange) -> str | None:
        """Answer a question, and return what was shown otherwise than that."""
        before = self._conversation(exchange.before)
        what = f"{type(entry).__name__} {entry.typed!r} after {before}"
        text = read_question(entry.typed, self._bot_id)
        exchange.reply = ""
        try:
            question = clean_question(text)
            reply = self._assistant.reply(question, before)
        except QuestionError as error:
            is_shown = not text or _holds(entry.shown, str(error))
            return None if is_shown else f"{what}: {str(error)!r} is not in {entry.shown!r}"
        exchange.question, exchange.reply = question, plain_text(reply)
        missing = [one for one in phrases_of(reply) if not _holds(entry.shown, one)]
        return f"{what}: {missing} is not in {entry.shown!r}" if missing else None


def find_differences(entries: list[Entry], assistant: Assistant, bot_id: int) -> Iterator[str]:
    """Yield each question that was answered otherwise than the assistant does offline."""
    replay = Replay(assistant, bot_id)
    yield from filter(None, map(replay.difference, entries))


def phrases_of(reply: AnyReply) -> Iterator[str]:
    """Yield the beginnings of what a reply shows, by which it is told from others."""
    match reply:
        case Answer():
            yield reply.statements[0].texts[0]
        case Comparison():
            yield from (side.statements[0].texts[0] for side in reply.sides if side.statements)
        case Clarify() | NotCovered():
            yield reply.text
        case Several():
            yield from phrases_of(reply.parts[0])


def shown_by(*messages: Message) -> str:
    """Return the letters that a reader sees in messages."""
    return "\n".join(seen_text(nodes) for message in messages for nodes in _parsed(message))


def find_markup(message: Message) -> list[Node]:
    """Return what reaches out of a message that nothing but guides and people can have brought."""
    nodes = [node for parsed in _parsed(message) for node in walk(parsed)]
    return [
        node
        for node in nodes
        if (node.kind in _FOREIGN and not _is_own_channel(node))
        or _leads_astray(node)
        or _is_numbered(node)
    ]


_FOREIGN = {Kind.MENTION, Kind.TIMESTAMP, Kind.EMOJI, Kind.CODE_BLOCK, Kind.SPOILER, Kind.STRUCK}


def _leads_astray(node: Node) -> bool:
    return node.kind is Kind.LINK and "example.org" not in node.detail


def _is_own_channel(node: Node) -> bool:
    """Return whether this is a link to a channel that the bot itself has given."""
    return node.text.startswith("<#") and FOREIGN_ID not in node.text


def _is_numbered(node: Node) -> bool:
    return node.kind is Kind.ITEM and node.detail.strip()[0].isdigit()


def _parsed(message: Message) -> Iterator[tuple[Node, ...]]:
    yield parse(message.content)
    for embed in message.embeds:
        yield from (parse(text) for text in _texts_of(embed))
    for part in walk_components(message.components):
        if part["type"] == TEXT_DISPLAY:
            yield parse(part["content"])


def _texts_of(embed: Json) -> Iterator[str]:
    yield embed.get("title", "")
    yield embed.get("description", "")
    for one in embed.get("fields", []):
        yield one["name"]
        yield one["value"]


def _holds(shown: str, phrase: str) -> bool:
    wanted = _NOT_SEEN.sub("", clean_text(phrase)[:COMPARED_CHARACTERS])
    return wanted in _NOT_SEEN.sub("", shown)
