import html
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.markup import _SIMPLE, _parse, _remove_simple_markup, remove_markup
from tests.knowledge.texts import markdown_texts, raw_texts
from tests.soak import rounds


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param(" \n\t ", "", id="white space"),
        pytest.param("Plain words,  on\ntwo lines. ", "Plain words, on two lines.", id="lines"),
        pytest.param("## A *slanted* heading ##", "A slanted heading", id="heading"),
        pytest.param("##Heading", "Heading", id="heading without a space"),
        pytest.param("Text.\n##Heading", "Text. Heading", id="heading without a space below"),
        pytest.param("Heading\n=======", "Heading", id="setext"),
        pytest.param("Heading {#anchor}", "Heading", id="anchor"),
        pytest.param("{:.figure}\n![A team](a.png)", "A team", id="attributes"),
        pytest.param("Use {braces} freely {}", "Use {braces} freely {}", id="braces"),
        pytest.param("#1 in sales", "#1 in sales", id="number sign"),
        pytest.param("#general is a channel", "#general is a channel", id="hash tag"),
        pytest.param('??? tip "The *manager*."', "The manager.", id="admonition"),
        pytest.param("!!! note", "", id="admonition without a title"),
        pytest.param("- an item", "an item", id="item"),
        pytest.param("12) an item", "an item", id="numbered item"),
        pytest.param("- a\n  - b\n    1. c", "a b c", id="nested items"),
        pytest.param("> quoted\n> > words", "quoted words", id="quote"),
        pytest.param(
            "**bold**, __bold__, *it*, _it_, ***both***", "bold, bold, it, it, both", id="emphasis"
        ),
        pytest.param("~~struck~~ out", "struck out", id="strikethrough"),
        pytest.param("**Begins bold.", "Begins bold.", id="strong opens"),
        pytest.param("Ends bold.** Goes on", "Ends bold. Goes on", id="strong closes"),
        pytest.param("***Begins both. ", "Begins both.", id="both open"),
        pytest.param("_Note: begins slanted.", "Note: begins slanted.", id="emphasis opens"),
        pytest.param("(ends slanted.)_", "(ends slanted.)", id="emphasis closes"),
        pytest.param("snake_case_name and __init__", "snake_case_name and init", id="underscores"),
        pytest.param("C++, C#, F# and f*g", "C++, C#, F# and f*g", id="signs in names"),
        pytest.param("2**10 * 3 ** 2", "2**10 * 3 ** 2", id="powers"),
        pytest.param("an A* grade", "an A* grade", id="star behind"),
        pytest.param("a < b > c & d", "a < b > c & d", id="comparison"),
        pytest.param("`a**b[0][1] *x*` x", "a**b[0][1] *x* x", id="code"),
        pytest.param("``a ` b``", "a ` b", id="code with a tick"),
        pytest.param("an `open tick", "an `open tick", id="open tick"),
        pytest.param("```python\nx = 1\n```", "x = 1", id="fence"),
        pytest.param("[a *link*](https://x.y 'T')!", "a link!", id="link"),
        pytest.param("[a link](<x y>)", "a link", id="address in brackets"),
        pytest.param("[an empty\nlink]()", "an empty link", id="link to nowhere"),
        pytest.param("[run](javascript:x)", "run", id="link that no browser follows"),
        pytest.param("[**text**][ref] x", "text x", id="link defined elsewhere"),
        pytest.param("[text][] x", "text x", id="collapsed link"),
        pytest.param("![alt *text*](a.png)", "alt text", id="image"),
        pytest.param("![alt][ref]", "alt", id="image defined elsewhere"),
        pytest.param("[![badge](b.svg)](x)", "badge", id="image in a link"),
        pytest.param("[ref]: https://x.y 'T'\n\nText [ref].", "Text ref.", id="definition"),
        pytest.param("an [optional] word", "an [optional] word", id="brackets"),
        pytest.param("matrix[i][j]", "matrix[i][j]", id="indices"),
        pytest.param("<https://x.y/z>", "https://x.y/z", id="address"),
        pytest.param("<b>bold</b>face<br/>line", "boldface line", id="tags"),
        pytest.param("<tr><td>a</td><td>b</td></tr>", "a b", id="HTML row"),
        pytest.param("a<!-- no -->b", "ab", id="comment"),
        pytest.param("<!-- no\n\nno -->\nyes", "yes", id="comment over paragraphs"),
        pytest.param("&amp; &lt;b&gt; &#233; &nbsp;x", "& <b> é x", id="entities"),
        pytest.param(r"\*not bold\* \[x\] \# 1\. \\", r"*not bold* [x] # 1. \\"[:-1], id="escapes"),
        pytest.param("Time: 4 hours\\", "Time: 4 hours", id="hard break at the end"),
        pytest.param(r"\*\*kwargs", "**kwargs", id="escaped strong"),
        pytest.param("| a | **b** |", "a | b", id="row"),
        pytest.param("|  | b | c |", "b | c", id="row with an empty cell"),
        pytest.param(r"| a \| b | c \|", r"a | b | c |", id="escaped bars"),
        pytest.param("| a | b |\n| :---: |---|\n| 1 | 2 |", "a | b 1 | 2", id="table"),
        pytest.param("a | b\n-- | --\n1 | 2", "a | b 1 | 2", id="table without outer bars"),
        pytest.param("either | or", "either | or", id="bar in a sentence"),
        pytest.param("one\n\n---\n\ntwo", "one two", id="rule"),
        pytest.param("e\u0301 👩‍💻 مرحبا 日本語", "e\u0301 👩‍💻 مرحبا 日本語", id="scripts"),
        pytest.param("a\u2028b\x85c\fd\u00a0e", "a b c d e", id="odd white space"),
    ],
)
def test_remove_markup(quote: str, words: str) -> None:
    assert remove_markup(quote) == words


