"""How much is said: what a role does always, and no more than there is room for."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answers.answering import Answering
from bot.answers.model import load_model
from bot.answers.replies import (
    Answer,
    Comparison,
    NotCovered,
    OneReply,
    Several,
    statements_of,
)
from bot.answers.sources import Sources
from bot.answers.understanding import understand
from bot.application import Application
from bot.settings import Settings
from index.snapshots.snapshot import Snapshot
from tests.index.fakes import write_guides

_WATCHMAN = """# Night watchman

The night watchman walks round the yard each hour and tries every door. A lamp that is out is noted
in a book. Dogs know him. When the mill hands come at six he unlocks, and goes home.

The watchman's duties include:

He carries keys, a lantern and a whistle. The whistle has been blown once, in a flood. Nobody has
to write well for this; whoever can stay awake and keep calm will do.
"""
_MILLER = """# Miller

- Position: Miller
- Place: Wheel Lane

A miller grinds wheat and rye, dresses the stones and looks after the wheel. The miller takes a
part of the flour as pay. Millers get up when the water is high.
"""
GUIDES = {"watchman.md": _WATCHMAN, "miller.md": _MILLER}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("room")
    (folder / "guides").mkdir()
    application = Application(Settings(home=folder / "home"))
    application.build([write_guides(folder / "guides", GUIDES)])
    application.close()
    return folder / "home"


def _ask(home: Path, question: str, **answers: float) -> OneReply | Several:
    settings = {"home": home, "answers": answers}
    application = Application(Settings.model_validate(settings))
    try:
        return application.assistant.reply(question)
    finally:
        application.close()


@pytest.fixture(scope="module")
def strictest(home: Path) -> Iterator[Sources]:
    """Give sources that answer only what is answered whatever the signals say."""
    application = Application(Settings(home=home))
    encoder = application.load_encoder()
    snapshot = Snapshot.open_current(application.home)
    model = load_model(home, encoder.fingerprint)
    refusing = tuple(100.0 for _ in model.calibration.logits)
    model = replace(model, calibration=replace(model.calibration, logits=refusing))
    yield Sources.of(snapshot, encoder, model)
    snapshot.close()
    application.close()


@pytest.mark.parametrize(
    ("question", "is_answered"),
    [
        ("what does a night watchman do", True),
        ("what are the duties of night watchmen", True),
        ("what is a night watchman", True),
        ("do night watchmen carry keys", False),
        ("what do plumbers do", False),
    ],
)
def test_what_a_role_with_a_guide_does_is_told_whatever_the_signals_say(
    strictest: Sources, question: str, is_answered: bool
) -> None:
    understood = understand(question, (), strictest.finder, strictest.speller)
    reply = Answering(strictest, Settings()).answer(understood)
    assert isinstance(reply, Answer if is_answered else NotCovered)


@pytest.mark.parametrize(("statements", "characters"), [(1, 700), (6, 150), (6, 700)])
def test_a_reply_keeps_to_its_room(home: Path, statements: int, characters: int) -> None:
    reply = _ask(
        home,
        "what does a night watchman do",
        max_statements=statements,
        max_characters=characters,
    )
    assert isinstance(reply, Answer)
    said = statements_of(reply)
    assert 1 <= len(said) <= statements
    assert sum(len(text) for one in said for text in one.texts) <= characters


def test_what_says_nothing_by_itself_is_not_said(home: Path) -> None:
    application = Application(Settings(home=home))
    for question in (
        "what does a miller do",
        "what is the position of a miller",
        "what are the duties of the night watchman",
    ):
        reply = application.assistant.reply(question)
        texts = [text for one in statements_of(reply) for text in one.texts]
        assert texts
        assert "Position: Miller" not in texts
        assert not any(text.endswith("include:") for text in texts)
    application.close()


def test_both_sides_of_a_comparison_have_half_of_its_room(home: Path) -> None:
    reply = _ask(home, "night watchman vs miller")
    assert isinstance(reply, Comparison)
    lengths = [
        sum(len(text) for one in side.statements for text in one.texts) for side in reply.sides
    ]
    assert all(0 < length <= 595 for length in lengths)
