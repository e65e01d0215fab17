"""Names of elements that Office documents are made of."""

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

_STRICT = {
    "http://purl.oclc.org/ooxml/wordprocessingml/main": W[1:-1],
    "http://purl.oclc.org/ooxml/drawingml/main": A[1:-1],
    "http://purl.oclc.org/ooxml/presentationml/main": P[1:-1],
    "http://purl.oclc.org/ooxml/officeDocument/relationships": R[1:-1],
}


def read_as_transitional(data: bytes) -> bytes:
    """Return a part with the names of "Strict Open XML" changed to the common ones."""
    if b"http://purl.oclc.org/ooxml/" in data:
        for strict, common in _STRICT.items():
            data = data.replace(strict.encode(), common.encode())
    return data
