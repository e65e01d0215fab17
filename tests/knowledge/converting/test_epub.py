import pytest

from knowledge.converting.converted import ConversionError
from knowledge.converting.converters import convert_bytes
from tests.knowledge.converting.making import change_archive, make_archive, make_epub

_BOOK = make_epub(
    {
        "pay.xhtml": "<h1>Pay</h1><table><tr><th>Level</th><th>Pay</th></tr>"
        "<tr><td>Junior</td><td>10</td></tr></table>",
        "skills.xhtml": "<h1>Skills</h1><p>They <b>need</b> &amp; learn:</p><ul><li>SQL</li></ul>"
        '<nav epub:type="toc" xmlns:epub="http://www.idpf.org/2007/ops"><p>Contents</p></nav>'
        '<span epub:type="pagebreak" xmlns:epub="http://www.idpf.org/2007/ops">12</span>',
    },
    spine=["skills.xhtml", "pay.xhtml"],
    title="Careers &amp; more",
)


def test_chapters_are_in_the_order_of_the_spine() -> None:
    converted = convert_bytes(_BOOK, ".epub")
    assert converted.text == (
        "# Skills\n\nThey **need** & learn:\n\n- SQL\n\n"
        "# Pay\n\n| Level | Pay |\n| --- | --- |\n| Junior | 10 |\n"
    )
    assert converted.title == "Careers & more"
    assert converted.page_starts == ()


def test_the_table_of_contents_is_left_out() -> None:
    def mark(package: str) -> str:
        return package.replace('id="pay.xhtml"', 'id="pay.xhtml" properties="nav"')

    data = change_archive(_BOOK, {"book/content.opf": mark})
    assert "Pay" not in convert_bytes(data, ".epub").text


def test_chapters_that_are_missing_or_lead_elsewhere_are_passed_over() -> None:
    def point(package: str) -> str:
        return package.replace('href="pay.xhtml"', 'href="../../../etc/passwd"')

    data = change_archive(_BOOK, {"book/content.opf": point})
    assert convert_bytes(data, ".epub").text.startswith("# Skills")


def _encryption(algorithm: str) -> str:
    return (
        '<encryption xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>'
        f'<enc:EncryptionMethod Algorithm="{algorithm}"/></enc:EncryptedData></encryption>'
    )


def test_books_with_hidden_fonts_are_read_and_encrypted_ones_are_refused() -> None:
    fonts = _encryption("http://www.idpf.org/2008/embedding")
    name = "META-INF/encryption.xml"
    assert convert_bytes(change_archive(_BOOK, {name: lambda _: fonts}), ".epub").text
    words = _encryption("http://www.w3.org/2001/04/xmlenc#aes256-cbc")
    with pytest.raises(ConversionError, match="it is encrypted"):
        convert_bytes(change_archive(_BOOK, {name: lambda _: words}), ".epub")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"words", "it is not an EPUB book but text"),
        (make_archive({"word/document.xml": "<w/>"}), "but a Word document"),
        (make_archive({"META-INF/container.xml": "<container/>"}), "names no book"),
        (make_epub({"a.xhtml": "<p> </p>"}), "no words"),
        (_BOOK[:700], "cut short or damaged"),
    ],
    ids=["text", "docx", "no book", "no words", "cut"],
)
def test_what_is_no_book_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ConversionError, match=reason):
        convert_bytes(data, ".epub")
