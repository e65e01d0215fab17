"""What a message may hold.

Source: Discord's developer documentation, "Message Resource", sections "Create Message" and
"Embed Limits".
"""

from tests.loopback.component_limits import check_components, check_layout
from tests.loopback.errors import DiscordError, FormChecks, empty_message, invalid_form
from tests.loopback.mentions import check_allowed_mentions
from tests.loopback.model import Json, MessageFlag

CONTENT_CHARACTERS = 2000
EMBEDS = 10
EMBED_TITLE_CHARACTERS = 256
EMBED_DESCRIPTION_CHARACTERS = 4096
EMBED_AUTHOR_CHARACTERS = 256
EMBED_FOOTER_CHARACTERS = 2048
EMBED_FIELDS = 25
EMBED_FIELD_NAME_CHARACTERS = 256
EMBED_FIELD_VALUE_CHARACTERS = 1024
ALL_EMBEDS_CHARACTERS = 6000
NONCE_CHARACTERS = 25
ATTACHMENTS = 10
THREAD_NAME_CHARACTERS = 100
THREAD_ARCHIVE_MINUTES = (60, 1440, 4320, 10080)


def check_message(form: Json, *, flags: int, prefix: str = "") -> None:
    """Refuse a message that breaks a limit.

    Args:
        flags: the flags that the message has or shall have.
        prefix: what stands before the paths of wrong fields.
    """
    checks = FormChecks()
    checks.check_text(f"{prefix}content", form.get("content"), most=CONTENT_CHARACTERS)
    checks.check_text(f"{prefix}nonce", form.get("nonce"), most=NONCE_CHARACTERS)
    embeds = form.get("embeds") or []
    checks.check_count(f"{prefix}embeds", embeds, most=EMBEDS)
    for index, embed in enumerate(embeds):
        _check_embed(checks, f"{prefix}embeds.{index}", embed)
    if sum(map(embed_characters, embeds)) > ALL_EMBEDS_CHARACTERS:
        message = f"Embed size exceeds maximum size of {ALL_EMBEDS_CHARACTERS}"
        checks.refuse(f"{prefix}embeds", "MAX_EMBED_SIZE_EXCEEDED", message)
    check_allowed_mentions(checks, form.get("allowed_mentions"))
    components = form.get("components") or []
    if flags & MessageFlag.COMPONENTS_V2:
        for name in ("content", "embeds", "poll", "sticker_ids"):
            if form.get(name):
                message = (
                    f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                )
                checks.refuse(
                    f"{prefix}{name}",
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    message,
                )
        check_layout(checks, f"{prefix}components", components)
    else:
        check_components(checks, f"{prefix}components", components)
    checks.raise_if_any()


def check_not_empty(form: Json, *, flags: int, has_files: bool) -> None:
    """Refuse a message with nothing to see in it; buttons alone are nothing."""
    if flags & MessageFlag.COMPONENTS_V2:
        holds_something = bool(form.get("components"))
    else:
        holds_something = bool(
            (form.get("content") or "").strip()
            or any(embed for embed in form.get("embeds") or [])
            or form.get("sticker_ids")
            or form.get("poll")
        )
    if not holds_something and not has_files:
        raise empty_message()


def embed_characters(embed: Json) -> int:
    """Count the characters of an embed that its limit counts."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if text)


def _check_embed(checks: FormChecks, path: str, embed: Json) -> None:
    checks.check_text(f"{path}.title", embed.get("title"), most=EMBED_TITLE_CHARACTERS)
    checks.check_text(
        f"{path}.description", embed.get("description"), most=EMBED_DESCRIPTION_CHARACTERS
    )
    footer, author = embed.get("footer") or {}, embed.get("author") or {}
    checks.check_text(f"{path}.footer.text", footer.get("text"), most=EMBED_FOOTER_CHARACTERS)
    checks.check_text(f"{path}.author.name", author.get("name"), most=EMBED_AUTHOR_CHARACTERS)
    check_link(checks, f"{path}.url", embed.get("url"))
    check_link(checks, f"{path}.author.url", author.get("url"))
    fields = embed.get("fields") or []
    checks.check_count(f"{path}.fields", fields, most=EMBED_FIELDS)
    for index, field in enumerate(fields):
        name, value = field.get("name"), field.get("value")
        at = f"{path}.fields.{index}"
        checks.check_text(f"{at}.name", name, most=EMBED_FIELD_NAME_CHARACTERS, required=True)
        checks.check_text(f"{at}.value", value, most=EMBED_FIELD_VALUE_CHARACTERS, required=True)


def check_link(checks: FormChecks, path: str, url: str | None) -> None:
    """Check that a link leads to a web page."""
    if url and not url.startswith(("http://", "https://")):
        scheme = url.partition(":")[0]
        message = f"Scheme \"{scheme}\" must be one of ('http', 'https')."
        checks.refuse(path, "URL_TYPE_INVALID_SCHEME", message)


def check_thread(form: Json) -> None:
    """Refuse a thread that breaks a limit."""
    checks = FormChecks()
    checks.check_text("name", form.get("name"), least=1, most=THREAD_NAME_CHARACTERS, required=True)
    minutes = form.get("auto_archive_duration")
    if minutes is not None and minutes not in THREAD_ARCHIVE_MINUTES:
        choices = "{" + ", ".join(map(str, THREAD_ARCHIVE_MINUTES)) + "}"
        checks.refuse(
            "auto_archive_duration", "BASE_TYPE_CHOICES", f"Value must be one of {choices}."
        )
    checks.raise_if_any()


def check_autocomplete(data: Json) -> None:
    """Refuse choices that break a limit."""
    checks = FormChecks()
    choices = data.get("choices") or []
    checks.check_count("data.choices", choices, most=25)
    for index, choice in enumerate(choices):
        at = f"data.choices.{index}"
        checks.check_text(f"{at}.name", choice.get("name"), least=1, most=100, required=True)
        if isinstance(choice.get("value"), str) or choice.get("value") is None:
            checks.check_text(f"{at}.value", choice.get("value"), least=1, most=100, required=True)
    checks.raise_if_any()


def unknown_reference() -> DiscordError:
    """Refuse a reply to a message that is not there; it may just have been deleted."""
    refusal = invalid_form("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    refusal.is_misfortune = True
    return refusal
