"""Messages as a person sees them: HTML in Discord's dark look."""

from datetime import UTC, datetime
from html import escape

from tests.loopback.interactions import Interaction
from tests.loopback.markdown import Kind, Node, parse, seen_text
from tests.loopback.model import Channel, ChannelType, Json, Message, MessageType, Role, User
from tests.loopback.state import State
from tests.loopback.style import STYLE

EMOJI = {"white_check_mark": "✅", "thumbsup": "👍", "thumbsdown": "👎"}
BUTTON_STYLES = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary link"}
ACTION_ROW, BUTTON, TEXT_INPUT = 1, 2, 4
SECTION, TEXT_DISPLAY, SEPARATOR, CONTAINER, LABEL = 9, 10, 14, 17, 18
INLINE_FIELDS_IN_ROW = 3
TAGS = {
    Kind.BOLD: "strong",
    Kind.ITALIC: "em",
    Kind.UNDERLINE: "u",
    Kind.STRUCK: "s",
    Kind.CODE: "code",
    Kind.SPOILER: 'span class="spoiler"',
    Kind.SUBTEXT: "small",
    Kind.TIMESTAMP: 'span class="chip"',
    Kind.COMMAND: 'span class="mention"',
}


class Renderer:
    """Show what is in a state, as its people see it."""

    def __init__(self, state: State) -> None:
        """Show what a state holds."""
        self._state = state

    def page(self, *shown: Message | Interaction) -> str:
        """Return a page with messages, and with the modals of interactions, one below another."""
        parts = [
            self.message(one) if isinstance(one, Message) else self.modal(one.modal or {})
            for one in shown
        ]
        return (
            f'<!doctype html><meta charset="utf-8"><title>Discord</title><style>{STYLE}</style>'
            f"<main>{''.join(parts)}</main>"
        )

    def message(self, message: Message) -> str:
        """Return a message: who wrote it, what is in it, and what stands above and below."""
        author = message.author
        name = "Rolewise" if author is self._state.bot else author.username.title()
        badge = '<b class="app">APP</b>' if author.is_bot else ""
        time = datetime.fromtimestamp(message.created_at, UTC).strftime("%H:%M")
        edited = ' <small class="muted">(edited)</small>' if message.edited_at else ""
        private = " private" if message.is_ephemeral else ""
        return (
            f'<article class="message{private}">{self._above(message)}'
            f'<div class="avatar" style="background:{_colour_of(author)}">{escape(name[0])}</div>'
            f'<div class="body"><header><b class="name">{escape(name)}</b>{badge}'
            f"<time>{time}</time></header>"
            f'<div class="content">{self.text(message.content)}{edited}</div>'
            f"{''.join(self._embed(embed) for embed in message.embeds)}"
            f"{''.join(_attachment(one) for one in message.attachments)}"
            f"{self._components(message.components)}{self._below(message)}</div></article>"
        )

    def modal(self, modal: Json) -> str:
        """Return a form that the bot shows to one person."""
        parts = []
        for component in modal.get("components", []):
            if component["type"] == TEXT_DISPLAY:
                parts.append(f"<p>{self.text(component['content'])}</p>")
                continue
            inputs = component.get("components") or [component.get("component") or {}]
            label = component.get("label") or inputs[0].get("label") or ""
            required = '<i class="required">*</i>' if inputs[0].get("required", True) else ""
            description = component.get("description") or ""
            parts.append(f"<label>{escape(label)}{required}</label><p>{escape(description)}</p>")
            parts += [_input(one) for one in inputs]
        return (
            f'<section class="modal"><h1>{escape(modal.get("title", ""))}</h1>{"".join(parts)}'
            '<footer><span class="button secondary">Cancel</span>'
            '<span class="button primary">Submit</span></footer></section>'
        )

    def choices(self, typed: str, choices: list[Json]) -> str:
        """Return the list that an option offers while somebody types."""
        items = "".join(f"<li>{escape(str(choice['name']))}</li>" for choice in choices)
        return f'<section class="choices"><ul>{items}</ul><p>{escape(typed)}</p></section>'

    def text(self, text: str) -> str:
        """Return a text with its Markdown."""
        return "".join(self._node(node) for node in parse(text))

    def _node(self, node: Node) -> str:
        inside = escape(node.text) + "".join(self._node(child) for child in node.children)
        match node.kind:
            case Kind.TEXT:
                return inside
            case Kind.LINE_END:
                return "<br>"
            case Kind.LINK:
                return f'<a title="{escape(node.detail)}">{inside}</a>'
            case Kind.MENTION:
                return f'<span class="mention">{escape(self._name(node.text))}</span>'
            case Kind.EMOJI:
                return EMOJI.get(node.text.strip(":"), inside)
            case Kind.CODE_BLOCK:
                return f"<pre>{inside}</pre>"
            case Kind.HEADING:
                return f"<h{node.detail}>{inside}</h{node.detail}>"
            case Kind.QUOTE:
                return f"<blockquote>{inside}</blockquote>"
            case Kind.ITEM:
                sign = node.detail.strip()
                indent = len(node.detail) - len(node.detail.lstrip())
                return (
                    f'<div class="item" style="margin-left:{indent * 8}px">'
                    f"<span>{sign}</span><div>{inside}</div></div>"
                )
            case kind:
                tag = TAGS[kind]
                return f"<{tag}>{inside}</{tag.split()[0]}>"

    def _name(self, mention: str) -> str:
        """Return how a mention is shown."""
        named = int("".join(filter(str.isdecimal, mention)) or 0)
        roles = [guild.roles.get(named) for guild in self._state.guilds.values()]
        found: User | Role | Channel | None = self._state.users.get(named)
        found = found or self._state.channels.get(named) or next(filter(None, roles), None)
        match found:
            case User():
                return f"@{found.username}"
            case Channel():
                return f"#{found.name}"
            case Role():
                return f"@{found.name}"
            case None:
                return mention

    def _above(self, message: Message) -> str:
        """Return the line above a message: what it replies to, or which command it answers."""
        metadata = message.interaction_metadata
        if metadata is not None and message.type is not MessageType.REPLY:
            who = escape(metadata["user"]["username"].title())
            interaction = next(
                one for one in self._state.interactions.values() if one.id == int(metadata["id"])
            )
            name = _command_name(interaction.data)
            used = f"/{name}" if message.type is MessageType.CHAT_INPUT_COMMAND else name
            what = f'<b>{who}</b> used <span class="mention">{escape(used)}</span>'
            return f'<div class="above">{what}</div>'
        if message.type is not MessageType.REPLY or message.reference_id is None:
            return ""
        original = self._state.messages.get(message.reference_id)
        if original is None or original.deleted:
            return '<div class="above"><i>Original message was deleted</i></div>'
        pings = "@" if message.mentions.replied_user_id is not None else ""
        name = pings + original.author.username.title()
        summary = seen_text(parse(original.content)) or "Click to see attachment"
        summary = self._name_all(original.content) if original.content else summary
        return f'<div class="above"><b>{escape(name)}</b> <span>{summary}</span></div>'

    def _name_all(self, content: str) -> str:
        line = " ".join(content.split())
        return self.text(line)

    def _below(self, message: Message) -> str:
        """Return what stands below a message: its thread, or that nobody else sees it."""
        if message.is_ephemeral:
            return '<div class="below">👁 Only you can see this • <a>Dismiss message</a></div>'
        thread = self._state.channels.get(message.thread_id or 0)
        if thread is None:
            return ""
        return (
            f'<div class="thread"><b>{escape(thread.name)}</b>'
            "<a>See Thread ›</a><p>There are no recent messages in this thread.</p></div>"
        )

    def _embed(self, embed: Json) -> str:
        colour = f"#{embed['color']:06x}" if embed.get("color") else "#1e1f22"
        parts = []
        if author := (embed.get("author") or {}).get("name"):
            parts.append(f'<div class="author">{escape(author)}</div>')
        if title := embed.get("title"):
            shown = self.text(title)
            parts.append(
                f'<div class="title">{f"<a>{shown}</a>" if embed.get("url") else shown}</div>'
            )
        if description := embed.get("description"):
            parts.append(f'<div class="description">{self.text(description)}</div>')
        if fields := embed.get("fields"):
            parts.append(f'<div class="fields">{"".join(self._fields(fields))}</div>')
        if footer := (embed.get("footer") or {}).get("text"):
            parts.append(f'<div class="footer">{escape(footer)}</div>')
        return f'<div class="embed" style="border-color:{colour}">{"".join(parts)}</div>'

    def _fields(self, fields: list[Json]) -> list[str]:
        """Return an embed's fields; up to three that may stand beside each other share a row."""
        rows: list[list[Json]] = []
        for field in fields:
            is_inline = bool(field.get("inline"))
            fits = (
                rows
                and is_inline
                and rows[-1][0].get("inline")
                and len(rows[-1]) < INLINE_FIELDS_IN_ROW
            )
            if fits:
                rows[-1].append(field)
            else:
                rows.append([field])
        return [
            f'<div style="grid-column: span {12 // len(row) if field.get("inline") else 12}">'
            f"<b>{self.text(field['name'])}</b><div>{self.text(field['value'])}</div></div>"
            for row in rows
            for field in row
        ]

    def _components(self, components: list[Json]) -> str:
        return "".join(self._component(component) for component in components)

    def _component(self, component: Json) -> str:
        inside = self._components(component.get("components") or [])
        match component["type"]:
            case 1:
                return f'<div class="row">{inside}</div>'
            case 2:
                return _button(component)
            case 9:
                accessory = self._component(component.get("accessory") or {"type": 0})
                return f'<div class="part"><div>{inside}</div>{accessory}</div>'
            case 10:
                return f'<div class="content">{self.text(component["content"])}</div>'
            case 14:
                return "<hr>"
            case 17:
                colour = component.get("accent_color")
                border = f"#{colour:06x}" if colour else "#3f4147"
                return f'<div class="container" style="border-color:{border}">{inside}</div>'
            case kind if kind in range(3, 9) and kind != TEXT_INPUT:
                placeholder = component.get("placeholder") or "Make a selection"
                chosen = [
                    one["label"] for one in component.get("options", []) if one.get("default")
                ]
                shown = ", ".join(chosen) or placeholder
                return f'<div class="select">{escape(shown)}<span>⌄</span></div>'
            case _:
                return inside


