"""Questions that wait for the encoder are encoded together.

A batch of short texts takes far less time than the texts one by one, so what several threads ask
for at once is put into one call. Nobody waits for a batch to fill: who finds the encoder free uses
it at once, and what has arrived meanwhile is the next batch.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from index.encoding.encoder import Encoder, Part, Vectors

Item = TypeVar("Item")
Result = TypeVar("Result")

# Sixteen questions of usual length, or one or two passages: python -m benchmarks.concurrency found
# no more questions a second with twice as many characters, and a passage gains nothing from others
# beside it, so a question waits for little when an index is built in the same process.
_CHARACTERS_AT_ONCE = 1_024


@dataclass(eq=False, slots=True, kw_only=True)
class _Call:
    """What one thread asks for, and what came of it."""

    work: Callable[[list[Any]], list[Any]]
    items: list[Any]
    longest: int
    leads: bool = False
    results: list[Any] | None = None
    error: Exception | None = None
    woken: threading.Event = field(default_factory=threading.Event)
    """Set when the call is done or is to lead, where it had to wait."""

    @property
    def is_done(self) -> bool:
        return self.results is not None or self.error is not None


class BatchingEncoder:
    """An encoder for several threads: what they ask of it at the same time is done together.

    Without a thread of its own: of the threads that wait, the first encodes for those behind it,
    then the next. Calls are served in order of arrival. Vectors differ from those encoded alone by
    rounding, since shorter texts are padded.
    """

    def __init__(self, encoder: Encoder, *, characters_at_once: int = _CHARACTERS_AT_ONCE) -> None:
        """Take what encodes.

        Args:
            encoder: Is asked by one thread at a time to encode; tokens it counts for several.
            characters_at_once: The most that it is given at once, padded; a longer text goes alone.
        """
        self._encoder = encoder
        self._characters_at_once = characters_at_once
        self._waiting: deque[_Call] = deque()
        self._is_in_use = False
        self._lock = threading.Lock()

    @property
    def model(self) -> str:
        """The name or path that the model was asked for by."""
        return self._encoder.model

    @property
    def fingerprint(self) -> str:
        """What the vectors depend on: the weights, the tokenizer and the modules, as one hash."""
        return self._encoder.fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._encoder.dimension

    @property
    def max_tokens(self) -> int:
        """The tokens of a text that are read, without special tokens."""
        return self._encoder.max_tokens

    @property
    def pools_parts(self) -> bool:
        """Whether parts' vectors come from the text's own pass, and cost next to nothing."""
        return self._encoder.pools_parts

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Return the texts' vectors: float32, shape (len(texts), dimension), unit norm.

        Many texts are encoded some at a time, those of like length together, and what other
        threads ask for goes between.
        """
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for rows in self._split(texts):
            chosen = [texts[row] for row in rows]
            vectors[rows] = self._submit(self._encode, chosen, len(chosen[-1]))
            if progress is not None:
                progress(len(rows))
        return vectors

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[Part]],
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        """Return the texts' vectors and, for each text, the vectors of its parts, as `encode`."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        vectors_of_parts = [vectors[:0]] * len(texts)
        items = list(zip(texts, parts, strict=True))
        for rows in self._split(texts):
            chosen = [items[row] for row in rows]
            results = self._submit(self._encode_parts, chosen, len(chosen[-1][0]))
            for row, (vector, of_parts) in zip(rows, results, strict=True):
                vectors[row], vectors_of_parts[row] = vector, of_parts
            if progress is not None:
                progress(len(rows))
        return vectors, vectors_of_parts

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's number of tokens, without special tokens and without a limit."""
        return self._encoder.count_tokens(texts)

    def _encode(self, texts: list[str]) -> list[Vectors]:
        return list(self._encoder.encode(texts))

    def _encode_parts(
        self, items: list[tuple[str, Sequence[Part]]]
    ) -> list[tuple[Vectors, Vectors]]:
        texts, parts = [text for text, _ in items], [parts for _, parts in items]
        return list(zip(*self._encoder.encode_parts(texts, parts), strict=True))

    def _split(self, texts: Sequence[str]) -> list[list[int]]:
        """Return rows some at a time, of growing length, each lot within the limit when padded."""
        lots: list[list[int]] = []
        for row in sorted(range(len(texts)), key=lambda row: len(texts[row])):
            if not lots or not self._fits(len(lots[-1]) + 1, len(texts[row])):
                lots.append([])
            lots[-1].append(row)
        return lots

    def _fits(self, count: int, longest: int) -> bool:
        return count * longest <= self._characters_at_once

    def _submit(
        self, work: Callable[[list[Item]], list[Result]], items: list[Item], longest: int
    ) -> list[Result]:
        """Return what some work gives for items, done together with what others submit to it.

        Args:
            work: What the encoder does; it gives one result for each item, in order.
            items: What it is done for.
            longest: The length of the longest in characters.

        Raises:
            Exception: what the work raises for these items alone.
        """
        call = _Call(work=work, items=items, longest=longest)
        with self._lock:
            self._waiting.append(call)
            call.leads = not self._is_in_use
            self._is_in_use = True
        if not call.leads:
            self._wait(call)
        if call.leads:
            self._lead(call)
        if call.error is not None:
            raise call.error
        assert call.results is not None
        return call.results

    def _wait(self, call: _Call) -> None:
        """Wait until a call is done or is to lead."""
        try:
            call.woken.wait()
        except BaseException:  # Ctrl-C: others must not wait for one who has gone
            with self._lock:
                if call in self._waiting:
                    self._waiting.remove(call)
                if call.leads:
                    self._pass_on()
            raise

    def _lead(self, own: _Call) -> None:
        """Do a call together with those behind it, then let the next lead."""
        batch: list[_Call] = []
        try:
            with self._lock:
                batch = self._take_batch()
            _do_together(batch)
        finally:
            with self._lock:
                # After Ctrl-C, those that were not come to go back to where they stood.
                undone = [call for call in batch if not call.is_done and call is not own]
                self._waiting.extendleft(reversed(undone))
                self._pass_on()
            for call in batch:
                if call.is_done:
                    call.woken.set()

    def _take_batch(self) -> list[_Call]:
        """Take the call that has waited longest, and those behind it that go with it."""
        first = self._waiting.popleft()
        batch, count, longest = [first], len(first.items), first.longest
        for call in list(self._waiting):
            if call.work != first.work:
                continue
            count, longest = count + len(call.items), max(longest, call.longest)
            if not self._fits(count, longest):
                break
            batch.append(call)
            self._waiting.remove(call)
        return batch

    def _pass_on(self) -> None:
        self._is_in_use = bool(self._waiting)
        if self._waiting:
            self._waiting[0].leads = True
            self._waiting[0].woken.set()


def _do_together(batch: Sequence[_Call]) -> None:
    """Do all calls at once; where that fails, one by one, so that each has its own outcome."""
    try:
        results = batch[0].work([item for call in batch for item in call.items])
    except Exception as error:
        if len(batch) == 1:
            batch[0].error = error
            return
        for call in batch:
            _do_together([call])
        return
    start = 0
    for call in batch:
        call.results = results[start : start + len(call.items)]
        start += len(call.items)
