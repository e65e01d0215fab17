import io
from dataclasses import replace

import pytest
from rich.console import Console

from bot.answers.replies import AnyReply, Side, Statement
from bot.terminal.rich_screen import TerminalScreen
from bot.terminal.screen import (
    PlainScreen,
    Screen,
    describe_age,
    report_rows,
    status_rows,
)
from knowledge.reading.listing import SkippedFile
from tests.bot.fakes import (
    GUIDE,
    QUESTIONS,
    SKILLS,
    WORK,
    FakeApplication,
    cite,
    find_hits,
    make_answer,
    make_clarify,
    make_comparison,
    make_not_covered,
)

# What a guide might hold to deceive a terminal or rich.
HOSTILE = "\x1b[31m[bold]red[/bold]\x1b]0;owned\x07 :smile: \x9b2J\r\u202e[link=x]y[/link] [/]"


def show(reply: AnyReply, width: int = 60, *, explain: bool = False) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream, width=width, force_terminal=True, color_system=None, highlight=False
    )
    TerminalScreen(console).show_reply(reply, explain=explain)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def test_an_answer_has_paragraphs_items_and_sources() -> None:
    assert (
        show(make_answer())
        == """\
Data Engineer: They build pipelines that carry data. [1]

A data engineer needs: [2]
- Python;
- SQL.

[1] Data Engineer
[2] Data Engineer › Skills
"""
    )


def test_short_statements_stand_close_and_long_ones_apart() -> None:
    short = replace(WORK, texts=("Python",), role=None)
    long = replace(WORK, texts=("They build pipelines, and " * 4 + "rest.",), role=None)
    assert show(make_answer(short, short)).startswith("Python [1]\nPython [1]\n\n[1]")
    assert show(make_answer(short, long)).startswith("Python [1]\n\nThey build")


def test_a_comparison_stands_side_by_side_at_60_columns() -> None:
    assert (
        show(make_comparison())
        == """\
Data Engineer                   Data Scientist
────────────────────────────────────────────────────────────
They build pipelines that       No guide is about the role
carry data. [1]                 Data Scientist; other guides
                                say:
A data engineer needs: [2]
- Python;                       Data scientists ask the
- SQL.                          questions. [3]

[1] Data Engineer
[2] Data Engineer › Skills
[3] Data Engineer › Other roles
"""
    )


def test_many_sides_stand_one_below_the_other_where_there_is_no_room() -> None:
    sides = [
        Side(role=f"Role {number}", has_guide=True, statements=(QUESTIONS,)) for number in range(3)
    ]
    lines = show(make_comparison(*sides)).split("\n")
    assert lines[0] == "Role 0"
    assert lines[1].startswith("Data scientists ask the questions.")
    assert "Role 2" in show(make_comparison(*sides), width=120).split("\n")[0]


def test_a_refusal_and_a_question_back_show_what_to_choose_from() -> None:
    assert show(make_not_covered()).endswith("You could ask:\n- What skills are needed?\n")
    assert show(make_clarify()) == "Which role do you mean?\n- Data Engineer\n- Nurse\n"


def test_an_explanation_shows_scores_and_what_was_quoted() -> None:
    text = show(make_answer(), explain=True)
    assert "Understood as  what does a Data Engineer do?" in text
    assert "Confidence     0.90" in text
    assert "\n2    0.50    0.50   7.25   data-engineer.md › Data" in text
    assert "› Skills [2]" in text
    assert max(map(len, text.split("\n"))) <= 60


@pytest.mark.parametrize("explain", [False, True])
def test_nothing_of_a_guide_reaches_the_terminal_as_anything_but_text(explain: bool) -> None:
    hostile = Statement(
        texts=(HOSTILE, HOSTILE),
        lead=HOSTILE,
        citations=tuple(
            replace(cite(quote), title=HOSTILE, heading=HOSTILE, url=HOSTILE)
            for quote in ("A data engineer needs:", "Python;", "SQL.")
        ),
        role=HOSTILE,
    )
    hits = tuple(replace(hit, text=HOSTILE) for hit in find_hits())
    changes = {
        "question": HOSTILE,
        "standalone_question": HOSTILE,
        "notices": (HOSTILE,),
        "suggestions": (HOSTILE,),
        "snapshot": HOSTILE,
        "hits": hits,
    }
    replies: list[AnyReply] = [
        replace(make_answer(hostile), **changes),  # type: ignore[arg-type]
        replace(
            make_comparison(Side(role=HOSTILE, has_guide=False, statements=(hostile,))),
            **changes,  # type: ignore[arg-type]
        ),
        replace(make_clarify(), text=HOSTILE, **changes),  # type: ignore[arg-type]
        replace(make_not_covered(), text=HOSTILE, **changes),  # type: ignore[arg-type]
    ]
    for reply in replies:
        plain = io.StringIO()
        PlainScreen(plain).show_reply(reply, explain=explain)
        for text in (show(reply, 200, explain=explain), plain.getvalue()):
            assert "[bold]red[/bold] :smile: " in text
            assert not set(text) & set("\x1b\x9b\x07\r\u202e")


