"""An assistant and an application that answer from a guide of a few lines, without an index."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.answers.assistant import Assistant
from bot.answers.conversation import Conversation
from bot.answers.replies import (
    Answer,
    AnyReply,
    Citation,
    Clarify,
    Comparison,
    NotCovered,
    Reason,
    Side,
    Statement,
)
from bot.application import Application, Status
from bot.settings import Settings
from index.build import BuildReport, Progress
from index.searching.search import Hit
from index.snapshots.manifest import (
    FORMAT_VERSION,
    ChunkerEntry,
    DocumentEntry,
    EncoderEntry,
    Manifest,
)
from knowledge.errors import RolewiseError
from knowledge.passages import Passage
from knowledge.reading.listing import SkippedFile
from knowledge.roles.roles import Role, RoleSpan


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


SNAPSHOT = "20260102T030405Z-0123abcd"
DOCUMENT = "data-engineer.md"
TITLE = "Data Engineer"
GUIDE = """\
# Data Engineer

They build **pipelines** that carry data.

## Skills

A data engineer needs:

- Python;
- SQL.

## Other roles

Data scientists ask the questions.
"""
_PASSAGES = ("# Data Engineer", "## Skills", "## Other roles")
_HEADINGS = {"# Data Engineer": "", "## Skills": "Skills", "## Other roles": "Other roles"}


def cite(quote: str) -> Citation:
    """Return the citation of a quote of the guide."""
    start = GUIDE.index(quote)
    section = max((name for name in _PASSAGES if GUIDE.index(name) <= start), key=GUIDE.index)
    return Citation(
        document=DOCUMENT,
        title=TITLE,
        heading=_HEADINGS[section],
        start=start,
        end=start + len(quote),
        quote=quote,
    )


def find_hits() -> tuple[Hit, ...]:
    """Return the guide's sections as passages found."""
    starts = [GUIDE.index(name) for name in _PASSAGES]
    ends = [*starts[1:], len(GUIDE)]
    return tuple(
        Hit(
            passage=Passage(
                id=f"p{position}",
                document_id=DOCUMENT,
                heading_path=tuple(filter(None, ("Data Engineer", _HEADINGS[name]))),
                start=start,
                end=end,
            ),
            position=position,
            text=GUIDE[start:end],
            score=1.5 - position,
            dense=0.5,
            lexical=7.25,
        )
        for position, (name, start, end) in enumerate(zip(_PASSAGES, starts, ends, strict=True))
    )


WORK = Statement(
    texts=("They build pipelines that carry data.",),
    citations=(cite("They build **pipelines** that carry data."),),
    role="Data Engineer",
)
SKILLS = Statement(
    lead="A data engineer needs:",
    texts=("Python;", "SQL."),
    citations=(cite("A data engineer needs:"), cite("Python;"), cite("SQL.")),
    role="Data Engineer",
)
QUESTIONS = Statement(
    texts=("Data scientists ask the questions.",),
    citations=(cite("Data scientists ask the questions."),),
    role="Data Scientist",
)


def make_answer(
    *statements: Statement, question: str = "what do they do?", notices: tuple[str, ...] = ()
) -> Answer:
    """Return an answer of the guide's own statements."""
    hits = find_hits()
    return Answer(
        question=question,
        standalone_question="what does a Data Engineer do?",
        snapshot=SNAPSHOT,
        confidence=0.9,
        hits=hits,
        notices=notices,
        timings_ms={"total": 12.5},
        statements=statements or (WORK, SKILLS),
    )


def make_comparison(*sides: Side) -> Comparison:
    """Return a comparison, by default of one role with a guide and one without."""
    hits = find_hits()
    return Comparison(
        question="how do they differ?",
        standalone_question="how do Data Engineer and Data Scientist differ?",
        snapshot=SNAPSHOT,
        confidence=0.7,
        hits=hits,
        sides=sides
        or (
            Side(role="Data Engineer", has_guide=True, statements=(WORK, SKILLS)),
            Side(role="Data Scientist", has_guide=False, statements=(QUESTIONS,)),
        ),
    )


def make_clarify() -> Clarify:
    """Return a question back."""
    return Clarify(
        question="how is this different?",
        standalone_question="how is this different?",
        snapshot=SNAPSHOT,
        confidence=0.0,
        suggestions=("Data Engineer", "Nurse"),
        text="Which role do you mean?",
    )


