"""Messages are rendered with all that a person would see."""

import re

import pytest

from tests.loopback.markdown import parse
from tests.loopback.rendering import Renderer
from tests.loopback.scene import Scene, play


def test_a_message_is_rendered_with_all_that_is_in_it() -> None:
    async def act(scene: Scene) -> None:
        asked = await scene.server.send_message(
            scene.channel, scene.alice, f"{scene.server.bot.mention} <b>hello</b> **there**"
        )
        reply = await scene.server.next_reply(to=asked)
        reply.embeds = [
            {
                "title": "A title",
                "description": "- an *item*\n[a page](https://example.org)",
                "fields": [
                    {"name": "One", "value": "1", "inline": True},
                    {"name": "Two", "value": "2", "inline": True},
                    {"name": "Below", "value": "3"},
                ],
                "color": 0x112233,
            }
        ]
        button = {"type": 2, "style": 1, "label": "Press", "custom_id": "x"}
        reply.components = [{"type": 1, "components": [button]}]
        page = Renderer(scene.server.state).page(asked, reply)
        assert "&lt;b&gt;hello&lt;/b&gt; <strong>there</strong>" in page
        assert '<span class="mention">@rolewise</span>' in page
        assert "#112233" in page
        assert "an <em>item</em>" in page
        assert '<a title="https://example.org">a page</a>' in page
        assert re.findall(r"grid-column: span (\d+)", page) == ["6", "6", "12"]
        assert '<span class="button primary">Press</span>' in page
        assert page.count('class="above"') == 1

    play(act)


def test_what_one_person_sees_alone_is_marked() -> None:
    async def act(scene: Scene) -> None:
        whispered = await scene.server.use_command(
            scene.channel, scene.alice, "whisper", question="salary"
        )
        page = Renderer(scene.server.state).page(await whispered.final_message())
        assert "Only you can see this" in page
        assert "<b>Alice</b> used" in page

    play(act)


def test_a_modal_is_rendered() -> None:
    async def act(scene: Scene) -> None:
        used = await scene.server.use_command(scene.channel, scene.alice, "form")
        await used.shown_modal()
        page = Renderer(scene.server.state).page(used)
        assert "<h1>Ask</h1>" in page
        assert "Question" in page

    play(act)


@pytest.mark.parametrize("text", ["||a|| ~~b~~ `c`", "> q\n# h\n-# s\n1. n", "```x\ny```", "<t:1>"])
def test_every_kind_of_markup_can_be_rendered(text: str) -> None:
    async def act(scene: Scene) -> None:
        assert parse(text)
        assert Renderer(scene.server.state).text(text)

    play(act)
