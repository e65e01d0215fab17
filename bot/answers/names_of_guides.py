"""The roles that the guides are about, found by parts of their names."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from index.searching.lexical import STOP_WORDS, terms_of
from index.snapshots.stored import StoredRole
from knowledge.roles.levels import RANKS
from knowledge.roles.occupations import FIELDS, GRADES, LEADERS, singular
from knowledge.roles.people import BODIES
from knowledge.roles.phrases import noun_last, role_key
from knowledge.roles.roles import all_names

_MIN_CHARACTERS_OF_CLIPPED = 3
_RANKS_OF_SAME_ROLE = frozenset({"lead", "principal", "senior", "staff"})
_LEARNERS = frozenset({"apprentice", "intern", "trainee"})
_COMPOUNDS = frozenset({"backend", "frontend", "fullstack"})


class NamesOfGuides:
    """The roles that the guides are about, by the words of their names."""

    def __init__(
        self, roles: Sequence[StoredRole], occurs: Callable[[str], bool] | None = None
    ) -> None:
        """Take the roles that the guides are about.

        Args:
            roles: The roles.
            occurs: Tells whether a word is anywhere in the guides.
        """
        self._roles = roles
        self._role_of_name: list[int] = []
        self._names_by_word: dict[str, set[int]] = {}
        self._names_by_beginning: dict[str, list[tuple[int, list[str]]]] = {}
        self._names_by_second: dict[str, list[tuple[int, list[str]]]] = {}
        self._roles_by_noun: dict[str, list[StoredRole]] = {}
        self._roles_by_modifiers: dict[str, dict[str, StoredRole]] = {}
        self._roles_by_field: dict[str, dict[str, StoredRole]] = {}
        for position, role in enumerate(roles):
            for noun in noun_last(role_key(role.name.split("(")[0])).split()[-1:]:
                self._roles_by_noun.setdefault(noun, []).append(role)
            for name in all_names(role):
                for modifiers in _modifiers_of(name):
                    self._roles_by_modifiers.setdefault(modifiers, {})[role.name] = role
                for field in _fields_of(name):
                    self._roles_by_field.setdefault(field, {})[role.name] = role
                for letters in _initials_of_modifiers(name):
                    if occurs is not None and (occurs(letters) or letters[-1] == "x"):
                        self._roles_by_modifiers.setdefault(letters, {})[role.name] = role
                key = role_key(name).split()
                beginning = key[0][:_MIN_CHARACTERS_OF_CLIPPED] if key else ""
                self._names_by_beginning.setdefault(beginning, []).append((position, key))
                if len(key) > 1:
                    second = key[1][:_MIN_CHARACTERS_OF_CLIPPED]
                    self._names_by_second.setdefault(second, []).append((position, key[1:]))
                for word in key:
                    self._names_by_word.setdefault(word, set()).add(len(self._role_of_name))
                self._role_of_name.append(position)

    def ending_in(self, noun: str) -> tuple[StoredRole, ...]:
        """Return the roles whose names end in a noun."""
        return tuple(self._roles_by_noun.get(noun, ()))

    def without_noun(self, words: Sequence[str]) -> tuple[StoredRole, ...]:
        """Return the roles whose names are these words with a noun behind: "back end", "QA"."""
        return tuple(self._roles_by_modifiers.get("".join(words).lower(), {}).values())

    def of_field(self, words: Sequence[str]) -> tuple[StoredRole, ...]:
        """Return the roles that have words for a field: "accessibility", "market risk analysis".

        Welding is the welder's, whoever else is called after it.
        """
        field = "".join(words).lower()
        roles = tuple(self._roles_by_field.get(field, {}).values())
        of_trade = [role for role in roles if field in FIELDS.get(role_key(role.name), ())]
        return tuple(of_trade) or roles

    def clipped(self, words: Sequence[str]) -> tuple[StoredRole, ...]:
        """Return the roles that words name with some of them cut short: "perf analyst".

        Or all but the first word of one role's name: the "spec editor" of an "ACME Specification
        Editor".
        """
        found = self._clipped(words, self._names_by_beginning)
        longer = self._clipped(words, self._names_by_second)
        return found or (longer if len(longer) == 1 else ())

    def _clipped(
        self, words: Sequence[str], names: Mapping[str, list[tuple[int, list[str]]]]
    ) -> tuple[StoredRole, ...]:
        like = names.get(words[0][:_MIN_CHARACTERS_OF_CLIPPED], ())
        found = {
            position for position, key in like if key[-1] == words[-1] and _are_clipped(words, key)
        }
        return tuple(self._roles[position] for position in sorted(found))

    def begun_by(self, word: str) -> tuple[StoredRole, ...]:
        """Return the roles whose names are one word that another begins."""
        like = self._names_by_beginning.get(word[:_MIN_CHARACTERS_OF_CLIPPED], ())
        found = {position for position, key in like if len(key) == 1 and _are_clipped([word], key)}
        return tuple(self._roles[position] for position in sorted(found))

    def clipped_to(self, words: Sequence[str]) -> tuple[StoredRole, ...]:
        """Return the role whose noun is cut short as well: the technologist of "lab tech"."""
        like = self._names_by_beginning.get(words[0][:_MIN_CHARACTERS_OF_CLIPPED], ())
        if len(words[-1]) > _MIN_CHARACTERS_OF_CLIPPED:
            words = [*words[:-1], words[-1].removesuffix("s")]  # "account execs"
        found = {position for position, key in like if len(words) > 1 and _are_clipped(words, key)}
        return tuple(self._roles[position] for position in found) if len(found) == 1 else ()

    def of_learner(self, words: Sequence[str]) -> tuple[StoredRole, ...]:
        """Return the role that somebody learns: the marketing executive of a "marketing intern"."""
        found = self.holding(words[:-1]) if words[-1] in _LEARNERS and len(words) > 1 else ()
        return found if len(found) == 1 else ()

    def of_initials(self, words: Sequence[str]) -> tuple[StoredRole, ...]:
        """Return the roles that are called by letters alone: "SDR" for a sales development rep."""
        letters = "".join(word[0] for word in words)
        return tuple(role for role in self._roles if role.name == letters.upper())

    def holding(self, words: Iterable[str]) -> tuple[StoredRole, ...]:
        """Return the roles that have a name with all the words in it."""
        by_size = sorted((self._names_by_word.get(word, set()) for word in words), key=len)
        names = by_size[0].intersection(*by_size[1:])
        return tuple(
            self._roles[position]
            for position in sorted({self._role_of_name[name] for name in names})
        )


def names_without_rank(roles: Iterable[StoredRole]) -> dict[str, list[StoredRole]]:
    """Return the roles by their names without a rank before them: the custodian who leads."""
    found: dict[str, list[StoredRole]] = {}
    for role in roles:
        rank, _, base = role_key(role.name).partition(" ")
        if rank in _RANKS_OF_SAME_ROLE and base:
            found.setdefault(base, []).append(role)
    return found


def who_do_what(name: str, roles: Iterable[StoredRole]) -> list[StoredRole]:
    """Return the roles that are named after what somebody does: the testing of a "tester".

    A "tester" may be the testing engineer, and a "recruiter" the recruitment officer.
    """
    noun = singular(name.lower())
    does = noun.removesuffix("er") if noun.endswith("er") else noun.removesuffix("or")
    if does == noun or " " in noun or noun in LEADERS | {"developer", "engineer"}:
        return []  # not who manages is management's trainee
    stems = {does, *terms_of(does), *terms_of(f"{does}e")}
    return [role for role in roles if not stems.isdisjoint(terms_of(role.name)[:-1])]


def last_letters(roles: Iterable[StoredRole]) -> dict[str, StoredRole]:
    """Return the roles by the last of their initials: the "BA" that a digital business analyst is.

    Only those that one role alone has.
    """
    found: dict[str, list[StoredRole]] = {}
    for role in roles:
        initials = initials_of(role.name)
        for first in range(1, len(initials) - 1):
            found.setdefault(initials[first:], []).append(role)
    return {letters: of[0] for letters, of in found.items() if len(of) == 1}


def is_acronym(alias: str) -> bool:
    """Tell "SRE" from names in full."""
    return " " not in alias and 2 <= len(alias) <= 6 and alias.upper() == alias


def initials_of(name: str) -> str:
    """Return the letters that a role may be called by: "pm" of a product manager."""
    return "".join(word[0] for word in words_of_key(role_key(name)))


def forms_by_field(name: str) -> list[str]:
    """Return a role's name by what is done: "data engineering" of a data engineer."""
    *before, noun = words_of_key(role_key(name))
    return [" ".join([*before, field]) for field in FIELDS.get(noun, ())]


