"""What a question means, given the conversation: its roles, its kind, its stand-alone wording."""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.answers.conversation import Conversation
from bot.answers.mentions import Mention, RoleFinder
from bot.answers.spelling import Speller
from index.lexical import STOP_WORDS, words_of
from index.store import StoredRole
from knowledge.errors import QuestionError
from knowledge.occupations import spell_out
from knowledge.role_phrases import role_key

MAX_CHARACTERS = 2_000

_COMPARING = re.compile(
    r"\b(?:vs\.?|versus|v\.s\.|differ(?:s|ent(?:ly)?|ences?|ing)?|dif+(?:e?rent|s)?\b|diffrent"
    r"|differnce|compar(?:e[ds]?|ed|ing|ison)|distinguish(?:es)?|distinction|apart|unlike"
    r"|(?:the )?same (?:as|thing|job|role|work)|similar(?:ity|ities)?|overlaps?|in common"
    r"|better|mix(?:ed|ing)? (?:those|them|these)?\s*up|what'?s what|instead of|rather than)\b",
    re.IGNORECASE,
)
_COMPARING_WORDS = re.compile(
    r"\b(?:vs\.?|versus|compar(?:e[ds]?|ing|ison)(?: (?:to|with|of))?|between|differ(?:s|ent|ence|ences)?"
    r"(?: (?:from|to|than))?|and|or|the|an?|of|than|as|each|both|either|them|those|these|whats?|what'?s)\b"
    r"|[,;:/?]",
    re.IGNORECASE,
)
_OTHER_SIDE = re.compile(
    r"\b(?:vs\.?|versus|(?:differ(?:s|ent(?:ly)?|ence|ences)?|distinct|apart) from|(?:same|identical)"
    r"(?: \w+)? (?:as|to)|compared (?:to|with)|difference between|mixed up with|confused with)\s+(?:being |just )?"
    r"(?:an? |the |normal |regular |just )*(?P<name>[^\W\d_][\w&-]*(?: [^\W\d_][\w&-]*){0,3})",
    re.IGNORECASE,
)
_BEFORE_VERSUS = re.compile(
    r"(?P<name>[^\W\d_][\w&-]*(?: [^\W\d_][\w&-]*){0,2})\s+(?:vs\.?|versus)\s", re.IGNORECASE
)
_JOINING = re.compile(r"\b(?:and|or|vs\.?|versus)\b|[/,]", re.IGNORECASE)
_OF_BOTH = re.compile(r"\b(?:both|each|either|respectively)\b", re.IGNORECASE)
_MOST_BETWEEN_ROLES = 45
_WORD_OF_NAME = re.compile(r"[^\W_][\w&-]*")
_NOT_COMPARED = frozenset(
    """
    thing job role work career same different difference they them those these others other jobs
    roles normal regular two both one ones what which who pay salary skills tools money hours lol
    or and
    """.split()
)
_OTHER_TOPIC = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|alright|so|right|anyway|now|but|and|thx|thanks|cool|random)\b\W*)*(?:a )?"
    r"(?:(?:different|another|other|new|next|random) (?:question|topic|thing|one|q)|forget (?:that|it|\w+)"
    r"|never ?mind|unrelated|changing (?:topic|subject)s?)\b\W*(?:but|so|though|then|and|now)?\W*",
    re.IGNORECASE,
)
_CHOOSING = re.compile(r"\b(?:or|vs\.?|versus)\b|/", re.IGNORECASE)
_MORE_OF_TWO = re.compile(
    r"\b(?:who|which(?: one| of (?:them|those|these|the two))?|what)\b.*"
    r"\b(?:more|most|less|least|better|best|higher|highest|lower|earlier|easier|harder|\w{3,}er)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:th(?:is|at|ese|ose)(?: (?:roles?|jobs?|positions?|careers?|kinds? of work|works?|ones?"
    r"|fields?|lines? of work|persons?|people))?|the (?:first|second|last|other|latter|former)"
    r" (?:one|role|job)|the (?:role|job|position|career|work)|its?|they|them|their|theirs"
    r"|(?<=\bas )one|(?<=\bbecome )one|(?<=\bbe )one|(?<=\bbecoming )one)\b",
    re.IGNORECASE,
)
_THE_ROLE = re.compile(
    r"\b(?:th(?:is|e|at) (?:role|job|position|career|work|kind of work|field)(?! [a-z]*(?:life"
    r"|outlook|market|levels?|titles?|hours|ladder|path|interview))|this|it(?! takes?\b)|its)\b",
    re.IGNORECASE,
)
_ROLE_NAMED = re.compile(r"\b(?:(?:an?|the) )?(?:this|another) role(?:'s|s)?\b", re.IGNORECASE)
_GOING_ON = re.compile(
    r"^\W*(?:ok(?:ay)?|alright|and|but|so|or|then|also|what about|how about|what of|same"
    r"|why|more|tell me more|go on|else|any|which one|the (?:first|second|last|other) one)\b",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^\W*(?:(?:hi|hello|hey|hiya|yo|sup|help|good (?:morning|evening|day|bot)|there|bot|rolewise"
    r"|what can (?:you|u) do|(?:can you |can u )?help(?: me)?|how does this work)\b\W*)+$",
    re.IGNORECASE,
)
_THANKING = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|cool|great|nice|thanks?|thank you|thx|ty|cheers|perfect|awesome|bye"
    r"|got it|very much|a lot|so much|good bot)\b\W*)+$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|but|so|any|can you|please|pls)\b\W*)*(?:tell me|give me|say|show me)?"
    r"\W*(?:some |any )?(?:more|go on|continue|what else|anything else|else)\b"
    r"(?:\W*(?:about (?:it|that|this)|details?|info(?:rmation)?|please|pls))*\W*$",
    re.IGNORECASE,
)
_SAME_QUESTION = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|but|so|or|alright|then)\b\W*)*"
    r"(?:what about|how about|what of|same(?: question)?(?: for| with| about)?|from|to|for|with|vs"
    r"|versus|compared to|than)?\W*(?:an?|the|to|from|for|with)?\W*$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"\bthe (first|second|last|other|latter|former)(?: one| role| job)?\b", re.IGNORECASE
)
_MANY_WORDS = 9


