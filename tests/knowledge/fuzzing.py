"""Files that nobody would write, made from those that people do: mutations for fuzzing.

A file is mutated as bytes, as lines and as Markdown. What a file is read into, its blocks and
sentences in rough numbers, is its trait; a mutant of a trait not seen before is mutated further,
so that the search goes where the readers do something new.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
"""Inputs that once broke something, or might have; each is always read."""

_GUIDES = Path(__file__).parents[1] / "quality" / "collections"
_SEED_GUIDE = Path(__file__).parents[2] / "seeds" / "software-engineer-data-science.txt"
_BYTES_OF_PIECE = 1_500
_MAX_BYTES = [2_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_000, 8_000, 8_000, 60_000]
_MAX_POOL = 4_000

_MARKS = [
    *("# ", "## ", "#Heading", "###### ", "- ", "* ", "+ ", "1. ", "2) ", "(a) ", "• ", "> "),
    *("```\n", "~~~ python\n", "    ", "\t", "  ", "\n", "\n\n", "\r\n", "\r", "---\n", "===\n"),
    *("***\n", "| a | b |\n|---|:-:|\n| 1 | 2 |\n", "|", "\\|", "**", "__", "*", "_", "~~", "`"),
    *("[a](b)", "[a][b]", "[b]: c 'd'\n", "![", "](", "[", "]", "(", ")", "<", ">", "<!--", "-->"),
    *("<div>\n", "</div>", "<li>", "<h1>", "<tr><th>", "<script>", "<style>", "<![CDATA[", "<?php"),
    *("&amp;", "&#x0;", "&#1114112;", "&nbsp;", "\\", "{#id}", "{:.note}", "[^1]", "[^1]: ", "$$"),
    *("---\ntitle: T\n---\n", "---\n", "...\n", "title: ", "aliases: [a, b]\n", "url: https://x.y\n"),
    *("!!timestamp ", "!!int ", "!!bool ", "!!float ", "!!set ", "&a ", "*a", "<<: *a\n", "? "),
    *("Dr. ", "e.g. ", "U.S. ", "3.5 ", "?!", "…", ".”", ":\n", ": ", "; ", "http://a.b/c?d=e#f "),
    *("\u200b", "\u200d", "\u202e", "\ufeff", "\u00a0", "\u00ad", "\u0085", "\u2028", "\u2029"),
    *("\f", "\v", "\0", "\x1b[2J", "\x7f", "e\u0301" * 9, "👩‍💻", "🇩🇪", "日本", "\U0010ffff"),
]  # fmt: skip
_BYTES = [
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xed\xa0\x80"),
    *(b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xff", b"\xe2\x82", b"\x1b$B", b"+/v8", b"\0"),
]
_ENCODINGS = [
    *("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp1252", "latin-1"),
    *("shift_jis", "gb18030", "big5", "euc_kr", "koi8_r", "cp1251", "iso2022_jp"),
]


class TooSlowError(BaseException):
    """Reading one input took longer than it may; no reader catches it."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise `TooSlowError` within the block once it has taken so long on the processor."""
    import signal

    def stop(number: int, frame: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


class Fuzzer:
    """Makes inputs, and learns which of them led to something new."""

    def __init__(self, chance: random.Random, seeds: Sequence[bytes]) -> None:
        """Take a source of chance and the files to start from."""
        self._chance = chance
        self._pool = list(seeds)
        self._traits: set[object] = set()

    @property
    def traits(self) -> int:
        """How many traits have been seen."""
        return len(self._traits)

    def make_input(self) -> bytes:
        """Return one input."""
        data = self._choose()
        for _ in range(self._chance.choice([1, 1, 2, 3, 5, 10])):
            data = self._chance.choice(_MUTATIONS)(self._chance, data, self._choose)
        return data[: self._chance.choice(_MAX_BYTES)]

    def learn(self, data: bytes, trait: object) -> bool:
        """Keep an input whose trait is new, and say whether it is."""
        if trait in self._traits:
            return False
        self._traits.add(trait)
        if len(self._pool) < _MAX_POOL:
            self._pool.append(data)
        else:
            self._pool[self._chance.randrange(len(self._pool))] = data
        return True

    def _choose(self) -> bytes:
        # What was learnt last leads furthest.
        if self._chance.random() < 0.3:
            return self._pool[-1 - self._chance.randrange(min(len(self._pool), 50))]
        return self._chance.choice(self._pool)


def read_seeds() -> list[bytes]:
    """Return pieces of real guides, and the corpus."""
    guides = (path for path in _GUIDES.glob("*/guides/**/*") if path.is_file())
    paths = [_SEED_GUIDE, *sorted(guides)]
    pieces = [
        data[start : start + _BYTES_OF_PIECE]
        for data in (path.read_bytes() for path in paths)
        for start in range(0, min(len(data), 4 * _BYTES_OF_PIECE), _BYTES_OF_PIECE)
    ]
    return [*pieces, *(path.read_bytes() for path in corpus_files())]


def corpus_files() -> list[Path]:
    """Return the files of the corpus."""
    return sorted(path for path in CORPUS.iterdir() if path.suffix == ".bin")


Choose = Callable[[], bytes]
_Mutation = Callable[[random.Random, bytes, Choose], bytes]


def _place(chance: random.Random, data: Sequence[object]) -> int:
    return chance.randint(0, len(data))


def _span(chance: random.Random, data: Sequence[object]) -> tuple[int, int]:
    start = _place(chance, data)
    return start, min(len(data), start + int(chance.expovariate(1 / 30)) + 1)


def _flip_bits(chance: random.Random, data: bytes, choose: Choose) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _insert_bytes(chance: random.Random, data: bytes, choose: Choose) -> bytes:
    piece = chance.choice([chance.choice(_BYTES), chance.randbytes(chance.randint(1, 6))])
    place = chance.choice([0, _place(chance, data)])
    return data[:place] + piece + data[place:]


def _delete(chance: random.Random, data: bytes, choose: Choose) -> bytes:
    start, end = _span(chance, data)
    return data[:start] + data[end:]


def _cut_off(chance: random.Random, data: bytes, choose: Choose) -> bytes:
    return data[: _place(chance, data)]


def _repeat(chance: random.Random, data: bytes, choose: Choose) -> bytes:
    start, end = _span(chance, data)
    times = chance.choice([2, 3, 10, 100, 1_000])
    return data[:start] + data[start:end] * times + data[end:]


def _splice(chance: random.Random, data: bytes, choose: Choose) -> bytes:
    other = choose()
    start, end = _span(chance, other)
    place = _place(chance, data)
    if chance.random() < 0.5:
        return data[:place] + other[start:]
    return data[:place] + other[start:end] + data[place:]


def _encode_anew(chance: random.Random, data: bytes, choose: Choose) -> bytes:
    return data.decode(errors="replace").encode(chance.choice(_ENCODINGS), errors="replace")


def _change_text(
    change: Callable[[random.Random, str], str],
) -> _Mutation:
    def mutate(chance: random.Random, data: bytes, choose: Choose) -> bytes:
        text = data.decode(errors="surrogateescape")
        return change(chance, text).encode(errors="surrogateescape")

    return mutate


def _insert_mark(chance: random.Random, text: str) -> str:
    mark = chance.choice(_MARKS) * chance.choice([1, 1, 1, 2, 3, 50])
    starts = [0, *(place + 1 for place, letter in enumerate(text) if letter == "\n")]
    place = chance.choice([0, chance.choice(starts), chance.choice(starts), _place(chance, text)])
    return text[:place] + mark + text[place:]


def _insert_character(chance: random.Random, text: str) -> str:
    number = chance.choice([0x80, 0x3000, 0xFFFF, 0x10FFFF])
    character = chr(chance.randint(0, number))
    place = _place(chance, text)
    is_half = "\ud800" <= character <= "\udfff"
    return text[:place] + ("" if is_half else character) + text[place:]


def _change_lines(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    start, end = _span(chance, lines)
    mark = chance.choice(_MARKS)
    match chance.randrange(6):
        case 0:
            chance.shuffle(lines)
        case 1:
            lines[start:end] = [mark + line for line in lines[start:end]]
        case 2:
            lines[start:end] = [line + mark for line in lines[start:end]]
        case 3:
            lines[start:end] = [
                "  " * depth + "- " + line for depth, line in enumerate(lines[start:end])
            ]
        case 4:
            lines[start:end] = lines[start:end] * chance.choice([2, 20])
        case _:
            lines[start:end] = [" ".join(lines[start:end])]
    return "\n".join(lines)


def _wrap(chance: random.Random, text: str) -> str:
    start, end = _span(chance, text)
    mark = chance.choice(_MARKS)
    return text[:start] + mark + text[start:end] + mark + text[end:]


def _replace_spaces(chance: random.Random, text: str) -> str:
    return text.replace(" ", chance.choice(["", "  ", "\t", "\n", "\u00a0", "\u2028"]), 200)


_MUTATIONS: Sequence[_Mutation] = [
    *(_flip_bits, _insert_bytes, _delete, _cut_off, _repeat, _splice, _splice, _encode_anew),
    *map(
        _change_text,
        [
            *(_insert_mark, _insert_mark, _insert_mark, _insert_character),
            *(_change_lines, _change_lines, _wrap, _replace_spaces),
        ],
    ),
]
