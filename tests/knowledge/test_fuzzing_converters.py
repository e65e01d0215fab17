"""Mutated documents in the process that converts: each is read or refused, and the next one too."""

import io
import random
import zipfile
from collections import Counter

import pytest

pytest.importorskip("lxml")
pytest.importorskip("pypdfium2")

from knowledge.converting.converted import ConversionError
from knowledge.converting.limits import ConversionLimits
from knowledge.converting.process import ConversionProcess
from tests.knowledge.converting import hostile_documents as hostile
from tests.knowledge.converting.making import draw_pdf
from tests.knowledge.fuzzing import Fuzzer
from tests.soak import SEED, rounds

LIMITS = ConversionLimits(max_text_bytes=5_000_000, max_pages=300, max_seconds=10.0)
PAGE = (
    "<!DOCTYPE html><html><head><title>Roles</title></head><body><main><h1>Roles</h1><p>A <b>data"
    " engineer</b> builds <a href='x'>pipelines</a>.</p><ul><li>one<ul><li>two</ul></ul><table>"
    "<tr><th>a<th>b<tr><td colspan=2>c</table><pre>code</pre></main></body></html>"
)
TABLE = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"


def seeds() -> dict[str, list[bytes]]:
    return {
        ".docx": [hostile.zip_of(hostile.docx_parts(body=TABLE))],
        ".pptx": [hostile.zip_of(hostile.pptx_parts())],
        ".epub": [hostile.zip_of(hostile.epub_parts("Words of a <i>book</i>."))],
        ".pdf": [
            hostile.pdf_page(hostile.WORDS),
            draw_pdf(lambda canvas: canvas.drawString(72, 700, "What a data engineer does")),
        ],
        ".html": [PAGE.encode()],
        ".csv": [b'Role;Pay\nData engineer;"1,0\n"\nNurse;2\n'],
    }


def change_part(chance: random.Random, data: bytes) -> bytes:
    """Mutate what one part of an archive holds, and pack it again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(list(parts))
    content = parts[name]
    assert isinstance(content, bytes)
    parts[name] = Fuzzer(chance, [content]).make_input()
    return hostile.zip_of(parts)


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_mutated_documents() -> None:
    chance = random.Random(SEED)
    documents = seeds()
    outcomes: Counter[str] = Counter()
    with ConversionProcess(LIMITS) as process:
        for number in range(rounds(sample=120, full=10_000)):
            suffix = list(documents)[number % len(documents)]
            data = chance.choice(documents[suffix])
            if data.startswith(b"PK") and chance.random() < 0.8:
                mutant = change_part(chance, data)
            else:
                mutant = Fuzzer(chance, [data]).make_input()
            try:
                converted = process.convert(mutant, suffix)
            except ConversionError as error:
                outcomes[f"refused: {str(error)[:25]}"] += 1
            else:
                outcomes["read"] += 1
                assert len(converted.text.encode()) <= LIMITS.max_text_bytes
                assert list(converted.page_starts) == sorted(converted.page_starts)
        for suffix, (data, *_) in documents.items():
            assert process.convert(data, suffix).text.strip()
    assert outcomes["read"] > 10, outcomes
    assert outcomes.total() > outcomes["read"], outcomes
