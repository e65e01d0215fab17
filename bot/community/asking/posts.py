"""Posts in forums that the owner chose: answered once, from title and first message."""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import discord

from bot.community.asking.messages import is_post
from bot.community.places import Place
from bot.community.showing.explaining import TROUBLE

if TYPE_CHECKING:
    from bot.community.client import RolewiseBot

# Discord may tell of a post before its first message is there: asked for again, ever later.
_LOOK_AGAIN_AFTER_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
_MAX_REMEMBERED = 1_000

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Post:
    """A post that was seen; `first` is its first message, as soon as it is there."""

    first: asyncio.Future[discord.Message] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    is_begun: bool = False
    has_other_answer: bool = False


class Posts:
    """Answers posts, and keeps out of those where a person has answered."""

    def __init__(self, bot: "RolewiseBot") -> None:
        """Take who answers."""
        self._bot = bot
        self._seen: OrderedDict[int, _Post] = OrderedDict()

    async def receive_thread(self, thread: discord.Thread) -> None:
        """Answer a post when its first message is there."""
        place = Place(guild_id=thread.guild.id, channel_id=thread.id, parent_id=thread.parent_id)
        if not isinstance(thread.parent, discord.ForumChannel):
            return
        if thread.owner_id == self._bot.user.id if self._bot.user else True:
            return
        if not self._bot.policy.answers_unaddressed(place):
            return
        post = self._post_of(thread.id)
        if post.is_begun:
            return
        post.is_begun = True
        first = await self._wait_for_first(thread, post)
        if first is not None and not (first.author.bot or first.webhook_id):
            await self._bot.messages.answer_post(first, lambda: not post.has_other_answer)

    def note_message(self, message: discord.Message) -> None:
        """Note what is written in a post."""
        channel = message.channel
        if not isinstance(channel, discord.Thread):
            return
        if not isinstance(channel.parent, discord.ForumChannel):
            return
        post = self._post_of(channel.id)
        if is_post(message):
            if not post.first.done():
                post.first.set_result(message)
        elif not message.author.bot and message.author.id != channel.owner_id:
            post.has_other_answer = True

    def _post_of(self, thread_id: int) -> _Post:
        post = self._seen.setdefault(thread_id, _Post())
        self._seen.move_to_end(thread_id)
        while len(self._seen) > _MAX_REMEMBERED:
            self._seen.popitem(last=False)
        return post

    async def _wait_for_first(self, thread: discord.Thread, post: _Post) -> discord.Message | None:
        for seconds in _LOOK_AGAIN_AFTER_SECONDS:
            try:
                return await asyncio.wait_for(asyncio.shield(post.first), timeout=seconds)
            except TimeoutError:
                pass
            try:
                return await thread.fetch_message(thread.id)
            except discord.NotFound:
                continue
            except TROUBLE as error:
                log.warning("A post could not be read: %s", error)
                return None
        log.info("The post %d has no first message", thread.id)
        return None
