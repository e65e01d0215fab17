"""The role with a guide that is nearest to one that no guide is about, by what its name means."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property

from bot.answers.names_of_guides import who_do_what
from index.encoding.encoder import Encoder, Vectors
from index.snapshots.stored import StoredRole
from knowledge.roles.headings import without_qualifiers
from knowledge.roles.occupations import AMBIGUOUS_NOUNS, spell_out
from knowledge.roles.phrases import role_key
from knowledge.roles.roles import all_names

# On 31 development sets 54 answerable questions about a role that no guide is about name one as
# near as this to one that has a guide, and nearly all mean that. Of 136 about roles that the guides
# lack none does: the game developer is at .67 to the developer.
_LEAST_COSINE = 0.68
_LEAST_LEAD = 0.05
# Where one role alone has the noun, less is enough. On 40 sets, of 197 answerable questions about a
# role that no guide was found for, 48 are answered for the role that is meant and 4 for another,
# for 34 and 3 without that; of 180 about roles that the guides lack 1 is, and of 603 whose guide
# was taken away 8, for 7.
_LEAST_COSINE_OF_ONLY_ONE = 0.55
_MOST_NAMES = 2_000
_MOST_HELD = 512


class NearestRoles:
    """Finds the role that has a guide and nearly the same name; safe to use from several threads.

    The names are encoded when a role is looked for first, which few questions need.
    """

    def __init__(
        self,
        encoder: Encoder,
        roles: Sequence[StoredRole],
        speaks_of: Callable[[StoredRole, Sequence[str]], bool],
    ) -> None:
        """Take what names are compared by.

        Args:
            encoder: Compares them.
            roles: The roles.
            speaks_of: Tells whether what is about a role has each of some words.
        """
        self._encoder = encoder
        self._speaks_of = speaks_of
        self._names = [
            (role, without_qualifiers(name))
            for role in roles
            if role.has_guide
            for name in all_names(role)
        ][:_MOST_NAMES]
        self._nouns = Counter(_noun_of(without_qualifiers(role.name)) for role in roles)
        self._found: dict[tuple[str, frozenset[int] | None], tuple[StoredRole | None]] = {}

    @cached_property
    def _vectors(self) -> Vectors:
        return self._encoder.encode([name for _, name in self._names])

    def find(self, name: str, among: frozenset[int] | None = None) -> StoredRole | None:
        """Return the role whose name means nearly the same, and more so than any other's.

        Args:
            name: The name.
            among: The positions of the roles that may be meant; None for all.
        """
        # A conversation goes on about the same role.
        held = self._found.get((name, among))
        if held is None:
            held = (self._find(name, among),)
            if len(self._found) >= _MOST_HELD:
                self._found.clear()
            self._found[name, among] = held
        return held[0]

    def _find(self, name: str, among: frozenset[int] | None) -> StoredRole | None:
        rows = [
            row
            for row, (role, _) in enumerate(self._names)
            if among is None or role.position in among
        ]
        if not rows:
            return None
        spelt_out = " ".join(spell_out(name.split()))
        [vector] = self._encoder.encode([spelt_out])
        cosines = self._vectors[rows] @ vector
        role, _ = self._names[rows[int(cosines.argmax())]]
        best = float(cosines.max())
        others = [
            float(cosine)
            for row, cosine in zip(rows, cosines, strict=True)
            if self._names[row][0] != role
        ]
        if best >= _LEAST_COSINE and best - max(others, default=-1.0) >= _LEAST_LEAD:
            return role
        *before, noun = role_key(spelt_out).split() or [""]
        named = (self._names[row] for row in rows)
        with_noun = {other.position: other for other, own in named if _noun_of(own) == noun}
        if not with_noun and not before:
            roles = {self._names[row][0].position: self._names[row][0] for row in rows}
            doing = who_do_what(noun, roles.values())
            return doing[0] if len(doing) == 1 else None
        if len(with_noun) != 1:
            return None
        [only] = with_noun.values()
        if only == role and best >= _LEAST_COSINE_OF_ONLY_ONE:
            return role
        # The HVAC mechanic is the only mechanic that is spoken of, in a guide that has HVAC.
        is_meant = noun not in AMBIGUOUS_NOUNS and self._nouns[noun] == 1
        return only if is_meant and self._speaks_of(only, before) else None


def _noun_of(name: str) -> str:
    return role_key(name).rpartition(" ")[2]
