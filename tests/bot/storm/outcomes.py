"""What the bot was asked and what it showed, held against what the assistant says offline."""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from bot.answers.assistant import Assistant
from bot.answers.conversation import ConversationMemory
from bot.answers.question import clean_question
from bot.answers.replies import Answer, AnyReply, Clarify, Comparison, NotCovered, Several
from bot.answers.reply_text import plain_text
from bot.community.text import clean_text, read_question
from knowledge.errors import QuestionError
from tests.loopback.markdown import Kind, Node, parse, seen_text, walk
from tests.loopback.model import Json, Message, walk_components

COMPARED_CHARACTERS = 40
TEXT_DISPLAY = 10
_NOT_SEEN = re.compile(r"[\s\u200b]+")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that was owed an answer.

    Attributes:
        key: the conversation that it belongs to; None for one of its own.
        typed: what the person typed, mentions and all.
        shown: what was shown, as it was then.
    """

    what: str
    key: Hashable
    typed: str
    shown: str


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """Somebody let the bot forget a conversation."""

    key: Hashable


@dataclass
class Ledger:
    """What happened, in the order in which each person did it."""

    bot_id: int
    entries: list[Asked | Forgotten] = field(default_factory=list)

    def differences(self, assistant: Assistant) -> Iterator[str]:
        """Yield each question that was answered otherwise than the assistant does offline."""
        memory = ConversationMemory(expires_after_seconds=1e9, max_conversations=1_000_000)
        for entry in self.entries:
            if isinstance(entry, Forgotten):
                memory.forget(entry.key)
                continue
            try:
                question = clean_question(read_question(entry.typed, self.bot_id))
                conversation = memory.recall(entry.key) if entry.key is not None else ()
                reply = assistant.reply(question, conversation)
            except QuestionError as error:
                if read_question(entry.typed, self.bot_id) and not _holds(entry.shown, str(error)):
                    yield f"{entry.what} {entry.typed!r}: {entry.shown!r} is not {str(error)!r}"
                continue
            if entry.key is not None:
                memory.remember(entry.key, question, plain_text(reply))
            for phrase in phrases_of(reply):
                if not _holds(entry.shown, phrase):
                    yield f"{entry.what} {entry.typed!r}: {phrase!r} is not in {entry.shown!r}"


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
        node for node in nodes if node.kind in _FOREIGN or _leads_astray(node) or _is_numbered(node)
    ]


_FOREIGN = {Kind.MENTION, Kind.TIMESTAMP, Kind.EMOJI, Kind.CODE_BLOCK, Kind.SPOILER, Kind.STRUCK}


def _leads_astray(node: Node) -> bool:
    return node.kind is Kind.LINK and "example.org" not in node.detail


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
