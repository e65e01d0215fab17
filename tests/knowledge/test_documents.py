import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.blocks import BlockKind
from knowledge.documents import Document, DocumentFormat, parse_blocks, parse_document_text


def parse(text: str, id_: str = "data-engineer_guide.md") -> Document:
    return parse_document_text(
        text, id_=id_, source="source", document_format=DocumentFormat.MARKDOWN
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("# The *baker*\n\nText.", "The baker", id="heading"),
        pytest.param("## Small\n\nText.\n\n# Large\n", "Small", id="heading that opens the text"),
        pytest.param("Text.\n\n## A\n\n# B\n\n# C\n", "B", id="highest heading"),
        pytest.param("#\n\n## A\n", "A", id="heading without words"),
        pytest.param("Text.", "Data engineer guide", id="file name"),
        pytest.param("---\ntitle: Own  title\n---\n# A\n", "Own title", id="front matter"),
        pytest.param("---\ntitle: 7\n---\n# A\n", "7", id="number"),
        pytest.param("---\ntitle: ''\n---\n# A\n", "A", id="empty front matter"),
        pytest.param("---\njobTitle: Web Editor\n---\n# Duties\n", "Web Editor", id="of a job"),
        pytest.param("---\nposition_title: X\ntitle: T\n---\n# A\n", "T", id="title first"),
        pytest.param("---\njobTitle: [a]\n---\n# A\n", "A", id="title of a job that is no text"),
        pytest.param("**Job Title:** Web Editor\n\n# Duties\n", "Web Editor", id="said in a line"),
        pytest.param(
            "> Job title: Web Editor\n> Pay: 4 euros\n\n# Duties\n",
            "Web Editor",
            id="said in a head",
        ),
        pytest.param("# Editors\n\nTitle: Web Editor\n", "Editors", id="said below a heading"),
        pytest.param("A title: what is it? Nobody knows.\n\n# A\n", "A", id="no title said"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert parse(text).title == title


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("Duties & Responsibilities", "Jobs shelver"),
        ("About the role", "Jobs shelver"),
        ("{{ page.title }}", "Jobs shelver"),
        ("What You Will Shelve", "What You Will Shelve"),
    ],
)
def test_what_heads_a_part_of_any_guide_is_no_title(heading: str, title: str) -> None:
    assert parse(f"Text.\n\n# {heading}\n\nText.\n", "jobs-shelver.md").title == title


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


def _blocks(text: str) -> list[str]:
    document = parse(text)
    blocks = parse_blocks(document.text, document.body_start, document.format)
    return [text[block.start : block.end] for block in blocks]


def test_sentences_of_front_matter_are_the_guides_own() -> None:
    text = (
        "---\nlayout: job\nblurb: |\n  Painters paint walls and doors all day.\n\n  - They mix.\n"
        "hours: Forty\ntags: [one, 'Whoever paints well is paid well here.']\n"
        "parts:\n  - |\n    # What they do\n\n    They wash brushes by night and by day.\n"
        "---\nBehind it.\n"
    )
    assert _blocks(text) == [
        "Painters paint walls and doors all day.",
        "- They mix.",
        "hours: Forty",
        "Whoever paints well is paid well here.",
        "# What they do",
        "They wash brushes by night and by day.",
        "Behind it.",
    ]
    assert parse(text).body_start == text.index("  Painters")


@pytest.mark.parametrize(
    "line",
    [
        "title: It is about what all the painters do.",
        "aliases: [Whoever paints all of the walls well.]",
        "job_title: It is about what all the painters do.",
        "tags: painters, walls, doors, brushes, buckets, ladders",
        "motto: Forty each week.",
        "note: 'It''s what all of the painters do.'",
        'note: "It is \\u0041 what all of the painters do."',
    ],
    ids=["title", "aliases", "title of a job", "tags", "few words", "quote", "escape"],
)
def test_what_else_front_matter_says_is_not_quoted(line: str) -> None:
    assert _blocks(f"---\n{line}\n---\nBehind it.\n") == ["Behind it."]


def test_what_front_matter_says_of_a_job_is_quoted_with_its_key() -> None:
    text = (
        '---\ntitle: Baker\nsalary: $50,000 a year\nlayout: job\ntimeCommitment: "10 hrs/week"\n'
        "location:\nreports_to: the head baker\nlevel: ~\ngrade: [one]\ndate: 2020-01-01\n"
        "work-hours: They bake from three in the morning on.\n---\nBehind it.\n"
    )
    assert _blocks(text) == [
        "salary: $50,000 a year",
        'timeCommitment: "10 hrs/week"',
        "reports_to: the head baker",
        "They bake from three in the morning on.",
        "Behind it.",
    ]
    assert parse(text).body_start == text.index("salary")


