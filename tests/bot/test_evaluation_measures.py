"""Scores of small cases agree with what is counted by hand, and statistics with scikit-learn."""

import dataclasses
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from bot.answers.replies import AnyReply, Side
from bot.evaluation.measures import MEASURES, measure_all
from bot.evaluation.places import Place
from bot.evaluation.questions import Gap, Gold, Kind, LabelledQuestion
from bot.evaluation.retrieval import Retrieval, is_relevant, score_rankings
from bot.evaluation.sampling import BINS, Sample, columns_of, whole_sample
from bot.evaluation.scoring import Asked, Result, ask_all, holds, score_all
from knowledge.errors import EvaluationError, QuestionError
from tests.bot.fakes import (
    DOCUMENT,
    GUIDE,
    QUESTIONS,
    SKILLS,
    SNAPSHOT,
    WORK,
    FakeAssistant,
    make_answer,
    make_comparison,
    make_not_covered,
)


def place(span: str, document: str = DOCUMENT) -> Place:
    start = GUIDE.index(span)
    return Place(gold=Gold(document=document, span=span), start=start, end=start + len(span))


def label(kind: Kind = Kind.SINGLE, id_: str = "q1", reason: Gap | None = None) -> LabelledQuestion:
    return LabelledQuestion(id=id_, kind=kind, question="what?", line=1, reason=reason)


def score(reply: AnyReply | None, *sides: Sequence[Place], kind: Kind = Kind.SINGLE) -> Result:
    asked = Asked(question=label(kind), sides=tuple(map(tuple, sides)), reply=reply)
    return score_all([asked])[0]


def result(
    id_: str,
    *,
    confidence: float = 0.5,
    answered: bool = True,
    right: bool = True,
    kind: Kind = Kind.SINGLE,
) -> Result:
    is_answerable = kind is not Kind.UNANSWERABLE
    return Result(
        id=id_,
        kind=kind,
        reason=None if is_answerable else Gap.NOT_SAID,
        label=id_,
        outcome="answer" if answered else "not_covered",
        refusal=None if answered else "not_said",
        confidence=confidence,
        answered=answered,
        holds_answer=answered and right and is_answerable,
        recall_at_1=float(right) if is_answerable else None,
        characters=100 if answered else None,
    )


quickly = settings(deadline=None, derandomize=True, max_examples=30)

RESULTS = st.lists(
    st.builds(
        result,
        st.uuids().map(str),
        confidence=st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.5001, 0.8, 1.0]),
        answered=st.booleans(),
        right=st.booleans(),
        kind=st.sampled_from([Kind.SINGLE, Kind.FOLLOWUP, Kind.UNANSWERABLE]),
    ),
    min_size=1,
    max_size=40,
)


