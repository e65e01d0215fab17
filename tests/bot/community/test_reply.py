import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answers.replies import (
    Answer,
    AnyReply,
    Citation,
    Clarify,
    Comparison,
    NotCovered,
    Reason,
    Side,
    Statement,
)
from bot.community.showing.buttons import reply_view
from bot.community.showing.reply import reply_contents, reply_embed, safe_address
from bot.community.showing.text import escape_text, measure, unescape_text
from tests.bot.community.test_text import PINGS, texts
from tests.bot.fakes import (
    QUESTIONS,
    SKILLS,
    WORK,
    make_answer,
    make_clarify,
    make_comparison,
    make_not_covered,
)
from tests.soak import rounds

long_texts = st.one_of(
    texts,
    st.builds(lambda text, times: text * times, texts, st.integers(1, 30)),
    st.builds(lambda text, times: text * times, st.sampled_from("*x👍 "), st.integers(1, 5_000)),
)
addresses = st.one_of(
    st.none(),
    long_texts,
    st.just("https://example.com/a"),
    long_texts.map("https://x.org/".__add__),
)
citations = st.builds(
    Citation,
    document=st.sampled_from(["a.md", "b.md"]),
    title=long_texts,
    heading=long_texts,
    start=st.just(0),
    end=st.just(1),
    quote=texts,
    page=st.one_of(st.none(), st.integers(1, 10**6)),
    url=addresses,
)
statements = st.builds(
    Statement,
    texts=st.lists(long_texts, min_size=1, max_size=6).map(tuple),
    citations=st.lists(citations, min_size=1, max_size=12).map(tuple),
    role=st.one_of(st.none(), long_texts),
    lead=st.one_of(st.none(), long_texts),
)
sides = st.builds(
    Side,
    role=long_texts,
    has_guide=st.booleans(),
    statements=st.lists(statements, max_size=3).map(tuple),
)
common: dict[str, Any] = {
    "question": long_texts,
    "standalone_question": texts,
    "snapshot": st.just("s"),
    "confidence": st.just(0.5),
    "suggestions": st.lists(long_texts, max_size=12).map(tuple),
    "notices": st.lists(long_texts, max_size=5).map(tuple),
}
replies: st.SearchStrategy[AnyReply] = st.one_of(
    st.builds(Answer, statements=st.lists(statements, max_size=10).map(tuple), **common),
    st.builds(Comparison, sides=st.lists(sides, max_size=30).map(tuple), **common),
    st.builds(Clarify, text=long_texts, **common),
    st.builds(NotCovered, text=long_texts, reason=st.sampled_from(Reason), **common),
)
any_reply = settings(
    suppress_health_check=list(HealthCheck),
    deadline=None,
    max_examples=rounds(sample=60, full=1_500),
)


@pytest.mark.soak
@any_reply
@given(replies, st.booleans())
def test_an_embed_holds_every_limit(reply: AnyReply, with_question: bool) -> None:
    embed = reply_embed(reply, with_question=with_question)
    shown = [embed.title or "", embed.description or ""]
    assert measure(shown[0]) <= 256
    assert measure(shown[1]) <= 4_096
    assert embed.description is None or embed.description.strip()
    assert len(embed.fields) <= 25
    for field in embed.fields:
        assert field.name is not None
        assert field.value is not None
        assert field.name.strip()
        assert field.value.strip()
        assert measure(field.name) <= 256
        assert measure(field.value) <= 1_024
        shown += [field.name, field.value]
    assert sum(map(measure, shown)) <= 6_000
    assert shown[1] or embed.fields
    assert not any(PINGS.search(text) for text in shown)


@pytest.mark.soak
@any_reply
@given(replies, st.booleans())
def test_messages_without_embeds_hold_the_limit(reply: AnyReply, with_question: bool) -> None:
    contents = reply_contents(reply, with_question=with_question)
    assert contents
    for content in contents:
        assert content.strip()
        assert measure(content) <= 2_000
        assert not PINGS.search(content)


