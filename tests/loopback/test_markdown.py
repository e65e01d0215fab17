"""The text of a message is read as Discord's clients read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.community.showing.text import clean_text, escape_text
from tests.loopback.markdown import REACHING_OUT, Kind, parse, seen_text, walk


@pytest.mark.parametrize(
    ("text", "kind", "seen"),
    [
        pytest.param("a **b** c", Kind.BOLD, "a b c", id="bold"),
        pytest.param("a *b* c", Kind.ITALIC, "a b c", id="italic"),
        pytest.param("a _b_ c", Kind.ITALIC, "a b c", id="italic with underscores"),
        pytest.param("a __b__ c", Kind.UNDERLINE, "a b c", id="underline"),
        pytest.param("a ~~b~~ c", Kind.STRUCK, "a b c", id="struck"),
        pytest.param("a ||b|| c", Kind.SPOILER, "a b c", id="spoiler"),
        pytest.param("a `b **c**`", Kind.CODE, "a b **c**", id="code"),
        pytest.param("```py\na = 1\n```", Kind.CODE_BLOCK, "a = 1", id="code block"),
        pytest.param("see [here](https://x.org)", Kind.LINK, "see here", id="masked link"),
        pytest.param("see [here](<https://x.org>)", Kind.LINK, "see here", id="quiet link"),
        pytest.param("see <https://x.org>", Kind.LINK, "see https://x.org", id="quiet address"),
        pytest.param("https://x.org/a.", Kind.LINK, "https://x.org/a.", id="address"),
        pytest.param("join discord.gg/abc", Kind.LINK, "join discord.gg/abc", id="invite"),
        pytest.param("hi <@12>", Kind.MENTION, "hi <@12>", id="mention"),
        pytest.param("hi <@&12>", Kind.MENTION, "hi <@&12>", id="mention of a role"),
        pytest.param("hi @everyone", Kind.MENTION, "hi @everyone", id="everyone"),
        pytest.param("<t:1700000000:R>", Kind.TIMESTAMP, "<t:1700000000:R>", id="timestamp"),
        pytest.param("</ask:12>", Kind.COMMAND, "/ask", id="command"),
        pytest.param(":smile: <:party:12>", Kind.EMOJI, ":smile: <:party:12>", id="emoji"),
        pytest.param("# Title", Kind.HEADING, "Title", id="heading"),
        pytest.param("-# small", Kind.SUBTEXT, "small", id="subtext"),
        pytest.param("> said", Kind.QUOTE, "said", id="quote"),
        pytest.param(">>> said\nmore", Kind.QUOTE, "said\nmore", id="quote to the end"),
        pytest.param("- one\n  - two", Kind.ITEM, "• one\n  • two", id="list"),
        pytest.param("7. seven", Kind.ITEM, "7. seven", id="numbered list"),
    ],
)
def test_markup_is_read(text: str, kind: Kind, seen: str) -> None:
    nodes = parse(text)
    assert kind in {node.kind for node in walk(nodes)}
    assert seen_text(nodes) == seen


@pytest.mark.parametrize(
    "text",
    ["a * b * c", "snake_case_name", "1) one", "#hash", "a > b", "5 < 6", "12:30:45", "a -# b"],
)
def test_what_is_no_markup_stays_as_it_is(text: str) -> None:
    nodes = parse(text)
    assert {node.kind for node in nodes} == {Kind.TEXT}
    assert seen_text(nodes) == text


PIECES = st.one_of(
    st.text(),
    st.sampled_from(
        ["*", "**", "_", "__", "~~", "||", "`", "```", "\n", "> ", ">>> ", "# ", "-# ", "- ", "1. "]
    ),
    st.sampled_from(
        [
            "@everyone",
            "@here",
            "<@1>",
            "<@&2>",
            "<#3>",
            "<t:4:R>",
            "</ask:5>",
            "<:aa:6>",
            "<id:home>",
        ]
    ),
    st.sampled_from(
        [":smile:", "https://x.org/a_b", "<http://y>", "[a](https://z)", "discord.gg/abc", "\\"]
    ),
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_escaped_text_is_seen_as_it_is_written(text: str) -> None:
    nodes = parse(escape_text(text))
    assert seen_text(nodes).replace("\u200b", "") == clean_text(text)
    assert not {node.kind for node in walk(nodes)} - {Kind.TEXT, Kind.LINE_END}
    assert not {node.kind for node in walk(nodes)} & REACHING_OUT
