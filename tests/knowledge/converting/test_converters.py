import pytest

from knowledge.converting.converted import ConversionError
from knowledge.converting.converters import CONVERTERS, convert_bytes


def test_every_kind_is_converted() -> None:
    assert set(CONVERTERS) == {
        *(".csv", ".docx", ".epub", ".htm", ".html", ".pdf", ".pptx", ".tsv", ".xhtml"),
    }


@pytest.mark.parametrize("suffix", CONVERTERS)
def test_identities_name_a_version(suffix: str) -> None:
    identity = CONVERTERS[suffix].identity()
    assert any(map(str.isdigit, identity))
    assert identity == CONVERTERS[suffix].identity()


def test_other_kinds_are_refused() -> None:
    with pytest.raises(ConversionError, match=r"\.docm is not a kind of document that is read"):
        convert_bytes(b"words", ".docm")