def test_an_answer_is_its_statements_with_numbered_sources() -> None:
    embed = reply_embed(make_answer(), with_question=False)
    assert embed.title is None
    assert embed.description == (
        "**Data Engineer:** They build pipelines that carry data. \\[1\\]\n\n"
        "A data engineer needs: \\[2\\]\n- Python;\n- SQL."
    )
    assert [(field.name, field.value) for field in embed.fields] == [
        ("Sources", "-# \\[1\\] Data Engineer\n-# \\[2\\] Data Engineer › Skills")
    ]


def test_a_question_stands_above_where_nobody_has_seen_it() -> None:
    reply = make_answer(question="what does `it` mean?")
    assert reply_embed(reply, with_question=True).title == r"what does \`it\` mean?"
    assert reply_contents(reply, with_question=True)[0].startswith(r"> what does \`it\` mean?")


def test_a_source_with_an_address_is_a_link() -> None:
    citation = replace(
        WORK.citations[0], title="Data [draft]", url="https://example.com/a guide(1)?b=c"
    )
    embed = reply_embed(make_answer(replace(WORK, citations=(citation,))), with_question=False)
    assert embed.fields[0].value == (
        "-# \\[1\\] [Data (draft)](<https://example.com/a%20guide%281%29?b=c>)"
    )


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://example.com/ä_b#c", "https://example.com/ä_b#c"),
        (" http://example.com ", "http://example.com"),
        ("https://example.com/a)](<x>", "https://example.com/a%29%5D%28%3Cx%3E"),
        ("https://medium.example/@everyone/1", "https://medium.example/%40everyone/1"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https://", None),
        ("https://[bad", None),
        ("https://bank.example@evil.example/", None),
        ("https://exa mple.com", None),
        ("guides/data.md", None),
        ("https://example.com/" + "x" * 300, None),
    ],
)
def test_only_web_addresses_are_linked(address: str, safe: str | None) -> None:
    assert safe_address(address) == safe


def test_a_source_that_cannot_be_linked_is_named() -> None:
    citation = replace(WORK.citations[0], url="javascript:alert(1)")
    embed = reply_embed(make_answer(replace(WORK, citations=(citation,))), with_question=False)
    assert embed.fields[0].value == r"-# \[1\] Data Engineer"


def test_a_comparison_has_its_sides_side_by_side() -> None:
    embed = reply_embed(make_comparison(), with_question=False)
    assert [(field.name, field.inline) for field in embed.fields] == [
        ("Data Engineer", True),
        ("Data Scientist", True),
        ("Sources", False),
    ]
    assert embed.fields[0].value == (
        "They build pipelines that carry data. \\[1\\]\n\n"
        "A data engineer needs: \\[2\\]\n- Python;\n- SQL."
    )
    assert "No guide is about" in (embed.fields[1].value or "")
    assert (embed.fields[1].value or "").endswith("Data scientists ask the questions. \\[3\\]")


def test_an_empty_side_says_that_it_is_not_covered() -> None:
    empty = Side(role="Nurse", has_guide=False, statements=())
    full = Side(role="Data Engineer", has_guide=True, statements=(WORK,))
    embed = reply_embed(make_comparison(full, empty), with_question=False)
    assert embed.fields[1].value == "*There is no guide about Nurse.*"


def test_too_many_sides_are_counted() -> None:
    many = [Side(role=f"Role {n}", has_guide=True, statements=(WORK,)) for n in range(14)]
    embed = reply_embed(make_comparison(*many), with_question=False)
    assert next(field.value for field in embed.fields if not field.inline) == (
        "The first 10 of 14 roles are shown."
    )


