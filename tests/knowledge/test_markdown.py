import pytest
from hypothesis import given

from knowledge.blocks import BlockKind
from knowledge.markdown import parse_markdown
from tests.knowledge.texts import markdown_texts

HEADING, PARAGRAPH, ITEM = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.ITEM
HEADER_ROW, ROW, CODE = BlockKind.HEADER_ROW, BlockKind.ROW, BlockKind.CODE


def blocks_of(text: str, start: int = 0) -> list[tuple[BlockKind, int, str]]:
    return [
        (block.kind, block.level, text[block.start : block.end])
        for block in parse_markdown(text, start)
    ]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        pytest.param("", [], id="empty"),
        pytest.param(" \n\t\n", [], id="white space"),
        pytest.param("One\nparagraph.", [(PARAGRAPH, 0, "One\nparagraph.")], id="no final newline"),
        pytest.param(
            "# A\n\n### B #\nText.\n",
            [(HEADING, 1, "# A"), (HEADING, 3, "### B #"), (PARAGRAPH, 0, "Text.")],
            id="headings",
        ),
        pytest.param(
            "A\n===\n\nB\n---\n", [(HEADING, 1, "A\n==="), (HEADING, 2, "B\n---")], id="setext"
        ),
        pytest.param(
            "##Heading\nText.\nMore.",
            [(HEADING, 2, "##Heading"), (PARAGRAPH, 0, "Text.\nMore.")],
            id="heading without a space",
        ),
        pytest.param(
            "Text.\n#Heading\nText.",
            [(PARAGRAPH, 0, "Text."), (HEADING, 1, "#Heading"), (PARAGRAPH, 0, "Text.")],
            id="heading without a space in between",
        ),
        pytest.param(
            "#1 in sales.\n\n#general\n\n    ##Code",
            [(PARAGRAPH, 0, "#1 in sales."), (PARAGRAPH, 0, "#general"), (CODE, 0, "##Code")],
            id="number signs that make no heading",
        ),
        pytest.param(
            "Pay: 4 euros\\\nHours: 40\n\n> **Place:** Ulm\n> Reports to: a nurse\n",
            [
                (PARAGRAPH, 0, "Pay: 4 euros\\"),
                (PARAGRAPH, 0, "Hours: 40"),
                (PARAGRAPH, 0, "> **Place:** Ulm"),
                (PARAGRAPH, 0, "> Reports to: a nurse"),
            ],
            id="lines with labels",
        ),
        pytest.param(
            "Note: this is long,\nand goes on here: so.",
            [(PARAGRAPH, 0, "Note: this is long,\nand goes on here: so.")],
            id="a line with a label that goes on",
        ),
        pytest.param(
            "**Pay**\n\n**Hours:**\n\n__Why *this*?__\n\n**Bosun\nof a club**\n\n"
            '<span id="a"></span>**Term:**',
            [
                (HEADING, 7, "**Pay**"),
                (HEADING, 7, "**Hours:**"),
                (HEADING, 7, "__Why *this*?__"),
                (HEADING, 7, "**Bosun\nof a club**"),
                (HEADING, 7, '<span id="a"></span>**Term:**'),
            ],
            id="bold lines",
        ),
        pytest.param(
            "**This is a sentence.**\n\n**Pay** is\n\n**a** **b**\n\n**Three\nshort\nlines**\n\n"
            f"**{'w ' * 13}w**",
            [
                (PARAGRAPH, 0, "**This is a sentence.**"),
                (PARAGRAPH, 0, "**Pay** is"),
                (PARAGRAPH, 0, "**a** **b**"),
                (PARAGRAPH, 0, "**Three\nshort\nlines**"),
                (PARAGRAPH, 0, "**" + "w " * 13 + "w**"),
            ],
            id="bold paragraphs that are no headings",
        ),
        pytest.param(
            '{% hint style="info" %}\nOne.\n{% endhint %}\n\n:::note\nTwo.\n:::\n\n!!! tip "Or"\n'
            "    All three of us go there.\n\n(label)=\n# Four\n{: .no_toc }\n\n"
            "[[toc]]\n\n{{< a >}}\n\nNot {% this %}.\n",
            [
                (PARAGRAPH, 0, "One."),
                (PARAGRAPH, 0, "Two."),
                (HEADING, 7, '!!! tip "Or"'),
                (PARAGRAPH, 0, "All three of us go there."),
                (HEADING, 1, "# Four"),
                (PARAGRAPH, 0, "Not {% this %}."),
            ],
            id="lines for a site generator",
        ),
        pytest.param(
            '??? tip "The manager."\n    ### Manager\n\n    Leads.\n!!! note\n\tNot alone.\n'
            "Behind.\n\n    x = {1}\n",
            [
                (HEADING, 7, '??? tip "The manager."'),
                (HEADING, 3, "### Manager"),
                (PARAGRAPH, 0, "Leads."),
                (PARAGRAPH, 0, "Not alone.\nBehind."),
                (CODE, 0, "x = {1}"),
            ],
            id="admonitions",
        ),
        pytest.param(
            "- a\n- b\n  - c\n    lazy\n\n1. d\n",
            [(ITEM, 1, "- a"), (ITEM, 1, "- b"), (ITEM, 2, "- c\n    lazy"), (ITEM, 1, "1. d")],
            id="nested items",
        ),
        pytest.param(
            "- a\n\n  more\n\n  ```\n  x\n  ```\n\n- **b**\n",
            [
                (ITEM, 1, "- a"),
                (PARAGRAPH, 1, "more"),
                (CODE, 1, "```\n  x\n  ```"),
                (ITEM, 1, "- **b**"),
            ],
            id="items of several blocks",
        ),
        pytest.param("- - a\n", [(ITEM, 2, "- - a")], id="two items on one line"),
        pytest.param("-\n\nText.", [(PARAGRAPH, 0, "Text.")], id="empty item"),
        pytest.param(
            "| A | B |\n|---|:-:|\n| 1 | 2 |\n\nText.",
            [(HEADER_ROW, 0, "| A | B |"), (ROW, 0, "| 1 | 2 |"), (PARAGRAPH, 0, "Text.")],
            id="table",
        ),
        pytest.param("> quoted\n> words\n", [(PARAGRAPH, 0, "> quoted\n> words")], id="quote"),
        pytest.param(
            "```\n# x\n```\n\n    y", [(CODE, 0, "```\n# x\n```"), (CODE, 0, "y")], id="code"
        ),
        pytest.param(
            "<h2>A</h2>\n<p>b\n<!-- <li>no --></p><ul>\n<li>c</li>\n</ul>",
            [
                (HEADING, 2, "<h2>A</h2>"),
                (PARAGRAPH, 0, "<p>b\n<!-- <li>no --></p><ul>"),
                (ITEM, 1, "<li>c</li>\n</ul>"),
            ],
            id="HTML",
        ),
        pytest.param(
            "<table><tr><th>A</th></tr>\n<TR><td>1</td></TR></table>",
            [(HEADER_ROW, 0, "<tr><th>A</th></tr>"), (ROW, 0, "<TR><td>1</td></TR></table>")],
            id="HTML table",
        ),
        pytest.param(
            "A:\n\n      A barrister is a lawyer who pleads\n      in court.\n\n      Few do more.",
            [
                (PARAGRAPH, 0, "A:"),
                (PARAGRAPH, 0, "A barrister is a lawyer who pleads\n      in court."),
                (PARAGRAPH, 0, "Few do more."),
            ],
            id="indented sentences",
        ),
        pytest.param(
            "Tasks:\n\n\t- keeps the list of all the members\n\t- writes letters\n",
            [
                (PARAGRAPH, 0, "Tasks:"),
                (ITEM, 1, "- keeps the list of all the members"),
                (ITEM, 1, "- writes letters"),
            ],
            id="indented list",
        ),
        pytest.param(
            "Run:\n\n    Install.all(the, parts);\n    and then run it with care now\n",
            [
                (PARAGRAPH, 0, "Run:"),
                (CODE, 0, "Install.all(the, parts);\n    and then run it with care now"),
            ],
            id="indented code",
        ),
        pytest.param("<div>\n</div>", [], id="HTML without words"),
        pytest.param(
            "<!-- a\n\nb -->\n\n<script>\nx\n</script>",
            [(CODE, 0, "<!-- a\n\nb -->"), (CODE, 0, "<script>\nx\n</script>")],
            id="HTML that is not shown",
        ),
        pytest.param("[ref]: https://x.y 'T'\n\n---\n", [], id="definitions and rules"),
        pytest.param(
            "Form\x0cfeed\u2028line\n\nnext",
            [(PARAGRAPH, 0, "Form\x0cfeed\u2028line"), (PARAGRAPH, 0, "next")],
            id="only LF ends a line",
        ),
    ],
)
def test_parse_markdown(text: str, blocks: list[tuple[BlockKind, int, str]]) -> None:
    assert blocks_of(text) == blocks


def test_what_is_before_the_body_belongs_to_no_block() -> None:
    text = "---\ntitle: T\n---\n# A\n"
    assert blocks_of(text, text.index("#")) == [(HEADING, 1, "# A")]


def test_fifty_lists_within_one_another_are_read() -> None:
    text = "".join(f"{'  ' * n}- item\n" for n in range(45))
    assert [level for _, level, _ in blocks_of(text)] == list(range(1, 46))


@given(text=markdown_texts)
def test_blocks_are_in_order_trimmed_and_apart(text: str) -> None:
    end_before = 0
    for block in parse_markdown(text):
        assert end_before <= block.start < block.end <= len(text)
        words = text[block.start : block.end]
        assert words == words.strip()
        end_before = block.end
