import asyncio
import itertools

from hypothesis import given
from hypothesis import strategies as st

from bot.answers.conversation import MAX_TURNS
from bot.community.asking.exchanges import Exchange, Exchanges
from bot.community.places import ConversationKey, Place
from tests.bot.fakes import Clock

PLACE = Place(guild_id=1, channel_id=2)
ALICE, BOB = 7, 8


def key_of(asker_id: int, channel_id: int = 2) -> ConversationKey:
    return ConversationKey(asker_id=asker_id, place=Place(guild_id=1, channel_id=channel_id))


def make_exchanges(*, max_conversations: int = 10, clock: Clock | None = None) -> Exchanges:
    return Exchanges(
        max_conversations=max_conversations, expires_after_seconds=60, clock=clock or Clock()
    )


def ask(
    exchanges: Exchanges, asker_id: int, id_: int, *, before: tuple[int, ...] | None = None
) -> Exchange:
    """Ask a question, and have it answered."""
    exchange = Exchange(id=id_, key=key_of(asker_id), question=f"q{id_}", before=before)
    exchanges.keep(exchange)
    exchanges.recall(exchange)
    exchanges.remember(exchange, exchange.question, f"r{id_}")
    exchanges.note_shown(exchange, (1_000_000 + id_,))
    return exchange


def heard(exchanges: Exchanges, key: ConversationKey) -> list[str]:
    """Return the questions that the next one goes on from."""
    turns = exchanges.recall(Exchange(id=0, key=key, question="next"))
    assert [turn.text[1:] for turn in turns[::2]] == [turn.text[1:] for turn in turns[1::2]]
    return [turn.text for turn in turns[::2]]


def test_an_exchange_is_found_by_each_of_its_messages() -> None:
    exchanges = make_exchanges()
    kept = ask(exchanges, ALICE, 1)
    exchanges.note_shown(kept, (11, 12))
    assert [exchanges.find(id_) for id_ in (1, 11, 12, 1_000_001)] == [kept, kept, kept, None]
    assert [exchanges.is_reply(id_) for id_ in (1, 11, 12, 1_000_001)] == [False, True, True, False]


def test_a_conversation_is_of_a_member_in_a_place_and_bounded() -> None:
    exchanges = make_exchanges()
    for number in range(1, 10):
        ask(exchanges, ALICE, number)
    ask(exchanges, BOB, 20)
    assert heard(exchanges, key_of(ALICE)) == [f"q{number}" for number in range(4, 10)]
    assert heard(exchanges, key_of(BOB)) == ["q20"]
    assert heard(exchanges, key_of(ALICE, channel_id=3)) == []


def test_what_was_removed_is_in_no_conversation_wherever_it_stood() -> None:
    exchanges = make_exchanges()
    first, middle, last = (ask(exchanges, ALICE, number) for number in (1, 2, 3))
    exchanges.remove(middle)
    assert heard(exchanges, key_of(ALICE)) == ["q1", "q3"]
    exchanges.remove(last)
    assert heard(exchanges, key_of(ALICE)) == ["q1"]
    exchanges.remove(first)
    assert heard(exchanges, key_of(ALICE)) == []


def test_what_was_edited_is_looked_back_on_as_it_reads_and_moves_nothing() -> None:
    exchanges = make_exchanges()
    first, _ = ask(exchanges, ALICE, 1), ask(exchanges, ALICE, 2)
    exchanges.remember(first, "q1, edited", "r1, edited")
    assert heard(exchanges, key_of(ALICE)) == ["q1, edited", "q2"]
    assert exchanges.recall(first) == ()


def test_what_is_removed_or_forgotten_while_it_is_answered_is_not_remembered() -> None:
    exchanges = make_exchanges()
    removed = Exchange(id=1, key=key_of(ALICE), question="q1")
    forgotten = Exchange(id=2, key=key_of(ALICE), question="q2")
    exchanges.keep(removed)
    exchanges.keep(forgotten)
    exchanges.remove(removed)
    assert exchanges.forget(ALICE)
    exchanges.remember(removed, "q1", "r1")
    exchanges.remember(forgotten, "q2", "r2")
    assert heard(exchanges, key_of(ALICE)) == []