@pytest.mark.parametrize("reply", [make_clarify(), make_not_covered()], ids=["clarify", "refusal"])
def test_what_buttons_show_is_not_said_twice(reply: AnyReply) -> None:
    [*buttons] = labels_under(reply)
    embed = reply_embed(reply, with_question=False)
    assert embed.fields == []
    assert embed.description == escape_text(reply.text)  # type: ignore[union-attr]
    assert reply_contents(reply, with_question=False) == [embed.description]
    assert set(reply.suggestions) <= set(buttons)


@pytest.mark.parametrize(
    ("reply", "head"),
    [
        (make_not_covered(suggestions=("What?", "How " + "very " * 20 + "so?")), "You could ask"),
        (make_not_covered(suggestions=tuple(f"{n}?" for n in range(6))), "You could ask"),
        (
            replace(make_clarify(), suggestions=tuple(f"Role {n}" for n in range(21))),
            "To choose from",
        ),
    ],
    ids=["cut", "too-many-questions", "too-many-roles"],
)
def test_what_buttons_cannot_show_is_listed(reply: AnyReply, head: str) -> None:
    [field] = reply_embed(reply, with_question=False).fields
    assert field.name == head
    listed = "\n".join(f"- {text}" for text in reply.suggestions)
    assert unescape_text(field.value or "") == listed.replace("  ", " ")
    assert f"**{head}**" in reply_contents(reply, with_question=False)[0]


def labels_under(reply: AnyReply) -> list[str]:
    """Return what the buttons under a reply say."""

    async def make() -> list[str]:
        view = reply_view(reply, may_open_thread=False)
        return [str(button.item.label) for button in view.children]  # type: ignore[attr-defined]

    return asyncio.run(make())


def test_notices_come_first() -> None:
    embed = reply_embed(make_answer(notices=("I read *it* so.",)), with_question=False)
    assert (embed.description or "").startswith("*I read \\*it\\* so.*\n\n**Data Engineer:** They")


def test_what_finds_no_room_is_cut_and_keeps_its_source() -> None:
    long = replace(WORK, texts=("A data engineer builds. " + "word " * 2_000,))
    description = reply_embed(make_answer(long, SKILLS), with_question=False).description or ""
    assert description.endswith(r"word … \[1\]")
    assert len(description) > 4_000


def test_markup_in_a_guide_is_shown_as_it_is_written() -> None:
    text = "# Ping <@1> and @everyone with [this](https://evil.example) ||now||"
    statement = replace(WORK, texts=(text,), role="<@&2> *boss*")
    reply = make_answer(statement)
    for shown in (
        reply_embed(reply, with_question=False).description or "",
        reply_contents(reply, with_question=False)[0],
    ):
        assert not PINGS.search(shown)
        assert r"\[this\](https\://evil.example) \|\|now\|\|" in shown
        assert text in unescape_text(shown)


def test_plain_messages_say_the_same() -> None:
    assert reply_contents(make_answer(), with_question=False) == [
        "**Data Engineer:** They build pipelines that carry data. \\[1\\]\n\n"
        "A data engineer needs: \\[2\\]\n- Python;\n- SQL.\n\n"
        "**Sources**\n-# \\[1\\] Data Engineer\n-# \\[2\\] Data Engineer › Skills"
    ]
    sides = (Side(role="Nurse", has_guide=False, statements=(QUESTIONS,)),)
    assert reply_contents(make_comparison(*sides), with_question=False)[0].startswith("**Nurse**\n")
    assert reply_contents(make_clarify(), with_question=False) == ["Which role do you mean?"]
    assert reply_contents(make_not_covered(), with_question=False) == [
        "The guides don't say that about Data Engineer."
    ]


def test_a_long_answer_is_several_plain_messages() -> None:
    long = replace(WORK, texts=("A data engineer builds. " + "A sentence of some words. " * 150,))
    contents = reply_contents(make_answer(long, SKILLS), with_question=False)
    assert len(contents) == 3
    assert all(content.endswith((".", r"\[1\]", "Skills")) for content in contents)
