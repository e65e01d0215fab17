"""Documents of every kind, made by other libraries, are asked and cited with heading and page."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pptx
import pytest
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

import bot.cli
from bot.application import Application
from bot.settings import Settings
from index.snapshots.snapshot import Snapshot
from knowledge.settings import KnowledgeSettings

Make = Callable[[Path], object]


def make_pdf(path: Path) -> None:
    styles = getSampleStyleSheet()
    story = [
        Paragraph("Falconer", styles["Title"]),
        Paragraph("A falconer trains birds of prey for hunting and for shows.", styles["Normal"]),
        PageBreak(),
        Paragraph("Training", styles["Heading1"]),
        Paragraph("An apprenticeship as a falconer takes two years.", styles["Normal"]),
        PageBreak(),
        Paragraph("Pay", styles["Heading1"]),
        Paragraph("A falconer earns 24,000 pounds a year.", styles["Normal"]),
    ]
    SimpleDocTemplate(str(path)).build(story)


def make_docx(path: Path) -> None:
    document = docx.Document()
    document.add_heading("Glazier", level=1)
    document.add_paragraph("A glazier cuts glass and fits windows.")
    document.add_heading("Skills", level=2)
    document.add_paragraph("A glazier needs a steady hand and no fear of heights.")
    document.save(str(path))


def make_pptx(path: Path) -> None:
    deck = pptx.Presentation()
    for title, text in (
        ("Cooper", "A cooper makes barrels out of oak."),
        ("Tools of a cooper", "A cooper works with a croze and an adze."),
    ):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    deck.save(str(path))


def make_html(path: Path) -> None:
    path.write_text(
        "<html><head><title>Site: Thatcher</title></head><body><nav>Home About Contact</nav>"
        "<main><h1>Thatcher</h1><p>A thatcher covers roofs with reed.</p><h2>Outlook</h2>"
        "<p>The demand for thatchers grows in the south.</p></main></body></html>"
    )


def make_epub(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
            '<rootfiles><rootfile full-path="book.opf"'
            ' media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        book.writestr(
            "book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Farrier</dc:title></metadata>'
            '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="a"/></spine></package>',
        )
        book.writestr(
            "a.xhtml",
            '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>Farrier</h1>'
            "<p>A farrier shoes horses.</p><h2>Hours</h2>"
            "<p>A farrier begins work at five in the morning.</p></body></html>",
        )


def make_csv(path: Path) -> None:
    path.write_text(
        "Role,Yearly pay,Region\nLuthier,31000 euros,Cremona\nSaddler,28000 euros,Graz\n"
    )


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Application:
    folder = tmp_path_factory.mktemp("formats")
    guides = folder / "guides"
    guides.mkdir()
    for name, make in {
        "falconer.pdf": make_pdf,
        "glazier.docx": make_docx,
        "cooper.pptx": make_pptx,
        "thatcher.html": make_html,
        "farrier.epub": make_epub,
        "pay.csv": make_csv,
    }.items():
        make(guides / name)
    settings = Settings(home=folder / "home", knowledge=KnowledgeSettings(paths=(guides,)))
    application = Application(settings)
    report = application.build()
    assert report.skipped == ()
    assert report.documents == 6
    return application


@pytest.mark.parametrize(
    ("question", "answer", "document", "heading", "page"),
    [
        pytest.param(
            "how long does an apprenticeship as a falconer take?",
            "An apprenticeship as a falconer takes two years.",
            "falconer.pdf",
            "Training",
            2,
            id="PDF",
        ),
        pytest.param(
            "what does a falconer earn?",
            "A falconer earns 24,000 pounds a year.",
            "falconer.pdf",
            "Pay",
            3,
            id="the last page of a PDF",
        ),
        pytest.param(
            "what skills does a glazier need?",
            "A glazier needs a steady hand and no fear of heights.",
            "glazier.docx",
            "Skills",
            None,
            id="Word",
        ),
        pytest.param(
            "which tools does a cooper work with?",
            "A cooper works with a croze and an adze.",
            "cooper.pptx",
            "Tools of a cooper",
            2,
            id="PowerPoint",
        ),
        pytest.param(
            "is the demand for thatchers growing?",
            "The demand for thatchers grows in the south.",
            "thatcher.html",
            "Outlook",
            None,
            id="web page",
        ),
        pytest.param(
            "when does a farrier begin work?",
            "A farrier begins work at five in the morning.",
            "farrier.epub",
            "Hours",
            None,
            id="book",
        ),
    ],
)
def test_it_is_asked_and_cited(
    question: str,
    answer: str,
    document: str,
    heading: str,
    page: int | None,
    application: Application,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bot.cli, "open_application", lambda arguments: application)
    assert bot.cli.main(["ask", question, "--json"]) == 0
    reply = json.loads(capsys.readouterr().out)
    assert answer in reply["text"]
    [citation] = [one for one in reply["citations"] if answer in one["quote"]]
    assert (citation["document"], citation["page"]) == (document, page)
    assert citation["heading"].endswith(heading)
    snapshot = Snapshot.open_current(application.home)
    text = snapshot.store.text_of(document)
    snapshot.close()
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    if page is not None:
        assert f", p. {page}" in reply["text"]


def test_a_table_is_found_by_its_rows(application: Application) -> None:
    reply = application.assistant.reply("what is the yearly pay of a luthier?")
    assert any("Luthier" in hit.text and "31000 euros" in hit.text for hit in reply.hits[:2])


def test_nothing_is_converted_again(application: Application) -> None:
    report = application.build()
    assert report.documents_copied == report.documents == 6
    states = {
        listing.id: (listing.state.value, listing.pages) for listing in application.documents()
    }
    assert states["falconer.pdf"] == ("indexed", 3)
    assert states["cooper.pptx"] == ("indexed", 2)
    assert {state for state, _ in states.values()} == {"indexed"}
