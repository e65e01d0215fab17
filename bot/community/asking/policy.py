"""What the owner allows: where the bot answers, and how often one may ask."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from bot.community.places import ConversationKey, Place
from bot.community.settings import DiscordSettings
from knowledge.errors import BusyError

_MAX_REMEMBERED = 10_000


class CooldownError(BusyError):
    """A question comes too soon after others; `was_told` where who asks has heard of it before."""

    def __init__(self, message: str, *, was_told: bool) -> None:
        """Take what who asks is told."""
        super().__init__(message)
        self.was_told = was_told


class Policy:
    """Knows the owner's settings, and who asked when of late."""

    def __init__(
        self, settings: DiscordSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the settings."""
        self._settings = settings
        self._clock = clock
        # When somebody asked last, and whom has been told of waiting for that.
        self._asked_at: OrderedDict[Hashable, float] = OrderedDict()
        self._told: OrderedDict[Hashable, float] = OrderedDict()

    @property
    def wants_unaddressed(self) -> bool:
        """Whether questions are to be answered anywhere that nobody addresses to the bot."""
        return bool(self._settings.unaddressed_channels)

    def may_answer(self, place: Place) -> bool:
        """Return whether the bot may answer in a place; in direct messages it always may."""
        if place.guild_id is None:
            return True
        servers, channels = self._settings.servers, self._settings.channels
        is_in_channel = not channels or bool({place.channel_id, place.policy_id} & {*channels})
        return is_in_channel and (not servers or place.guild_id in servers)

    def answers_unaddressed(self, place: Place) -> bool:
        """Return whether a question is answered in a place that nobody addresses to the bot."""
        chosen = self._settings.unaddressed_channels
        return self.may_answer(place) and bool({place.channel_id, place.policy_id} & {*chosen})

    def count_question(self, key: ConversationKey) -> None:
        """Count a question, unless it comes too soon after others.

        Raises:
            CooldownError: the member asked a moment ago, or somebody did in the channel.
        """
        limits: list[tuple[Hashable, float, str]] = [
            (key.asker_id, self._settings.member_cooldown_seconds, "You asked a moment ago.")
        ]
        if key.place.guild_id is not None and not key.is_private:
            seconds = self._settings.channel_cooldown_seconds
            told = "Somebody asked in this channel a moment ago."
            limits.append(((key.place.guild_id, key.place.channel_id), seconds, told))
        limits = [limit for limit in limits if limit[1]]
        now = self._clock()
        for whose, seconds, told in limits:
            asked_at = self._asked_at.get(whose, -math.inf)
            if asked_at + seconds > now:
                seconds_left = math.ceil(asked_at + seconds - now)
                unit = "second" if seconds_left == 1 else "seconds"
                was_told = self._told.get((whose, key.asker_id)) == asked_at
                _note(self._told, (whose, key.asker_id), asked_at)
                raise CooldownError(
                    f"{told} Ask again in {seconds_left} {unit}.", was_told=was_told
                )
        for whose, _, _ in limits:
            _note(self._asked_at, whose, now)


def _note(times: OrderedDict[Hashable, float], key: Hashable, at: float) -> None:
    times[key] = at
    times.move_to_end(key)
    while len(times) > _MAX_REMEMBERED:
        times.popitem(last=False)
