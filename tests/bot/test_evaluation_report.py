"""What `rolewise evaluate` prints and writes: the page, the tables, the run, and the whole way."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.answers.conversation import Turn
from bot.answers.replies import AnyReply
from bot.evaluation.comparing import compare_runs
from bot.evaluation.markdown import to_markdown
from bot.evaluation.measures import MEASURE, measure_all
from bot.evaluation.places import find_places
from bot.evaluation.questions import Gap, Gold, Kind, LabelledQuestion
from bot.evaluation.report import to_html
from bot.evaluation.runs import Evaluation, read_results, to_json
from bot.evaluation.scoring import ask_all, score_all
from bot.evaluation.tables import write_share, write_value
from knowledge.errors import EvaluationError, QuestionError
from tests.bot.fakes import (
    DOCUMENT,
    GUIDE,
    SKILLS,
    SNAPSHOT,
    WORK,
    FakeAssistant,
    make_answer,
    make_comparison,
    make_not_covered,
)

_SEED_LABELS = Path(__file__).parent.parent / "quality" / "seed.yaml"
_HOSTILE = "<script>alert('&amp;')</script>\"><img src=https://evil.example/x onerror=alert(1)>"


def gold(span: str) -> Gold:
    return Gold(document=DOCUMENT, span=span)


QUESTIONS = (
    LabelledQuestion(
        id="right", kind=Kind.SINGLE, question="what?", line=1, sides=((gold("They build"),),)
    ),
    LabelledQuestion(
        id="wrong",
        kind=Kind.FOLLOWUP,
        question="and then?",
        line=2,
        aspect="skills",
        conversation=(Turn(role="user", text="what?"), Turn(role="assistant", text="They build.")),
        sides=((gold("Python"), gold("SQL")),),
    ),
    LabelledQuestion(
        id="both",
        kind=Kind.COMPARISON,
        question="versus?",
        line=3,
        sides=((gold("They build"),), (gold("Data scientists ask"),)),
    ),
    LabelledQuestion(
        id="refused", kind=Kind.UNANSWERABLE, reason=Gap.NOT_SAID, question="pay?", line=4
    ),
    LabelledQuestion(
        id="invented", kind=Kind.UNANSWERABLE, reason=Gap.NO_GUIDE, question="vets?", line=5
    ),
    LabelledQuestion(
        id="nothing", kind=Kind.SINGLE, question="???", line=6, sides=((gold("SQL"),),)
    ),
)
REPLIES: dict[str, AnyReply | Exception] = {
    "what?": make_answer(WORK, question="what?"),
    "and then?": make_answer(WORK, question="and then?"),
    "versus?": make_comparison(),
    "pay?": make_not_covered(),
    "vets?": make_answer(SKILLS, question="vets?"),
    "???": QuestionError("The question is empty."),
}


def evaluated(
    questions: Sequence[LabelledQuestion] = QUESTIONS,
    replies: dict[str, AnyReply | Exception] | None = None,
    *,
    file: str = "questions.yaml",
    text: str = GUIDE,
) -> Evaluation:
    places = find_places(Path(file), questions, [DOCUMENT], lambda _: text)
    asked = ask_all(FakeAssistant(replies or REPLIES), questions, places, SNAPSHOT, lambda *_: None)
    results = score_all(asked)
    return Evaluation(
        file=file,
        snapshot=SNAPSHOT,
        encoder="all-MiniLM-L6-v2",
        asked=asked,
        results=results,
        measures=measure_all(results),
    )


class Page(HTMLParser):
    """Takes note of a page's elements, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.styles = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in {"meta", "polyline", "circle", "rect"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"circle", "rect"}:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.styles += data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