class TestPassages:
    @pytest.mark.parametrize(
        ("passage", "span", "expected"),
        [
            ((0, 100), (10, 20), True),
            ((0, 100), (95, 105), True),  # half of the span
            ((0, 100), (96, 106), False),
            ((0, 10), (5, 500), True),  # half of the passage
            ((0, 10), (6, 500), False),
            ((0, 10), (10, 20), False),
        ],
    )
    def test_half_of_either_makes_a_passage_relevant(
        self, passage: tuple[int, int], span: tuple[int, int], expected: bool
    ) -> None:
        assert is_relevant(passage, span) is expected

    def test_ranks_are_scored_as_by_hand(self) -> None:
        nothing = Retrieval(at_1=0, at_3=0, at_5=0, reciprocal_rank=0)
        rankings = [
            [True, False, True],
            [False, True, True],
            [False, False, False, True],
            [False] * 12,
            [],
            [False] * 10 + [True],
        ]
        assert score_rankings(rankings) == [
            Retrieval(at_1=1, at_3=1, at_5=1, reciprocal_rank=1),
            Retrieval(at_1=0, at_3=1, at_5=1, reciprocal_rank=1 / 2),
            Retrieval(at_1=0, at_3=0, at_5=1, reciprocal_rank=1 / 4),
            nothing,
            nothing,
            dataclasses.replace(nothing, reciprocal_rank=1 / 11),
        ]
        assert score_rankings([[], []]) == [nothing, nothing]
        assert score_rankings([]) == []

    @quickly
    @given(st.lists(st.lists(st.booleans(), max_size=8), min_size=1, max_size=8))
    def test_ranks_are_scored_as_defined(self, rankings: list[list[bool]]) -> None:
        for ranking, found in zip(rankings, score_rankings(rankings), strict=True):
            assert found.at_1 == any(ranking[:1])
            assert found.at_3 == any(ranking[:3])
            assert found.at_5 == any(ranking[:5])
            expected = 1 / (1 + ranking.index(True)) if any(ranking) else 0
            assert found.reciprocal_rank == pytest.approx(expected)

    def test_without_the_library_the_error_says_how_to_install_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "ir_measures", None)
        with pytest.raises(EvaluationError, match=r'Run: pip install "rolewise\[evaluation\]"'):
            score_rankings([[True]])

    def test_of_a_comparison_both_the_mean_and_all_sides_are_told(self) -> None:
        # The fake finds the sections in order: the work first, the skills second.
        sides = [[place("build **pipelines**")], [place("SQL")]]
        found = score(make_comparison(), *sides, kind=Kind.COMPARISON)
        assert (found.recall_at_1, found.all_sides_at_1) == (0.5, 0.0)
        assert (found.recall_at_3, found.all_sides_at_3) == (1.0, 1.0)
        assert found.reciprocal_rank == pytest.approx((1 + 1 / 2) / 2)


class TestReplies:
    def test_quotes_hold_a_span_of_which_they_have_nine_tenths_together(self) -> None:
        span = Place(gold=Gold(document="a.md", span="x" * 100), start=100, end=200)
        assert holds([("a.md", 110, 900)], span)
        assert not holds([("a.md", 111, 900)], span)
        assert holds([("a.md", 150, 190), ("a.md", 90, 150)], span)
        assert not holds([("a.md", 100, 160), ("a.md", 120, 180)], span)
        assert holds([("a.md", 160, 200), ("a.md", 120, 180), ("a.md", 0, 110)], span)
        assert not holds([("a.md", 160, 200), ("a.md", 120, 180), ("a.md", 0, 109)], span)
        assert not holds([("b.md", 100, 200)], span)
        assert not holds([], span)
        assert not holds([("a.md", 0, 50), ("a.md", 300, 400)], span)

    def test_an_answer_is_read_until_it_holds_the_span(self) -> None:
        reply = make_answer(WORK, SKILLS)
        found = score(reply, [place("SQL")])
        assert (found.answered, found.holds_answer, found.is_correct) == (True, True, True)
        assert found.first_statement_holds is False
        assert found.characters == len(WORK.text) + len(SKILLS.text)
        assert found.characters_to_answer == found.characters
        earlier = score(reply, [place("Python")])
        assert earlier.characters_to_answer == len(WORK.text) + SKILLS.text.index("Python") + 6
        first = score(reply, [place("Data scientists ask"), place("They build **pipelines**")])
        assert first.first_statement_holds
        assert first.characters_to_answer == len(WORK.text)

    def test_an_answer_without_the_span_is_wrong(self) -> None:
        found = score(make_answer(WORK), [place("SQL")])
        assert (found.answered, found.holds_answer, found.is_correct) == (True, False, False)
        assert found.characters_to_answer is None

    def test_a_comparison_has_to_hold_both_sides(self) -> None:
        work, scientists = place("They build **pipelines**"), place("ask the questions")
        both = score(make_comparison(), [work], [scientists], kind=Kind.COMPARISON)
        assert both.is_correct
        assert both.first_statement_holds
        one_sided = make_comparison(
            Side(role="Data Engineer", has_guide=True, statements=(WORK,)),
            Side(role="Data Scientist", has_guide=False, statements=()),
        )
        half = score(one_sided, [work], [scientists], kind=Kind.COMPARISON)
        assert (half.answered, half.is_correct) == (True, False)
        later = make_comparison(
            Side(role="Data Engineer", has_guide=True, statements=(SKILLS, WORK)),
            Side(role="Data Scientist", has_guide=False, statements=(QUESTIONS,)),
        )
        assert not score(later, [work], [scientists], kind=Kind.COMPARISON).first_statement_holds

    def test_a_refusal_is_right_where_the_guides_do_not_answer(self) -> None:
        refused = score(make_not_covered(), kind=Kind.UNANSWERABLE)
        assert (refused.is_correct, refused.refusal, refused.holds_answer) == (
            True,
            "not_said",
            False,
        )
        assert refused.recall_at_1 is None
        assert refused.first_statement_holds is None
        assert not score(make_answer(), kind=Kind.UNANSWERABLE).is_correct
        missed = score(make_not_covered(), [place("SQL")])
        assert (missed.is_correct, missed.recall_at_5, missed.characters) == (False, 0.0, None)

    def test_what_cannot_be_asked_is_refused_without_confidence(self) -> None:
        assistant = FakeAssistant({"what?": QuestionError("The question is empty.")})
        told: list[tuple[str, int, int]] = []
        (asked,) = ask_all(
            assistant,
            [label(Kind.UNANSWERABLE, reason=Gap.OFF_TOPIC)],
            [()],
            SNAPSHOT,
            lambda *progress: told.append(progress),
        )
        (found,) = score_all([asked])
        assert (found.outcome, found.confidence, found.is_correct) == ("unaskable", 0.0, True)
        assert told == [("asking", 1, 1)]

    def test_another_index_in_the_middle_stops_it(self) -> None:
        with pytest.raises(EvaluationError, match="The index was built again"):
            ask_all(FakeAssistant(), [label()], [((),)], "another", lambda *_: None)


