"""Random guides: what people write, and what files hold that nobody meant to write."""

from hypothesis import strategies as st

_ODD_CHARACTERS = [
    "😀", "👩‍💻", "🇩🇪", "e\u0301", "a\u0308\u0323", "ﬁ", "각", "日本語", "مرحبا", "שלום",
    "\u200b", "\u200d", "\u200f", "\u202e", "\ufeff", "\u00a0", "\u00ad",
    "\t", "\f", "\v", "\x85", "\u2028", "\u2029", "\0", "\x1b", "\\", "`", "*", "_", "[", "]", "(",
    ")", "<", ">", "|", "#", "~", "&", "!", "-", "=", ":", ".", "?", " ", "\n",
]  # fmt: skip

_WORDS_TO_DRAW = (
    "the a role SQL builds data Engineers pipelines. Why? e.g. i.e. C++ C# f*g snake_case 2**10 "
    "3.5 Ph.D. U.S. it's “quoted” https://example.org/a?b=c#d naïve Straße 工程师 😀 ok! — and/or "
    "Responsibilities: &amp; &lt; 1. 2) - + *"
)
_WORDS = st.sampled_from(_WORDS_TO_DRAW.split())
_SENTENCES = st.lists(_WORDS, min_size=1, max_size=25).map(" ".join)
_INLINE = st.one_of(
    _SENTENCES,
    _SENTENCES.map(lambda words: f"**{words}**"),
    _SENTENCES.map(lambda words: f"_{words}_"),
    _SENTENCES.map(lambda words: f"~~{words}~~"),
    _SENTENCES.map(lambda words: f"`{words}`"),
    _SENTENCES.map(lambda words: f"[{words}](https://example.org/path?q=1.2 'A title')"),
    _SENTENCES.map(lambda words: f"![{words}](image.png)"),
    _SENTENCES.map(lambda words: f"[{words}][ref]"),
    _SENTENCES.map(lambda words: f"<b>{words}</b><br>"),
    _SENTENCES.map(lambda words: f"<!-- {words} -->"),
    _SENTENCES.map(lambda words: f"**{words}"),
    st.just("word" * 400),
)
_PARAGRAPHS = st.lists(_INLINE, min_size=1, max_size=6).map(" ".join)
_HEADINGS = st.one_of(
    st.builds(lambda level, words: f"{'#' * level} {words}", st.integers(1, 6), _SENTENCES),
    st.builds(lambda level, words: f"{'#' * level}{words}", st.integers(1, 6), _SENTENCES),
    st.builds(lambda words, mark: f"{words}\n{mark * 5}", _SENTENCES, st.sampled_from("=-")),
    _SENTENCES.map(lambda words: f"**{words}**"),
)
_ITEMS = st.lists(
    st.builds(
        lambda depth, mark, words, more: (
            f"{'  ' * depth}{mark} {words}" + (f"\n\n{'  ' * (depth + 1)}{more}" if more else "")
        ),
        st.integers(0, 4),
        st.sampled_from(["-", "*", "1."]),
        _INLINE,
        st.one_of(st.just(""), st.just(""), _SENTENCES),
    ),
    min_size=1,
    max_size=8,
).map("\n".join)


@st.composite
def _tables(draw: st.DrawFn) -> str:
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(_INLINE, min_size=width, max_size=width), min_size=1, max_size=5))
    lines = ["| " + " | ".join(cell.replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + ":---:|" * width, *lines[1:]])


_BLOCKS = st.one_of(
    _HEADINGS,
    _PARAGRAPHS,
    _PARAGRAPHS.map(lambda words: f"{words}:"),
    _ITEMS,
    _tables(),
    _PARAGRAPHS.map(lambda words: f"```python\n{words}\n```"),
    _PARAGRAPHS.map(lambda words: f"    {words}"),
    _PARAGRAPHS.map(lambda words: f"> {words}\n> > {words}"),
    _PARAGRAPHS.map(lambda words: f"<div>\n<p>{words}</p>\n<ul><li>{words}</li></ul>\n</div>"),
    _PARAGRAPHS.map(lambda words: f"<!--\n{words}\n\n{words}\n-->"),
    st.sampled_from(["---", "[ref]: https://example.org 'Title'", "```", "<!--", "- ", "{:.note}"]),
)
_RAW = st.lists(
    st.one_of(st.sampled_from(_ODD_CHARACTERS), _WORDS, st.text(max_size=8)), max_size=120
).map("".join)
_SEPARATORS = st.sampled_from(["\n\n", "\n", "\n\n\n", "\n \t\n"])


def _join(parts: list[tuple[str, str]]) -> str:
    return "".join(part + separator for part, separator in parts)


# Line ends are LF by the time that a text is parsed.
raw_texts = _RAW.map(lambda text: text.replace("\r\n", "\n").replace("\r", "\n"))
markdown_texts = st.lists(
    st.tuples(st.one_of(_BLOCKS, _BLOCKS, _BLOCKS, raw_texts), _SEPARATORS), max_size=12
).map(_join)
plain_texts = st.lists(
    st.tuples(st.one_of(_SENTENCES, _ITEMS, _PARAGRAPHS, raw_texts), _SEPARATORS), max_size=15
).map(_join)
file_texts = st.lists(st.one_of(_RAW, st.sampled_from(["\r\n", "\r", "\n"])), max_size=8).map(
    "".join
)