def test_lines_of_front_matter_need_not_be_sentences() -> None:
    text = "---\nrole: Cook\nduties: >-\n  * Cut onions and wash pots\n\n  * Taste\n---\n"
    assert _blocks(text) == ["* Cut onions and wash pots", "* Taste"]


def test_what_front_matter_says_twice_is_quoted_once() -> None:
    text = "---\na: &a [It is about what all the painters do.]\nb: *a\n---\nBehind it.\n"
    assert _blocks(text) == ["It is about what all the painters do.", "Behind it."]


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


@pytest.mark.parametrize(
    ("front_matter", "title", "aliases"),
    [
        (
            'title = "Web  Editor"\naliases = ["/editor/", "Site Editor"]',
            "Web Editor",
            ("Site Editor",),
        ),
        ('title = "Web Editor"\nauthors = [“Jo”]\ntags = [\n  "a",\n]', "Web Editor", ()),
        ("date = 2021-01-29", "Data engineer guide", ()),
        ("[extra]\ntitle = 1", "Data engineer guide", ()),
    ],
)
def test_front_matter_may_be_toml(front_matter: str, title: str, aliases: tuple[str, ...]) -> None:
    document = parse(f"+++\n{front_matter}\n+++\nText.\n")
    assert (document.title, document.aliases) == (title, aliases)
    assert document.text[document.body_start :] == "Text.\n"


@pytest.mark.parametrize(
    ("front_matter", "quoted"),
    [
        (
            '+++\ntitle = "Cook"\nsalary = "70,000"\na_degree_required = "None"\nid = "7"\n'
            'summary = "A cook cooks for all who are hungry."\nseo_title = "Is it fun to be one?"\n'
            '[extra]\nnote = "A cook is never late for the first bus."\n+++\nText.\n',
            [
                'salary = "70,000"',
                'a_degree_required = "None"',
                "A cook cooks for all who are hungry.",
                "A cook is never late for the first bus.",
            ],
        ),
        (
            '---\nseo_title: "What does a cook do all day long?"\nhours: 40\n---\nText.\n',
            ["hours: 40"],
        ),
        ('+++\nid = "7"\n+++\nText.\n', []),
        (
            '---\nduties: "A cook has to do this:\\r\\n\\r\\n   * peel\\n* say \\"yes\\"\\r\\n"\n'
            'needs: "Whoever cooks here must like\\\n  \\ onions a lot."\n'
            'path: "Go to C:\\\\new and rest."\n'
            'odd: "A\\u2019s or B\\u2019s are what we always want."\n'
            'tab: "It is us\\tor it is them, then."\n'
            'by: &a "Both of us are glad to be here."\n---\nText.\n',
            [
                "A cook has to do this:",
                "* peel",
                '* say \\"yes\\"',
            ],
        ),
        (
            '---\nduties: "Join us now!\\n\\nYou will bake \\"rye\\" bread here."\n---\nText.\n',
            ["Join us now!", 'You will bake \\"rye\\" bread here.'],
        ),
        (
            '---\nduties: ["You wave to us all day.", "We go when all is baked."]\n---\nText.\n',
            ["You wave to us all day.", "We go when all is baked."],
        ),
        ('+++\nnote = """\nYou say it.\npay = "none"\n"""\n+++\nText.\n', []),
        ("---\nx: &p 40k\nsalary: *p\n---\nText.\n", []),
    ],
    ids=[
        "TOML",
        "titles for search engines",
        "nothing of the guide's own",
        "escaped line ends",
        "short first lines",
        "lists in a line",
        "long texts in TOML",
        "values from elsewhere",
    ],
)
def test_what_front_matter_says_of_a_job_is_quoted(front_matter: str, quoted: list[str]) -> None:
    document = parse(front_matter)
    blocks = parse_blocks(document.text, document.body_start, document.format)
    assert [document.text[one.start : one.end] for one in blocks] == [*quoted, "Text."]
    assert not any(one.kind is BlockKind.CODE for one in blocks)


def test_a_line_of_front_matter_is_no_title_of_plain_text() -> None:
    text = '---\nd: "Join us now\\n\\nYou will work here every day."\n---\nThis is about bakers.\n'
    document = parse_document_text(
        text, id_="baker.txt", source="", document_format=DocumentFormat.PLAIN_TEXT
    )
    assert document.title == "Baker"
