"""The arguments of the command line; nothing but argparse is needed to read them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

_DESCRIPTION = """\
Answers career questions from guides you trust: in their own words, cited, on your own machine."""
_EPILOG = """\
Without a settings file, the guide that ships with Rolewise is asked, and the index is built on the
first question. `rolewise settings` prints the settings with their defaults."""


def make_parser() -> argparse.ArgumentParser:
    """Return what reads the arguments: `command` names the command, `parser` refuses its usage."""
    # Options of all commands, which may stand before the command and behind it.
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = common.add_argument_group("for every command")
    group.add_argument("--config", type=_path, metavar="FILE", help="the settings file")
    group.add_argument("--home", type=_path, metavar="DIR", help="where the index is kept")
    group.add_argument("--debug", action="store_true", help="show the traceback of an error")

    parser = argparse.ArgumentParser(
        prog="rolewise",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        parents=[common],
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_VersionAction)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, help_: str) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name, help=help_, description=help_, parents=[common], allow_abbrev=False
        )
        added.set_defaults(command=name, parser=added)
        return added

    ask = add("ask", "answer one question, or a batch of them")
    ask.add_argument("question", nargs="*", metavar="QUESTION", help="the question")
    ask.add_argument("--json", action="store_true", help="print the reply as JSON")
    ask.add_argument(
        "--explain", action="store_true", help="show the passages found and their scores"
    )
    ask.add_argument(
        "--batch",
        metavar="FILE",
        help='answer JSON lines {"id", "question", "history"} of a file, or of - for standard'
        " input, with a line of JSON each",
    )

    add("repl", "ask and follow up; also answers questions piped in, one a line")
    build = add("build", "build the index")
    build.add_argument(
        "paths", nargs="*", type=_path, metavar="PATH", help="guides, instead of the settings'"
    )
    build.add_argument(
        "--full", action="store_true", help="make everything anew, also what has not changed"
    )
    build.add_argument(
        "--watch", action="store_true", help="build again whenever guides change, until Ctrl-C"
    )
    _add_docs(add("docs", "list, show, add and remove guides"), common)
    status = add("status", "show what is in the index")
    status.add_argument("--json", action="store_true", help="print it as JSON")
    doctor = add("doctor", "check everything: settings, guides, index, encoder")
    doctor.add_argument("--json", action="store_true", help="print it as JSON")
    doctor.add_argument(
        "--repair", action="store_true", help="mend what is wrong, from the guides; asks nothing"
    )
    rollback = add("rollback", "put an earlier index into service again")
    rollback.add_argument(
        "snapshot",
        nargs="?",
        metavar="SNAPSHOT",
        help="its name or the beginning of it, as status shows it; else the one before",
    )
    evaluate = add("evaluate", "measure the replies to labelled questions, or the search alone")
    evaluate.add_argument(
        "file", nargs="?", type=_path, metavar="FILE", help="labelled questions in YAML"
    )
    evaluate.add_argument(
        "--beir",
        type=_path,
        metavar="FOLDER",
        help="measure the search on a public set in BEIR's layout, instead of FILE",
    )
    evaluate.add_argument("--json", action="store_true", help="print it as JSON")
    evaluate.add_argument(
        "--report", type=_path, metavar="FILE.html", help="write a page with plots and every miss"
    )
    evaluate.add_argument(
        "--save", type=_path, metavar="RUN.json", help="write a run to compare with later"
    )
    evaluate.add_argument(
        "--against", type=_path, metavar="RUN.json", help="compare with a run that was saved"
    )
    evaluate.add_argument(
        "--calibrate",
        action="store_true",
        help="fit to FILE when to refuse with this encoder, before it is measured",
    )
    gaps = add("gaps", "show what members asked and the guides left open")
    gaps.add_argument("--json", action="store_true", help="print it as JSON")
    gaps.add_argument(
        "--export",
        type=_path,
        metavar="FILE.yaml",
        help="write the questions as labelled ones for rolewise evaluate",
    )
    add("settings", "print every setting with its default, as a file to start from")
    discord = add("discord", "run the Discord bot; its token is read from DISCORD_TOKEN")
    registering = discord.add_mutually_exclusive_group()
    registering.add_argument(
        "--sync", action="store_true", help="register the slash commands with Discord, and end"
    )
    registering.add_argument(
        "--unsync", action="store_true", help="remove the commands of one --server alone, and end"
    )
    discord.add_argument(
        "--server", type=int, metavar="ID", help="for --sync and --unsync: one server's id"
    )
    return parser


def _add_docs(docs: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = docs.add_subparsers(metavar="ACTION", required=True)

    def add(name: str, help_: str) -> argparse.ArgumentParser:
        added = actions.add_parser(
            name, help=help_, description=help_, parents=[common], allow_abbrev=False
        )
        added.add_argument("--json", action="store_true", help="print it as JSON")
        added.set_defaults(action=name, parser=added)
        return added

    add("list", "list the guides, and how the index has them")
    show = add("show", "show how a guide is read and split into passages")
    show.add_argument("ids", nargs="+", metavar="ID", help="guides, as the list names them")
    added = add("add", "copy files into the folder of guides")
    added.add_argument("files", nargs="+", type=_path, metavar="FILE", help="the files")
    added.add_argument(
        "--replace", action="store_true", help="put them in the place of guides of the same names"
    )
    remove = add("remove", "delete guides from the folder")
    remove.add_argument("ids", nargs="+", metavar="ID", help="guides, as the list names them")
    remove.add_argument(
        "--purge",
        action="store_true",
        help="build at once and delete older snapshots that have them, so that no text is left",
    )


class _VersionAction(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show the version", default="")

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("rolewise")
        except PackageNotFoundError:  # run from a folder, without an installation
            number = "unknown"
        sys.stdout.write(f"rolewise {number}\n")
        parser.exit()


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text)
