"""What the owner allows: where the bot answers, and how often one may ask."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from discord.app_commands import Cooldown

from bot.community.places import ConversationKey, Place
from bot.community.settings import DiscordSettings
from knowledge.errors import BusyError

_MAX_REMEMBERED = 10_000


class Policy:
    """Knows the owner's settings, and who asked when of late."""

    def __init__(
        self, settings: DiscordSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the settings."""
        self._settings = settings
        self._clock = clock
        self._cooldowns: OrderedDict[Hashable, Cooldown] = OrderedDict()

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
            BusyError: the member asked a moment ago, or somebody did in the channel.
        """
        limits: list[tuple[Hashable, float, str]] = [
            (key.asker_id, self._settings.member_cooldown_seconds, "You asked a moment ago.")
        ]
        if key.place.guild_id is not None and not key.is_private:
            seconds = self._settings.channel_cooldown_seconds
            told = "Somebody asked in this channel a moment ago."
            limits.append(((key.place.guild_id, key.place.channel_id), seconds, told))
        now = self._clock()
        cooldowns = [
            (self._cooldown(whose, seconds), told) for whose, seconds, told in limits if seconds
        ]
        for cooldown, told in cooldowns:
            if (wait := cooldown.get_retry_after(now)) > 0:
                seconds_left = math.ceil(wait)
                unit = "second" if seconds_left == 1 else "seconds"
                raise BusyError(f"{told} Ask again in {seconds_left} {unit}.")
        for cooldown, _ in cooldowns:
            cooldown.update_rate_limit(now)

    def _cooldown(self, key: Hashable, seconds: float) -> Cooldown:
        cooldown = self._cooldowns.pop(key, None) or Cooldown(1, seconds)
        self._cooldowns[key] = cooldown
        while len(self._cooldowns) > _MAX_REMEMBERED:
            self._cooldowns.popitem(last=False)
        return cooldown
