from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers.replies import AnyReply, Outcome, outcome_of
from bot.community.asking.presses import thread_name
from bot.community.showing.buttons import is_shortened, reply_view, shorten_label
from bot.community.showing.custom_ids import (
    MAX_CUSTOM_ID,
    TEMPLATE,
    Action,
    ReplyCode,
    write_custom_id,
)
from bot.community.showing.text import measure
from tests.bot.community.test_reply import any_reply, long_texts, replies
from tests.bot.fakes import make_answer, make_clarify, make_comparison, make_not_covered

codes = st.builds(
    ReplyCode,
    outcome=st.sampled_from(Outcome),
    passages=st.lists(st.from_regex(r"[0-9a-f]{1,8}x[\w-]{8}", fullmatch=True), max_size=20).map(
        tuple
    ),
)


@given(st.sampled_from(Action), codes)
def test_ids_hold_the_limit_and_are_read_back(action: Action, code: ReplyCode) -> None:
    custom_id = write_custom_id(action, code)
    assert len(custom_id) <= MAX_CUSTOM_ID
    match = TEMPLATE.fullmatch(custom_id)
    assert match is not None
    assert match["action"] == action
    read = ReplyCode.read(match["data"])
    assert read is not None
    assert read.outcome == code.outcome
    assert read.passages == code.passages[: len(read.passages)]
    assert len(read.passages) >= min(len(code.passages), 4)


@given(st.text())
def test_what_is_no_code_is_not_read(data: str) -> None:
    code = ReplyCode.read(data)
    assert code is None or data.startswith(("a", "c", "q", "n"))


def test_a_reply_carries_its_outcome_and_the_passages_it_quotes() -> None:
    for reply in (make_answer(), make_comparison(), make_clarify(), make_not_covered()):
        assert ReplyCode.of(reply).outcome == outcome_of(reply)
    passages = ReplyCode.of(make_answer()).passages
    assert [one.partition("x")[0] for one in passages] == ["0", "1"]
    assert ReplyCode.of(make_not_covered()).passages == ()


@settings(any_reply, max_examples=40)
@given(replies, st.booleans())
def test_buttons_hold_every_limit(reply: AnyReply, with_thread: bool) -> None:
    rows = reply_view(reply, may_open_thread=with_thread).to_components()
    assert 1 <= len(rows) <= 5
    buttons = [button for row in rows for button in row["components"]]
    assert all(1 <= len(row["components"]) <= 5 for row in rows)
    assert len({button["custom_id"] for button in buttons}) == len(buttons)
    for button in buttons:
        assert 1 <= measure(button["label"]) <= 80
        assert len(button["custom_id"]) <= MAX_CUSTOM_ID


@any_reply
@given(long_texts)
def test_labels_and_names_of_threads_hold_their_limits(text: str) -> None:
    label, name = shorten_label(text), thread_name(text)
    assert measure(label) <= 80
    assert "\n" not in label
    assert 1 <= measure(name) <= 100
    assert "\n" not in name
    if measure(text) > 2 * 80 and label:
        assert is_shortened(label) or measure(label) < 80


def test_the_question_is_in_no_id() -> None:
    reply = replace(make_not_covered(), question="a secret question")
    for row in reply_view(reply, may_open_thread=True).to_components():
        for button in row["components"]:
            assert "secret" not in button["custom_id"]
            assert "skills" not in button["custom_id"]
