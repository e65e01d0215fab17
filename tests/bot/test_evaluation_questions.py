"""Labelled questions are read, refused with the place of what is wrong, and found in the guides."""

from pathlib import Path

import pytest

from bot.answers.conversation import Turn
from bot.evaluation.places import find_places
from bot.evaluation.questions import Gap, Gold, Kind, LabelledQuestion, read_questions
from knowledge.errors import EvaluationError

_QUALITY = Path(__file__).parent.parent / "quality"

GUIDE = "# Baker\n\nA baker *bakes* bread\nearly in the morning. A baker bakes bread.\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "questions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    path = write(folder, text)
    with pytest.raises(EvaluationError) as caught:
        read_questions(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message.replace(str(path), "FILE")


def question(*golds: Gold, id_: str = "q1") -> LabelledQuestion:
    return LabelledQuestion(
        id=id_, kind=Kind.SINGLE, question="what do bakers do", line=7, sides=(golds,)
    )


def test_questions_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
- id: 1
  kind: followup
  aspect: salary
  question: and what do they earn?
  history:
  - {role: user, text: what do bakers do}
  - {role: assistant, text: They bake.}
  gold:
  - - {doc: baker.md, span: earns bread}
    - {doc: crafts/bread.md, span: is paid}
- id: two
  kind: unanswerable
  reason: not_said
  question: what do they weigh?
""",
    )
    first, second = read_questions(path)
    assert first == LabelledQuestion(
        id="1",
        kind=Kind.FOLLOWUP,
        question="and what do they earn?",
        line=2,
        aspect="salary",
        sides=(
            (
                Gold(document="baker.md", span="earns bread"),
                Gold(document="crafts/bread.md", span="is paid"),
            ),
        ),
        conversation=(
            Turn(role="user", text="what do bakers do"),
            Turn(role="assistant", text="They bake."),
        ),
    )
    assert (second.id, second.reason, second.sides, second.line) == ("two", Gap.NOT_SAID, (), 12)


@pytest.mark.parametrize(("name", "count"), [("seed", 131), ("development", 192), ("test", 193)])
def test_our_own_quality_sets_are_of_the_shape(name: str, count: int) -> None:
    assert len(read_questions(_QUALITY / f"{name}.yaml")) == count


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    assert [one.kind for one in read_questions(write(tmp_path, example))] == list(Kind)


SINGLE = "- id: q1\n  kind: single\n  question: why?\n"
GOLD = "  gold:\n  - - {doc: a.md, span: because}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "FILE holds no questions. docs/evaluation.md shows their shape."),
        ("[]", "FILE holds no questions. docs/evaluation.md shows their shape."),
        ("id: q1", 'FILE must hold a list of questions ("- id: …").'),
        ("- why?", 'FILE, line 1: a question must be a mapping ("id: …", "question: …").'),
        ("- id: q1\n  id: q2\n", "FILE, line 2: the key 'id' stands twice."),
        ("- [", "FILE, line 1: expected the node content, but found '<stream end>'."),
        (SINGLE, "it has no gold. List the spans that answer it, or make it unanswerable."),
        ("- id: q1\n  kind: single\n", "FILE, question q1 (line 1): it has no question. Add it."),
        ("- kind: single\n  question: why?\n" + GOLD, "FILE, line 1: it has no id. Add it."),
        (
            SINGLE + GOLD + "  answer: because\n",
            "FILE, question q1 (line 1): there is no key answer. Known here: id, kind, question,"
            " aspect, reason, history, gold.",
        ),
        (
            SINGLE + "  gold:\n  - - {doc: a.md, span: because, page: 3}\n",
            "there is no key gold.0.0.page. Known here: doc, span.",
        ),
        (SINGLE + "  gold:\n  - - {doc: a.md, span: ' '}\n", "gold.0.0.span is empty. Fill it in."),
        (SINGLE + "  gold:\n  - []\n", "gold.0: tuple should have at least 1 item"),
        (
            SINGLE.replace("single", "comparison") + GOLD,
            "it is a comparison and its gold has one side. List one for each role.",
        ),
        (
            SINGLE.replace("single", "followup") + GOLD,
            "it is a followup and has no history. Add it, or make it single.",
        ),
        (
            SINGLE.replace("single", "unanswerable"),
            "it has no reason. Say why it can't be answered: off_topic, not_said, other_role,"
            " no_guide.",
        ),
        (
            SINGLE.replace("single", "unanswerable") + "  reason: no_guide\n" + GOLD,
            "it is unanswerable and has a gold. Take the gold out, or mend its kind.",
        ),
        (
            SINGLE + GOLD + "  reason: no_guide\n",
            "it has a reason and is not unanswerable. Take the reason out, or mend its kind.",
        ),
        (
            SINGLE.replace("single", "trick") + GOLD,
            "kind: input should be 'single', 'comparison', 'followup' or 'unanswerable',"
            " found 'trick'.",
        ),
        (
            SINGLE + GOLD + "  history: [{role: bot, text: hi}]\n",
            "history.0.role: input should be 'user' or 'assistant', found 'bot'.",
        ),
        (
            f"{SINGLE}{GOLD}{SINGLE}{GOLD}",
            "FILE, line 6: the id q1 stands on line 1 already. Give each question its own.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    assert message in refusal(tmp_path, text)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"There is no file .*nowhere\.yaml"):
        read_questions(tmp_path / "nowhere.yaml")
    with pytest.raises(EvaluationError, match=r"can't be read \(Is a directory\)"):
        read_questions(tmp_path)
    (tmp_path / "latin.yaml").write_bytes("- id: Bäcker".encode("latin-1"))
    with pytest.raises(EvaluationError, match=r"latin\.yaml is not UTF-8"):
        read_questions(tmp_path / "latin.yaml")


def test_a_span_is_found_wherever_it_stands_and_however_its_lines_are_broken() -> None:
    broken = Gold(document="baker.md", span="bread early in the morning")
    twice = Gold(document="baker.md", span="A baker")
    ((side,),) = find_places(
        Path("q.yaml"), [question(broken, twice)], ["baker.md"], lambda _: GUIDE
    )
    assert [(place.gold, GUIDE[place.start : place.end]) for place in side] == [
        (broken, "bread\nearly in the morning"),
        (twice, "A baker"),
        (twice, "A baker"),
    ]
    assert len({place.start for place in side}) == 3


def test_labels_that_do_not_fit_the_index_are_named_with_what_may_be_meant() -> None:
    questions = [
        question(Gold(document="baker.md", span="a BAKER bakes bread early")),
        question(Gold(document="cook.md", span="cooks"), id_="q2"),
        question(Gold(document="baker.md", span="kneads"), id_="q3"),
        question(Gold(document="baker.md", span="sells"), id_="q4"),
    ]
    with pytest.raises(EvaluationError) as caught:
        find_places(Path("q.yaml"), questions, ["baker.md", "crafts/cook.md"], lambda _: GUIDE)
    assert str(caught.value) == (
        'q.yaml doesn\'t fit the index: question q1 (line 7): "a BAKER bakes bread early" is not in'
        " baker.md word for word: only capitals or markup differ, copy it as it is written;"
        " question q2 (line 7): the index holds no document cook.md (there is crafts/cook.md);"
        ' question q3 (line 7): "kneads" is not in baker.md word for word; and 1 more.'
        " Mend the labels, or build the index from the guides that they are about:"
        " rolewise build PATH"
    )


def test_a_fingerprint_is_of_all_that_is_asked_and_labelled() -> None:
    gold = Gold(document="baker.md", span="A baker")
    first = question(gold)
    assert first.fingerprint == question(gold, id_="q9").fingerprint
    others = [
        question(Gold(document="baker.md", span="bread")),
        question(gold, gold),
        LabelledQuestion(
            id="q1", kind=Kind.SINGLE, question="what else", line=7, sides=first.sides
        ),
    ]
    assert len({first.fingerprint, *(other.fingerprint for other in others)}) == 4
