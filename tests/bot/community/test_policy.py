import pytest

from bot.community.asking.policy import CooldownError, Policy
from bot.community.places import ConversationKey, Place
from bot.community.settings import DiscordSettings
from knowledge.errors import BusyError
from tests.bot.fakes import Clock

HERE = Place(guild_id=1, channel_id=2)
THREAD = Place(guild_id=1, channel_id=3, parent_id=2)
ELSEWHERE = Place(guild_id=1, channel_id=4)
DIRECT = Place(guild_id=None, channel_id=5)


def key(asker_id: int, place: Place = HERE, *, is_private: bool = False) -> ConversationKey:
    return ConversationKey(asker_id=asker_id, place=place, is_private=is_private)


def test_a_thread_follows_its_channel() -> None:
    policy = Policy(DiscordSettings(unaddressed_channels=(2,)))
    assert policy.wants_unaddressed
    assert [policy.answers_unaddressed(one) for one in (HERE, THREAD, ELSEWHERE, DIRECT)] == [
        True,
        True,
        False,
        False,
    ]
    assert not Policy(DiscordSettings()).wants_unaddressed


@pytest.mark.parametrize(
    ("settings", "may"),
    [
        (DiscordSettings(), (True, True, True, True)),
        (DiscordSettings(channels=(2,)), (True, True, False, True)),
        (DiscordSettings(channels=(3,)), (False, True, False, True)),
        (DiscordSettings(servers=(1,)), (True, True, True, True)),
        (DiscordSettings(servers=(9,)), (False, False, False, True)),
        (DiscordSettings(servers=(9,), channels=(2,)), (False, False, False, True)),
    ],
    ids=["anywhere", "a channel", "a thread", "the server", "another server", "both"],
)
def test_it_answers_where_the_owner_wants(settings: DiscordSettings, may: tuple[bool, ...]) -> None:
    policy = Policy(settings)
    places = (HERE, THREAD, ELSEWHERE, DIRECT)
    assert tuple(policy.may_answer(place) for place in places) == may


def test_a_member_waits_between_questions() -> None:
    clock = Clock()
    policy = Policy(DiscordSettings(member_cooldown_seconds=10.0), clock)
    policy.count_question(key(7))
    policy.count_question(key(8))
    clock.now += 4.0
    with pytest.raises(BusyError, match=r"You asked a moment ago\. Ask again in 6 seconds\."):
        policy.count_question(key(7, DIRECT))
    clock.now += 5.5
    with pytest.raises(BusyError, match=r"in 1 second\."):
        policy.count_question(key(7))
    clock.now += 0.5
    policy.count_question(key(7))


def test_who_asks_on_and_on_is_told_once_per_cooldown() -> None:
    clock = Clock()
    policy = Policy(DiscordSettings(channel_cooldown_seconds=10.0), clock)
    told = []
    for asker_id, seconds in [(7, 0.0), (7, 1.0), (8, 1.0), (7, 1.0), (7, 9.0), (8, 1.0), (8, 1.0)]:
        clock.now += seconds
        try:
            policy.count_question(key(asker_id))
        except CooldownError as error:
            told.append((asker_id, error.was_told))
    assert told == [(7, False), (8, False), (7, True), (8, False), (8, True)]


def test_a_channel_waits_but_for_what_is_private() -> None:
    clock = Clock()
    policy = Policy(DiscordSettings(channel_cooldown_seconds=10.0), clock)
    policy.count_question(key(7))
    with pytest.raises(BusyError, match="in this channel"):
        policy.count_question(key(8))
    policy.count_question(key(8, is_private=True))
    policy.count_question(key(8, ELSEWHERE))
    policy.count_question(key(8, DIRECT))
    policy.count_question(key(8, DIRECT))


def test_without_cooldowns_nobody_waits() -> None:
    policy = Policy(DiscordSettings(), Clock())
    for _ in range(100):
        policy.count_question(key(7))
