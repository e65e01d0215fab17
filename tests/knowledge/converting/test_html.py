import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.blocks import BlockKind
from knowledge.converting.converted import ConversionError
from knowledge.converting.converters import convert_bytes
from knowledge.markdown import parse_markdown

_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Data engineer | ACME careers</title>
<style>p { color: red }</style><script>var secret = "script";</script></head><body>
<a class="skip-link" href="#main">Skip to content</a>
<header class="site-header"><nav><ul><li><a href="/">Home</a><li><a href="/jobs">Jobs</a></ul>
</nav></header>
<div id="cookie-banner">We use cookies. <button>Accept all</button></div>
<div class="layout with-sidebar"><div class="sidebar"><ul><li>Sidebar words</ul></div>
<div class="content">
<h1>Data engineer</h1>
<p>Builds <b>pipelines</b> that carry <a href="https://example.org/data_a">data</a>,
   and <i>cares</i> for <code>them</code>.</p>
<h2>Skills</h2>
<p>They need:</p>
<ul><li>SQL<ul><li>joins<li><p>windows</p><p>and more of them</p></ul>
<li><strong>Python:</strong> for pipelines.<ol start="3"><li>third<li>fourth</ol></ul>
<table><caption>Pay by level</caption><tr><th>Level<th>Pay</tr>
<tr><td rowspan="2">Junior<td>10 | 20</tr><tr><td>30<br>40</tr></table>
<dl><dt>Pipeline<dd>What carries data.</dl>
<pre><code>select 1
  &lt; 2</code></pre>
<p hidden>hidden words</p><p style="display: none">styled away</p><div aria-hidden="true">icon</div>
<p>1. no list</p><p># no heading</p><p>2 &lt; 3 &amp;&amp; &lt;b&gt;</p>
<p>one<br>line<br><br>and another</p>
<!-- a comment --><noscript>Turn on scripts</noscript><img alt="a picture">
</div></div>
<div class="related-posts"><h3>Related posts</h3></div>
<footer>© ACME <a href="/imprint">Imprint</a></footer></body></html>"""

_MARKDOWN = """# Data engineer

