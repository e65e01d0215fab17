"""The whole way from a file of questions to a report."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.cli import main
from bot.evaluation.places import Sides, find_places
from bot.evaluation.questions import read_questions
from tests.bot.stage import find_seed_home
from tests.bot.test_evaluation_report import _SEED_LABELS, Page


class TestTheWholeWay:
    @pytest.fixture(scope="class")
    @staticmethod
    def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
        return find_seed_home(tmp_path_factory)

    @pytest.fixture(scope="class")
    @staticmethod
    def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
        items = yaml.safe_load(_SEED_LABELS.read_text(encoding="utf-8"))
        refused = [item for item in items if item["kind"] == "unanswerable"]
        path = tmp_path_factory.mktemp("labels") / "some.yaml"
        chosen = [*items[:12], *refused[:2], *refused[-2:]]
        path.write_text(yaml.safe_dump(chosen, allow_unicode=True), encoding="utf-8")
        return path

    @pytest.fixture
    def rolewise(
        self, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> Callable[..., tuple[int, str, str]]:
        def run(*arguments: object) -> tuple[int, str, str]:
            capsys.readouterr()
            code = main(["--home", str(home), *map(str, arguments)])
            printed = capsys.readouterr()
            return code, printed.out, printed.err

        return run

    def test_questions_are_evaluated_saved_reported_and_compared(
        self,
        rolewise: Callable[..., tuple[int, str, str]],
        labels: Path,
        tmp_path: Path,
    ) -> None:
        run, page = tmp_path / "run.json", tmp_path / "page.html"
        code, out, err = rolewise("evaluate", labels, "--save", run, "--report", page)
        assert code == 0, err
        assert out.startswith("# 16 questions of some.yaml\n")
        shown = Page(page.read_text(encoding="utf-8"))
        assert shown.open == []
        assert "16 questions of some.yaml" in shown.text

        code, out, err = rolewise("evaluate", labels, "--json", "--against", run)
        assert code == 0, err
        values = json.loads(out)
        assert values["against"]["questions"] == 16
        assert values["against"]["gained"] == values["against"]["lost"] == []
        for found in values["against"]["groups"].values():
            assert {one["change_value"] for one in found.values()} <= {0.0, None}
            assert not any(one["beyond_noise"] for one in found.values())
        saved = json.loads(run.read_text(encoding="utf-8"))
        assert {**values, "against": None} == saved

    def test_scores_are_what_the_replies_show(
        self,
        rolewise: Callable[..., tuple[int, str, str]],
        labels: Path,
        tmp_path: Path,
    ) -> None:
        questions = read_questions(labels)
        batch = tmp_path / "batch.jsonl"
        lines = [json.dumps({"id": one.id, "question": one.question}) for one in questions]
        batch.write_text("\n".join(lines), encoding="utf-8")
        _, out, _ = rolewise("ask", "--batch", batch)
        replies = {reply["id"]: reply for reply in map(json.loads, out.splitlines())}
        _, out, _ = rolewise("evaluate", labels, "--json")
        results = {result["id"]: result for result in json.loads(out)["questions"]}
        for question in questions:
            reply, result = replies[question.id], results[question.id]
            quotes = [citation["quote"] for citation in reply["citations"]]
            holds = bool(question.sides) and all(
                any(one.span in quote for one in side for quote in quotes)
                for side in question.sides
            )
            assert result["holds_answer"] is holds, question
            assert result["answered"] is bool(reply["statements"])
            assert result["outcome"] == reply["outcome"]
            assert result["confidence"] == reply["confidence"]
            if question.sides:
                first = reply["passages"][0]["text"]
                found = any(one.span in first for one in question.sides[0])
                assert result["recall_at_1"] == float(found), question

    def test_what_does_not_fit_is_one_line_and_an_exit_code(
        self,
        rolewise: Callable[..., tuple[int, str, str]],
        labels: Path,
        tmp_path: Path,
    ) -> None:
        text = labels.read_text(encoding="utf-8")
        elsewhere = tmp_path / "elsewhere.yaml"
        elsewhere.write_text(text.replace("software-engineer", "dentist"), encoding="utf-8")
        other = tmp_path / "other.yaml"
        other.write_text(text.replace("id: g-", "id: h-"), encoding="utf-8")
        run = tmp_path / "run.json"
        assert rolewise("evaluate", labels, "--save", run)[0] == 0
        for arguments, message in (
            ([tmp_path / "nowhere.yaml"], "There is no file"),
            ([elsewhere], "the index holds no document dentist-data-science.txt"),
            ([labels, "--against", tmp_path / "no.json"], "There is no run"),
            ([other, "--against", run], "have no question in common"),
            ([labels, "--save", tmp_path / "no" / "run.json"], "can't be written"),
        ):
            code, out, err = rolewise("evaluate", *arguments)
            assert (code, out) == (11, "")
            *_, line = err.strip().splitlines()
            assert line.startswith("rolewise: ")
            assert message in line


def test_sides_of_our_labels_are_places_of_the_guide() -> None:
    questions = read_questions(_SEED_LABELS)
    seed = next((Path(__file__).parents[2] / "seeds").glob("*.txt"))
    text = seed.read_text(encoding="utf-8")
    found: list[Sides] = find_places(_SEED_LABELS, questions, [seed.name], lambda _: text)
    for question, sides in zip(questions, found, strict=True):
        assert len(sides) == len(question.sides)
        for place in (place for side in sides for place in side):
            assert text[place.start : place.end] == place.gold.span