class TestStatistics:
    @quickly
    @given(RESULTS)
    def test_roc_areas_and_brier_scores_are_those_of_scikit_learn(
        self, results: list[Result]
    ) -> None:
        sample = whole_sample(results)
        held = np.array([one.holds_answer for one in results])
        confidence = np.array([one.confidence for one in results])
        assert sample.brier()[0] == pytest.approx(brier_score_loss(held, confidence, pos_label=1))
        rate = np.full(len(results), held.mean())
        assert sample.brier_of_base_rate()[0] == pytest.approx(
            brier_score_loss(held, rate, pos_label=1)
        )
        for name, among in (("holds_answer", None), ("holds_answer", "answered")):
            is_in = np.array([among is None or one.answered for one in results])
            if len(set(held[is_in])) < 2:
                assert np.isnan(sample.roc_area(name, among=among)[0])
            else:
                expected = roc_auc_score(held[is_in], confidence[is_in])
                assert sample.roc_area(name, among=among)[0] == pytest.approx(expected)

    @quickly
    @given(RESULTS)
    def test_quantiles_are_those_of_numpy(self, results: list[Result]) -> None:
        results = [
            dataclasses.replace(one, characters=number * number if one.answered else None)
            for number, one in enumerate(results)
        ]
        lengths = [one.characters for one in results if one.characters is not None]
        for share in (0.5, 0.9):
            found = whole_sample(results).quantile("characters", share)[0]
            if lengths:
                assert found == pytest.approx(np.quantile(lengths, share))
            else:
                assert np.isnan(found)

    def test_calibration_error_is_counted_by_hand(self) -> None:
        # Twenty replies in ten bins of two: each bin says c, and one of its two is right.
        results = [
            result(f"{number}", confidence=number // 2 / 10, right=number % 2 == 0)
            for number in range(20)
        ]
        expected = np.mean([abs(level / 10 - 0.5) for level in range(10)])
        assert whole_sample(results).calibration_error()[0] == pytest.approx(expected)
        found = whole_sample(results).reliability()
        assert [confidence for confidence, _, _ in found] == pytest.approx(np.arange(10) / 10)
        assert {(share, size) for _, share, size in found} == {(0.5, 2)}

    def test_what_cancels_between_bins_is_an_error_all_the_same(self) -> None:
        # Every second bin of two is all right, the others all wrong.
        results = [
            result(f"{number}", confidence=0.4 + number // 2 / 100, right=number // 2 % 2 == 0)
            for number in range(20)
        ]
        expected = np.mean([abs(0.4 + level / 100 - (level % 2 == 0)) for level in range(10)])
        assert whole_sample(results).calibration_error()[0] == pytest.approx(expected)

    def test_equally_confident_replies_are_calibrated_in_any_order(self) -> None:
        results = [result(f"{number}", confidence=0.7, right=number < 70) for number in range(100)]
        for one in (results, results[::-1]):
            assert whole_sample(one).calibration_error()[0] == pytest.approx(0, abs=1e-12)
            assert whole_sample(one).risk_coverage_area()[0] == pytest.approx(0.3)

    @quickly
    @given(RESULTS)
    def test_bins_hold_equally_many_and_everyone_once(self, results: list[Result]) -> None:
        bins = whole_sample(results).reliability()
        sizes = [size for _, _, size in bins]
        assert sum(sizes) == len(results)
        assert len(bins) == min(BINS, len(results))
        assert max(sizes) - min(sizes) <= 1
        assert [confidence for confidence, _, _ in bins] == sorted(one[0] for one in bins)

    def test_risk_and_coverage_are_counted_by_hand(self) -> None:
        results = [
            result("a", confidence=0.9),
            result("b", confidence=0.8, right=False),
            result("c", confidence=0.7),
            result("d", confidence=0.6, right=False),
            result("e", confidence=0.95, answered=False),
        ]
        assert whole_sample(results).risk_coverage() == [0, 1 / 2, 1 / 3, 1 / 2]
        assert whole_sample(results).risk_coverage_area()[0] == pytest.approx(
            (0 + 1 / 2 + 1 / 3 + 1 / 2) / 4
        )

    @quickly
    @given(RESULTS, st.integers(0, 1_000))
    def test_a_draw_measures_as_the_same_results_by_themselves(
        self, results: list[Result], seed: int
    ) -> None:
        rows = np.random.default_rng(seed).integers(len(results), size=(3, len(results)))
        drawn = Sample(columns_of(results), rows)
        for measure in MEASURES:
            for row, value in zip(rows, measure.compute(drawn), strict=True):
                alone = measure.compute(whole_sample([results[number] for number in row]))[0]
                assert value == pytest.approx(alone, nan_ok=True), measure.name

    def test_groups_and_shares_are_counted_by_hand(self) -> None:
        results = [
            result("a"),
            result("b", right=False),
            result("c", answered=False),
            result("d", kind=Kind.UNANSWERABLE),
            result("e", kind=Kind.UNANSWERABLE, answered=False),
        ]
        measured = measure_all(results)
        assert list(measured) == ["single", "answerable", "not_said", "unanswerable", "all"]
        values = {
            group: {name: one.value for name, one in found.items()}
            for group, found in measured.items()
        }
        assert values["single"]["answered"] == pytest.approx(2 / 3)
        assert values["single"]["correct"] == pytest.approx(1 / 3)
        assert values["single"]["correct_when_answered"] == pytest.approx(1 / 2)
        assert values["unanswerable"]["correct"] == pytest.approx(1 / 2)
        assert values["unanswerable"]["recall_at_1"] is None
        assert values["all"]["correct"] == pytest.approx(2 / 5)
        assert values["all"]["correct_when_answered"] == pytest.approx(1 / 3)
        assert values["all"]["roc_area_of_answerable"] == pytest.approx(1 / 2)
        interval = measured["all"]["correct"]
        assert interval.low is not None
        assert interval.high is not None
        assert 0 <= interval.low < 2 / 5 < interval.high <= 1
