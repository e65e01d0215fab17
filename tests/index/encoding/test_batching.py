import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from index.encoding import batching
from index.encoding.batching import BatchingEncoder
from index.encoding.encoder import Encoder, SentenceTransformerEncoder, Vectors
from index.encoding.parts import Part
from tests.index.fakes import WordHashEncoder

QUESTIONS = [
    f"what does a role number {number} involve{'?' * (number % 5)}" for number in range(60)
]


class GatedEncoder(WordHashEncoder):
    """Notes what it is given at once, and waits to be let where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []
        self.begun = threading.Semaphore(0)
        self.gate = threading.Semaphore(0)
        self.is_gated = False
        self.under_way = 0
        self.bad_words: dict[str, type[BaseException]] = {}

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        self.under_way += 1
        try:
            assert self.under_way == 1, "asked by several threads at once"
            self.batches.append(list(texts))
            if self.is_gated:
                self.begun.release()
                assert self.gate.acquire(timeout=10), "nobody let the encoder go on"
            for text in texts:
                for word in self.bad_words.keys() & set(text.split()):
                    raise self.bad_words[word](word)
            return super().encode(texts, progress)
        finally:
            self.under_way -= 1

    def wait_until_asked(self) -> None:
        assert self.begun.acquire(timeout=10)


class Callers:
    """Threads that call an encoder, one after another while another call is under way."""

    def __init__(self, inner: GatedEncoder, **options: int) -> None:
        self.inner = inner
        self.encoder = BatchingEncoder(inner, **options)
        self.threads = ThreadPoolExecutor(max_workers=16)

    def hold(self, text: str = "first") -> Future[Vectors]:
        """Let a call be under way until `let` is called."""
        self.inner.is_gated = True
        call = self.threads.submit(self.encoder.encode, [text])
        self.inner.wait_until_asked()
        return call

    def queue(self, texts: Sequence[str]) -> Future[Vectors]:
        """Let a call wait behind those that wait already."""
        waiting = len(self.encoder._waiting)
        call = self.threads.submit(self.encoder.encode, texts)
        self.wait_for(waiting + 1)
        return call

    def wait_for(self, waiting: int) -> None:
        until = time.monotonic() + 10
        while len(self.encoder._waiting) != waiting:
            assert time.monotonic() < until
            time.sleep(0.001)

    def let(self) -> None:
        """Let everything that is asked from now on be done at once."""
        self.inner.is_gated = False
        self.inner.gate.release()


@pytest.fixture
def callers() -> Callers:
    return Callers(GatedEncoder())


def test_it_is_an_encoder_like_the_one_inside() -> None:
    inner = WordHashEncoder(dimension=24, max_tokens=7)
    encoder: Encoder = BatchingEncoder(inner)
    assert (encoder.model, encoder.fingerprint) == (inner.model, inner.fingerprint)
    assert (encoder.dimension, encoder.max_tokens) == (24, 7)
    assert encoder.count_tokens(["one two", ""]) == [2, 0]
    assert encoder.encode([]).shape == (0, 24)
    np.testing.assert_array_equal(encoder.encode(QUESTIONS), inner.encode(QUESTIONS))


def test_what_waits_is_encoded_together_in_order_of_arrival(callers: Callers) -> None:
    first = callers.hold()
    waiting = [callers.queue([f"a {number}", f"b {number}"]) for number in range(4)]
    callers.let()
    for number, call in enumerate(waiting):
        expected = WordHashEncoder().encode([f"a {number}", f"b {number}"])
        np.testing.assert_array_equal(call.result(timeout=10), expected)
    first.result(timeout=10)
    assert callers.inner.batches == [
        ["first"],
        [f"{letter} {number}" for number in range(4) for letter in "ab"],
    ]


def test_a_batch_is_bounded_and_who_came_first_goes_first() -> None:
    callers = Callers(GatedEncoder(), characters_at_once=20)
    callers.hold()
    waiting = [callers.queue([text]) for text in ("aaaa", "bbbb", "a longer text", "cc", "x" * 99)]
    callers.let()
    for call in waiting:
        call.result(timeout=10)
    assert callers.inner.batches[1:] == [["aaaa", "bbbb"], ["a longer text"], ["cc"], ["x" * 99]]


def test_a_big_call_lets_small_ones_through() -> None:
    callers = Callers(GatedEncoder(), characters_at_once=200)
    callers.inner.is_gated = True
    done: list[int] = []
    texts = [f"passage {number:02} {'long ' * 17}" for number in range(10)]
    big = callers.threads.submit(callers.encoder.encode, texts, done.append)
    callers.inner.wait_until_asked()
    small = callers.queue(["short"])
    callers.inner.gate.release()
    callers.inner.wait_until_asked()
    callers.wait_for(1)  # the next part of the big call waits behind
    assert done == [2]
    callers.inner.gate.release()
    small.result(timeout=10)
    callers.let()
    np.testing.assert_array_equal(big.result(timeout=10), WordHashEncoder().encode(texts))
    assert done == [2] * 5
    assert callers.inner.batches[1] == ["short"]
    assert [len(batch) for batch in callers.inner.batches] == [2, 1, 2, 2, 2, 2]


def test_one_bad_text_fails_its_own_call_alone(callers: Callers) -> None:
    callers.inner.bad_words = {"bad": ZeroDivisionError, "worse": KeyError}
    callers.hold()
    calls = [callers.queue([text]) for text in ("good", "bad text", "fine", "worse text", "well")]
    callers.let()
    with pytest.raises(ZeroDivisionError):
        calls[1].result(timeout=10)
    with pytest.raises(KeyError):
        calls[3].result(timeout=10)
    for place, text in [(0, "good"), (2, "fine"), (4, "well")]:
        np.testing.assert_array_equal(
            calls[place].result(timeout=10), WordHashEncoder().encode([text])
        )
    with pytest.raises(ZeroDivisionError):
        callers.encoder.encode(["bad"])
    assert callers.encoder.encode(["good"]).shape == (1, 16)


def test_who_is_interrupted_takes_nobody_along(callers: Callers) -> None:
    class Interrupted(BaseException):
        """Comes like Ctrl-C, in the middle of anything."""

    callers.inner.bad_words = {"interrupted": Interrupted}
    callers.hold()
    calls = [callers.queue([text]) for text in ("interrupted here", "good", "fine")]
    callers.let()
    with pytest.raises(Interrupted):
        calls[0].result(timeout=10)
    for call in calls[1:]:
        assert call.result(timeout=10).shape == (1, 16)


@pytest.mark.parametrize("leads", [False, True])
def test_who_stops_waiting_keeps_nobody_from_it(
    callers: Callers, monkeypatch: pytest.MonkeyPatch, *, leads: bool
) -> None:
    first = callers.hold()
    gone, left = threading.Event(), threading.Event()

    class Impatient(threading.Event):
        """Is interrupted while it waits, or as it is woken to lead."""

        def wait(self, timeout: float | None = None) -> bool:
            if leads:
                super().wait(timeout)
            else:
                assert gone.wait(10)
            left.set()
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(batching, "_Call", partial(batching._Call, woken=Impatient()))
        impatient = callers.queue(["impatient"])
    behind = callers.queue(["behind"])
    if not leads:
        gone.set()
        assert left.wait(10)
        callers.wait_for(1)
    callers.let()
    with pytest.raises(KeyboardInterrupt):
        impatient.result(timeout=10)
    assert behind.result(timeout=10).shape == (1, 16)
    first.result(timeout=10)
    assert callers.inner.batches == [["first"], ["behind"]]


def test_parts_are_encoded_together_too(callers: Callers) -> None:
    texts = ["one two three", "four five"]
    parts: list[list[Part]] = [[((0, 3),), ((4, 7), (8, 13))], []]
    alone, alone_parts = WordHashEncoder().encode_parts(texts, parts)
    callers.hold()
    calls, others = [], []
    for row, between in enumerate(["between", "behind"]):
        calls.append(
            callers.threads.submit(callers.encoder.encode_parts, [texts[row]], [parts[row]])
        )
        callers.wait_for(2 * row + 1)
        others.append(callers.queue([between]))
    callers.let()
    for other in others:
        other.result(timeout=10)
    for row, call in enumerate(calls):
        vectors, vectors_of_parts = call.result(timeout=10)
        np.testing.assert_array_equal(vectors, alone[row : row + 1])
        np.testing.assert_array_equal(vectors_of_parts[0], alone_parts[row])
    callers.encoder.encode(["last"])
    assert callers.inner.batches == [["first"], texts, ["between", "behind"], ["last"]]
    with pytest.raises(ValueError, match="zip"):
        callers.encoder.encode_parts(texts, [])


def test_many_threads_get_each_its_own() -> None:
    inner = GatedEncoder()
    encoder = BatchingEncoder(inner, characters_at_once=400)
    expected = {text: WordHashEncoder().encode([text])[0] for text in QUESTIONS}
    asked = 0

    def hammer(seed: int) -> int:
        random = np.random.default_rng(seed)
        for _ in range(200):
            texts = [str(text) for text in random.choice(QUESTIONS, random.integers(1, 12))]
            found = encoder.encode(texts)
            for text, vector in zip(texts, found, strict=True):
                np.testing.assert_array_equal(vector, expected[text])
        return 200

    with ThreadPoolExecutor(max_workers=12) as threads:
        asked = sum(threads.map(hammer, range(12)))
    assert asked == 2_400
    assert not encoder._waiting
    assert encoder.encode(["nothing is left behind"]).shape == (1, 16)


def test_a_lone_call_is_hardly_delayed() -> None:
    inner = WordHashEncoder()
    encoder = BatchingEncoder(inner)
    texts = ["what does a data engineer do", "what do they do"]

    def least_seconds(encode: Callable[[list[str]], object]) -> float:
        least = 1.0
        for _ in range(500):
            started = time.perf_counter()
            encode(texts)
            least = min(least, time.perf_counter() - started)
        return least

    assert least_seconds(encoder.encode) - least_seconds(inner.encode) < 50e-6


def test_a_real_encoder_gives_the_same_in_company_as_alone(
    real_encoder: SentenceTransformerEncoder,
) -> None:
    encoder = BatchingEncoder(real_encoder)
    texts = [*QUESTIONS[:20], "a", "pipelines " * 60]
    alone = np.concatenate([real_encoder.encode([text]) for text in texts])
    with ThreadPoolExecutor(max_workers=16) as threads:
        together = np.concatenate(list(threads.map(lambda text: encoder.encode([text]), texts)))
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(encoder.encode(texts), alone, atol=1e-5)