class QuestionKind(StrEnum):
    """What a question asks for."""

    ONE_ROLE = "one role"
    COMPARISON = "comparison"
    GENERAL = "general"


class Courtesy(StrEnum):
    """What people say to a bot without asking anything."""

    GREETING = "greeting"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A role that a question is about; `role` is none where the guides don't have it."""

    name: str
    role: StoredRole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as it was asked, and as it is meant.

    `role_spans` are the stretches of `standalone` that name roles. `background` is an earlier
    question that this one goes on from without a role to take over.
    """

    text: str
    standalone: str
    masked: str
    kind: QuestionKind
    subjects: tuple[Subject, ...]
    choices: tuple[StoredRole, ...] = ()
    follows_up: bool = False
    points: bool = False
    names_role: bool = False
    wants_more: bool = False
    role_spans: tuple[tuple[int, int], ...] = ()
    courtesy: Courtesy | None = None
    background: str | None = None

    @property
    def bare(self) -> str:
        """The question without its roles: what is asked, whichever role it is asked of."""
        return " ".join(_ROLE_NAMED.sub(" ", self.masked).split()) or "what is it"

    @property
    def compared(self) -> str:
        """The question without its roles and without the words that only say to compare."""
        return " ".join(_COMPARING_WORDS.sub(" ", self.bare).split()) or "what do they do"

    @property
    def needs_role(self) -> bool:
        """Whether it points to a role that nothing has named."""
        return self.points and not self.subjects and self.background is None


def clean_question(text: str) -> str:
    """Return a question as it will be read: composed characters, single spaces, no controls.

    Raises:
        QuestionError: it is empty, too long, or holds no word.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QuestionError(
            "The question holds half of a character (a lone surrogate). Type it again."
        ) from error
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(
            f"The question has {len(text):,} characters, more than {MAX_CHARACTERS:,}."
            " Ask it in fewer words."
        )
    visible = "".join(
        " " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character
        for character in unicodedata.normalize("NFC", text)
        if unicodedata.category(character) != "Cf"
    )
    cleaned = " ".join(visible.split())
    if not cleaned:
        raise QuestionError('The question is empty. Ask something, such as "what is the role?".')
    if not words_of(cleaned):
        raise QuestionError(
            'The question holds no word. Ask something, such as "what is the role?".'
        )
    return cleaned


