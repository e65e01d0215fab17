"""The log is lines or JSON, and no token comes into it whichever way it is logged."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest

from bot.community.upkeep.logs import configure_logging, redact

TOKEN = "MTIzNDU2Nzg5.GhIjKl.MnOpQrStUvWxYz-_0123"
ADDRESS = "https://discord.com/api/v10/webhooks/1234/aW50ZXJhY3Rpb246dG9r/messages/@original"


@pytest.fixture(autouse=True)
def _leave_logging_as_it_was() -> Iterator[None]:
    root, bot = logging.getLogger(), logging.getLogger("bot")
    before = (root.level, root.handlers[:], bot.level)
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    bot.setLevel(before[2])


def start(log_format: Literal["text", "json"]) -> io.StringIO:
    stream = io.StringIO()
    configure_logging(TOKEN, log_format=log_format, stream=stream)
    return stream


def log_everywhere() -> None:
    log = logging.getLogger("bot.somewhere")
    log.info("the token %s", TOKEN)
    log.info("in a list %s", [TOKEN])
    log.info(f"in the message {TOKEN}", extra={"kept": {"deep": TOKEN}})
    logging.getLogger("discord.http").warning("We are being rate limited. PATCH %s", ADDRESS)
    try:
        raise ValueError(f"wrong: {TOKEN}")
    except ValueError:
        log.exception("failed")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_token_is_logged(log_format: Literal["text", "json"]) -> None:
    stream = start(log_format)
    log_everywhere()
    written = stream.getvalue()
    assert "aW50" not in written
    assert TOKEN not in written
    assert written.count("[removed]") >= 5
    assert "/messages/@original" in written
    assert "Traceback" in written


def test_json_is_one_object_a_line() -> None:
    stream = start("json")
    log_everywhere()
    logging.getLogger("bot.x").info("two\nlines %d", 7, extra={"channel": 12, "outcome": "answer"})
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(records) == 6
    last = records[-1]
    assert last.pop("time").endswith("+00:00")
    assert last == {
        "level": "info",
        "logger": "bot.x",
        "message": "two\nlines 7",
        "channel": 12,
        "outcome": "answer",
    }
    assert records[4]["traceback"].startswith("Traceback")


def test_other_packages_tell_what_goes_wrong_alone() -> None:
    stream = start("text")
    logging.getLogger("discord.client").info("connecting")
    logging.getLogger("index.build").info("built")
    assert "connecting" not in stream.getvalue()
    assert "INFO index.build: built" in stream.getvalue()


def test_without_a_token_nothing_is_cut() -> None:
    assert redact("as it is", "") == "as it is"