def characters(text: str) -> str:
    """The letters and digits of a text, which no markup is made of."""
    return "".join(filter(str.isalnum, text))


def assert_in_order(words: str, quote: str) -> None:
    position = 0
    for word in words.split():
        found = quote.find(word, position)
        assert found >= 0, (word, quote[position:])
        position = found + len(word)


@given(text=markdown_texts)
def test_every_character_shown_is_in_the_quote_in_order(text: str) -> None:
    text = html.unescape(text)
    shown = characters(remove_markup(text))
    rest = iter(text)
    assert all(character in rest for character in shown)


@given(text=raw_texts)
def test_any_text_is_read_and_shown_on_one_line(text: str) -> None:
    words = remove_markup(text)
    assert words == " ".join(words.split())


# Words between marks, so that many of them are simple and all of them nearly so.
nearly_simple_texts = st.lists(
    st.one_of(
        st.sampled_from(["word", " ", "a b", ". ", "\n", "\n- ", "\n## ", "**a b**", "[a](b_c)"]),
        st.sampled_from(
            """
            * ** _ __ ` ~~ ~ [ ] ( ) ![a](b) [a][b] < <b> > &amp; &x | |---| {.x} # ## - -- + = ===
            1. 2) 1.5 *a* _a_ **a.** a_b a*b C# R&D : ! \\ é 日 - |-|
            """.split()
        ),
        st.sampled_from(
            ["    ", "\n  ", "\n\n", "\t", "\0", "\x85", "\u2028", "\u00a0", "\f", "\n| a | "]
        ),
    ),
    max_size=12,
).map("".join)


@pytest.mark.soak
@settings(max_examples=rounds(sample=150, full=4_000))
@given(text=st.one_of(nearly_simple_texts, nearly_simple_texts, markdown_texts, raw_texts))
def test_simple_markup_is_removed_as_the_parser_would(text: str) -> None:
    quote = text.strip()
    if _SIMPLE.fullmatch(quote):
        assert _remove_simple_markup(quote) == _parse(quote)


@pytest.mark.parametrize(
    "quote",
    [
        "Plain words, on\ntwo lines: R&D, C# and ~5 years.",
        "- **Design.** We *draw* with [a pen](https://example.org/a_b).",
        "## Heading\n\nText.\n\n- item\n- item\n\n  more",
        "| A | B |\n|---|---|\n| one | **two** |",
        "2. second",
    ],
    ids=["plain", "item", "passage", "table", "number"],
)
def test_what_guides_are_made_of_needs_no_parser(quote: str) -> None:
    assert _SIMPLE.fullmatch(quote)


@pytest.mark.parametrize(
    "quote",
    [
        "- **Research.** We [test](x) `all` assumptions &amp; more.",
        "| [Tech Lead](a.md) (System) | Code Reviews |",
        "> *Note:* see <b>this</b>\n> page.",
    ],
    ids=["item", "row", "quote"],
)
def test_every_word_of_a_quote_is_shown_as_it_is_and_again(quote: str) -> None:
    words = remove_markup(quote)
    assert_in_order(words, html.unescape(quote))
    assert remove_markup(words) == words


SIZE = 100_000
PATHOLOGICAL = {
    "brackets": "[",
    "closing brackets": "]",
    "stars": "*",
    "underscores": "_",
    "quotes": ">",
    "quotes with spaces": "> ",
    "less-than signs": "<",
    "ticks": "`",
    "tildes": "~",
    "bars": "|",
    "backslashes": "\\",
    "ampersands": "&",
    "number signs": "#",
    "spaces": " ",
    "dashes": "-",
    "items": "- ",
    "lines": "a\n",
    "images": "![",
    "open links": "[a](",
    "open references": "[a][",
    "comments": "<!--",
    "tags": "<a ",
    "attributes": "{.",
    "delimiter rows": "|-",
    "mixed emphasis": "*a_ ",
    "open strong": "**a ",
    "definitions": "[a]: b\n",
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_pathological_text_takes_linear_time(name: str) -> None:
    unit = PATHOLOGICAL[name]
    started = time.process_time()
    remove_markup("x" + unit * (SIZE // len(unit)) + "y")
    # What was quadratic took minutes; the slowest of these takes two seconds.
    assert time.process_time() - started < 10