def understand(
    text: str, conversation: Conversation, finder: RoleFinder, speller: Speller
) -> Question:
    """Return what a question means, given what was said before.

    Args:
        text: The question as it was typed.
        conversation: What was said before, oldest first.
        finder: Finds roles.
        speller: Mends slips, also in role names that the finder then recognises.

    Raises:
        QuestionError: nothing can be looked up.
    """
    text = speller.mend(clean_question(text))
    previous: Question | None = None
    for turn in conversation:
        if turn.role == "user":
            previous = _understand_past(turn.text, previous, finder, speller)
        elif previous is not None and not previous.subjects:
            # An answer that speaks of one role names what the question left open.
            named = _subjects_named([item for item in finder.find(turn.text) if item.roles])
            if len(named) == 1:
                previous = replace(previous, subjects=named)
    question = _understand(text, previous, finder)
    standalone = _name_in_full(question.standalone, finder)
    question = replace(
        question,
        standalone=standalone,
        role_spans=tuple((item.start, item.end) for item in finder.find(standalone)),
    )
    if (courtesy := _courtesy_of(text)) is not None:
        return replace(question, courtesy=courtesy, subjects=(), kind=QuestionKind.GENERAL)
    says_something = question.points or question.follows_up or bool(finder.find(text))
    if not says_something and all(word in STOP_WORDS for word in words_of(text)):
        raise QuestionError(
            "The question holds no word to look up. Say what you want to know about which role."
        )
    return question


def _courtesy_of(text: str) -> Courtesy | None:
    if _THANKING.match(text):
        return Courtesy.THANKS
    return Courtesy.GREETING if _GREETING.match(text) else None


def _understand_past(
    text: str, previous: Question | None, finder: RoleFinder, speller: Speller
) -> Question | None:
    try:
        return _understand(speller.mend(clean_question(text)), previous, finder)
    except QuestionError:
        return previous


def _name_in_full(text: str, finder: RoleFinder) -> str:
    """Return a question with roles by the names that guides call them, not by acronyms and slips."""
    for mention in reversed(finder.find(text)):
        if len(mention.roles) < 2:
            spelt_out = " ".join(spell_out(mention.words.split()))
            name = mention.roles[0].name if mention.roles else spelt_out
            if role_key(mention.words) != role_key(name):
                text = text[: mention.start] + name + text[mention.end :]
    return text


def _understand(text: str, previous: Question | None, finder: RoleFinder) -> Question:
    if (turned := _OTHER_TOPIC.match(text)) and words_of(text[turned.end() :]):
        text, previous = text[turned.end() :], None
    mentions = finder.find(text)
    named = _subjects_named(mentions)
    ambiguous = next((mention for mention in mentions if len(mention.roles) > 1), None)
    points = bool(_POINTING.search(_without(text, mentions)))
    compares = bool(_COMPARING.search(text)) or _joins_roles(text, mentions)
    if compares and len(named) == 1 and (other := _find_other_side(text, mentions)) is not None:
        mentions = sorted([*mentions, other], key=lambda mention: mention.start)
        named = _subjects_named(mentions)
    question = Question(
        text=text,
        standalone=text,
        masked=_mask(text, mentions),
        kind=QuestionKind.GENERAL,
        subjects=named,
        points=points,
        names_role=bool(mentions),
    )
    if ambiguous is not None and not named:
        return replace(question, kind=QuestionKind.ONE_ROLE, choices=ambiguous.roles, subjects=())
    if previous is not None:
        question = _resolve(question, previous, mentions, compares=compares)
    default = _default_subject(finder)
    if default is not None and not question.follows_up:
        if not question.subjects:
            question = replace(question, subjects=(default,))
        elif compares and len(question.subjects) == 1 and question.subjects[0] != default:
            question = replace(question, subjects=(default, *question.subjects))
    if compares and len(question.subjects) > 1:
        return replace(question, kind=QuestionKind.COMPARISON)
    if question.kind is QuestionKind.GENERAL and question.subjects:
        return replace(question, kind=QuestionKind.ONE_ROLE)
    return question