def sources_shown(screen: Screen, stream: io.StringIO, reply: AnyReply) -> str:
    screen.show_sources(reply)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def test_sources_show_the_quotes_in_their_place() -> None:
    stream = io.StringIO()
    text = sources_shown(PlainScreen(stream), stream, make_answer(SKILLS))
    assert (
        text
        == """\
[1] Data Engineer › Skills
## Skills

»A data engineer needs:«

- »Python;«
- »SQL.«
"""
    )


def test_sources_on_a_terminal_make_the_quotes_bold() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=60, force_terminal=True, color_system="standard")
    text = sources_shown(TerminalScreen(console), stream, make_answer(WORK))
    assert "\x1b[1mThey build **pipelines** that carry data.\x1b[0m" in text
    assert "\x1b[2m# Data Engineer" in text


def test_a_quote_of_no_passage_is_shown_by_itself() -> None:
    stream = io.StringIO()
    reply = replace(make_answer(WORK), hits=())
    text = sources_shown(PlainScreen(stream), stream, reply)
    assert text == "[1] Data Engineer\n»They build **pipelines** that carry data.«\n"


def test_overlapping_quotes_leave_the_passage_whole() -> None:
    overlapping = replace(
        WORK, citations=(cite("They build **pipelines**"), cite("**pipelines** that carry data."))
    )
    stream = io.StringIO()
    text = sources_shown(PlainScreen(stream), stream, make_answer(overlapping))
    shown = text.replace("»", "").replace("«", "").partition("\n")[2]
    assert GUIDE.startswith(shown.rstrip("\n"))
    assert "that carry data." in shown


def test_a_report_names_skipped_files_with_reasons(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    application = FakeApplication(tmp_path_factory.mktemp("home"))
    application.skipped = (
        SkippedFile(path="guides/photo\x1b[31m.png", reason="it is not text"),
        SkippedFile(path="guides/empty.md", reason="it is empty"),
    )
    stream = io.StringIO()
    PlainScreen(stream).show_rows(report_rows(application.build()))
    assert (
        stream.getvalue()
        == """\
Documents:          1
Passages:           3
Sentences:          1,234
Roles with a guide: Data Engineer
Roles mentioned:    Data Scientist
Snapshot:           20260102T030405Z-0123abcd
Skipped:            2 files
                    guides/photo.png: it is not text
                    guides/empty.md: it is empty
"""
    )


def test_of_many_files_skipped_for_one_reason_one_is_named(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    application = FakeApplication(tmp_path_factory.mktemp("home"))
    application.skipped = (
        *(SkippedFile(path=f"a{number}.png", reason="it is not text") for number in range(200)),
        *(SkippedFile(path=f"b{number}.md", reason=f"reason {number}") for number in range(40)),
    )
    stream = io.StringIO()
    PlainScreen(stream).show_rows(report_rows(application.build()))
    lines = [line.strip() for line in stream.getvalue().splitlines()[6:]]
    assert lines[:3] == [
        "Skipped:            240 files",
        "a0.png and 199 more: it is not text",
        "b0.md: reason 0",
    ]
    assert lines[-2:] == ["b28.md: reason 28", "and others; rolewise docs list names each"]


def test_a_status_is_readable_in_both(tmp_path_factory: pytest.TempPathFactory) -> None:
    application = FakeApplication(tmp_path_factory.mktemp("home"))
    rows = status_rows(application.read_status())
    stream = io.StringIO()
    console = Console(file=stream, width=60, force_terminal=True, color_system=None)
    TerminalScreen(console).show_rows(rows)
    assert "Encoder             word-lengths (ffffffff)" in stream.getvalue()
    plain = io.StringIO()
    PlainScreen(plain).show_rows(rows)
    assert "Encoder:            word-lengths (ffffffff)\n" in plain.getvalue()


@pytest.mark.parametrize(
    ("created_at", "expected"),
    [
        ("2026-01-02T03:04:05+00:00", "just now"),
        ("2026-01-02T03:03:05+00:00", "1 minute ago"),
        ("2026-01-02T01:04:05+00:00", "2 hours ago"),
        ("2025-01-02T03:04:05+00:00", "365 days ago"),
        ("2026-01-02T02:04:05", "1 hour ago"),
        ("2027-01-02T03:04:05+00:00", "2027-01-02T03:04:05+00:00"),
        ("some day", "some day"),
    ],
)
def test_an_age_is_in_the_largest_unit(created_at: str, expected: str) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
    assert describe_age(created_at, now) == expected