def forms_for_short(name: str) -> Iterator[str]:
    """Yield what a role with a guide is called for short, its field and its letters among it.

    A "machine learning platform engineer" is an "ml platform engineer", a "handbook project
    manager" a "handbook pm", a "director of health and safety" an "hs director", a "customer
    experience specialist" a "cx specialist".
    """
    yield from forms_by_field(name)
    yield from _letters_within(name)
    words = words_of_key(noun_last(role_key(name)))
    for count in range(2, len(words)):
        for letters in _letters_of(words[:count]):
            yield " ".join([letters, *words[count:]])
    if len(words) > 2:
        yield " ".join([*words[:-2], f"{words[-2][0]}{words[-1][0]}"])
    # What stands as "&" in a question is no word of it.
    yield role_key(name).replace(" and ", " ")


def forms_by_part(name: str) -> list[str]:
    """Return what those of several fields are called by one.

    The "director of people" is that of people and culture, the "lab manager" that of a lab and its
    facilities.
    """
    head, of, fields = role_key(name).partition(" of ")
    if of:
        parts = fields.split(" and ")
        return [f"{head} of {part}" for part in parts] if len(parts) > 1 else []
    first, joint, rest = role_key(name).partition(" and ")
    return [f"{first} {rest.split()[-1]}", rest] if joint else []