def _resolve(
    question: Question, previous: Question, mentions: list[Mention], *, compares: bool
) -> Question:
    """Take from the question before what this one leaves out."""
    text = question.text
    named = question.subjects
    if named and _SAME_QUESTION.match(_without(text, mentions)):
        return _ask_again(question, previous, named)
    if _MORE.match(text):
        return replace(previous, text=text, follows_up=True, wants_more=True)
    if all(word in STOP_WORDS for word in words_of(text)) and not named:
        # "why", "how so": the question before, asked on.
        return replace(
            previous,
            text=text,
            standalone=f"{text} {previous.standalone}",
            masked=f"{text} {previous.masked}",
            follows_up=True,
        )
    goes_on = bool(_GOING_ON.match(text)) or len(text.split()) < _MANY_WORDS
    if not (question.points or goes_on):
        return question
    if not previous.subjects:
        background = previous.background or previous.standalone
        return question if named else replace(question, background=background, follows_up=True)
    if named:
        # "how is that different from an analytics engineer?" compares with what was spoken of.
        if compares and len(named) == 1 and (question.points or goes_on):
            spoken_of = previous.subjects[0]
            if spoken_of != named[0]:
                return replace(
                    question,
                    subjects=(spoken_of, *named),
                    standalone=_name_subject(text, mentions, spoken_of),
                    follows_up=True,
                )
        return question
    subjects = _pick(text, previous.subjects)
    if compares or (len(subjects) > 1 and _MORE_OF_TWO.search(text)):
        kind = QuestionKind.COMPARISON if len(subjects) > 1 else QuestionKind.ONE_ROLE
    else:
        kind = QuestionKind.ONE_ROLE
        subjects = subjects[:1] if len(subjects) == 1 or _says_it(text) else subjects
    if len(subjects) > 1:
        kind = QuestionKind.COMPARISON
    names = " and ".join(subject.name for subject in subjects)
    return replace(
        question,
        subjects=subjects,
        kind=kind,
        standalone=_name_subject(text, [], Subject(name=names, role=None)),
        follows_up=True,
    )


def _ask_again(question: Question, previous: Question, named: tuple[Subject, ...]) -> Question:
    """Put the question before again with another role: "and a data engineer?"."""
    if previous.kind is QuestionKind.COMPARISON and len(previous.subjects) > 1:
        subjects = (previous.subjects[0], *(item for item in named if item != previous.subjects[0]))
        if len(subjects) == 1:
            subjects = (previous.subjects[1], *named)
        kind = QuestionKind.COMPARISON
    else:
        subjects = named
        kind = QuestionKind.ONE_ROLE if len(named) == 1 else QuestionKind.COMPARISON
    masked = previous.masked
    names = " and ".join(subject.name for subject in subjects)
    standalone = re.sub(r"\bthis role\b", names, masked, count=1)
    if kind is QuestionKind.COMPARISON:
        standalone = f"How do these differ: {' and '.join(item.name for item in subjects)}?"
    elif standalone == masked:
        standalone = f"{masked} ({names})"
    return replace(
        question,
        subjects=subjects,
        kind=kind,
        masked=masked,
        standalone=standalone,
        follows_up=True,
    )


