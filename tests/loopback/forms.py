"""What a request carries: JSON, or JSON beside files."""

import json

from aiohttp import BodyPartReader, web

from tests.loopback.errors import DiscordError
from tests.loopback.model import Json, Upload


async def read_form(request: web.Request) -> tuple[Json, list[Upload]]:
    """Return a request's JSON object and its files."""
    if not request.content_type.startswith("multipart/"):
        return _parse(await request.read()), []
    form: Json = {}
    files: list[Upload] = []
    parts = await request.multipart()
    while (part := await parts.next()) is not None:
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read(decode=False))
        if part.name == "payload_json":
            form = _parse(content)
        else:
            files.append(Upload(part.filename or "file", content))
    return form, files


async def read_list(request: web.Request) -> list[Json]:
    """Return a request's JSON list."""
    try:
        items = json.loads(await request.read())
    except ValueError:
        items = None
    if not isinstance(items, list):
        raise DiscordError(
            400, 50109, "The request body contains invalid JSON.", rule="INVALID_JSON"
        )
    return items


def read_id(text: str) -> int:
    """Return a snowflake, or refuse what is none."""
    if not text.isdecimal():
        raise DiscordError(400, 50035, "Invalid Form Body", rule="INVALID_SNOWFLAKE")
    return int(text)


def _parse(content: bytes) -> Json:
    try:
        form = json.loads(content) if content.strip() else {}
    except ValueError:
        form = None
    if not isinstance(form, dict):
        raise DiscordError(
            400, 50109, "The request body contains invalid JSON.", rule="INVALID_JSON"
        )
    return form
