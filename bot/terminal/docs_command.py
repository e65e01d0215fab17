"""`rolewise docs`: what lies in the knowledge folder is listed, shown, added and removed."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answers.reply_text import clean_text
from bot.application import Application, seed_folder
from bot.library.inspection import InspectedDocument, InspectedPassage
from bot.library.library import DocumentListing, DocumentState
from bot.terminal.docs_json import inspection_to_json, listing_to_json
from bot.terminal.explanation import Rows
from bot.terminal.notes import Notes
from knowledge.errors import KnowledgeError, RolewiseError

if TYPE_CHECKING:
    from bot.terminal.screen import Screen

_TO_INDEX = "The index has it after the next build: rolewise build"


def run_docs(
    application: Application, arguments: argparse.Namespace, screen: "Screen", notes: Notes
) -> tuple[dict[str, Any], int]:
    """Do what was asked and show it, unless JSON was asked for.

    Returns:
        What is printed as JSON where that is asked for, and the exit code.
    """
    match arguments.action:
        case "list":
            return _list(application, arguments, screen), 0
        case "show":
            return _show(application, arguments, screen), 0
        case "add":
            return _add(application, arguments, screen, notes)
        case _:
            return _remove(application, arguments, screen, notes)


def _list(
    application: Application, arguments: argparse.Namespace, screen: "Screen"
) -> dict[str, Any]:
    listed = application.documents()
    if not arguments.json:
        languages = application.settings.knowledge.languages
        if listed:
            screen.show_rows(
                [(clean_text(one.id), clean_text(_describe(one, languages))) for one in listed]
            )
        else:
            screen.show_text("There is no guide yet. Add one: rolewise docs add FILE")
    return {
        "folder": str(application.guides_folder()),
        "documents": [listing_to_json(listing) for listing in listed],
    }


def _describe(listing: DocumentListing, languages: Sequence[str]) -> str:
    parts = [_STATES[listing.state]]
    if listing.reason:
        parts[0] += f": {listing.reason}"
    if listing.title:
        parts.append(f"“{listing.title}”")
    if listing.pages:
        parts.append(_count(listing.pages, "page"))
    if listing.passages is not None:
        parts.append(_count(listing.passages, "passage"))
    if listing.language and languages and listing.language not in languages:
        parts.append(f"in another language than the encoder’s ({listing.language})")
    return ", ".join(parts)


_STATES = {
    DocumentState.INDEXED: "indexed",
    DocumentState.CHANGED: "changed since it was indexed",
    DocumentState.NEW: "not indexed yet",
    DocumentState.SKIPPED: "skipped",
    DocumentState.GONE: "gone from the folder, still indexed",
}


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _show(
    application: Application, arguments: argparse.Namespace, screen: "Screen"
) -> dict[str, Any]:
    inspected = [application.inspect_document(id_) for id_ in arguments.ids]
    if not arguments.json:
        for one in inspected:
            screen.show_rows(list(_rows_of_document(one)))
            for number, passage in enumerate(one.passages, start=1):
                screen.show_text("")
                screen.show_rows(list(_rows_of_passage(number, passage, one.max_tokens)))
                screen.show_text("\n".join(clean_text(line) for line in _lines_of(passage)))
    return {"documents": [inspection_to_json(one) for one in inspected]}


def _rows_of_document(inspected: InspectedDocument) -> Iterator[tuple[str, str]]:
    document = inspected.document
    about = [role.name for role in inspected.roles if role.has_guide]
    named = [role.name for role in inspected.roles if not role.has_guide]
    for name, value in (
        ("Document", document.id),
        ("Title", document.title),
        ("Other names", ", ".join(document.aliases)),
        ("Address", document.url or ""),
        ("File", document.source),
        ("Read as", f"{document.format.value} ({document.origin.reader})"),
        ("Pages", f"{len(document.page_starts):,}" if document.page_starts else ""),
        ("Language", document.language or "too little text to tell"),
        ("Characters", f"{len(document.text):,}"),
        ("About", ", ".join(about) or "no role"),
        ("Names", ", ".join(named)),
        ("Passages", f"{len(inspected.passages):,}"),
    ):
        if value:
            yield name, clean_text(value)


def _rows_of_passage(number: int, inspected: InspectedPassage, max_tokens: int) -> Rows:
    passage = inspected.passage
    place = f"{passage.start:,} to {passage.end:,}"
    if inspected.pages:
        first, last = inspected.pages
        place += f", p. {first}" if first == last else f", p. {first}–{last}"
    return [
        (f"Passage {number}", clean_text(" › ".join(passage.heading_path) or "no heading")),
        ("Characters", place),
        ("Tokens", f"{inspected.tokens:,} of at most {max_tokens:,}, title and headings included"),
    ]


def _lines_of(inspected: InspectedPassage) -> Iterator[str]:
    """Yield a passage's sentences, each with what it is."""
    start = inspected.passage.start
    for sentence in inspected.sentences:
        text = inspected.text[sentence.start - start : sentence.end - start]
        yield f"  {sentence.kind.value:9} {' '.join(text.split())}"