def make_not_covered(*, suggestions: tuple[str, ...] = ("What skills are needed?",)) -> NotCovered:
    """Return a refusal."""
    return NotCovered(
        question="what do they earn?",
        standalone_question="what does a Data Engineer earn?",
        snapshot=SNAPSHOT,
        confidence=0.1,
        suggestions=suggestions,
        reason=Reason.NOT_SAID,
        text="The guides don't say that about Data Engineer.",
    )


class FakeAssistant(Assistant):
    """Gives the replies that it was made with, and an answer to everything else."""

    def __init__(self, replies: Mapping[str, AnyReply | Exception] | None = None) -> None:
        self.replies = dict(replies or {})
        self.asked: list[tuple[str, Conversation]] = []
        self.prepared = 0
        self.is_watching = False
        self.failures: list[RolewiseError] = []
        """What `prepare` raises, one each time, before it succeeds."""

    def prepare(self) -> None:
        self.prepared += 1
        if self.failures:
            raise self.failures.pop(0)

    def watch(self) -> None:
        self.is_watching = True

    def reply(self, text: str, conversation: Conversation = ()) -> AnyReply:
        self.asked.append((text, conversation))
        reply = self.replies.get(text, make_answer(question=text))
        if isinstance(reply, Exception):
            raise reply
        return reply

    def role_names(self) -> tuple[str, ...]:
        return ("Data Engineer",)

    def close(self) -> None:
        pass


class FakeApplication(Application):
    """Builds by taking note of it."""

    def __init__(self, home: Path, assistant: FakeAssistant | None = None) -> None:
        super().__init__(Settings(home=home))
        self.fake = assistant or FakeAssistant()
        self.assistant = self.fake
        self.is_built = True
        self.is_closed = False
        self.builds: list[tuple[Path, ...]] = []
        self.failure: RolewiseError | None = None
        """What reading the index and building it raise, where it isn't none."""
        self.skipped: tuple[SkippedFile, ...] = ()

    def knowledge_paths(self) -> tuple[Path, ...]:
        return (Path("guides"),)

    def build(
        self,
        paths: Sequence[Path] = (),
        *,
        is_full: bool = False,
        progress: Progress = lambda stage, done, total: None,
    ) -> BuildReport:
        self.builds.append(tuple(paths))
        progress("reading", 0, 1)
        progress("reading", 1, 1)
        progress("encoding", 1, 3)
        progress("encoding", 3, 3)
        if self.failure is not None:
            raise self.failure
        self.is_built = True
        return BuildReport(
            snapshot=SNAPSHOT,
            documents=1,
            documents_copied=0,
            passages=3,
            passages_copied=0,
            sentences=1_234,
            roles=(
                Role(
                    name="Data Engineer",
                    spans=(RoleSpan(document_id=DOCUMENT, start=0, end=len(GUIDE)),),
                ),
                Role(name="Data Scientist"),
            ),
            skipped=self.skipped,
        )

    def rebuild(
        self,
        paths: Sequence[Path] = (),
        *,
        is_full: bool = False,
        progress: Progress = lambda stage, done, total: None,
    ) -> BuildReport:
        return self.build(paths, is_full=is_full, progress=progress)

    def has_index(self) -> bool:
        return self.is_built

    def read_status(self) -> Status:
        if self.failure is not None:
            raise self.failure
        return Status(
            home=self.home.path,
            manifest=make_manifest(),
            roles_with_guide=("Data Engineer",),
            roles_mentioned=("Data Scientist",),
            is_calibrated=True,
        )

    def close(self) -> None:
        self.is_closed = True


def make_manifest() -> Manifest:
    """Return the manifest of a snapshot of one guide."""
    return Manifest(
        format_version=FORMAT_VERSION,
        name=SNAPSHOT,
        created_at="2026-01-02T03:04:05+00:00",
        built_by="rolewise 0.1.0",
        knowledge_paths=["guides"],
        encoder=EncoderEntry(
            model="word-lengths", fingerprint="f" * 64, dimension=2, max_tokens=100
        ),
        chunker=ChunkerEntry(name="sections", target_tokens=100),
        documents=[DocumentEntry(id=DOCUMENT, sha256="0" * 64)],
        passages=3,
        sentences=1_234,
        headings=3,
        references_sha256="0" * 64,
        files={},
    )
