import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import bot.cli
from bot.application import Application
from bot.settings import Settings
from index.settings import IndexSettings
from index.snapshots.snapshot import Snapshot
from knowledge.errors import BusyError, KnowledgeError
from knowledge.reading.reader import TEXT_READER
from knowledge.settings import KnowledgeSettings
from tests.bot.builders import WordApplication
from tests.knowledge.reading.test_reading import FRENCH

Run = Callable[..., tuple[int, str, str]]
RunJson = Callable[..., dict[str, Any]]

NURSE = "# Nurse\n\nA nurse cares for people who are ill.\n\n## Pay\n\nThe pay is fair.\n"
SECRET = "The zebrafish keeper of Quillon is called Wolfram Eisenpflug."
NINE = range(9)
WORDS = "word " * 90
BAKER = f"# Baker\n\nA baker bakes bread.\n\n{SECRET}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides" / "nurse.md").write_text(NURSE)
    return tmp_path / "guides"


@pytest.fixture
def application(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Application]:
    """An application that the command line is given."""
    application = WordApplication(
        Settings(
            home=tmp_path / "home",
            knowledge=KnowledgeSettings(paths=(folder,)),
            index=IndexSettings(kept_snapshots=10),
        )
    )
    monkeypatch.setattr(bot.cli, "open_application", lambda arguments: application)
    yield application
    application.close()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], application: Application) -> Run:
    def run_(*arguments: str | Path) -> tuple[int, str, str]:
        code = bot.cli.main(["docs", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_


@pytest.fixture
def run_json(run: Run) -> RunJson:
    def run_(*arguments: str | Path, code: int = 0) -> dict[str, Any]:
        found, out, _ = run(*arguments, "--json")
        assert found == code
        values: dict[str, Any] = json.loads(out)
        return values

    return run_


def test_guides_are_listed(
    run: Run, run_json: RunJson, application: Application, folder: Path
) -> None:
    (folder / "rolewise.yaml").write_text("documents: {nurse.md: {url: 'https://a.org/n'}}")
    (folder / "français.txt").write_text(FRENCH)
    (folder / "photo.png").write_bytes(b"PNG")
    application.build()
    (folder / "new.csv").write_text("a,b\n1,2\n")
    code, out, err = run("list")
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == (
        "français.txt: indexed, “Français”, "
        f"{application.documents()[0].passages} passages,"
        " in another language than the encoder’s (fr)"
    )
    assert lines[1] == "new.csv: not indexed yet"
    assert lines[2] == "nurse.md: indexed, “Nurse”, 1 passage"
    assert lines[3].startswith("photo.png: skipped: not a kind of document that is read (")
    values = run_json("list")
    assert values["folder"] == str(folder)
    assert values["documents"][2] == {
        "id": "nurse.md",
        "title": "Nurse",
        "kind": ".md",
        "state": "indexed",
        "reason": None,
        "path": str(folder / "nurse.md"),
        "bytes": len(NURSE),
        "pages": None,
        "passages": 1,
        "language": None,
        "url": "https://a.org/n",
    }


def test_a_build_says_what_is_in_another_language(
    application: Application, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "métier.txt").write_text(FRENCH)
    for _ in range(2):  # also where nothing has changed
        assert bot.cli.main(["build"]) == 0
        out = capsys.readouterr().out
        assert "Other languages:" in out
        assert "métier.txt: fr" in out


def test_how_a_guide_is_split_is_shown_and_is_what_a_build_does(
    run: Run, run_json: RunJson, application: Application, folder: Path
) -> None:
    (folder / "long.md").write_text(
        "---\naliases: [RN]\n---\n# Nurse\n\n"
        + "".join(f"## Part {n}\n\nSentence {n} of it. {WORDS}\n\n- One\n- Two\n\n" for n in NINE)
    )
    (shown,) = run_json("show", "long.md")["documents"]
    application.build()
    (again,) = run_json("show", "long.md")["documents"]
    assert shown == again
    with closing(Snapshot.open_current(application.home)) as snapshot:
        stored = [
            one
            for one in snapshot.store.passages(range(snapshot.manifest.passages)).values()
            if one.passage.document_id == "long.md"
        ]
        text = snapshot.store.text_of("long.md")
    assert len(shown["passages"]) == len(stored) > 2
    for passage, one in zip(shown["passages"], stored, strict=True):
        assert (passage["id"], passage["text"]) == (one.passage.id, one.text)
        assert passage["text"] == text[passage["start"] : passage["end"]]
        assert passage["heading"] == " › ".join(one.passage.heading_path)
        assert passage["text"].split()[-1] in passage["encoded"]
        assert 0 < passage["tokens"] <= shown["max_tokens"]
        for sentence in passage["sentences"]:
            assert passage["start"] <= sentence["start"] < sentence["end"] <= passage["end"]
    assert shown["aliases"] == ["RN"]
    assert shown["roles"][0]["name"] == "Nurse"
    assert (shown["format"], shown["read_by"]) == ("markdown", TEXT_READER)
    code, out, _ = run("show", "long.md")
    assert code == 0
    assert "Other names: RN" in out
    assert "Sentence 8 of it." in out
    assert "Tokens:" in out


def test_pages_are_shown(run: Run, run_json: RunJson, folder: Path) -> None:
    reportlab = pytest.importorskip("reportlab.pdfgen.canvas")
    canvas = reportlab.Canvas(str(folder / "guide.pdf"))
    for page in range(3):
        canvas.drawString(72, 700, f"A pilot flies on page {page + 1} of the guide.")
        canvas.showPage()
    canvas.save()
    (shown,) = run_json("show", "guide.pdf")["documents"]
    assert len(shown["page_starts"]) == 3
    assert [shown["passages"][0]["page"], shown["passages"][-1]["last_page"]] == [1, 3]
    _, out, _ = run("show", "guide.pdf")
    assert "p. 1–3" in out
    assert "Pages:" in out


def test_what_there_is_none_of_is_an_error(run: Run) -> None:
    for action in ("show", "remove"):
        code, out, err = run(action, "nothing.md")
        assert (code, out) == (KnowledgeError.exit_code, "")
        assert err == (
            "rolewise: There is no guide nothing.md. See what there is: rolewise docs list\n"
        )


def test_files_are_added(run: Run, run_json: RunJson, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "baker.md").write_text(BAKER)
    (tmp_path / "bad.md").write_bytes(b"\0\1" * 99)
    code, out, err = run("add", tmp_path / "baker.md", tmp_path / "bad.md", tmp_path / "none.md")
    assert code == KnowledgeError.exit_code
    assert "Added:  baker.md" in out
    assert "rolewise build" in out
    assert "bad.md was not added: it is not text but binary data." in err
    assert "There is no file" in err
    code, _, err = run("add", tmp_path)
    assert code == KnowledgeError.exit_code
    assert f"{tmp_path} is a folder. Name its files" in err
    assert (folder / "baker.md").read_text() == BAKER
    values = run_json("add", tmp_path / "baker.md", code=KnowledgeError.exit_code)
    assert values["added"] == []
    assert "--replace" in values["failed"][0]
    values = run_json("add", tmp_path / "baker.md", "--replace")
    assert values == {"added": ["baker.md"], "failed": [], "folder": str(folder)}


def test_without_settings_it_is_said_what_is_known_from_now_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    application = WordApplication(Settings(home=tmp_path / "home"))
    monkeypatch.setattr(bot.cli, "open_application", lambda arguments: application)
    (tmp_path / "baker.md").write_text(BAKER)
    assert bot.cli.main(["docs", "add", str(tmp_path / "baker.md")]) == 0
    captured = capsys.readouterr()
    assert str(tmp_path / "home" / "guides") in captured.out
    assert "in place of the guide that ships with Rolewise" in captured.err


def texts_in(home: Path) -> list[str]:
    """Return the files of a home that hold words of the secret, freed pages of SQLite included."""
    words = [word.strip(".").lower().encode() for word in ("zebrafish", "Quillon", "Eisenpflug")]
    return [
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file() and any(word in path.read_bytes().lower() for word in words)
    ]


def test_what_is_removed_stays_in_older_snapshots_only(
    run_json: RunJson, application: Application, folder: Path
) -> None:
    (folder / "baker.md").write_text(BAKER)
    application.build()
    old = application.home.current_name()
    values = run_json("remove", "baker.md")
    assert values == {"removed": ["baker.md"], "failed": [], "snapshots_deleted": None}
    application.build()
    found = texts_in(application.home.path)
    assert found
    assert all(name.startswith(f"snapshots/{old}/") for name in found)


def test_what_is_purged_is_in_no_file_of_the_home(
    run: Run, run_json: RunJson, application: Application, folder: Path
) -> None:
    application.build()
    first = application.home.current_name()
    (folder / "baker.md").write_text(BAKER)
    application.build()
    second = application.home.current_name()
    (folder / "renamed.md").write_text(BAKER)
    (folder / "baker.md").unlink()
    application.build()
    third = application.home.current_name()
    (folder / ".unfinished-00").write_text(BAKER)
    assert texts_in(application.home.path)
    values = run_json("remove", "renamed.md", "--purge")
    assert sorted(values["snapshots_deleted"]) == sorted([second, third])
    assert texts_in(application.home.path) == []
    assert texts_in(folder) == []
    assert application.home.snapshot_names() == (first, application.home.current_name())
    with closing(Snapshot.open_current(application.home)) as snapshot:
        assert snapshot.store.document_ids() == ["nurse.md"]


def test_what_was_removed_before_can_be_purged(
    run_json: RunJson, application: Application, folder: Path
) -> None:
    (folder / "baker.md").write_text(BAKER)
    application.build()
    run_json("remove", "baker.md")
    application.build()
    values = run_json("remove", "baker.md", "--purge")
    assert (values["removed"], values["failed"]) == (["baker.md"], [])
    assert texts_in(application.home.path) == []


def test_purging_the_last_guide_leaves_no_index(
    run: Run, application: Application, folder: Path
) -> None:
    (folder / "nurse.md").write_text(BAKER)
    application.build()
    code, _, _ = run("remove", "nurse.md", "--purge")
    assert code == 0
    assert not application.has_index()
    assert application.home.snapshot_names() == ()
    assert texts_in(application.home.path) == []


def test_a_snapshot_that_is_read_is_purged_once_it_is_let_go(
    run_json: RunJson, application: Application, folder: Path
) -> None:
    (folder / "baker.md").write_text(BAKER)
    application.build()
    reader = Snapshot.open_current(application.home)
    moved = threading.Event()

    def let_go() -> None:
        while Snapshot.open_current(application.home).name == reader.name:
            pass
        moved.set()
        reader.close()

    name = reader.name
    thread = threading.Thread(target=let_go)
    thread.start()
    values = run_json("remove", "baker.md", "--purge")
    thread.join()
    assert values["snapshots_deleted"] == [name]
    assert texts_in(application.home.path) == []


def test_a_snapshot_that_goes_on_being_read_is_said(
    run: Run, application: Application, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.snapshots.home._WAIT_FOR_READERS_SECONDS", 0.1)
    (folder / "baker.md").write_text(BAKER)
    application.build()
    with closing(Snapshot.open_current(application.home)) as reader:
        code, _, err = run("remove", "baker.md", "--purge")
        assert code == BusyError.exit_code
        assert f"{reader.name} is not deleted, as another process reads it" in err
    code, _, _ = run("remove", "baker.md", "--purge")
    assert code == 0
    assert texts_in(application.home.path) == []


def test_without_guides_of_ones_own_the_one_that_ships_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "baker.md").write_text(BAKER)
    (tmp_path / "cook.md").write_text(BAKER.replace("baker", "cook").replace("Baker", "Cook"))
    home = ["--home", str(tmp_path / "home")]
    assert bot.cli.main([*home, "docs", "add", "baker.md", "cook.md"]) == 0
    assert "in place of the guide that ships with Rolewise" in capsys.readouterr().err
    assert bot.cli.main([*home, "docs", "remove", "baker.md"]) == 0
    seen = capsys.readouterr()
    assert "The index has it until the next build" in seen.out
    assert seen.err == ""
    assert bot.cli.main([*home, "docs", "remove", "cook.md"]) == 0
    assert "the next build reads the one that ships" in capsys.readouterr().err