def _add(
    application: Application, arguments: argparse.Namespace, screen: "Screen", notes: Notes
) -> tuple[dict[str, Any], int]:
    takes_place_of_seed = application.knowledge_paths() == (seed_folder(),)
    added: list[str] = []
    failures: list[RolewiseError] = []
    for path in arguments.files:
        try:
            data = _read(path, application.settings.knowledge.max_document_bytes)
            added.append(application.add_document(path.name, data, replace=arguments.replace))
        except RolewiseError as error:
            failures.append(error)
            notes.report(error)
    folder = str(application.guides_folder())
    if not arguments.json and added:
        screen.show_rows([("Added", clean_text(", ".join(added))), ("Folder", clean_text(folder))])
        screen.show_text(_TO_INDEX.replace("it", "them") if len(added) > 1 else _TO_INDEX)
    if added and takes_place_of_seed:
        notes.say(
            "From the next build on, the guides in this folder are what is known, in place of the"
            " guide that ships with Rolewise."
        )
    values = {"added": added, "failed": [str(error) for error in failures], "folder": folder}
    return values, failures[0].exit_code if failures else 0


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        if path.is_dir():
            raise KnowledgeError(
                f"{path} is a folder. Name its files ({path}/*), or read it where it is:"
                f" rolewise build {path}"
            )
        if not path.is_file():
            raise KnowledgeError(f"There is no file {path}. Name one that holds a guide.")
        if (size := path.stat().st_size) > max_bytes:
            raise KnowledgeError(
                f"{path} was not added: {size:,} bytes, more than knowledge.max_document_bytes"
                f" ({max_bytes:,})."
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise KnowledgeError(
            f"{path} can't be read ({getattr(error, 'strerror', None) or error})."
        ) from error


def _remove(
    application: Application, arguments: argparse.Namespace, screen: "Screen", notes: Notes
) -> tuple[dict[str, Any], int]:
    removed: list[str] = []
    failures: list[RolewiseError] = []
    for id_ in dict.fromkeys(arguments.ids):
        try:
            application.remove_document(id_)
            removed.append(id_)
        except RolewiseError as error:
            # What is gone already can still be in snapshots, and be purged from them.
            if not (arguments.purge and application.is_indexed(id_)):
                failures.append(error)
                notes.report(error)
                continue
            removed.append(id_)
    deleted: tuple[str, ...] | None = None
    if arguments.purge and removed:
        with notes.building() as progress:
            deleted = application.purge(removed, progress=progress)
    if not arguments.json and removed:
        screen.show_rows([("Removed", clean_text(", ".join(removed)))])
        if deleted is None:
            screen.show_text(
                f"The index has {'it' if len(removed) == 1 else 'them'} until the next build"
                " (rolewise build), and older snapshots until they are deleted; --purge rebuilds"
                " and deletes them at once."
            )
        else:
            screen.show_rows([("Snapshots deleted", ", ".join(deleted) or "none")])
    if removed and application.knowledge_paths() == (seed_folder(),):
        notes.say(
            "None of your guides is left: the next build reads the one that ships with Rolewise."
        )
    values = {
        "removed": removed,
        "failed": [str(error) for error in failures],
        "snapshots_deleted": None if deleted is None else list(deleted),
    }
    return values, failures[0].exit_code if failures else 0
