import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.community.showing.text import (
    clean_text,
    escape_line,
    escape_link_label,
    escape_text,
    measure,
    read_question,
    shorten,
    split_text,
    unescape_text,
)

PIECES = (
    *"\\*_~`|<>[]()#-+:@!&/. \n\t\r",
    *("@everyone", "@here", "<@123456789012345678>", "<@!1>", "<@&2>", "<#3>", "<t:1700000000:R>"),
    *("</ask:42>", "<a:wave:7>", ":smile:", "https://example.com/a_b?c=d", "discord.gg/abc"),
    *(
        "# heading\n",
        "\n- item",
        "\n-# small",
        "\n1. one",
        "\n12) two",
        "\n>>> quote",
        "||spoiler||",
    ),
    *("```py\ncode\n```", "[text](https://example.com)", "one two. Three four!", "word " * 9),
    *("e\u0301", "👩\u200d💻", "🇫🇷🇩🇪", "👍🏽", "\u202eabc\u202c", "a\u200bb", "می\u200cخواهم"),
)
# Not only any text: text that Discord would make something of.
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=30).map("".join)

# What Discord's servers and clients look for; a backslash before it is what takes its meaning.
PINGS = re.compile(r"@everyone|@here|<@[!&]?\d+>", re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# Skills", r"\# Skills"),
        ("a # b", "a # b"),
        ("-# small", r"\-# small"),
        ("- item\n+ other\n * third", "\\- item\n\\+ other\n \\* third"),
        ("well-known", "well-known"),
        ("1. first\n 12) second\n3.5 million", "1\\. first\n 12\\) second\n3.5 million"),
        ("> quote\n>>> long", "\\> quote\n\\>\\>\\> long"),
        ("snake_case, 5*3", r"snake\_case, 5\*3"),
        ("```\ncode\n```", "\\`\\`\\`\ncode\n\\`\\`\\`"),
        ("||secret||", r"\|\|secret\|\|"),
        ("[here](https://x.org)", r"\[here\](https\://x.org)"),
        ("<https://x.org>", r"\<https\://x.org\>"),
        ("discord.gg/abc and Discord.com/invite/x", r"discord.gg\/abc and Discord.com\/invite/x"),
        ("<#1> <t:2:R> </ask:3> <a:b:4>", r"\<#1\> \<t\:2:R\> \</ask:3\> \<a\:b:4\>"),
        (":smile: at 10:30", r"\:smile: at 10:30"),
        ("@everyone @Here", "@\u200beveryone @\u200bHere"),
        ("<@1> <@!2> <@&3>", "\\<@\u200b1\\> \\<@\u200b!2\\> \\<@\u200b&3\\>"),
        ("me@work.example", "me@work.example"),
        ("a\\", "a\\\\"),
        ("C:\\new\\*", "C:\\\\new\\\\\\*"),
        ("one\r\ntwo\u2028three\tfour", "one\ntwo\nthree four"),
        ("\u202eevil\u202c a\u200bb \ufeffc\x00\x1b[1m", r"evil ab c\[1m"),
        ("half \ud800", "half \ufffd"),
        ("👩\u200d💻 a\u200db \u200d", "👩\u200d💻 ab "),
    ],
)
def test_markup_is_shown_as_it_is_written(text: str, shown: str) -> None:
    assert escape_text(text) == shown


@given(texts)
def test_unescaping_gives_the_text_back(text: str) -> None:
    assert unescape_text(escape_text(text)) == clean_text(text)


@given(texts)
def test_nothing_is_left_that_discord_interprets(text: str) -> None:
    escaped = escape_text(text)
    assert not PINGS.search(escaped)
    for line in escaped.split("\n"):
        # Behind each backslash one character stands for itself; of the rest none is markup.
        bare = re.sub(r"\\.", "\0", line)
        assert not re.search(r"[\\*_~`|<>\[\]]|://|discord\.gg/", bare), line
        assert not re.match(r"\s*(?:[#+-]|\d+[.)](?:\s|$))", bare), line


