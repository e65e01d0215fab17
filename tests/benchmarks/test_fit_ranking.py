import numpy as np

from benchmarks.fit_ranking import SentenceList, fit_scorer
from bot.answers.evidence import SIGNALS
from bot.answers.model import ANSWER_SIGNALS
from index.encoding.encoder import Vectors

MATCH = SIGNALS.index("word_match")


def lists_where(count: int, *, is_answered: bool = True) -> list[SentenceList]:
    """Return questions whose answer has the highest match and first signal together."""
    random = np.random.default_rng(2)
    found = []
    for _ in range(count):
        signals = random.normal(size=(8, len(SIGNALS))).astype(np.float32)
        answers = np.zeros(8, dtype=np.float32)
        answers[int((signals[:, 0] + 2 * signals[:, MATCH]).argmax())] = float(is_answered)
        found.append(
            SentenceList(
                signals=signals,
                answers=answers,
                of_question=np.zeros(len(ANSWER_SIGNALS), dtype=np.float32),
                is_comparison=False,
            )
        )
    return found


def effects_of(lists: list[SentenceList]) -> Vectors:
    scorer = fit_scorer(lists)
    ones = scorer.score(np.eye(len(SIGNALS), dtype=np.float32))
    return np.asarray(ones - scorer.score(np.zeros((1, len(SIGNALS)), dtype=np.float32)))


def test_what_answers_comes_first() -> None:
    lists = lists_where(1_000)
    scorer = fit_scorer(lists)
    first = [bool(one.answers[int(scorer.score(one.signals).argmax())]) for one in lists]
    by_chance = 1 / 8
    assert np.mean(first) > 0.9 > by_chance


def test_signals_count_for_what_they_tell() -> None:
    effects = effects_of(lists_where(1_000))
    others = np.delete(effects, [0, MATCH])
    assert effects[MATCH] > effects[0] > 3 * np.abs(others).max()


def test_the_same_lists_give_the_same_scorer() -> None:
    lists = lists_where(40)
    np.testing.assert_array_equal(fit_scorer(lists).weights, fit_scorer(lists).weights)


def test_lists_may_be_of_any_length() -> None:
    short, long = lists_where(2)
    short = SentenceList(
        signals=short.signals[:1],
        answers=np.ones(1, dtype=np.float32),
        of_question=short.of_question,
        is_comparison=True,
    )
    assert np.isfinite(fit_scorer([short, long, *lists_where(3, is_answered=False)]).weights).all()
