"""The feedback book counts always, keeps only where asked, deletes for good and never fails."""

import multiprocessing
import os
import resource
import signal
import sqlite3
from pathlib import Path

import pytest

from bot.answers.replies import AnyReply, Outcome, Reason, Several
from bot.feedback.book import FILE_NAME, FeedbackBook, Verdict
from bot.feedback.notice import describe_keeping
from bot.feedback.recorder import FeedbackRecorder
from knowledge.errors import StorageError
from tests.bot.fakes import make_answer, make_clarify, make_comparison, make_not_covered

ALICE, BOB = 123456789012345678, 876543210987654321
DAY = 86_400.0


class Days:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def open_book(home: Path, *, keep: bool = True, clock: Days | None = None) -> FeedbackBook:
    return FeedbackBook(home, keep_questions=keep, retention_days=30, clock=clock or Days())


def open_questions(book: FeedbackBook) -> list[str]:
    return [one.question for one in book.read_unanswered(100)]


def several() -> Several:
    parts = (make_answer(), make_not_covered())
    return Several(
        question="both", standalone_question="both", snapshot="", confidence=0.5, parts=parts
    )


def test_outcomes_and_verdicts_are_counted_whether_or_not_questions_are_kept(
    tmp_path: Path,
) -> None:
    for keep in (False, True):
        book = open_book(tmp_path / str(keep), keep=keep)
        replies: list[AnyReply] = [make_answer(), make_comparison(), make_clarify(), several()]
        for reply in replies:
            book.add_reply(ALICE, reply)
        book.add_verdict("r0", ALICE, Verdict.HELPFUL)
        book.add_verdict("r0", BOB, Verdict.NOT_HELPFUL)
        counts = book.read_counts()
        assert counts.first_day == "2027-01-15"
        assert counts.outcomes == {
            Outcome.ANSWER: 2,
            Outcome.COMPARISON: 1,
            Outcome.CLARIFY: 1,
            Outcome.NOT_COVERED: 1,
        }
        assert counts.reasons[Reason.NOT_SAID] == 1
        assert counts.verdicts == {Verdict.HELPFUL: 1, Verdict.NOT_HELPFUL: 1}


def test_a_member_has_one_verdict_of_a_reply_the_last(tmp_path: Path) -> None:
    clock = Days()
    book = open_book(tmp_path, clock=clock)
    book.add_reply(ALICE, make_answer())
    for verdict in (Verdict.HELPFUL, Verdict.HELPFUL, Verdict.NOT_HELPFUL):
        book.add_verdict("r", BOB, verdict, question="what do they do?")
        clock.now += DAY
    assert book.read_counts().verdicts == {Verdict.HELPFUL: 0, Verdict.NOT_HELPFUL: 1}
    assert [one.not_helpful for one in book.read_unanswered(10)] == [1]