def _pick(text: str, subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Return which of the subjects spoken of "the first one" and the like point to."""
    match = _ORDINAL.search(text)
    if match is None or len(subjects) < 2:
        return subjects
    first = match[1].lower() in {"first", "former"}
    return (subjects[0],) if first else (subjects[-1],)


def _says_it(text: str) -> bool:
    return bool(re.search(r"\b(?:it|its|this|that)\b", text, re.IGNORECASE))


def _joins_roles(text: str, mentions: list[Mention]) -> bool:
    """Tell "what do X use and what do Y use" from "does an X report to a Y"."""
    between = _between(text, mentions)
    if len(mentions) < 2:
        return False
    return bool(_CHOOSING.search(between) or _OF_BOTH.search(text)) or (
        len(between) <= _MOST_BETWEEN_ROLES and bool(_JOINING.search(between))
    )


def _find_other_side(text: str, mentions: list[Mention]) -> Mention | None:
    """Return what a role is compared with where that is no role that anybody knows: "an EMT"."""
    for pattern in (_OTHER_SIDE, _BEFORE_VERSUS):
        for match in pattern.finditer(text):
            words = list(_WORD_OF_NAME.finditer(text, match.start("name"), match.end("name")))
            while words and _is_no_name(words[-1][0]):
                words.pop()
            while words and _is_no_name(words[0][0]):
                words = words[1:]
            if not words or any(_is_no_name(word[0]) for word in words):
                continue
            start, end = words[0].start(), words[-1].end()
            if not any(item.start < end and start < item.end for item in mentions):
                return Mention(start=start, end=end, words=text[start:end], roles=())
    return None


def _is_no_name(word: str) -> bool:
    return word.lower() in STOP_WORDS or word.lower() in _NOT_COMPARED


def _subjects_named(mentions: list[Mention]) -> tuple[Subject, ...]:
    known = [mention for mention in mentions if len(mention.roles) == 1]
    unknown = [mention for mention in mentions if not mention.roles]
    subjects = [_subject(mention) for mention in sorted([*known, *unknown], key=lambda m: m.start)]
    unique = {subject.name.lower(): subject for subject in subjects}
    return tuple(unique.values())


def _subject(mention: Mention) -> Subject:
    role = mention.roles[0] if mention.roles else None
    return Subject(name=role.name if role else mention.words, role=role)


def _default_subject(finder: RoleFinder) -> Subject | None:
    """Return the role that goes without saying: the only one with a guide."""
    with_guide = finder.with_guide
    if len(with_guide) != 1:
        return None
    return Subject(name=with_guide[0].name, role=with_guide[0])


def _mask(text: str, mentions: list[Mention]) -> str:
    """Return the question with "this role" for the first role named, "another role" for others."""
    pieces = []
    position = 0
    for number, mention in enumerate(mentions):
        pieces.append(text[position : mention.start])
        pieces.append("this role" if number == 0 else "another role")
        position = mention.end
    pieces.append(text[position:])
    masked = re.sub(r"\b(?:an?|the) (?=this role|another role)", "", "".join(pieces))
    return masked if mentions else _THE_ROLE.sub("this role", masked, count=1)


def _without(text: str, mentions: list[Mention]) -> str:
    for mention in reversed(mentions):
        text = text[: mention.start] + text[mention.end :]
    return text


def _between(text: str, mentions: list[Mention]) -> str:
    return text[mentions[0].end : mentions[-1].start] if len(mentions) > 1 else ""


def _name_subject(text: str, mentions: list[Mention], subject: Subject) -> str:
    """Return the question with its first pointing word replaced by the role's name."""
    for match in _POINTING.finditer(text):
        if not any(mention.start <= match.start() < mention.end for mention in mentions):
            name = f"{subject.name}'s" if match[0].lower() in {"its", "their"} else subject.name
            return text[: match.start()] + name + text[match.end() :]
    return f"{text} ({subject.name})"
