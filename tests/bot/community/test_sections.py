import re

from hypothesis import given
from hypothesis import strategies as st

from bot.answers.reading import Section
from bot.community.commands.introduction import introduce
from bot.community.settings import DiscordSettings
from bot.community.showing.sections import pages_of
from bot.community.showing.text import clean_text, measure, unescape_text
from tests.bot.community.test_reply import addresses, any_reply, long_texts
from tests.bot.community.test_text import PINGS

sections = st.lists(
    st.builds(
        Section,
        title=long_texts,
        heading=long_texts,
        url=addresses,
        lines=st.lists(long_texts, max_size=5).map(tuple),
    ),
    min_size=1,
    max_size=5,
)


@any_reply
@given(sections)
def test_pages_hold_the_limit_and_ping_nobody(of_guide: list[Section]) -> None:
    for page in pages_of(of_guide):
        assert page.strip()
        assert measure(page) <= 1_800
        assert not PINGS.search(page)


def test_a_page_is_headed_by_where_it_stands() -> None:
    work = Section(title="Baker", heading="", url=None, lines=("Bakes.", "Sleeps early."))
    skills = Section(
        title="Baker", heading="Skills", url="https://x.org/b", lines=("Needs:", "- 1. *dough*")
    )
    assert pages_of([work, skills]) == [
        "**Baker**\nBakes.\nSleeps early.\n\n"
        "**[Baker › Skills](<https://x.org/b>)**\nNeeds:\n- 1\\. \\*dough\\*"
    ]


def test_a_long_heading_leaves_room_below_it() -> None:
    section = Section(
        title="*" * 100, heading="*" * 100, url=f"https://x.org/{'*' * 278}", lines=("*" * 649,)
    )
    for page in pages_of([section]):
        assert measure(page) <= 1_800


def test_a_long_section_goes_on_under_its_heading() -> None:
    words = " ".join(f"word{number}" for number in range(1_000))
    pages = pages_of([Section(title="Baker", heading="Work", url=None, lines=(words,))])
    assert len(pages) > 3
    assert all(page.startswith("**Baker › Work**\n") for page in pages)
    whole = " ".join(unescape_text(page).split("\n", 1)[1] for page in pages)
    assert re.sub(r"\s", "", whole) == re.sub(r"\s", "", clean_text(words))


@any_reply
@given(st.lists(long_texts, max_size=60))
def test_an_introduction_is_one_message(roles: list[str]) -> None:
    text = introduce(DiscordSettings(), roles, notes=["Questions are kept for 90 days."])
    assert measure(text) <= 2_000
    assert not PINGS.search(text)
    assert "`/forget`" in text
    assert "90 days" in text


def test_roles_beyond_the_room_are_counted() -> None:
    text = introduce(DiscordSettings(), [f"Role number {number}" for number in range(500)])
    assert re.search(r"Role number \d+ and \d+ more roles\.", text)
