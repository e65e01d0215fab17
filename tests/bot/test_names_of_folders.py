"""Stretches of questions that are named as folders and files are."""

from collections.abc import Sequence

import pytest

from bot.answers.folders import Folders
from bot.answers.names_of_folders import NamesOfFolders

IDS = [
    "ukhomeoffice/a.md",
    "kiel-harbour/b.md",
    "uktidemaps/c.md",
    "zorbex/d.md",
    "her-majestys-royal-comptroller/e.md",
    "lbwexcombe-it/f.md",
]
HOLDERS = {"acme": {"ukhomeoffice/a.md"}, "zurich": {"zorbex/d.md", "lbwexcombe-it/f.md"}}
COMMON = frozenset("home office harbour at the of in tide map ppl people ops who codes".split())


def _find_common(words: Sequence[str]) -> list[str]:
    return [word for word in words if word in COMMON]


def _folders() -> Folders:
    names = NamesOfFolders(
        IDS,
        words_of_roles=["tide", "maps", "designer"],
        find_common=_find_common,
        holds_most=lambda *_: True,
        is_proper=lambda word: word in {"harbour", "acme", "zurich"},
        occurs=lambda word: word in COMMON,
        find_holders=lambda word: frozenset(HOLDERS.get(word, ())),
    )
    return Folders(names)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("what do home office designers use", "a"),
        ("how often on a home office team", "a"),
        ("do they work at home", ""),
        ("is there an office at home", ""),
        ("which tide maps are kept", ""),
        ("pay at the harbour", "b"),
        ("is the harbour busy", ""),
        ("pay at the office", ""),
        ("zorbex ppl: who codes", "d"),
        ("zorbex people, who codes", "d"),
        ("who codes in zorbex people ops", "d"),
        ("is zorbex people ops big", ""),
        ("how much does zorbex pay", "d"),
        ("zorbexs designer pay", "d"),
        ("who pays zorbex", ""),
        ("pay at hmrc", "e"),
        ("hours at her majestys royal comptroller", "e"),
        ("what does a designer at wexcombe draw", "f"),
        ("pay in wexcombe", ""),
        ("is ACME dear", ""),
        ("pay at ACME", "a"),
        ("must they be good at ACME", ""),
        ("pay at Zurich", ""),
    ],
)
def test_folders_are_named_by_what_their_names_end_in_and_by_a_word_of_theirs(
    question: str, found: str
) -> None:
    mentions = _folders().find(question, lambda text: {text.find("designer")})
    documents = {id_ for mention in mentions for id_ in mention.folder.documents}
    assert "".join(sorted(id_.removesuffix(".md")[-1] for id_ in documents)) == found


@pytest.mark.parametrize(
    ("name", "documents"),
    [("zorbex", "d"), ("kiel harbour", "b"), ("kiel", "b"), ("harbour", ""), ("kiel office", "")],
)
def test_a_name_is_a_folder_by_words_of_it_alone(name: str, documents: str) -> None:
    folder = _folders().named(name)
    found = folder.documents if folder else ()
    assert "".join(id_.removesuffix(".md")[-1] for id_ in found) == documents
