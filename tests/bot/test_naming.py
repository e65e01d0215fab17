"""Which sentences are about a role, name it, or are about another one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answers.naming import Naming
from bot.answers.question import Subject
from bot.answers.shared_texts import rows_of_others
from index.snapshots.snapshot import Snapshot
from index.snapshots.stored import StoredRole, StoredSentence
from tests.index.fakes import opened_snapshot

GUIDES = {
    "baker.md": "# Baker\n\nBakers rise at three.\n\nThe shop assistant sells what they bake.\n",
    "chef.md": "# Chef\n\nUnlike a baker, a chef plates.\n\nA chef differs from a Head Waiter.\n",
    "web.md": "# Web\n\nA back-end developer writes. A tester tests.\n",
    "arrears.md": "# A day in credit control\n\nRoza rings the oldest debts first.\n",
}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    with opened_snapshot(tmp_path_factory.mktemp("naming"), GUIDES) as snapshot:
        yield snapshot


def _sentences(snapshot: Snapshot) -> list[StoredSentence]:
    return list(snapshot.store.sentences_of(range(snapshot.manifest.passages)))


def _subject(snapshot: Snapshot, name: str) -> Subject:
    role = next((role for role in snapshot.roles if role.name.lower() == name), None)
    return Subject(name=name, role=role)


def test_a_sentence_is_about_the_role_of_its_guide_and_about_no_other(snapshot: Snapshot) -> None:
    stored = _sentences(snapshot)
    naming = Naming.of(snapshot, _subject(snapshot, "baker"), (), stored)
    about = [item for item in stored if naming.is_about(item)]
    others = [item for item in stored if naming.is_about_another(item)]
    assert {item.document_id for item in about} == {"baker.md"}
    assert {item.document_id for item in others} == {"chef.md"}
    assert [item.plain for item in others if naming.names(item)] == [
        "Unlike a baker, a chef plates."
    ]


def test_how_a_role_differs_from_a_third_one_is_left_out_of_a_comparison(
    snapshot: Snapshot,
) -> None:
    stored = _sentences(snapshot)
    baker, chef = _subject(snapshot, "baker"), _subject(snapshot, "chef")
    naming = Naming.of(snapshot, chef, (baker,), stored)
    left_out = [item.plain for item in stored if not naming.may_answer(item)]
    assert left_out == ["A chef differs from a Head Waiter."]


def test_a_guide_to_one_by_a_longer_name_is_about_no_other(tmp_path: Path) -> None:
    guides = {
        "game.md": "# Game Level Designer\n\nKnows an engine.\n",
        "words.md": "# Words\n\n## Level designer\n\nOne who builds levels.\n",
        "sound.md": "# Sound Designer\n\nRecords rain.\n",
    }
    with opened_snapshot(tmp_path, guides) as snapshot:
        stored = _sentences(snapshot)
        level, longer = (
            _subject(snapshot, name) for name in ("level designer", "game level designer")
        )
        foreign = [
            [item.document_id for item in stored if naming.is_about_another(item)]
            for naming in (
                Naming.of(snapshot, level, (), stored),
                Naming.of(snapshot, level, (longer,), stored),
            )
        ]
    assert foreign == [["sound.md"], ["game.md", "sound.md"]]


def test_a_role_is_spoken_of_below_its_noun_in_the_guide_of_another(tmp_path: Path) -> None:
    guide = "# Engineers\n\nEngineers ask.\n\n## Supervisors\n\nNone is paid more.\n"
    role = StoredRole(position=99, name="Shift Supervisor", aliases=(), has_guide=False)
    with opened_snapshot(tmp_path, {"engineers.md": guide}) as snapshot:
        stored = _sentences(snapshot)
        naming = Naming.of(snapshot, Subject(name=role.name, role=role), (), stored)
        assert [item.plain for item in stored if naming.may_answer(item)] == ["None is paid more."]


@pytest.mark.parametrize(
    ("name", "documents"),
    [
        ("credit controllers", {"arrears.md"}),
        ("shop assistant", {"baker.md"}),
        ("credit analyst", set()),
        ("astronaut", set()),
    ],
    ids=["by the work", "by the name", "by a part of it", "not at all"],
)
def test_a_role_without_a_guide_is_looked_for_where_its_words_stand(
    snapshot: Snapshot, name: str, documents: set[str]
) -> None:
    stored = _sentences(snapshot)
    naming = Naming.of(snapshot, Subject(name=name, role=None), (), stored)
    assert naming.has_no_guide
    assert naming.documents_with_its_words(stored) == documents


def test_a_name_may_be_written_in_more_words_than_it_is_asked_for_by(snapshot: Snapshot) -> None:
    stored = _sentences(snapshot)
    subject = Subject(name="backend dev", role=None)
    naming = Naming.of(snapshot, subject, (), stored)
    assert [item.document_id for item in stored if naming.names(item)] == ["web.md"]


def test_a_name_within_a_longer_one_that_is_compared_is_not_that_role(tmp_path: Path) -> None:
    text = "# Officers\n\nThe vice commodore stands in.\n\nThe commodore has charge of the club.\n"
    with opened_snapshot(tmp_path, {"club.md": text}) as snapshot:
        stored = _sentences(snapshot)
        commodore, vice = (
            Subject(name=name, role=None) for name in ("commodore", "vice commodore")
        )
        alone, beside = (
            Naming.of(snapshot, commodore, (), stored),
            Naming.of(snapshot, commodore, (vice,), stored),
        )
        assert [alone.names(item) for item in stored] == [True, True]
        assert [beside.names(item) for item in stored] == [False, True]
        assert [beside.begins(item) for item in stored] == [False, True]


def test_a_name_without_letters_is_none(tmp_path: Path) -> None:
    guides = {"a/pilot.md": "---\naliases: [🚀, SkyPilot]\n---\n# Pilot\n\nPilots fly.\n"}
    with opened_snapshot(tmp_path, guides) as snapshot:
        [role] = snapshot.roles
        elsewhere = Subject(name="Pilot", role=replace(role, has_guide=False))
        stored = _sentences(snapshot)
        naming = Naming.of(snapshot, elsewhere, (), stored)
        assert [item.plain for item in stored if naming.may_answer(item)] == ["Pilots fly."]


def test_what_is_said_of_conveners_may_be_of_those_of_a_group(tmp_path: Path) -> None:
    guides = {"conveners.md": "# Convener\n\nGroup Conveners keep the standard. Fees are low.\n"}
    role = StoredRole(position=99, name="Group Convener", aliases=(), has_guide=False)
    with opened_snapshot(tmp_path, guides) as snapshot:
        stored = _sentences(snapshot)
        naming = Naming.of(snapshot, Subject(name=role.name, role=role), (), stored)
        assert [item.plain for item in stored if naming.may_answer(item)] == [
            "Group Conveners keep the standard.",
            "Fees are low.",
        ]


def test_a_text_about_two_roles_is_about_the_one_that_it_speaks_of_last(tmp_path: Path) -> None:
    text = (
        "# Baker vs miller\n\nBakers rise early. They knead. Millers grind. They sleep.\n\n"
        "The town needs flour.\n\n## The baker's day\n\nUnlike a miller, one sings. Dough rests.\n"
    )
    with opened_snapshot(tmp_path, {"both.md": text}) as snapshot:
        stored = _sentences(snapshot)
        baker, miller = _subject(snapshot, "baker"), _subject(snapshot, "miller")
        naming = Naming.of(snapshot, miller, (baker,), stored)
        of_baker = rows_of_others(naming, stored, [naming.names(item) for item in stored])
    assert [stored[row].plain for row in sorted(of_baker)] == [
        "Bakers rise early.",
        "They knead.",
        "Dough rests.",
    ]
