import pytest

from knowledge.reading.language import detect_language
from tests.knowledge.reading.test_reading import FRENCH, JAPANESE

ENGLISH = (
    "A nurse cares for patients day and night, explains to their families what is done, and works"
    " with doctors, therapists and the people who run the ward. "
) * 2
GERMAN = (
    "Die Pflegefachkraft versorgt kranke Menschen bei Tag und Nacht, spricht mit den Angehörigen"
    " und arbeitet mit Ärztinnen, Therapeuten und der Leitung der Station zusammen. "
) * 2


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param(ENGLISH, "en", id="English"),
        pytest.param(GERMAN, "de", id="German"),
        pytest.param(FRENCH, "fr", id="French"),
        pytest.param(JAPANESE, "ja", id="Japanese"),
        pytest.param("# Baker\n\nBread.\n", None, id="too short to tell"),
        pytest.param("12.5 | 13,000 | " * 500, None, id="numbers"),
        pytest.param(f"```\n{GERMAN}\n```\n", None, id="code"),
        pytest.param(f"{ENGLISH}\n```\n{GERMAN * 9}\n```\n", "en", id="English with code"),
        pytest.param("", None, id="empty"),
    ],
)
def test_languages(text: str, language: str | None) -> None:
    assert detect_language(text) == language