def words_of_key(key: str) -> list[str]:
    """Return the words of a role's key that letters stand for."""
    return [word for word in key.split() if word not in {"of", "and", "in"}]


def phrases_of(name: str) -> Iterator[str]:
    """Yield each run of a name's words."""
    words = role_key(name).split()
    for first in range(len(words)):
        for end in range(first + 1, len(words) + 1):
            yield " ".join(words[first:end])


def _words_before_noun(name: str) -> list[str]:
    return role_key(name.split("(", maxsplit=1)[0]).split()[:-1]


def _modifiers_of(name: str) -> Iterator[str]:
    """Yield what stands before the noun of a name, written together, and without its "and".

    One everyday word, as of a product manager, says nothing by itself.
    """
    modifiers = _words_before_noun(name)
    if modifiers[-1:] and modifiers[-1] in BODIES:
        return  # the core team is not its treasurer
    squeezed = "".join(modifiers)
    says_which = len(modifiers) > 1 or squeezed in _COMPOUNDS or squeezed.upper() in name
    # "What does it need" is not about the IT manager.
    if says_which and squeezed not in STOP_WORDS | {""}:
        yield from {squeezed, "".join(word for word in modifiers if word != "and")}


def _fields_of(name: str) -> Iterator[str]:
    """Yield what stands before the noun of a name, be it one word, and what one does with it."""
    modifiers = "".join(_words_before_noun(name))
    if not modifiers:
        yield from FIELDS.get(role_key(name), ())  # "meteorology" of a meteorologist
    says_which = modifiers not in STOP_WORDS | GRADES | RANKS
    if len(modifiers) >= _MIN_CHARACTERS_OF_CLIPPED and says_which:
        noun = role_key(name.split("(", maxsplit=1)[0]).split()[-1]
        yield modifiers
        yield from (f"{modifiers}{field}" for field in FIELDS.get(noun, ()))


def _initials_of_modifiers(name: str) -> Iterator[str]:
    """Yield the "qc" of a quality control analyst, where that is no everyday word."""
    for letters in _letters_of(_words_before_noun(name)):
        if len(letters) > 1 and letters not in STOP_WORDS | GRADES:
            yield letters


def _letters_within(name: str) -> Iterator[str]:
    """Yield the "foh manager" that a front of house manager is."""
    *before, noun = role_key(name).split()
    if "of" in before[1:-1]:
        yield f"{''.join(word[0] for word in before)} {noun}"


def _letters_of(words: Sequence[str]) -> Iterable[str]:
    """Return the letters that stand for words, also as spoken: "cx" for customer experience."""
    spoken = (word[1] if word == "experience" else word[0] for word in words)
    return dict.fromkeys(("".join(word[0] for word in words), "".join(spoken)))


def _are_clipped(words: Sequence[str], key: Sequence[str]) -> bool:
    if len(key) == len(words) + 1:
        # "devrel" is short for developer relations.
        joined = next((place for place, word in enumerate(words) if word != key[place]), 0)
        is_joined = _is_joined(words[joined], *key[joined : joined + 2])
        return is_joined and list(words[joined + 1 :]) == list(key[joined + 2 :])
    return len(key) == len(words) and all(map(_is_clipped, words, key))


def _is_joined(word: str, first: str, second: str) -> bool:
    """Tell whether a word is made of the beginnings of two."""
    return any(
        first.startswith(word[:end]) and second.startswith(word[end:])
        for end in range(_MIN_CHARACTERS_OF_CLIPPED, len(word) - _MIN_CHARACTERS_OF_CLIPPED + 1)
    )


def _is_clipped(word: str, whole: str) -> bool:
    return whole.startswith(word) and (word == whole or len(word) >= _MIN_CHARACTERS_OF_CLIPPED)
