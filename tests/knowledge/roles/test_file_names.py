"""Guides are named after their files where their text says less of the role."""

import pytest

from tests.knowledge.roles.facts import facts_of

SAID = "## Duties & Responsibilities\n\n"


@pytest.mark.parametrize(
    ("id_", "text", "subjects"),
    [
        ("jobs-teen-librarian.md", "A librarian is sought.", ("Teen Librarian",)),
        ("acme/acme-librarian.md", "A librarian is sought.", ("Librarian",)),
        ("jobs-shelver.md", "Shelvers are responsible to sort.", ("Shelver",)),
        ("cdo-position-description.md", "The CDO is responsible for data.", ("CDO",)),
        ("2015-10-22-share-sf-coordinator-job-post.md", "The ShareSF Coordinator shares.",
         ("ShareSF Coordinator",)),
        ("librarian-job-description-template.md", "They lend.", ("Librarian",)),
        ("job-description.md", "They lend.", ()),
        ("sales-engineer.md", "# MD5 (Sales) Engineer\n\nA sales engineer sells.",
         ("Sales Engineer",)),
    ],
)  # fmt: skip
def test_a_file_may_say_more_of_a_role_than_its_text(
    id_: str, text: str, subjects: tuple[str, ...]
) -> None:
    assert facts_of(f"{SAID}{text}\n", id_).subjects == subjects


@pytest.mark.parametrize(
    ("title", "text", "subject"),
    [
        ("Acme Club Safety Officer", "The safety officer looks on.", "Safety Officer"),
        ("Acme Safety Officer", "They look on.", "Acme Safety Officer"),
        ("Acme Safety Officer", "An Acme safety officer. A safety officer.", "Acme Safety Officer"),
        ("Club Safety Officer", "The safety officer looks on.", "Club Safety Officer"),
    ],
)
def test_an_employer_is_no_part_of_a_name(title: str, text: str, subject: str) -> None:
    assert facts_of(f"# {title}\n\n{text}\n", "acme/a.md").subjects == (subject,)