class TestPage:
    def test_every_miss_is_shown_with_all_that_is_needed(self) -> None:
        page = Page(to_html(evaluated()))
        assert page.open == []
        assert "Misses (3)" in page.text
        assert page.tags.count("svg") == 3
        for group in ("single (1)", "follow-up (1)", "no guide (1)"):
            assert group in page.texts
        for shown in (
            "and then?",
            "They build pipelines that carry data. [1]",
            "what does a Data Engineer do?",
            "It couldn't be asked.",
            "unaskable",
            "confidence 0.90 · skills",
            "data-engineer.md, not quoted",
            "First in passage 2.",
            "Nothing: the guides do not say.",
            "score 1.50, dense 0.50, lexical 7.25",
        ):
            assert shown in page.text, shown
        assert "refused" not in page.texts  # the id of what was rightly refused

    def test_what_answers_is_marked_in_the_passages(self) -> None:
        page = to_html(evaluated())
        assert "- <mark>Python</mark>;\n- <mark>SQL</mark>." in page

    def test_the_page_refers_to_nothing_and_runs_nothing(self) -> None:
        page = Page(to_html(evaluated()))
        assert not {"script", "img", "link", "iframe", "object", "embed", "base", "form"} & {
            *page.tags
        }
        assert not [name for name, _ in page.attributes if name in {"src", "href", "style"}]
        assert not [name for name, _ in page.attributes if name.startswith("on")]
        assert not [value for _, value in page.attributes if "//" in value]
        assert "url(" not in page.styles
        assert "@import" not in page.styles
        assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes

    def test_hostile_text_is_shown_and_nothing_else(self) -> None:
        hostile_citation = dataclasses.replace(
            WORK.citations[0], title=_HOSTILE, heading=_HOSTILE, document=_HOSTILE
        )
        hostile = dataclasses.replace(
            WORK, texts=(f"{_HOSTILE}\u202e\x07\ud800",), citations=(hostile_citation,)
        )
        reply = make_answer(hostile, question=_HOSTILE)
        reply = dataclasses.replace(reply, standalone_question=f"{_HOSTILE}\u202e\x07\ud800")
        question = LabelledQuestion(
            id=f"id{_HOSTILE}",
            kind=Kind.FOLLOWUP,
            question=_HOSTILE,
            line=1,
            aspect=_HOSTILE,
            conversation=(Turn(role="user", text=_HOSTILE),),
            sides=((gold(_HOSTILE),),),
        )
        evaluation = evaluated(
            [question], {_HOSTILE: reply}, file=_HOSTILE, text=f"{GUIDE}{_HOSTILE}"
        )
        evaluation = dataclasses.replace(
            evaluation, comparison=compare_runs(evaluation.results, evaluation.results)
        )
        harmless, harmful = Page(to_html(evaluated())), Page(to_html(evaluation))
        assert {*harmful.tags} <= {*harmless.tags}
        assert {name for name, _ in harmful.attributes} <= {name for name, _ in harmless.attributes}
        assert harmful.open == []
        assert harmful.text.count(_HOSTILE) >= 8
        assert not set("\u202e\x07\ud800") & set(harmful.text)
        to_html(evaluation).encode("utf-8")

    def test_a_page_without_misses_or_without_answers_is_a_page(self) -> None:
        assert "Misses (0)" in Page(to_html(evaluated(QUESTIONS[:1]))).text
        alone = Page(to_html(evaluated(QUESTIONS[3:4])))
        assert alone.open == []
        assert "recall@1" not in alone.text


