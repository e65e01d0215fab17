"""The levels that a question names beside roles: "SDR vs senior SDR", "IC4 customer engineer"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answers.ladders import Ladder, Ladders
from bot.answers.level_places import add_place, step_from
from bot.answers.level_words import GAP, NUMBERS, Run, level_of, noun_of, runs_of
from bot.answers.mentions import RoleFinder
from bot.answers.phrases import ASKS_TWICE, COMPARING
from bot.answers.typed_phrases import Mention
from index.searching.lexical import STOP_WORDS
from index.snapshots.stored import StoredRole
from knowledge.roles.levels import CODE, Level
from knowledge.roles.phrases import role_key

_WORDS_TO_ROLE = 3
_WORD = re.compile(r"[^\W_]+")
_JOINTS = frozenset({"vs", "versus", "or", "and", "than", "to", "from", "with", "above", "below"})
_ARTICLES = frozenset({"a", "an", "the"})
_ONES = frozenset({"one", "ones"})
_COMPARED = frozenset({"compared", "different"})


def add_levels(
    text: str, mentions: Sequence[Mention], finder: RoleFinder, ladders: Ladders
) -> list[Mention]:
    """Return the mentions of roles with the levels that stand by them, and levels left alone.

    A level that is not the guides' own is left out, unless it is a code where they have others.
    """
    reader = _LevelReader(text, finder, ladders)
    if reader.may_name_levels:
        mentions = [step_from(text, mention, ladders) for mention in reader.read(mentions)]
    return add_place(text, mentions, ladders)


def level_alone(
    text: str, role: StoredRole, ladders: Ladders, instead: str = ""
) -> tuple[Level, str] | None:
    """Return the level of a role that a text names without the role, and the text without it.

    Args:
        text: The text.
        role: The role.
        ladders: The levels of the roles.
        instead: What stands in its place.
    """
    words = list(_WORD.finditer(text))
    for run in runs_of(text, words):
        level = level_of(words[run.first : run.end], role)
        if level is not None and ladders.of(role).has(level):
            start, end = words[run.first].start(), words[run.end - 1].end()
            return level, f"{text[:start]}{instead}{text[end:]}"
    return None


class _LevelReader:
    def __init__(self, text: str, finder: RoleFinder, ladders: Ladders) -> None:
        self._text = text
        self._finder = finder
        self._ladders = ladders
        self._words = list(_WORD.finditer(text))
        self._runs = runs_of(text, self._words)

    @property
    def may_name_levels(self) -> bool:
        return bool(self._runs)

    def read(self, mentions: Sequence[Mention]) -> list[Mention]:
        found = [self._with_level_beside(mention) for mention in mentions]
        found += self._acronyms_with_numbers(found)
        if not found:
            return self._codes_alone()
        found.sort(key=lambda mention: mention.start)
        found = self._with_levels_apart(found)
        return sorted([*found, *self._other_sides(found)], key=lambda mention: mention.start)

    def _with_level_beside(self, mention: Mention) -> Mention:
        places = [
            place
            for place, word in enumerate(self._words)
            if mention.start <= word.start() < mention.end
        ]
        if not places:
            return mention
        first, end = places[0], places[-1] + 1
        roles = mention.roles
        if not (roles and roles[0].has_guide) or not _is_in_name(
            self._words[first][0].lower(), roles[0]
        ):
            # "Staff engineer" may be a level of an engineer.
            for run in self._runs:
                if run.first <= first < run.end < end:
                    first = run.end
                    named = [word[0] for word in self._words[first:end]]
                    roles = self._role_at(run, named) or roles
                    break
        before = next((run for run in self._runs if run.end == first), None)
        if before and not self._adjoin(before.end - 1, first):
            before = None
        if before and len(mention.roles) != 1 and roles == mention.roles:
            roles = self._role_at(before, [word[0] for word in self._words[first:end]])
            roles = roles if len(roles) == 1 else self._with_level(before, roles)
        if len(roles) != 1 or not roles[0].has_guide:
            return mention
        after = next((run for run in self._runs if run.first == end), None)
        if after and not self._adjoin(end - 1, after.first):
            after = None
        level_words = [
            *self._words[before.first if before else first : first],
            *self._words[end : after.end if after else end],
        ]
        level = self._known_level(level_words, roles[0])
        if level is None:
            return mention
        outer = [self._words[before.first if before else first], *level_words]
        last = self._words[(after.end if after else end) - 1]
        return replace(
            mention,
            roles=roles,
            level=level,
            outer=(min(mention.start, outer[0].start()), max(mention.end, last.end())),
        )

    def _role_at(self, run: Run, named: Sequence[str]) -> tuple[StoredRole, ...]:
        """Return what a name without its rank means.

        The "engineer" of "principal engineer" is the software engineer, where of all engineers none
        but that one has the level.
        """
        roles = self._finder.named(named) or self._with_level(run, self._finder.like(named))
        if len(named) > 1 or any(" " not in role_key(role.name) for role in roles):
            return roles
        return self._with_level(run, self._finder.ending_in(named[0])) or roles

    def _with_level(self, run: Run, roles: Sequence[StoredRole]) -> tuple[StoredRole, ...]:
        """Return the only one of some roles that has a level; where it is not one, none."""
        found = [
            role
            for role in roles
            if (level := level_of(self._words[run.first : run.end], role)) is not None
            and self._ladders.of(role).has(level)
        ]
        return tuple(found) if len(found) == 1 else ()

    def _acronyms_with_numbers(self, mentions: Sequence[Mention]) -> list[Mention]:
        """Return the roles of "TPM5" and "EM1", where a number is joined to a role's acronym."""
        found = []
        for word in self._words:
            code = CODE.fullmatch(word[0].removesuffix("s"))
            if code is None or len(code["letters"]) < 2 or _covers(mentions, word):
                continue
            roles = self._finder.of_acronym(code["letters"])
            if len(roles) != 1 or not roles[0].has_guide:
                continue
            level = Level(code["number"], noun_of(roles[0]))
            if self._ladders.of(roles[0]).has(level):
                found.append(self._mention(*word.span(), roles[0], level))
        return found

    def _codes_alone(self) -> list[Mention]:
        """Return the roles of "D5 vs D6", where each code is of one role's level alone."""
        found = []
        for word in self._words:
            if CODE.fullmatch(word[0]) is None:
                continue
            roles = self._ladders.with_code(word[0], self._finder.with_guide)
            if len(roles) == 1:
                found.append(self._mention(*word.span(), roles[0], Level(word[0].lower())))
        return found

    def _mention(self, start: int, end: int, role: StoredRole, level: Level) -> Mention:
        """Return a stretch that names a level, and with it the role."""
        return Mention(
            start=start,
            end=end,
            words=self._text[start:end],
            roles=(role,),
            level=level,
            outer=(start, end),
        )

    def _with_levels_apart(self, mentions: list[Mention]) -> list[Mention]:
        """Give "what must an L4 do on mobile" its level: a code belongs to the role behind it."""
        for run in self._runs:
            words = self._words[run.first : run.end]
            if _covers(mentions, words[0]) or not any(word[0][-1].isdigit() for word in words):
                continue
            if (named := self._role_by_one_word(run, mentions)) is not None:
                mentions = [
                    item
                    for item in mentions
                    if item.roles or item.end <= named.start or named.end <= item.start
                ]
                mentions.append(named)
                continue
            behind = [item for item in mentions if item.start > words[0].start()]
            before = [item for item in mentions if item not in behind]
            for item in (*behind[:1], *before[-1:]):
                if item.level is None and len(item.roles) == 1 and item.roles[0].has_guide:
                    level = level_of(words, item.roles[0])
                    if level is not None and self._ladders.of(item.roles[0]).has(level):
                        mentions[mentions.index(item)] = replace(
                            item, level=level, outer=(item.start, item.end)
                        )
                        break
        return mentions

    def _role_by_one_word(self, run: Run, mentions: Sequence[Mention]) -> Mention | None:
        """Return the role of "L4 backend" and "L4 on mobile": the only one of that name with it."""
        for place in range(run.end, min(run.end + _WORDS_TO_ROLE, len(self._words))):
            word = self._words[place]
            if _covers([item for item in mentions if item.roles], word):
                return None
            if word[0].lower() in STOP_WORDS:
                continue
            found = [
                (role, level)
                for role in self._finder.guides.holding([word[0].lower()])
                if (level := level_of(self._words[run.first : run.end], role)) is not None
                and self._ladders.of(role).has(level)
            ]
            if len(found) != 1:
                return None
            [(role, level)] = found
            start = self._words[run.first].start()
            return Mention(
                start=word.start(),
                end=word.end(),
                words=word[0],
                roles=(role,),
                level=level,
                outer=(start, word.end()),
            )
        return None

    def _other_sides(self, mentions: Sequence[Mention]) -> list[Mention]:
        """Return the levels that are compared with one of the same role: "junior vs senior DBA"."""
        found: list[Mention] = []
        for run in self._numbered_or_ranked_runs():
            words = self._words[run.first : run.end]
            if _covers(mentions, words[0]):
                continue
            other = self._joined_with(run, [*mentions, *found]) or self._compared_with(
                run, mentions
            )
            if other is None:
                continue
            level = self._known_level(words, other.roles[0])
            if level is not None and level != other.level:
                start, last = words[0].start(), run.end - (self._word_at(run.end) not in _ONES)
                end = self._words[last].end()
                found.append(self._mention(start, end, other.roles[0], level))
        return found

    def _numbered_or_ranked_runs(self) -> list[Run]:
        numbers = [
            Run(place, place + 1)
            for place in range(1, len(self._words))
            if NUMBERS.fullmatch(self._words[place][0])
            and self._words[place - 1][0].lower() in _JOINTS
        ]
        return [*self._runs, *(run for run in numbers if run not in self._runs)]

    def _joined_with(self, run: Run, mentions: Sequence[Mention]) -> Mention | None:
        """Return the level that one is joined with: "than a senior", "senior compared to a".

        Or the role as such: "customer engineers or the senior ones".
        """
        is_one = self._word_at(run.end) in _ONES
        for first, step in ((run.first - 1, -1), (run.end, 1)):
            place = first
            while self._word_at(place) in _ARTICLES:
                place += step
            if self._word_at(place) not in _JOINTS:
                continue
            place += step
            while self._word_at(place) in _ARTICLES | _COMPARED:
                place += step
            for mention in mentions:
                is_there = 0 <= place < len(self._words)
                is_known = mention.level is not None or (is_one and len(mention.roles) == 1)
                if is_known and is_there and _covers([mention], self._words[place]):
                    return mention
        return None

    def _compared_with(self, run: Run, mentions: Sequence[Mention]) -> Mention | None:
        """Return the level before another of the same role, where the text compares, or asks twice.

        "What does an IC2 get and what an IC3", "what must a junior do and what a senior one".
        """
        start = self._words[run.first].start()
        is_code = CODE.fullmatch(self._words[run.first][0]) is not None
        is_one = self._word_at(run.end) in _ONES
        if not (is_code or is_one) or not (
            COMPARING.search(self._text) or ASKS_TWICE.search(self._text)
        ):
            return None
        before = [one for one in mentions if one.level is not None and one.start < start]
        return before[-1] if before else None

    def _word_at(self, place: int) -> str | None:
        return self._words[place][0].lower() if 0 <= place < len(self._words) else None

    def _known_level(self, words: Sequence[re.Match[str]], role: StoredRole) -> Level | None:
        level = level_of(words, role)
        if level is None:
            return None
        ladder = self._ladders.of(role)
        return level if ladder.has(level) or lacks(ladder, level) else None

    def _adjoin(self, left: int, right: int) -> bool:
        gap = self._text[self._words[left].end() : self._words[right].start()]
        return bool(GAP.fullmatch(gap))


def lacks(ladder: Ladder, level: Level) -> bool:
    """Tell whether a level is none of a role's, though it is written as they are: L9."""
    if not level.is_code or ladder.has(level):
        return False
    letters = level.name.rstrip("0123456789")
    return any(code.rstrip("0123456789") == letters for code in ladder.codes())


def name_with_level(role: StoredRole, level: Level | None) -> str:
    """Return a role's name with its level, as titles have them: "Senior Engineer 2"."""
    if level is None:
        return role.name
    *ranks, last = level.name.split()
    if not last.isalpha():
        return " ".join([*(rank.capitalize() for rank in ranks), role.name, last.upper()])
    return " ".join([*(rank.capitalize() for rank in (*ranks, last)), role.name])


def _is_in_name(word: str, role: StoredRole) -> bool:
    return any(word in role_key(name).split() for name in (role.name, *role.aliases))


def _covers(mentions: Sequence[Mention], word: re.Match[str]) -> bool:
    return any(
        mention.start <= word.start() < mention.end
        or (mention.outer is not None and mention.outer[0] <= word.start() < mention.outer[1])
        for mention in mentions
    )