def _button(button: Json) -> str:
    style = BUTTON_STYLES.get(button.get("style") or 2, "secondary")
    disabled = " disabled" if button.get("disabled") else ""
    emoji = (button.get("emoji") or {}).get("name") or ""
    label = " ".join(part for part in (emoji, button.get("label") or "") if part)
    arrow = " ↗" if button.get("style") == 5 else ""
    return f'<span class="button {style}{disabled}">{escape(label)}{arrow}</span>'


def _input(text_input: Json) -> str:
    value, placeholder = text_input.get("value") or "", text_input.get("placeholder") or ""
    shown = escape(value) if value else f'<i class="muted">{escape(placeholder)}</i>'
    tall = " tall" if text_input.get("style") == 2 else ""
    return f'<div class="input{tall}">{shown}</div>'


def _command_name(data: Json) -> str:
    """Return the name of a command with those of its group and subcommand."""
    inner = [one for one in data.get("options", []) if one["type"] in (1, 2)]
    return " ".join([data.get("name", ""), *map(_command_name, inner[:1])])


def _attachment(attachment: Json) -> str:
    size = f"{attachment['size'] / 1024:.1f} KB"
    name = escape(attachment["filename"])
    return f'<div class="file"><a>{name}</a><small class="muted">{size}</small></div>'


def _colour_of(user: User) -> str:
    colours = ("#5865f2", "#3ba55c", "#faa61a", "#ed4245", "#eb459e", "#757e8a")
    return colours[0] if user.is_bot else colours[1 + user.id // 7 % 5]


def describe_channel(channel: Channel) -> str:
    """Return how a channel is named above what is written there."""
    return "@" if channel.type is ChannelType.DIRECT else f"# {channel.name}"
