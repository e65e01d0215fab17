import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.reading.file_names import check_file_name

_ODD = st.sampled_from(
    ["..", "/", "\\", "\0", "\n", "\u202e", "\u200b", ":", " ", ".", "con", "é", "e\u0301", "😀"]
)
_NAMES = st.lists(_ODD | st.text(max_size=3), max_size=6).map("".join)


def is_refused(name: str) -> bool:
    try:
        check_file_name(name)
    except ValueError:
        return True
    return False


@given(name=_NAMES | st.text(max_size=300))
def test_a_name_is_refused_or_names_a_file_in_its_folder(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if is_refused(name):
        return
    folder = tmp_path_factory.mktemp("folder")
    path = folder / name
    path.write_text("Text.")
    assert [found.resolve() for found in folder.iterdir()] == [path]
    assert unicodedata.normalize("NFC", next(folder.iterdir()).name) == unicodedata.normalize(
        "NFC", name
    )
    assert name.isprintable() or {"\u200c", "\u200d"} & set(name) or any(map(str.isspace, name))


@pytest.mark.parametrize(
    "name",
    [
        "nurse.md",
        "Pflege & Kranke (2024).pdf",
        "工程师.txt",
        "a b.c.md",
        "console.md",
        "می‌خواهم.md",
    ],
)
def test_ordinary_names_are_taken(name: str) -> None:
    check_file_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "a/b.md", "a\\b.md", "/etc/passwd", "C:a.md", "a\0.md", "a\n.md"),
        *("NUL.md", "com1.txt", "LPT9", ".a.md", " a.md", "a.md ", "a.", "x" * 201, "é" * 101),
        *("a\u202eb.md", "a\u200bb.md", "a\ufeffb.md", "a\u2029b.md", "\ud800.md", "a?.md"),
    ],
)
def test_names_that_mislead_or_lead_elsewhere_are_refused(name: str) -> None:
    assert is_refused(name)
