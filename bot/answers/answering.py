"""A question that is understood becomes a reply."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from bot.answers.aspects import OPEN_QUESTION
from bot.answers.folders import Folder
from bot.answers.judgement import is_about_careers
from bot.answers.known_there import as_known_there, roles_there
from bot.answers.ladders import Ladder
from bot.answers.level_replies import (
    asks_for_levels,
    explain_no_level,
    is_no_level,
    ladder_of,
    list_levels,
)
from bot.answers.lookup import Finding, look_up, merge_hits, passages_with
from bot.answers.question import MAX_SIDES, Question, QuestionKind, Subject
from bot.answers.refusals import (
    ask_which,
    choices_of,
    explain_refusal,
    greet,
    notices_of,
    refuse_employer,
    say_nearest,
    suggest_questions,
)
from bot.answers.repeated import tells_of_all
from bot.answers.replies import (
    Answer,
    Clarify,
    Comparison,
    NotCovered,
    OneReply,
    Reason,
    Statement,
)
from bot.answers.room import room_of_reply, room_of_side
from bot.answers.side_questions import asks_openly, word_comparison
from bot.answers.side_writing import Found, write_sides
from bot.answers.sources import Sources
from bot.answers.subjects import asked_anywhere, everywhere
from bot.answers.wording import (
    Asked,
    Wording,
    ask_as_meant,
    ask_of_role,
    terms_in,
    word_questions,
)
from bot.answers.writer import write_statements
from bot.settings import Settings
from index.snapshots.stored import StoredRole

_MOST_HELD = 4_096
# Beside a side that is answered, so small a share of what is answerable is refused. On 30 sets both
# sides are told for .82 of 516 comparisons, .80 without; on guides of others .77 and .75 of 248.
_SHARE_REFUSED_BESIDE = 0.3


class Answering:
    """Answers one question from one snapshot."""

    def __init__(self, sources: Sources, settings: Settings, *, share: int = 1) -> None:
        """Take what to answer from and how.

        Args:
            sources: What to answer from.
            settings: How.
            share: How many replies share the room of one.
        """
        self._sources = sources
        self._settings = settings
        self._share = share

    def answer(self, question: Question, said_before: Sequence[str] = ()) -> OneReply:
        """Return the reply to a question.

        Args:
            question: What is asked, understood.
            said_before: Texts whose sentences are not repeated.
        """
        if question.courtesy:
            return self._refuse(question, [], [])
        if question.folder is not None and not question.folder.is_known:
            anywhere = asked_anywhere(question, self._sources.finder)
            reply = self.answer(anywhere, said_before)
            return refuse_employer(question, anywhere, reply, self._sources.finder)
        store = self._sources.snapshot.store
        question = as_known_there(question, self._sources.finder, store, self._is_named_in)
        if self._is_open_which(question):
            return self._ask_which(question)
        if question.kind is not QuestionKind.COMPARISON:
            [wording] = self._word([ask_as_meant(question)])
            return self._answer_one(question, wording, said_before)
        subjects = question.subjects[:MAX_SIDES]
        wording, sides = word_comparison(self._sources, question, subjects)
        is_asked_of_them = question.names_role or question.points
        if is_asked_of_them or is_about_careers(wording.aspect, follows_up=question.follows_up):
            return self._compare(question, subjects, sides, said_before)
        return self._answer_one(question, wording, said_before)

    def _is_named_in(self, role: StoredRole, folder: Folder) -> bool:
        snapshot = self._sources.snapshot
        naming = passages_with(snapshot, role.name)
        return bool(np.isin(naming, snapshot.store.passages_of(folder.documents)).any())

    def _is_open_which(self, question: Question) -> bool:
        """Tell whether a question may be about several roles, and nothing else in it says which."""
        is_open = question.choices or (
            question.needs_role and len(self._sources.finder.with_guide) > 1
        )
        return bool(is_open) and self._sources.reader.asks_in_general(terms_in(question.bare))

    def _word(self, asked: Sequence[Asked]) -> list[Wording]:
        return word_questions(self._sources.encoder, self._sources.reader, asked)

    def _answer_one(
        self, question: Question, wording: Wording, said_before: Sequence[str]
    ) -> OneReply:
        subject = self._main_subject(question)
        finding = self.look_up(
            wording,
            subject,
            speaks_of_role=question.names_role or question.points or question.folder is not None,
            folder=question.folder,
        )
        levels = self._list_levels(question, subject)
        if levels or (finding.judgement.is_answered and not self._is_no_level(subject, finding)):
            statements = levels or self._write(finding, subject, said_before)
            if statements:
                return self._reply(question, finding, statements, notices_of(subject))
        return self._answer_of_nearest(question, subject, said_before) or self._refuse(
            question, [finding], [subject] if subject else []
        )

    def _answer_of_nearest(
        self, question: Question, subject: Subject | None, said_before: Sequence[str]
    ) -> Answer | None:
        """Return what the guides say of the role nearest to one that none is about, and say so."""
        nearest = self._nearest_to(subject) if subject else None
        if subject is None or nearest is None:
            return None
        [wording] = self._word([ask_of_role(question.bare, nearest.name)])
        finding = self.look_up(wording, nearest)
        if not finding.judgement.is_answered:
            return None
        statements = self._write(finding, nearest, said_before)
        notice = f"{say_nearest(subject, nearest)}:"
        return self._reply(question, finding, statements, (notice,)) if statements else None

    def _nearest_to(self, subject: Subject) -> Subject | None:
        """Return the role that is nearest to one that no guide is about, if there is any."""
        if subject.has_guide:
            return None
        folder = subject.folder
        among = roles_there(folder, self._sources.snapshot.store) if folder else None
        role = self._sources.nearest.find(subject.name, among)
        return Subject(name=role.name, role=role, folder=folder) if role else None

    def _write(
        self, finding: Finding, subject: Subject | None, said_before: Sequence[str]
    ) -> tuple[Statement, ...]:
        return write_statements(
            self._sources.snapshot,
            finding.evidence.candidates,
            finding.judgement.scores,
            role=subject.name if subject else None,
            room=room_of_reply(self._settings.answers, self._share),
            said_before=said_before,
            is_of_role=finding.evidence.is_of_subject,
            tells_nothing=partial(tells_of_all, self._sources.snapshot, finding, subject),
        )

    def _reply(
        self,
        question: Question,
        finding: Finding,
        statements: tuple[Statement, ...],
        notices: tuple[str, ...],
    ) -> Answer:
        return Answer(
            question=question.text,
            standalone_question=question.standalone,
            snapshot=self._sources.snapshot.name,
            confidence=finding.judgement.confidence,
            hits=finding.hits,
            notices=notices,
            statements=statements,
        )

    def _compare(
        self,
        question: Question,
        subjects: Sequence[Subject],
        wordings: Sequence[Wording],
        said_before: Sequence[str],
    ) -> OneReply:
        room = room_of_side(len(subjects), self._share)
        findings = [
            self.look_up(wording, subject, [one for one in subjects if one.is_other_than(subject)])
            for subject, wording in zip(subjects, wordings, strict=True)
        ]
        is_one_answered = any(finding.judgement.is_answered for finding in findings)
        found = [
            Found(
                subject=subject,
                finding=finding,
                is_covered=self._is_covered(subject, finding, beside_answered=is_one_answered),
            )
            for subject, finding in zip(subjects, findings, strict=True)
        ]
        sides = write_sides(self._sources.snapshot, found, room, said_before)
        notices = []
        for place, side in enumerate(sides):
            if side.statements:
                continue
            other = self._find_nearest(found, place, beside_answered=is_one_answered)
            if other is not None:
                notices.append(f"{say_nearest(subjects[place], other.subject)}.")
                found[place] = other
        if notices:
            sides = write_sides(self._sources.snapshot, found, room, said_before)
        if not any(side.statements for side in sides):
            return self._refuse(question, findings, subjects)
        findings = [one.finding for one in found]
        hits = merge_hits([finding.hits for finding in findings])
        return Comparison(
            question=question.text,
            standalone_question=question.standalone,
            snapshot=self._sources.snapshot.name,
            confidence=min(
                finding.judgement.confidence if side.statements else 0.0
                for finding, side in zip(findings, sides, strict=True)
            ),
            hits=hits,
            notices=tuple(notices),
            sides=sides,
        )

    def _find_nearest(
        self, found: Sequence[Found], place: int, *, beside_answered: bool
    ) -> Found | None:
        """Return what is found for the role nearest to one of a comparison that has no guide."""
        subject, finding = found[place].subject, found[place].finding
        others = [one.subject for one in found if one.subject != subject]
        nearest = self._nearest_to(subject)
        if nearest is None or not all(map(nearest.is_other_than, others)):
            return None
        bare = OPEN_QUESTION if asks_openly(finding.wording.asked) else finding.wording.asked.bare
        [wording] = self._word([ask_of_role(bare, nearest.name)])
        finding = self.look_up(wording, nearest, others)
        is_covered = self._is_covered(nearest, finding, beside_answered=beside_answered)
        return (
            Found(subject=nearest, finding=finding, is_covered=is_covered) if is_covered else None
        )

    def _is_covered(self, subject: Subject, finding: Finding, *, beside_answered: bool) -> bool:
        """Tell whether a side of a comparison is answered; beside one that is, sooner."""
        judgement = finding.judgement
        refused = self._settings.answers.answerable_refused * _SHARE_REFUSED_BESIDE
        laxer = self._sources.model.calibration.threshold(refused)
        is_nearly = beside_answered and judgement.is_on_topic and judgement.logit >= laxer
        says_any = asks_openly(finding.wording.asked) and not subject.has_guide
        return (judgement.is_answered or is_nearly or says_any) and not self._is_no_level(
            subject, finding
        )

    def _main_subject(self, question: Question) -> Subject | None:
        """Return the role that a question about one role is about: the first that is known."""
        known = (
            one for one in question.subjects if one.role is not None or one.section is not None
        )
        return next(known, next(iter(question.subjects), None))

    def look_up(
        self,
        wording: Wording,
        subject: Subject | None,
        contrasted: Sequence[Subject] = (),
        *,
        speaks_of_role: bool = True,
        folder: Folder | None = None,
    ) -> Finding:
        """Look a question up about one role, or about none in particular."""
        return look_up(
            self._sources.snapshot,
            self._sources.reader,
            self._sources.model,
            self._settings.index,
            wording,
            subject=subject,
            ladder=self._ladder_of_level(subject, contrasted),
            contrasted=contrasted,
            speaks_of_role=speaks_of_role,
            folder=subject.folder if subject else folder,
            answerable_refused=self._settings.answers.answerable_refused,
        )

    def _list_levels(self, question: Question, subject: Subject | None) -> tuple[Statement, ...]:
        """Return the levels of a role, where a question asks which there are."""
        if subject is None or subject.level is not None or not asks_for_levels(question.bare):
            return ()
        ladder = ladder_of(self._sources.finder.ladders, subject)
        return list_levels(self._sources.snapshot, ladder, subject.name) if ladder else ()

    def _is_no_level(self, subject: Subject | None, finding: Finding) -> bool:
        return subject is not None and is_no_level(self._ladder_of_level(subject), subject, finding)

    def _ladder_of_level(
        self, subject: Subject | None, contrasted: Sequence[Subject] = ()
    ) -> Ladder | None:
        """Return the levels of a role, where one of them is asked about, or contrasted with it."""
        if subject is None:
            return None
        beside = [one for one in contrasted if not one.is_other_role_than(subject)]
        if not any(one.level for one in (subject, *beside)):
            return None
        return ladder_of(self._sources.finder.ladders, subject)

    def _refuse(
        self, question: Question, findings: Sequence[Finding], subjects: Sequence[Subject]
    ) -> NotCovered:
        with_guide = next((subject for subject in subjects if subject.has_guide), None)
        if subjects and all(_is_missing(subject) for subject in subjects):
            reason = Reason.NO_GUIDE
        elif any(finding.judgement.is_on_topic for finding in findings):
            reason = Reason.NOT_SAID
        else:
            reason = Reason.OFF_TOPIC
        number = list(subjects).index(with_guide) if with_guide else 0
        missing = next(
            (
                explain_no_level(ladder, subject)
                for subject, finding in zip(subjects, findings, strict=False)
                if (ladder := self._ladder_of_level(subject))
                and is_no_level(ladder, subject, finding)
            ),
            None,
        )
        hits = merge_hits([finding.hits for finding in findings])
        return NotCovered(
            question=question.text,
            standalone_question=question.standalone,
            snapshot=self._sources.snapshot.name,
            confidence=max((item.judgement.confidence for item in findings), default=0.0),
            hits=hits,
            suggestions=suggest_questions(
                self._sources.reader,
                self._sources.finder,
                findings[number] if findings else None,
                everywhere(with_guide) if with_guide else None,
                self.are_answered,
            ),
            reason=reason,
            text=(
                greet(question.courtesy, [role.name for role in self._sources.finder.with_guide])
                if question.courtesy
                else missing or explain_refusal(reason, subjects, question.folder)
            ),
        )

    def are_answered(self, questions: Sequence[str], subject: Subject) -> list[bool]:
        """Tell of each question about a role whether it is answered; what was told is held."""
        held = self._sources.answered
        role = subject.role.position if subject.role else -1
        strictness = self._settings.answers.answerable_refused
        told = {one: held.get((one, role, strictness)) for one in questions}
        if new := [one for one, is_answered in told.items() if is_answered is None]:
            bare = [" ".join(one.replace(f"the {subject.name} role", "").split()) for one in new]
            wordings = self._word([ask_of_role(one, subject.name) for one in bare])
            if len(held) + len(new) > _MOST_HELD:
                held.clear()
            for one, wording in zip(new, wordings, strict=True):
                told[one] = self.look_up(wording, subject).judgement.is_answered
                held[one, role, strictness] = bool(told[one])
        return [bool(told[one]) for one in questions]

    def _ask_which(self, question: Question) -> Clarify:
        return Clarify(
            question=question.text,
            standalone_question=question.standalone,
            snapshot=self._sources.snapshot.name,
            confidence=0.0,
            suggestions=choices_of(question, self._sources.finder),
            text=ask_which(question, self._sources.finder),
        )


def _is_missing(subject: Subject) -> bool:
    """Tell whether the guides don't know a role, or none where it is asked about does."""
    return not subject.has_guide and (subject.role is None or subject.folder is not None)
