"""What a comparison asks of each of its roles."""

from pathlib import Path

import pytest

from bot.application import Application
from bot.settings import Settings
from tests.bot.comparing import texts_by_role

GUIDES = {
    "kubernetes/membership.md": """# Kubernetes community membership

## Reviewer

Reviewers can review code for quality and correctness. Reviewers know the code base.

## Approver

Approvers can both review and approve contributions. They accept what is to be merged. An approver
is a reviewer who also merges.
""",
    "tally/treasurer.md": """# Treasurer

The treasurer keeps the books of the club. They report the cash each month. They earn 100 pounds.
""",
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Application:
    folder: Path = tmp_path_factory.mktemp("guides")
    for name, text in GUIDES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    application = Application(Settings(home=tmp_path_factory.mktemp("home")))
    application.build([folder])
    return application


@pytest.mark.parametrize(
    "question",
    [
        "k8s reviewer vs approver",
        "kubernetes community: reviewer vs approver",
        "reviewer or approver, what suits me better",
        "is an approver above a reviewer",
    ],
)
def test_a_comparison_that_asks_for_nothing_else_asks_what_each_does(
    application: Application, question: str
) -> None:
    sides = texts_by_role(application, question)
    assert "review code" in sides["Reviewer"]
    assert "approve contributions" in sides["Approver"]


def test_a_side_quotes_nothing_about_a_third_role(application: Application) -> None:
    assert "books" not in " ".join(texts_by_role(application, "reviewer vs approver").values())


def test_what_has_the_word_of_an_aspect_is_asked_of_each(application: Application) -> None:
    sides = texts_by_role(
        application, "what is the difference in salary between treasurer and reviewer"
    )
    assert sides["Treasurer"].startswith("They earn 100 pounds.")
    assert sides["Reviewer"] == ""
