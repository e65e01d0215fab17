"""The role with a guide that is nearest to one that no guide is about, by what its name means."""

from collections.abc import Sequence
from functools import cached_property

from index.encoding.encoder import Encoder, Vectors
from index.snapshots.stored import StoredRole
from knowledge.roles.headings import without_qualifiers
from knowledge.roles.occupations import spell_out
from knowledge.roles.roles import all_names

# On 31 development sets 54 answerable questions about a role that no guide is about name one as
# near as this to one that has a guide, and nearly all mean that. Of 136 about roles that the guides
# lack none does: the game developer is at .67 to the developer.
_LEAST_COSINE = 0.68
_LEAST_LEAD = 0.05
_MOST_NAMES = 2_000
_MOST_HELD = 512


class NearestRoles:
    """Finds the role that has a guide and nearly the same name; safe to use from several threads.

    The names are encoded when a role is looked for first, which few questions need.
    """

    def __init__(self, encoder: Encoder, roles: Sequence[StoredRole]) -> None:
        """Take what names are compared by, and the roles."""
        self._encoder = encoder
        self._names = [
            (role, without_qualifiers(name))
            for role in roles
            if role.has_guide
            for name in all_names(role)
        ][:_MOST_NAMES]
        self._found: dict[str, tuple[StoredRole | None]] = {}

    @cached_property
    def _vectors(self) -> Vectors:
        return self._encoder.encode([name for _, name in self._names])

    def find(self, name: str) -> StoredRole | None:
        """Return the role whose name means nearly the same, and more so than any other's."""
        if not self._names:
            return None
        # A conversation goes on about the same role.
        held = self._found.get(name)
        if held is None:
            held = (self._find(name),)
            if len(self._found) >= _MOST_HELD:
                self._found.clear()
            self._found[name] = held
        return held[0]

    def _find(self, name: str) -> StoredRole | None:
        [vector] = self._encoder.encode([" ".join(spell_out(name.split()))])
        cosines = self._vectors @ vector
        role, _ = self._names[int(cosines.argmax())]
        best = float(cosines.max())
        others = [
            float(cosine)
            for (other, _), cosine in zip(self._names, cosines, strict=True)
            if other != role
        ]
        leads = best - max(others, default=-1.0) >= _LEAST_LEAD
        return role if best >= _LEAST_COSINE and leads else None