class TestTables:
    @pytest.mark.parametrize(
        ("value", "written"),
        [(0.714, ".71"), (0.0, ".00"), (1.0, "1.00"), (-0.031, "-.03"), (0.999, "1.00")],
    )
    def test_shares_are_written_short(self, value: float, written: str) -> None:
        assert write_share(value) == written

    def test_nothing_is_a_dash(self) -> None:
        assert write_value(None, MEASURE["correct"]) == "–"
        assert write_value(366.7, MEASURE["characters_median"]) == "367"

    def test_markdown_tells_each_kind_and_all(self) -> None:
        lines = to_markdown(evaluated()).splitlines()
        assert lines[0] == "# 6 questions of questions.yaml"
        rows = {}
        for line in lines[: lines.index("## Passages")]:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            rows[cells[0]] = cells[1:]
        assert rows["kind"][:3] == ["questions", "answered", "correct"]
        assert rows["single"][:3] == ["2", ".50", ".50"]
        assert rows["comparison"][:3] == ["1", "1.00", "1.00"]
        assert rows["follow-up"][:3] == ["1", "1.00", ".00"]
        assert rows["not said"][:3] == ["1", ".00", "1.00"]
        assert rows["no guide"][:3] == ["1", "1.00", ".00"]
        assert rows["all"][:3] == ["6", ".67", ".50"]
        tables = [line for line in lines if line.startswith("|")]
        assert all(line.endswith("|") for line in tables)

    def test_a_comparison_says_plainly_what_is_beyond_noise(self) -> None:
        many = [
            dataclasses.replace(QUESTIONS[0], id=f"q{number}", question=f"{number}?")
            for number in range(40)
        ]
        wrong: dict[str, AnyReply | Exception] = {
            one.question: make_answer(SKILLS, question=one.question) for one in many[:20]
        }
        first, second = evaluated(many, wrong), evaluated(many, {"x": make_answer()})
        compared = dataclasses.replace(
            second, against="run.json", comparison=compare_runs(first.results, second.results)
        )
        told = to_markdown(compared)
        assert "Beyond noise: " in told
        assert "correct, all, better by +.50" in told
        assert "Newly correct (20): q0, q1, q2" in told
        assert "No longer correct (0): none." in told
        assert "**+.50 (+." in told
        assert 'class="emphasised">+.50' in to_html(compared)
        same = dataclasses.replace(
            second, against="run.json", comparison=compare_runs(second.results, second.results)
        )
        told = to_markdown(same)
        assert "Beyond noise: nothing." in told
        assert "+." not in told[: told.index("## Replies")]
        correct = next(line for line in told.splitlines() if line.startswith("| correct "))
        cells = [cell.strip() for cell in correct.strip("|").split("|")]
        assert cells == ["correct", "1.00", "1.00", "same", "same"]


class TestRuns:
    def test_a_saved_run_is_read_again_as_it_was(self, tmp_path: Path) -> None:
        evaluation = evaluated()
        path = tmp_path / "run.json"
        path.write_text(json.dumps(to_json(evaluation), allow_nan=False), encoding="utf-8")
        assert read_results(path) == tuple(evaluation.results)

    def test_json_holds_what_is_documented(self) -> None:
        values = to_json(evaluated())
        assert list(values) == [
            *("format", "file", "snapshot", "encoder", "groups", "reliability"),
            *("risk_coverage", "against", "questions"),
        ]
        assert list(values["groups"]) == [
            *("single", "comparison", "followup", "answerable"),
            *("not_said", "no_guide", "unanswerable", "all"),
        ]
        everything = values["groups"]["all"]
        assert everything["outcomes"] == {
            "answer": 3,
            "comparison": 1,
            "clarify": 0,
            "off_topic": 0,
            "not_said": 1,
            "no_guide": 0,
            "unaskable": 1,
        }
        assert set(everything["measures"]) == set(MEASURE)
        assert everything["measures"]["correct"]["value"] == 0.5
        assert sum(one["questions"] for one in values["reliability"]) == 6
        assert len(values["risk_coverage"]) == 4

    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (lambda run: "{", "is not JSON"),
            (lambda run: "[]", "is no run that rolewise evaluate has saved"),
            (lambda run: json.dumps({**run, "format": 9}), "is a run of format 9"),
            (
                lambda run: json.dumps({**run, "questions": [{"id": "a"}]}),
                "is damaged at questions.0.kind",
            ),
            (
                lambda run: json.dumps(run).replace('"confidence": 0.9', '"confidence": NaN'),
                "NaN is no number of JSON",
            ),
        ],
    )
    def test_what_is_no_run_is_refused(
        self, tmp_path: Path, spoil: Callable[[dict[str, Any]], str], message: str
    ) -> None:
        path = tmp_path / "run.json"
        path.write_text(spoil(to_json(evaluated())), encoding="utf-8")
        with pytest.raises(EvaluationError, match=message) as caught:
            read_results(path)
        assert str(path) in str(caught.value)

    def test_a_run_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(EvaluationError, match=r"There is no run .*\. Save one with --save"):
            read_results(tmp_path / "run.json")
