"""Runs are compared question by question."""

import dataclasses

import pytest
from hypothesis import given

from bot.evaluation.comparing import compare_runs
from bot.evaluation.measures import draw_rows, group_results, measure_all
from bot.evaluation.scoring import Result
from tests.bot.test_evaluation_measures import RESULTS, quickly, result


class TestComparing:
    @quickly
    @given(RESULTS)
    def test_a_run_does_not_differ_from_itself(self, results: list[Result]) -> None:
        comparison = compare_runs(results, results)
        assert comparison.gained == comparison.lost == comparison.left_out == ()
        for found in comparison.differences.values():
            for difference in found.values():
                change = difference.change
                assert not difference.is_beyond_noise
                assert change.value in {0.0, None}
                assert (change.low, change.high) in {(0.0, 0.0), (None, None)}

    def test_a_difference_is_noise_or_not(self) -> None:
        before = [result(f"q{number}", right=number % 2 == 0) for number in range(100)]
        one_more = [*before[:1], result("q1"), *before[2:]]
        change = compare_runs(before, one_more)
        assert change.gained == ("q1",)
        assert not change.differences["all"]["correct"].is_beyond_noise
        many_more = [result(f"q{number}", right=number % 4 != 1) for number in range(100)]
        found = compare_runs(before, many_more).differences["single"]["correct"]
        assert (found.before, found.now) == (0.5, 0.75)
        assert found.is_beyond_noise
        assert found.change.low is not None
        assert found.change.high is not None
        # A quarter of the pairs change: the deviation of their mean is √(.25·.75/100) = .043.
        assert found.change.low == pytest.approx(0.25 - 1.96 * 0.0433, abs=0.02)
        assert found.change.high == pytest.approx(0.25 + 1.96 * 0.0433, abs=0.02)
        worse = compare_runs(many_more, before)
        assert worse.differences["single"]["correct"].change.value == pytest.approx(-0.25)
        assert worse.differences["single"]["correct"].is_beyond_noise
        assert len(worse.lost) == 25

    def test_pairing_tells_more_than_two_separate_runs(self) -> None:
        results = [result(f"q{number}", right=number % 2 == 0) for number in range(40)]
        better = [result("q1"), result("q3"), result("q5"), result("q7"), result("q9")]
        improved = {one.id: one for one in [*results, *better]}
        change = compare_runs(results, list(improved.values())).differences["all"]["correct"]
        assert change.is_beyond_noise
        alone = measure_all(results)["all"]["correct"]
        assert alone.high is not None
        assert alone.high > 0.5 + 5 / 40

    def test_only_what_both_asked_with_the_same_labels_is_compared(self) -> None:
        before = [result("a"), result("b", right=False), result("gone")]
        relabelled = dataclasses.replace(result("b"), label="changed")
        comparison = compare_runs(before, [result("a"), relabelled, result("new")])
        assert comparison.questions == 1
        assert set(comparison.left_out) == {"b", "gone", "new"}
        assert comparison.gained == ()

    def test_the_order_of_the_questions_is_nothing(self) -> None:
        before = [result(f"q{number}", right=number % 3 == 0) for number in range(30)]
        now = [result(f"q{number}", right=number % 2 == 0) for number in range(30)]
        straight, turned = compare_runs(before, now), compare_runs(before[::-1], now)
        assert straight == turned

    def test_resamples_are_the_same_each_time(self) -> None:
        assert (draw_rows(7) == draw_rows(7)).all()
        assert draw_rows(7).max() == 6


@quickly
@given(RESULTS)
def test_each_result_is_in_its_groups_and_in_all(results: list[Result]) -> None:
    groups = group_results(results)
    assert groups["all"] == results
    both = [*groups.get("answerable", []), *groups.get("unanswerable", [])]
    assert sorted(one.id for one in both) == sorted(one.id for one in results)