def test_what_a_member_asked_is_forgotten_and_nobody_elses() -> None:
    exchanges = make_exchanges()
    mine = ask(exchanges, ALICE, 1)
    theirs = ask(exchanges, BOB, 2, before=(mine.id,))
    assert exchanges.forget(ALICE)
    assert not exchanges.forget(ALICE)
    assert (mine.question, mine.answered, mine.reply) == ("", "", "")
    assert exchanges.find(1_000_001) is mine  # so that the reply still goes with its question
    assert theirs.reply == "r2"
    assert heard(exchanges, key_of(ALICE)) == []
    assert heard(exchanges, key_of(BOB)) == ["q2"]  # without what was quoted from hers


def test_a_quiet_conversation_is_over() -> None:
    clock = Clock()
    exchanges = make_exchanges(clock=clock)
    ask(exchanges, ALICE, 1)
    clock.now += 59
    ask(exchanges, ALICE, 2)
    clock.now += 59
    assert heard(exchanges, key_of(ALICE)) == ["q1", "q2"]
    clock.now += 61
    assert heard(exchanges, key_of(ALICE)) == []


def test_what_has_expired_is_not_kept() -> None:
    clock = Clock()
    exchanges = make_exchanges(clock=clock)
    old = ask(exchanges, ALICE, 1)
    clock.now += 59
    new = ask(exchanges, BOB, 2)
    exchanges.expire()
    assert old.reply == "r1"
    clock.now += 2
    exchanges.expire()
    assert (old.question, old.shown, old.answered, old.reply) == ("", "", "", "")
    assert (new.question, new.reply) == ("q2", "r2")
    assert exchanges.find(1_000_001) is old  # so that the reply still goes with its question


def test_what_is_being_answered_does_not_expire() -> None:
    clock = Clock()
    exchanges = make_exchanges(clock=clock)
    exchange = Exchange(id=1, key=key_of(ALICE), question="q1")
    exchanges.keep(exchange)
    clock.now += 61
    asyncio.run(exchange.lock.acquire())
    exchanges.expire()
    assert exchange.question == "q1"
    exchange.lock.release()
    exchanges.expire()
    assert exchange.question == ""


def test_those_that_were_of_no_use_for_long_are_dropped() -> None:
    exchanges = make_exchanges(max_conversations=2)
    ask(exchanges, ALICE, 1)
    for number in range(2, 100):
        assert heard(exchanges, key_of(ALICE)) == ["q1"]
        ask(exchanges, BOB, number)
    for number in range(100, 110):
        ask(exchanges, BOB, number)
    assert heard(exchanges, key_of(ALICE)) == []
    assert exchanges.find(1) is exchanges.find(1_000_001) is None
    assert exchanges.find(101) is None
    assert exchanges.find(102) is exchanges.find(1_000_102) is not None


@given(st.lists(st.tuples(st.sampled_from(["ask", "edit", "remove"]), st.integers(0, 30))))
def test_a_conversation_is_what_is_left_of_the_latest_questions(
    events: list[tuple[str, int]],
) -> None:
    exchanges, ids = make_exchanges(max_conversations=100), itertools.count(1)
    asked: list[tuple[Exchange, str]] = []
    path: list[int] = []
    for event, number in events:
        if event == "ask":
            exchange = ask(exchanges, ALICE, next(ids))
            asked.append((exchange, exchange.question))
            path.append(len(asked) - 1)
        elif asked:
            which = number % len(asked)
            exchange, question = asked[which]
            if event == "remove":
                exchanges.remove(exchange)
                asked[which] = exchange, ""
            elif question:
                exchanges.remember(exchange, f"{question}!", f"r{question[1:]}!")
                asked[which] = exchange, f"{question}!"
    left = [asked[which][1] for which in path[-MAX_TURNS // 2 :]]
    assert heard(exchanges, key_of(ALICE)) == [question for question in left if question]