Builds **pipelines** that carry [data](https://example.org/data_a), and cares for them.

## Skills

They need:

- SQL
  - joins
  - windows

    and more of them
- **Python:** for pipelines.

  3. third
  4. fourth

Pay by level

| Level | Pay |
| --- | --- |
| Junior | 10 \\| 20 |
| Junior | 30 40 |

**Pipeline**

What carries data.

```
select 1
  < 2
```

1\\. no list

\\# no heading

2 \\< 3 \\&\\& \\<b>

one line

and another
"""


def html(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def convert(body: str) -> str:
    return convert_bytes(html(body), ".html").text


def test_a_page_is_what_it_is_about() -> None:
    converted = convert_bytes(_PAGE.encode(), ".html")
    assert converted.text == _MARKDOWN
    assert converted.title == "Data engineer"
    assert converted.page_starts == ()


@pytest.mark.parametrize(
    "name",
    [
        *("cookie-banner-wrapper", "post-navigation", "siteFooter", "wp-block-sidebar", "comments"),
        *("onetrust-consent-sdk", "sr-only", "related_posts", "top-menu mobile", "search-form"),
    ],
)
def test_names_tell_what_is_not_content(name: str) -> None:
    words = "The work of a nurse is to care for people. " * 5
    for attribute in ("class", "id"):
        text = convert(f'<h1>Nurse</h1><p>{words}</p><div {attribute}="{name}"><p>Else.</p></div>')
        assert text == f"# Nurse\n\n{words.strip()}\n"


@pytest.mark.parametrize(
    "name",
    ["job-search-tips", "content-with-sidebar", "has-menu", "share-your-story", "cookie-baking"],
)
def test_names_of_content_are_not_mistaken(name: str) -> None:
    words = "The work of a nurse is to care for people. " * 5
    text = convert(f'<h1>Nurse</h1><p>{words}</p><div class="{name}"><p>Else.</p></div>')
    assert text.endswith("\n\nElse.\n")


def test_the_main_element_is_the_page() -> None:
    words = "The work of a nurse is to care for people. " * 5
    text = convert(f"<div>Top words</div><main><p>{words}</p></main><div>End words</div>")
    assert text.strip() == words.strip()


def test_a_main_element_with_hardly_a_word_is_not() -> None:
    words = "The work of a nurse is to care for people. " * 5
    text = convert(f"<main><p>Loading</p></main><div><p>{words}</p></div>")
    assert words.strip() in text


@pytest.mark.parametrize(
    "body",
    [
        "<nav><p>{}</p></nav>",
        '<div class="menu"><p>{}</p></div>',
        "<aside><p>{}</p></aside>",
        '<div id="comments"><p>{}</p></div>',
        "<footer><p>{}</p></footer>",
    ],
)
def test_a_page_that_is_nothing_but_content_is_kept(body: str) -> None:
    words = "All there is to read stands in an odd place."
    assert convert(body.format(words)).strip() == words


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="windows-1252">', "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">', "iso8859_15"),
        ('<meta charset="shift_jis">', "shift_jis"),
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ('<meta charset="no-such-encoding">', "utf-8"),
        ('<meta charset="utf-8">', "cp1252"),
    ],
)
def test_encodings_are_found(head: str, encoding: str) -> None:
    words = "求人票の書き方" if encoding == "shift_jis" else "Fähigkeiten für Köche: Präzision"
    data = html(f"<p>{words}</p>", head).decode().encode(encoding)
    assert convert_bytes(data, ".htm").text.strip() == words


def test_rows_of_links_above_the_headings_are_navigation() -> None:
    links = "".join(f'<li><a href="/{name}">{name}</a>' for name in ("home", "jobs", "blog", "faq"))
    contents = "".join(f'<li><a href="#p{at}">Part {at}</a>' for at in range(4))
    reading = links.replace("/jobs", "https://example.org/jobs")
    body = f"<ul>{links}</ul><h1>Cook</h1><ul>{contents}</ul><p>{'Cooks cook. ' * 9}</p>"
    text = convert(f"{body}<h2>Further reading</h2><ul>{reading}</ul>")
    assert "- [jobs](/jobs)" not in text
    assert "- [jobs](https://example.org/jobs)" in text
    assert "- [Part 2](#p2)" in text


def test_links_that_do_something_are_but_words() -> None:
    assert convert('<p><a href="javascript:alert(1)">Press</a> <a href="data:x">this</a></p>') == (
        "Press this\n"
    )


def test_tables_that_place_things_are_no_tables() -> None:
    text = convert(
        "<table><tr><td><h1>Cook</h1><p>Cooks cook.</p></td><td><p>More.</p></td></table>"
    )
    assert text == "# Cook\n\nCooks cook.\n\nMore.\n"


def test_preformatted_words_that_are_no_code_are_text() -> None:
    assert convert("<pre>Cooks cook.\nNurses nurse.</pre>") == "Cooks cook. Nurses nurse.\n"


def test_xhtml_is_read_too() -> None:
    data = (
        b'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
        b"<head><title/></head><body><h1>Cook</h1><p>Cooks &amp; more</p></body></html>"
    )
    assert convert_bytes(data, ".xhtml").text == "# Cook\n\nCooks & more\n"


def test_a_heading_within_the_title_is_the_title() -> None:
    data = html("<h1>Cook</h1><p>Cooks cook.</p>", "<title>Careers</title>")
    assert convert_bytes(data, ".html").title == "Careers"


_NAMES = st.sampled_from(
    [
        "p",
        "div",
        "span",
        "ul",
        "li",
        "ol",
        "b",
        "a",
        "h2",
        "td",
        "tr",
        "table",
        "section",
        "dl",
        "dt",
    ]
)


@st.composite
def _trees(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(_NAMES)
    inner = draw(st.lists(_trees(depth=depth + 1), max_size=3)) if depth < 4 else []
    word = draw(st.text(alphabet="abc", min_size=1, max_size=4))
    tail = draw(st.text(alphabet="xyz", min_size=1, max_size=4))
    return f"<{name}> {word} {''.join(inner)} {tail} </{name}>"


@given(st.lists(_trees(), min_size=1, max_size=4))
def test_no_word_of_a_page_is_lost_or_told_twice(trees: list[str]) -> None:
    from lxml import etree

    body = "".join(trees)
    page = etree.fromstring(html(body), etree.HTMLParser(encoding="utf-8"))
    expected = sorted("".join(f" {text} " for text in page.itertext()).split())
    words = convert(body).replace("|", " ").replace("*", " ").replace("#", " ").split()
    assert sorted(word for word in words if word.isalpha()) == expected


@given(st.text(max_size=60), st.text(alphabet="<>/ab&;!-= \"'pdiv", max_size=60))
def test_any_text_is_read_or_refused(words: str, markup: str) -> None:
    data = (words + markup).encode("utf-8", "replace")
    try:
        text = convert_bytes(data, ".html").text
    except ConversionError:
        return
    assert "\0" not in text
    assert "\r" not in text
    assert parse_markdown(text) or not any(map(str.isalnum, text))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"%PDF-1.7", "it is not a web page but a PDF"),
        (b"PK\x03\x04zip", "it is not a web page but a ZIP archive"),
        (b"<html><body><script>x</script></body></html>", "no words"),
        (b"<html>\0\1\2\3\4\5\6\xff\xfe", "binary data"),
        (b"<div>" * 50_000 + b"deep", "nested too deeply"),
    ],
    ids=["empty", "pdf", "zip", "no words", "binary", "deep"],
)
def test_what_is_no_page_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ConversionError, match=reason):
        convert_bytes(data, ".html")


def test_deep_pages_are_read_as_far_as_they_can_be() -> None:
    text = convert("<ul><li>" * 400 + "deep words" + "</li></ul>" * 400)
    (block,) = parse_markdown(text)
    assert block.kind is BlockKind.ITEM
