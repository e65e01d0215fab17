"""Text of guides and of people made safe for Discord: shown as written, pinging nobody."""

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_JOINERS = re.compile("[\u200c\u200d]+")
_NO_BREAK_AFTER_AT = "\u200b"

# What Discord's clients read as markup wherever it stands, and the rest only where it does: at the
# start of a line, before the two slashes of an address, around the name of an emoji, in an invite.
_MARKUP = re.compile(
    r"[\\*_~`|<>\[\]]"
    r"|:(?=//)"
    r"|:(?=[\w+~-]+:)"
    r"|(?<=discord\.gg)/|(?<=discord\.com)/|(?<=discordapp\.com)/",
    re.IGNORECASE,
)
_LINE_START = re.compile(r"^([^\S\n]*)(?:(?=[#+-])|(\d+)(?=[.)](?:\s|$)))", re.MULTILINE)
_PING = re.compile(r"@(?=everyone|here|[!&]?\d)", re.IGNORECASE)
_ESCAPED = re.compile(rf"\\([^\w\s]|_)|(?<=@){_NO_BREAK_AFTER_AT}")

_DISCORD_TOKENS = re.compile(
    r"<(?:@[!&]?\d+|#\d+|a?:\w+:\d+|t:-?\d+(?::\w)?|/[^<>:]{1,100}:\d+|id:\w+)>"
)

_ELLIPSIS = " …"
# Each matches the white space, or its beginning, that a cut is made before.
_PARAGRAPH_END = re.compile(r"\n\s*\n")
_LINE_END = re.compile(r"\n")
_SENTENCE_END = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"'”’)]))\s")
_WORD_END = re.compile(r"\s")


def measure(text: str) -> int:
    """Return a text's length in UTF-16 units, which no way of counting exceeds."""
    return len(text) + sum(character > "\uffff" for character in text)


def clean_text(text: str) -> str:
    """Return a text without what can't be seen: controls, zero-width and bidirectional marks.

    Joiners stay between the letters and emoji that need them; line ends are LF.
    """
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    kept = "".join(_clean_character(character) for character in text)
    return _JOINERS.sub(_clean_joiners, kept)


def escape_text(text: str) -> str:
    """Return a text, cleaned, that Discord shows as it is written."""
    escaped = _MARKUP.sub(r"\\\g<0>", clean_text(text))
    return _PING.sub(f"@{_NO_BREAK_AFTER_AT}", _escape_line_starts(escaped))


def unescape_text(escaped: str) -> str:
    """Return the cleaned text that an escaped one stands for."""
    return _ESCAPED.sub(r"\1", escaped)


def escape_line(text: str, limit: int) -> str:
    """Return a text as one escaped line, cut where it is longer than the limit."""
    return shorten(escape_text(" ".join(clean_text(text).split())), limit)


def escape_link_label(text: str, limit: int) -> str:
    """Return the escaped words of a masked link; Discord ends them at any square bracket."""
    return escape_line(text.replace("[", "(").replace("]", ")"), limit)


def read_question(text: str, bot_id: int | None = None) -> str:
    """Return a question without the mentions, custom emoji and links to channels in it.

    Args:
        text: What was typed.
        bot_id: The bot's own id; its mention leaves no gap behind.
    """
    if bot_id is not None:
        text = re.sub(rf"\s*<@!?{bot_id}>(?:\s*[,:](?=\s))?", " ", text)
    return _DISCORD_TOKENS.sub(" ", text).strip()


def shorten(escaped: str, limit: int) -> str:
    """Return an escaped text within a limit; what is cut off is shown by an ellipsis."""
    if measure(escaped) <= limit:
        return escaped
    room = limit - len(_ELLIPSIS)
    kept = escaped[: _find_cut(escaped, room, (_WORD_END,))] if room > 0 else ""
    if _count_last_backslashes(kept) % 2:
        kept = kept[:-1]
    # Not even one character may find room.
    return f"{kept.rstrip()}{_ELLIPSIS}" if 0 < measure(kept) <= room else "…"[:limit]


def split_text(escaped: str, limit: int) -> list[str]:
    """Split an escaped text into parts within a limit, without white space around them.

    The cuts are between paragraphs, else lines, else sentences, else words, else characters, and
    never within what is seen as one character or between a backslash and what it escapes.
    """
    if limit < 4:
        raise ValueError(f"parts of {limit} characters are too short")
    parts: list[str] = []
    rest = escaped.strip()
    while measure(rest) > limit:
        end = _find_cut(rest, limit, (_PARAGRAPH_END, _LINE_END, _SENTENCE_END, _WORD_END))
        parts.append(rest[:end].rstrip())
        following = rest[end:]
        rest = following.lstrip()
        if "\n" not in following[: len(following) - len(rest)]:
            # A line that goes on in the next part must not begin a list or a heading there.
            rest = _escape_start(rest)
    return [*parts, rest] if rest else parts


def _escape_start(text: str) -> str:
    start = _LINE_START.match(text)
    return f"{start[0]}\\{text[start.end() :]}" if start else text


def _escape_line_starts(text: str) -> str:
    return _LINE_START.sub(lambda match: f"{match[0]}\\", text)


def _clean_character(character: str) -> str:
    if character in "\n\u200c\u200d":
        return character
    match unicodedata.category(character):
        case "Cc" | "Cf":
            return ""
        case "Cs":
            return "\ufffd"
        case _:
            return character


def _clean_joiners(match: re.Match[str]) -> str:
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    joins = before > "\x7f" and after > "\x7f" and not (before + after).isspace()
    return match[0] if joins and len(match[0]) == 1 else ""


def _find_cut(text: str, limit: int, ends: tuple[re.Pattern[str], ...]) -> int:
    """Return where to cut a text that is longer than the limit, behind its first character."""
    furthest, used = 0, 0
    for character in text:
        used += measure(character)
        if used > limit:
            break
        furthest += 1
    for pattern in ends:
        cuts = [match.start() for match in pattern.finditer(text, 1, furthest + 1)]
        if cuts:
            return cuts[-1]
    return next((cut for cut in range(furthest, 0, -1) if _may_cut(text, cut)), max(furthest, 1))


def _may_cut(text: str, position: int) -> bool:
    """Return whether nothing that belongs together stands around a position."""
    before, after = text[position - 1], text[position]
    if _count_last_backslashes(text[:position]) % 2 or after == _NO_BREAK_AFTER_AT:
        return False
    if before == "\u200d" or after in "\u200c\u200d" or "\U0001f3fb" <= after <= "\U0001f3ff":
        return False
    if unicodedata.category(after).startswith("M") or "\u1160" <= after <= "\u11ff":
        return False
    if "\U0001f1e6" <= after <= "\U0001f1ff":
        flags = re.search("[\U0001f1e6-\U0001f1ff]*$", text[:position])
        return flags is None or len(flags[0]) % 2 == 0
    return True


def _count_last_backslashes(text: str) -> int:
    return len(text) - len(text.rstrip("\\"))
