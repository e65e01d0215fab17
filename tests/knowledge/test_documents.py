import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Document, DocumentFormat, parse_document_text


def parse(text: str, id_: str = "data-engineer_guide.md") -> Document:
    return parse_document_text(
        text, id_=id_, source="source", document_format=DocumentFormat.MARKDOWN
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("# The *role*\n\nText.", "The role", id="heading"),
        pytest.param("## Small\n\nText.\n\n# Large\n", "Small", id="heading that opens the text"),
        pytest.param("Text.\n\n## A\n\n# B\n\n# C\n", "B", id="highest heading"),
        pytest.param("#\n\n## A\n", "A", id="heading without words"),
        pytest.param("Text.", "Data engineer guide", id="file name"),
        pytest.param("---\ntitle: Own  title\n---\n# A\n", "Own title", id="front matter"),
        pytest.param("---\ntitle: 7\n---\n# A\n", "7", id="number"),
        pytest.param("---\ntitle: ''\n---\n# A\n", "A", id="empty front matter"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert parse(text).title == title


@pytest.mark.parametrize(
    ("text", "body"),
    [
        pytest.param("---\ntitle: T\n---\nBody.", "Body.", id="dashes"),
        pytest.param("--- \ntitle: T\n...\n\nBody.", "\nBody.", id="dots"),
        pytest.param("---\ntitle: T\n---", "", id="nothing behind"),
        pytest.param("---\n---\nBody.", "---\n---\nBody.", id="empty"),
        pytest.param("---\nwords\n---\nBody.", "---\nwords\n---\nBody.", id="no mapping"),
        pytest.param("---\ntitle: T\n\nBody.", "---\ntitle: T\n\nBody.", id="unclosed"),
        pytest.param("\n---\ntitle: T\n---\n", "\n---\ntitle: T\n---\n", id="not at the start"),
        pytest.param("----\ntitle: T\n----\n", "----\ntitle: T\n----\n", id="a rule"),
    ],
)
def test_the_body_starts_behind_front_matter(text: str, body: str) -> None:
    document = parse(text)
    assert document.text == text
    assert document.text[document.body_start :] == body


@pytest.mark.parametrize(
    ("line", "aliases"),
    [
        pytest.param(
            "aliases: [SRE, 'site  reliability', 42]", ("SRE", "site reliability", "42"), id="list"
        ),
        pytest.param("aliases: SRE, DevOps,", ("SRE", "DevOps"), id="text"),
        pytest.param("aliases:", (), id="none"),
        pytest.param("other: x", (), id="absent"),
    ],
)
def test_aliases(line: str, aliases: tuple[str, ...]) -> None:
    assert parse(f"---\n{line}\n---\n").aliases == aliases


@given(text=st.text(max_size=300))
def test_any_text_is_parsed_or_refused_for_its_front_matter(text: str) -> None:
    for candidate in (text, f"---\n{text}\n---\n"):
        try:
            document = parse(candidate)
        except ValueError as error:
            if "its front matter" not in str(error):
                raise
            continue
        assert document.text == candidate
        assert document.title


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("1.10", "1.10"),
        ("yes", "yes"),
        ("2026-11-26", "2026-11-26"),
        ("2026-99-99", "2026-99-99"),
        ("null", None),
        ("~", None),
        ("", None),
        ("!!timestamp soon", "soon"),
        ("!!bool maybe", "maybe"),
        ("!!int ''", None),
        ("0x" + "f" * 9000, "0x" + "f" * 9000),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_title_is_taken_as_it_is_written(written: str, title: str | None) -> None:
    text = f"---\ntitle: {written}\n---\nText."
    assert parse(text).title == (title or "Data engineer guide")


def test_no_object_of_python_is_made_of_front_matter() -> None:
    with pytest.raises(ValueError, match="title is not a text"):
        parse("---\ntitle: !!python/object/apply:os.abort []\n---\nText.")


def test_front_matter_that_multiplies_itself_is_no_bomb() -> None:
    lines = ["a0: &a0 {k: v}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 100)]
    assert parse("\n".join(["---", *lines, "title: T", "---", "Text."])).title == "T"


@pytest.mark.parametrize("key", ["title", "aliases"])
def test_half_a_character_in_front_matter_is_named(key: str) -> None:
    text = f'---\n{key}: "\\uD800"\n---\nText.\n'
    with pytest.raises(ValueError, match="half a character"):
        parse_document_text(
            text, id_="a.md", source="a.md", document_format=DocumentFormat.MARKDOWN
        )
