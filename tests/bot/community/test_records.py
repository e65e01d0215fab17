from bot.answers.conversation import ConversationMemory, extend
from bot.community.asking.exchanges import Record, Records
from bot.community.places import ConversationKey, Place

PLACE = Place(guild_id=1, channel_id=2)


def record(asker_id: int, message_id: int, *reply_ids: int) -> Record:
    return Record(
        key=ConversationKey(asker_id=asker_id, place=PLACE),
        question=f"question {message_id}",
        message_id=message_id,
        reply_ids=reply_ids,
        after=extend((), "a question", "a reply"),
    )


def test_a_record_is_found_by_each_of_its_messages() -> None:
    records = Records(max_records=10, expires_after_seconds=60)
    kept = record(7, 1, 11, 12)
    records.keep(kept)
    assert [records.find(id_) for id_ in (1, 11, 12, 13)] == [kept, kept, kept, None]


def test_the_oldest_records_are_dropped() -> None:
    records = Records(max_records=2, expires_after_seconds=60)
    for number in range(1, 100):
        records.keep(record(7, number, 1_000 + number))
    assert records.find(97) is None
    assert records.find(98) is not None
    assert records.find(1_099) is not None


def test_what_a_member_asked_is_forgotten_and_nobody_elses() -> None:
    records = Records(max_records=10, expires_after_seconds=60)
    mine, theirs = record(7, 1, 11), record(8, 2, 12)
    records.keep(mine)
    records.keep(theirs)
    assert records.forget(7)
    assert not records.forget(7)
    assert (mine.question, mine.before, mine.after) == ("", (), ())
    assert records.find(11) is mine  # so that the reply still goes with its question
    assert theirs.question == "question 2"
    assert theirs.after


def test_conversations_are_forgotten_by_what_belongs() -> None:
    memory = ConversationMemory(expires_after_seconds=60, max_conversations=10)
    for key in ("a1", "a2", "b1"):
        memory.remember(key, "question", "reply")
    assert memory.forget_where(lambda key: str(key).startswith("a"))
    assert not memory.forget_where(lambda key: str(key).startswith("a"))
    assert memory.recall("a1") == ()
    assert memory.recall("b1") != ()