@given(texts)
def test_cleaning_drops_what_cannot_be_seen_and_is_done_once(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    categories = {unicodedata.category(character) for character in cleaned}
    assert not categories & {"Cs", "Zl", "Zp"}
    assert set(cleaned) & {"\u200b", "\u202e", "\u2066", "\ufeff", "\r", "\t"} == set()


@given(texts, st.integers(min_value=4, max_value=80))
def test_parts_hold_the_limit_and_lose_no_word(text: str, limit: int) -> None:
    escaped = escape_text(text)
    parts = split_text(escaped, limit)
    assert all(0 < measure(part) <= limit for part in parts)
    assert all(part == part.strip() for part in parts)
    for part in parts:
        assert not re.search(r"(?<!\\)(?:\\\\)*\\$", part), "a backslash lost what it escapes"
        assert not part.startswith("\u200b")
    whole = "".join(unescape_text(part) for part in parts)
    assert re.sub(r"\s", "", whole) == re.sub(r"\s", "", clean_text(text))


@given(texts, st.integers(min_value=4, max_value=80))
def test_no_part_begins_with_what_its_line_did_not_begin_with(text: str, limit: int) -> None:
    for part in split_text(escape_text(text), limit):
        assert not re.match(r"\s*(?:[#+-]|\d+[.)](?:\s|$))", part), part


@given(st.lists(st.sampled_from(["e\u0301", "👍🏽", "👩\u200d💻", "🇫🇷", "a"]), max_size=60))
def test_what_is_seen_as_one_character_stays_whole(characters: list[str]) -> None:
    allowed = {"e\u0301", "👍🏽", "👩\u200d💻", "🇫🇷", "a"}
    for part in split_text("".join(characters), 12):
        rest = part
        while rest:
            first = next((one for one in allowed if rest.startswith(one)), None)
            assert first is not None, ascii(part)
            rest = rest[len(first) :]


@given(texts, st.integers(min_value=0, max_value=60))
def test_a_shortened_text_holds_the_limit_and_says_so(text: str, limit: int) -> None:
    escaped = escape_text(text)
    shortened = shorten(escaped, limit)
    assert measure(shortened) <= limit
    if measure(escaped) <= limit:
        assert shortened == escaped
    elif limit:
        assert shortened.endswith("…")
        assert not re.search(r"(?<!\\)(?:\\\\)*\\ ?…$", shortened)


@given(texts, st.integers(min_value=0, max_value=60))
def test_a_line_is_one_line(text: str, limit: int) -> None:
    line = escape_line(text, limit)
    assert "\n" not in line
    assert measure(line) <= limit
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]]", escape_link_label(text, limit))


def test_splitting_prefers_paragraphs_then_lines_then_sentences_then_words() -> None:
    assert split_text("One two.\n\nThree four. Five.", 20) == ["One two.", "Three four. Five."]
    assert split_text("One.\nTwo three.\nFour five six.", 18) == [
        "One.\nTwo three.",
        "Four five six.",
    ]
    assert split_text("One two. Three four five", 16) == ["One two.", "Three four five"]
    assert split_text("one two three", 8) == ["one two", "three"]
    assert split_text("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert split_text(" \n ", 4) == []


def test_a_line_that_goes_on_in_the_next_part_is_no_list_there() -> None:
    assert split_text("salaries - in dollars", 9) == ["salaries", r"\- in", "dollars"]
    assert split_text("- one\n- two", 6) == ["- one", "- two"]


def test_parts_of_no_size_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="too short"):
        split_text("text", 3)


def test_lengths_are_counted_in_the_larger_way() -> None:
    assert measure("a👍") == 3


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("<@5> what is it?", "what is it?"),
        ("<@!5>, what is it?", "what is it?"),
        ("what is it, <@5>", "what is it,"),
        ("  <@5>\n", ""),
        ("<@5> <:party:12> <a:wave:3>", ""),
        ("<@5> what would <@6> do in <#7>?", "what would   do in  ?"),
        ("<@5> is a < b?", "is a < b?"),
    ],
)
def test_a_question_is_read_without_mentions(typed: str, read: str) -> None:
    assert re.sub(r"\s+", " ", read_question(typed, 5)) == re.sub(r"\s+", " ", read)
