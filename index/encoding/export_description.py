"""What an exported encoder says of itself.

An export is a folder by the encoder's fingerprint: encoder.onnx (transformer, pooling and whatever
else the model's modules say) with its weights in encoder.weights, tokenizer.json, and encoder.json,
which says what they are.
"""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from index.settings import Precision
from index.snapshots.integrity import STAMP_NAME, stamp_files, sync_files
from index.snapshots.manifest import FileEntry
from knowledge.errors import EncoderError

EXPORT_FORMAT = 4
DESCRIPTION_NAME = "encoder.json"
GRAPH_NAME = "encoder.onnx"
WEIGHTS_NAME = "encoder.weights"
TOKENIZER_NAME = "tokenizer.json"
InputName = Literal["input_ids", "attention_mask", "token_type_ids"]
VECTOR_OUTPUT = "sentence_embedding"
TOKENS_OUTPUT = "token_embeddings"


class ExportDescription(BaseModel):
    """What encoder.json says."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: int
    model: str
    precision: Precision
    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")
    dimension: int = Field(ge=1, le=1_000_000)
    max_length: int = Field(ge=3)
    special_tokens: int = Field(ge=0)
    padding_id: int = Field(ge=0)
    inputs: list[InputName]
    pools_parts: bool
    files: dict[Annotated[str, Field(pattern=r"^\w[\w.-]*$")], FileEntry]
    checksum: str = ""
    """Of all the rest, so that a flipped byte here is found as well."""

    def sealed(self) -> Self:
        """Return the same with its checksum."""
        rest = self.model_dump(mode="json", exclude={"checksum"})
        content = json.dumps(rest, sort_keys=True).encode()
        return self.model_copy(update={"checksum": hashlib.sha256(content).hexdigest()})


def read_description(folder: Path) -> ExportDescription:
    """Read what an export says of itself; its files are not looked at.

    Raises:
        EncoderError: it is no export, of another format, or not the one that its folder names.
    """
    path = folder / DESCRIPTION_NAME
    try:
        content = path.read_bytes()
        values = json.loads(content)
        found = values.get("format") if isinstance(values, dict) else None
        if type(found) is int and found != EXPORT_FORMAT:
            raise EncoderError(explain(folder, f"is of format {found}, not {EXPORT_FORMAT}"))
        description = ExportDescription.model_validate_json(content)
    except FileNotFoundError as error:
        raise EncoderError(explain(folder, f"has no {DESCRIPTION_NAME}")) from error
    except (OSError, ValueError, RecursionError) as error:
        raise EncoderError(explain(folder, f"is damaged: {DESCRIPTION_NAME}")) from error
    if description != description.sealed():
        raise EncoderError(explain(folder, f"is damaged: {DESCRIPTION_NAME} was changed"))
    if missing := {GRAPH_NAME, WEIGHTS_NAME, TOKENIZER_NAME} - description.files.keys():
        raise EncoderError(
            explain(folder, f"is damaged: {DESCRIPTION_NAME} lacks {', '.join(sorted(missing))}")
        )
    if description.fingerprint != folder.name:
        raise EncoderError(
            explain(
                folder,
                f"is another one ({description.fingerprint[:8]} of {description.model}) than its"
                " folder is named for",
            )
        )
    return description


def write_description(folder: Path, description: ExportDescription) -> None:
    """Write what an export says of itself, with all of it on the disk before it is relied upon.

    Raises:
        OSError: the folder can't be written.
    """
    text = description.sealed().model_dump_json(indent=2)
    (folder / DESCRIPTION_NAME).write_text(f"{text}\n", encoding="utf-8")
    sync_files(folder)
    stamp_files(folder, description.files, folder / STAMP_NAME)


def explain(folder: Path, problem: str) -> str:
    """Return a message that says what is wrong with an export, and what mends it."""
    return (
        f"The exported encoder in {folder} {problem}. Delete that folder and run: rolewise build"
        " (without sentence-transformers, copy the folder again from where it was built)"
    )
