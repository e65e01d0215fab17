"""What people write who mean well, who mean harm, and who mean nothing."""

import random
from pathlib import Path

FOREIGN_ID = "123456789012345678"
"""In guides and messages; nothing that exists has it."""

QUESTIONS = (
    "what does this role do?",
    "what does a software engineer in data science do?",
    "which skills does a data scientist need?",
    "how is this different from a data engineer?",
    "compare data scientist and data engineer",
    "what is the salary?",
    "which tools does it use?",
    "and the second one?",
    "what about a data analyst?",
    "does it need a degree?",
    "how do I get started?",
    "what does a typical day look like?",
    "what does a prompt engineer do?",
    "what does a prompt engineer write?",
    "which steps does a ledger keeper follow?",
    "how does a ledger keeper check numbers?",
    "is a ledger keeper like a prompt engineer?",
    "what does a nurse do?",
    "what is the capital of France?",
    "tell me more",
    "why?",
    "which certifications help? and what is the career path?",
    "what does a wording tester do and what does a ledger keeper do?",
    "thanks!",
    "hello",
    "how is machine learning used?",
    "what does an SRE do?",
    "softwar enginer skils",
    "ما هي المهارات المطلوبة؟",
    "数据科学家做什么?",
)

PIECES = (
    "@everyone",
    "@here",
    "<@123456789012345678>",
    "<@&123456789012345678>",
    "<#123456789012345678>",
    "<t:1700000000:R>",
    "</ask:123456789012345678>",
    "<id:customize>",
    "<:party:123456789012345678>",
    ":smile:",
    "**bold**",
    "_under_",
    "~~gone~~",
    "||secret||",
    "`code`",
    "```py\nprint('@everyone')\n```",
    "```",
    "> quoted",
    ">>> quoted to the end",
    "# heading",
    "-# small",
    "1. first\n2. second",
    "- item",
    "[click](https://evil.example)",
    "https://evil.example/a_b_c",
    "discord.gg/abcdef",
    "\u200b\u200c\u200d\ufeff",
    "\u202egnihtemos\u202c",
    "مرحبا",
    "👩\u200d💻🏳️\u200d🌈",
    "Z̴̧͝a̶͇̕l̵g̷o",
    "\\",
    "\\\\*",
    "'; DROP TABLE passages; --",
    "{{7*7}} ${HOME} %s %n",
    "../../etc/passwd",
    "\t\t",
    "\r\n\n\n",
    "￿",
)

NAMES = (
    "alice",
    "@everyone",
    "**bold**",
    "`tick`",
    "\u202eevil",
    "zero\u200bwidth",
    "<@123456789012345678>",
    "1. first",
    "a" * 32,
    "مستخدم",
    "</ask:123456789012345678>",
)

GUIDES = {
    "prompt-engineer.md": """\
---
aliases: ["PE @everyone", "wording tester"]
url: "https://example.org/guides/prompt_(engineer)?a=*b*&c=@everyone"
---
# Prompt Engineer [@everyone](https://evil.example)

## What a prompt engineer does @here <@123456789012345678>

A prompt engineer writes ||prompts|| for <@123456789012345678> and @everyone with ~~care~~
at https://evil.example/x_y.

- > A prompt engineer tests :smile: prompts in `code` and __bold__ steps for
  discord.gg/abc daily.
- A prompt engineer meets at <t:1700000000:R> and asks with </ask:123456789012345678>
  and <:party:123456789012345678> often.

## Skills of a prompt engineer

A prompt engineer needs the skill to write 1. short, 2. clear
and 3. **kind** prompts_with_under_scores.

1. A prompt engineer reads the \\*escaped\\* model card first.
2. A prompt engineer then writes ```fenced``` examples, and measures them.
""",
    "ledger-keeper.md": """\
# 1. Ledger Keeper **</ask:123456789012345678>** `#general`

The ledger keeper keeps the ledger of a company \u202eesrever ni\u202c, and\u200b
checks it on <t:1700000000:F>.

## 2. Steps that a ledger keeper follows

1. The ledger keeper opens the ledger and reads it from the first line to the last line.
2. The ledger keeper compares the numbers with <#123456789012345678> and @everyone in the office.
3. The ledger keeper signs with </forget:123456789012345678>.

```
A ledger keeper's code: @everyone <@&123456789012345678> [link](https://evil.example)
```

# مهندس البيانات

مهندس البيانات يبني خطوط البيانات للشركة ويحافظ عليها كل يوم @everyone.
""",
}


def write_guides(folder: Path) -> None:
    """Write guides whose names and texts are as hostile as what people write."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in GUIDES.items():
        (folder / name).write_text(text, encoding="utf-8")


def ask_something(chance: random.Random) -> str:
    """Return a question, now and then with hostile words around it."""
    words = [chance.choice(QUESTIONS)]
    while chance.random() < 0.3:
        words.insert(chance.randrange(len(words) + 1), chance.choice(PIECES))
    return chance.choice((" ", " ", "\n")).join(words)


def write_something(chance: random.Random, most_characters: int = 4000) -> str:
    """Return anything at all, at least one visible character of it."""
    kind = chance.random()
    if kind < 0.1:
        text = chance.choice(("x", "@everyone ", "é", "𝒳", "\u200b.")) * most_characters
    elif kind < 0.2:
        letters = [chr(chance.randrange(32, 0x10FFFF)) for _ in range(chance.randrange(1, 60))]
        text = "".join(one if one.isprintable() else "?" for one in letters)
    elif kind < 0.6:
        text = " ".join(chance.choices(PIECES, k=chance.randrange(1, 12)))
    else:
        text = ask_something(chance)
    return text[:most_characters].strip() or "."