def test_what_is_open_is_what_was_refused_or_did_not_help(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    book.add_reply(ALICE, make_answer(question="answered"))
    book.add_reply(ALICE, make_answer(question="badly answered"))
    book.add_reply(ALICE, make_not_covered())
    book.add_verdict("good", ALICE, Verdict.HELPFUL, question="answered")
    book.add_verdict("bad", ALICE, Verdict.NOT_HELPFUL, question="badly answered")
    assert set(open_questions(book)) == {"badly answered", "what do they earn?"}


def test_where_nothing_is_kept_no_text_is_in_the_file(tmp_path: Path) -> None:
    book = open_book(tmp_path, keep=False)
    book.add_reply(ALICE, make_not_covered())
    book.add_verdict("r", ALICE, Verdict.NOT_HELPFUL)
    assert open_questions(book) == []
    content = (tmp_path / FILE_NAME).read_bytes()
    assert b"earn" not in content
    assert str(ALICE).encode() not in content


def test_who_asked_is_not_in_the_file_and_is_forgotten_for_good(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    book.add_reply(ALICE, make_not_covered())
    book.add_reply(BOB, make_answer(question="what does bob want?"))
    book.add_verdict("b", ALICE, Verdict.NOT_HELPFUL, question="what does bob want?")
    before = (tmp_path / FILE_NAME).read_bytes()
    assert b"what do they earn?" in before
    assert str(ALICE).encode() not in before
    assert book.forget(ALICE) == 1
    assert book.forget(ALICE) == 0
    after = (tmp_path / FILE_NAME).read_bytes()
    assert b"what do they earn?" not in after
    assert b"what does bob want?" in after
    assert open_questions(book) == []
    # What was counted stays: it is nobody's.
    assert book.read_counts().verdicts[Verdict.NOT_HELPFUL] == 1


def test_the_same_member_is_another_in_another_book(tmp_path: Path) -> None:
    def member_of(book: FeedbackBook) -> str:
        book.add_reply(ALICE, make_not_covered())
        [(member,)] = sqlite3.connect(book.path).execute("SELECT member FROM questions")
        return str(member)

    assert member_of(open_book(tmp_path / "one")) != member_of(open_book(tmp_path / "other"))


def test_what_is_old_is_deleted_and_never_shown(tmp_path: Path) -> None:
    clock = Days()
    book = open_book(tmp_path, clock=clock)
    book.add_reply(ALICE, make_not_covered())
    clock.now += 29 * DAY
    book.delete_expired()
    assert open_questions(book) == ["what do they earn?"]
    clock.now += 2 * DAY
    assert open_questions(book) == []
    book.delete_expired()
    assert b"earn" not in (tmp_path / FILE_NAME).read_bytes()
    assert book.read_counts().outcomes[Outcome.NOT_COVERED] == 1


def test_switching_it_off_deletes_what_was_kept(tmp_path: Path) -> None:
    open_book(tmp_path).add_reply(ALICE, make_not_covered())
    open_book(tmp_path, keep=False).delete_expired()
    assert b"earn" not in (tmp_path / FILE_NAME).read_bytes()


def test_reading_makes_nothing(tmp_path: Path) -> None:
    book = open_book(tmp_path / "home")
    assert book.read_counts().first_day is None
    assert open_questions(book) == []
    assert book.forget(ALICE) == 0
    book.delete_expired()
    assert not (tmp_path / "home").exists()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    book.add_reply(ALICE, make_answer())
    assert book.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"not a database, but long enough to be looked at" * 40, "damaged"), (None, "can't be used")],
    ids=["damaged", "a folder"],
)
def test_a_book_that_can_not_be_used_is_named(
    tmp_path: Path, content: bytes | None, problem: str
) -> None:
    book = open_book(tmp_path)
    if content is None:
        book.path.mkdir()
    else:
        book.path.write_bytes(content)
    with pytest.raises(StorageError, match=problem):
        book.add_reply(ALICE, make_answer())
    with pytest.raises(StorageError, match=FILE_NAME):
        book.read_counts()


def test_a_book_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    connection = sqlite3.connect(book.path)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(StorageError, match=r"format 9, not 1"):
        book.add_reply(ALICE, make_answer())


def _write_on(home: Path, written: "multiprocessing.Queue[int]") -> None:
    book = open_book(home)
    for number in range(100_000):
        book.add_reply(ALICE, make_not_covered())
        written.put(number)


def test_a_killed_process_leaves_all_that_was_written(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    written: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=_write_on, args=(tmp_path, written))
    process.start()
    while written.get(timeout=60) < 20:
        pass
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    book = open_book(tmp_path)
    kept = len(book.read_unanswered(100_000))
    assert kept > 20
    assert book.read_counts().outcomes[Outcome.NOT_COVERED] == kept
    book.add_reply(BOB, make_not_covered())
    assert len(book.read_unanswered(100_000)) == kept + 1


def _fill_up(home: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, resource.RLIM_INFINITY))
    book = open_book(home)
    try:
        for _ in range(10_000):
            book.add_reply(ALICE, make_not_covered())
    except StorageError:
        return
    raise AssertionError("the disk never filled up")


def test_a_full_disk_is_an_error_that_leaves_the_book_whole(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_fill_up, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == 0
    book = open_book(tmp_path)
    kept = len(book.read_unanswered(100_000))
    assert kept > 20
    assert book.read_counts().outcomes[Outcome.NOT_COVERED] == kept


def test_the_recorder_writes_beside_and_in_order(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    recorder = FeedbackRecorder(book)

    for number in range(10):
        recorder.note_reply(ALICE, make_not_covered())
        recorder.note_verdict(str(number), BOB, Verdict.NOT_HELPFUL)
    recorder.forget(ALICE)
    recorder.note_reply(BOB, make_not_covered())
    recorder.note_reply(BOB, make_answer(), may_keep=False)
    recorder.close()
    assert open_questions(book) == ["what do they earn?"]
    assert book.read_counts().outcomes[Outcome.NOT_COVERED] == 11
    recorder.note_reply(BOB, make_not_covered())  # closed: nothing is written, and nothing fails
    assert book.read_counts().outcomes[Outcome.NOT_COVERED] == 11


def test_the_recorder_says_once_that_it_can_not_write(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    book = open_book(tmp_path)
    book.path.mkdir()
    recorder = FeedbackRecorder(book)
    for _ in range(20):
        recorder.note_reply(ALICE, make_answer())
    recorder.close()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert FILE_NAME in caplog.text


def test_members_are_told_what_is_kept() -> None:
    kept = describe_keeping(keep_questions=True, retention_days=30)
    assert "for 30 days" in kept
    assert "`/forget`" in kept
    assert "not stored" in describe_keeping(keep_questions=False, retention_days=30)
