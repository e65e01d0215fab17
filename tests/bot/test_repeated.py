"""What guides to several roles say in the same words is not what one of them does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answers.replies import Answer, Comparison, statements_of
from bot.application import Application
from bot.settings import Settings
from tests.index.fakes import write_guides

COMPANY = "Zorbex builds clocks for towers and railway stations all over the country."
HOLIDAYS = "Everybody has thirty days of paid holidays each year."
GUIDES = {
    "zorbex/clockmaker.md": (
        f"# Clock Maintainer\n\n{COMPANY} A clock maintainer oils the wheels and climbs the towers."
        f"\n\n## Benefits\n\n{HOLIDAYS}\n"
    ),
    "zorbex/painter.md": (
        f"# Dial Painter\n\n{COMPANY} A dial painter draws the numbers and gilds the hands.\n\n"
        f"## Benefits\n\n{HOLIDAYS}\n"
    ),
}


# All that is said of the one is said of the other.
GUIDES |= {
    f"twins/{name}.md": f"# {name.title()} Keeper\n\nThe keeper mends nets and counts the boats.\n"
    for name in ("north", "south")
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder: Path = tmp_path_factory.mktemp("repeated")
    application = Application(Settings(home=folder / "home"))
    application.build([write_guides(folder / "guides", GUIDES)])
    yield application
    application.close()


def _texts(application: Application, question: str) -> list[str]:
    reply = application.assistant.reply(question)
    assert isinstance(reply, Answer | Comparison), reply
    return [text for one in statements_of(reply) for text in one.texts]


@pytest.mark.parametrize(
    "question",
    ["what does a dial painter do", "clock maintainer vs dial painter, how do they differ"],
)
def test_what_a_company_says_of_itself_is_not_what_a_role_does(
    application: Application, question: str
) -> None:
    texts = _texts(application, question)
    assert any("gilds" in text for text in texts)
    assert COMPANY not in texts


def test_what_nothing_else_is_said_of_is_told_though_others_say_it(
    application: Application,
) -> None:
    reply = application.assistant.reply("what does a south keeper do")
    assert isinstance(reply, Answer)
    [citation] = [one for said in reply.statements for one in said.citations]
    assert citation.document == "twins/south.md"
    assert citation.quote == "The keeper mends nets and counts the boats."


def test_what_holds_for_all_roles_is_told_where_it_is_asked_for(application: Application) -> None:
    assert HOLIDAYS in _texts(application, "how many days of holidays does a dial painter get")
