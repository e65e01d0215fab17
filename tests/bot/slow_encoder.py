"""The bot, launched like the real one, with an encoder that takes its time.

ENCODE_SECONDS says how much; half of it is spent computing, as an encoder does. A question with the
word "explode" makes it fail in a way that nobody foresaw.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence

from bot.application import Application
from index.encoding.encoder import Encoder, Part, Vectors
from tests.loopback.launch import main

SECONDS = float(os.environ["ENCODE_SECONDS"])


class SlowEncoder:
    """Encodes as another encoder does, later."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.model = encoder.model
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self.max_tokens = encoder.max_tokens
        self.pools_parts = encoder.pools_parts

    def __getattr__(self, name: str) -> object:
        return getattr(self._encoder, name)

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        _take_time(texts)
        return self._encoder.encode(texts, progress)

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[Part]],
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        _take_time(texts)
        return self._encoder.encode_parts(texts, parts, progress)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._encoder.count_tokens(texts)


def _take_time(texts: Sequence[str]) -> None:
    if any("explode" in text for text in texts):
        raise ZeroDivisionError("exploded")
    time.sleep(SECONDS / 2)
    until = time.perf_counter() + SECONDS / 2
    while time.perf_counter() < until:
        pass


def slow_down(application: type[Application]) -> None:
    """Let an application load a slow encoder."""
    load_encoder = application.load_encoder
    encoders: list[SlowEncoder] = []

    def load_slow_encoder(self: Application) -> Encoder:
        if not encoders:
            encoders.append(SlowEncoder(load_encoder(self)))
        return encoders[0]

    application.load_encoder = load_slow_encoder  # type: ignore[method-assign]


if __name__ == "__main__":
    slow_down(Application)
    sys.exit(main(sys.argv[1:]))
