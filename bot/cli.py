"""The command line: what was typed becomes calls; errors become one line and an exit code.

Heavy modules are imported by the command that needs them, so that help and usage errors come at
once.
"""

import argparse
import contextlib
import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from bot.arguments import make_parser
from knowledge.errors import RolewiseError, SnapshotError, StorageError

if TYPE_CHECKING:
    from bot.application import Application
    from bot.terminal.notes import Notes
    from bot.terminal.screen import Screen

EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_UNHEALTHY = 13  # `rolewise doctor` found something bad
EXIT_INTERRUPTED = 130  # as a shell says of SIGINT
EXIT_CLOSED_PIPE = 141  # and of SIGPIPE

# Where an index can't be written, the layer that writes says so; what is left is the output.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def run() -> NoReturn:
    """Run the command that was typed, and leave with its exit code."""
    sys.exit(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Args:
        argv: The arguments; without them, those that the process was started with.
    """
    _prepare_streams()
    try:
        arguments = make_parser().parse_args(argv)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else EXIT_USAGE
    except BrokenPipeError:
        _drop_output()
        return EXIT_CLOSED_PIPE
    from bot.terminal.notes import Notes

    debug = "debug" in arguments or os.environ.get("ROLEWISE_DEBUG", "") not in {"", "0"}
    notes = Notes(sys.stderr, debug=debug)
    try:
        code = _COMMANDS[arguments.command](arguments, notes)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return EXIT_CLOSED_PIPE
    except RolewiseError as error:
        notes.report(error)
        return error.exit_code
    except Exception as error:  # whatever it is, a person gets a line and no traceback
        if isinstance(error, OSError) and error.errno in _FULL:
            _drop_output()
            full = StorageError(f"The output can't be written ({error.strerror}).")
            notes.report(full)
            return full.exit_code
        notes.report_bug(error)
        return EXIT_BUG
    return code


def open_application(arguments: argparse.Namespace) -> "Application":
    """Return the application with the settings that the arguments name.

    Raises:
        SettingsError: the settings file is missing or wrong.
    """
    from bot.application import Application
    from bot.settings import load_settings

    config, home = getattr(arguments, "config", None), getattr(arguments, "home", None)
    return Application(load_settings(config, home=home))


def _ask(arguments: argparse.Namespace, notes: "Notes") -> int:
    from bot.answers.question import clean_question

    text = " ".join(arguments.question)
    if arguments.batch is not None:
        if arguments.question:
            return _refuse_usage(arguments, "--batch takes the place of a question")
        return _ask_batch(arguments, notes)
    if not arguments.question:
        return _refuse_usage(arguments, "there is no question; or name a file with --batch")
    clean_question(text)  # what can't be asked is said before anything is loaded
    with contextlib.closing(open_application(arguments)) as application:
        _prepare(application, notes)
        reply = application.assistant.reply(text)
    if arguments.json:
        from bot.answers.reply_json import to_json

        _write_json(to_json(reply), indent=2 if sys.stdout.isatty() else None)
    else:
        _open_screen().show_reply(reply, explain=arguments.explain)
    return 0


def _ask_batch(arguments: argparse.Namespace, notes: "Notes") -> int:
    from bot.terminal.batch import answer_batch

    with contextlib.ExitStack() as stack:
        if arguments.batch == "-":
            lines = sys.stdin.buffer
        else:
            try:
                lines = stack.enter_context(Path(arguments.batch).open("rb"))
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or error
                return _refuse_usage(arguments, f"{arguments.batch} can't be read ({reason})")
        application = stack.enter_context(contextlib.closing(open_application(arguments)))
        _prepare(application, notes)
        for values in answer_batch(lines, application.assistant, notes):
            _write_json(values)
    return EXIT_BUG if notes.bugs else 0


def _repl(arguments: argparse.Namespace, notes: "Notes") -> int:
    from bot.terminal.notes import ask_yes_or_no
    from bot.terminal.repl import Repl
    from bot.terminal.screen import PlainScreen

    with contextlib.closing(open_application(arguments)) as application:
        if sys.stdin.isatty() and sys.stdout.isatty():
            from bot.terminal.prompt import open_prompt

            repl = Repl(application, _open_screen(), notes, ask_yes_or_no)
            repl.greet()
            return repl.run(open_prompt(application.home.path, lambda: repl.role_names))
        return Repl(application, PlainScreen(sys.stdout), notes).run_lines(sys.stdin)


def _build(arguments: argparse.Namespace, notes: "Notes") -> int:
    from bot.terminal.preparation import build
    from bot.terminal.screen import report_rows

    with contextlib.closing(open_application(arguments)) as application:
        if arguments.watch:
            from bot.terminal.watching import watch_guides

            with contextlib.suppress(KeyboardInterrupt):
                watch_guides(application, notes, arguments.paths, is_full=arguments.full)
            return 0
        report = build(application, notes, arguments.paths, is_full=arguments.full)
    _open_screen().show_rows(report_rows(report))
    return 0


def _docs(arguments: argparse.Namespace, notes: "Notes") -> int:
    from bot.terminal.docs_command import run_docs

    with contextlib.closing(open_application(arguments)) as application:
        values, code = run_docs(application, arguments, _open_screen(), notes)
    if arguments.json:
        _write_json(values, indent=2 if sys.stdout.isatty() else None)
    return code


def _status(arguments: argparse.Namespace, notes: "Notes") -> int:
    from bot.terminal.screen import snapshot_rows, status_rows
    from bot.terminal.status_json import status_to_json

    with contextlib.closing(open_application(arguments)) as application:
        try:
            status = application.read_status()
        except SnapshotError:
            # What can be rolled back to is wanted most where the index can't be opened.
            if not arguments.json:
                _open_screen().show_rows(snapshot_rows(application.snapshots()))
            raise
    if arguments.json:
        _write_json(status_to_json(status), indent=2 if sys.stdout.isatty() else None)
    else:
        _open_screen().show_rows(status_rows(status))
    return 0


def _doctor(arguments: argparse.Namespace, notes: "Notes") -> int:
    from bot.doctor import refused_settings
    from bot.settings import find_settings_file
    from bot.terminal.checks import checks_to_json, is_healthy, run_doctor, show_checks
    from knowledge.errors import SettingsError

    repairs: list[str] | None = [] if arguments.repair else None
    try:
        application = open_application(arguments)
    except SettingsError as error:
        checks = [refused_settings(error)]
    else:
        with contextlib.closing(application):
            file = find_settings_file(getattr(arguments, "config", None))
            checks = run_doctor(application, notes, file, repairs)
    if arguments.json:
        values = checks_to_json(checks, repairs)
        _write_json(values, indent=2 if sys.stdout.isatty() else None)
    else:
        show_checks(checks, sys.stdout)
    return 0 if is_healthy(checks) else EXIT_UNHEALTHY


def _roll_back(arguments: argparse.Namespace, notes: "Notes") -> int:
    from bot.terminal.screen import snapshot_rows

    with contextlib.closing(open_application(arguments)) as application:
        application.roll_back(arguments.snapshot)
        _open_screen().show_rows(snapshot_rows(application.snapshots()))
    return 0


def _evaluate(arguments: argparse.Namespace, notes: "Notes") -> int:
    if arguments.beir is not None:
        if arguments.file is not None:
            return _refuse_usage(arguments, "--beir takes the place of a file of questions")
        if arguments.report or arguments.save or arguments.against or arguments.calibrate:
            return _refuse_usage(
                arguments, "--report, --save, --against and --calibrate need questions in FILE"
            )
        return _evaluate_search(arguments, notes)
    if arguments.file is None:
        return _refuse_usage(
            arguments, "there is no file of questions; or name a public set with --beir"
        )
    from bot.evaluation.command import evaluate, read_inputs, write_files
    from bot.evaluation.markdown import to_markdown
    from bot.evaluation.runs import to_json

    inputs = read_inputs(arguments.file, arguments.against)
    with contextlib.closing(open_application(arguments)) as application:
        _prepare(application, notes)
        if arguments.calibrate:
            from bot.evaluation.command import calibrate_encoder

            calibrate_encoder(application, inputs)
            application.assistant.close()
        with notes.building() as progress:
            evaluation = evaluate(application, inputs, progress)
    write_files(evaluation, save=arguments.save, report=arguments.report)
    if arguments.json:
        _write_json(to_json(evaluation), indent=2 if sys.stdout.isatty() else None)
    else:
        sys.stdout.write(to_markdown(evaluation))
    return 0


def _evaluate_search(arguments: argparse.Namespace, notes: "Notes") -> int:
    from bot.evaluation.beir import read_benchmark, run_benchmark, to_json, to_markdown

    benchmark = read_benchmark(arguments.beir)
    with (
        contextlib.closing(open_application(arguments)) as application,
        notes.building() as progress,
    ):
        measured = run_benchmark(application, benchmark, progress)
    if arguments.json:
        _write_json(to_json(measured), indent=2 if sys.stdout.isatty() else None)
    else:
        sys.stdout.write(to_markdown(measured))
    return 0


def _gaps(arguments: argparse.Namespace, notes: "Notes") -> int:
    from bot.feedback.command import gaps_to_text, open_book
    from bot.feedback.export import export_gaps
    from bot.feedback.gaps import find_gaps, gaps_to_json

    with contextlib.closing(open_application(arguments)) as application:
        gaps = find_gaps(open_book(application.settings), application.load_encoder)
    if arguments.export is not None:
        export_gaps(gaps.groups, arguments.export)
    if arguments.json:
        _write_json(gaps_to_json(gaps), indent=2 if sys.stdout.isatty() else None)
    else:
        _open_screen().show_text(gaps_to_text(gaps))
    return 0


def _settings(arguments: argparse.Namespace, notes: "Notes") -> int:
    from importlib.resources import files

    sys.stdout.write(files("bot").joinpath("default-settings.yaml").read_text(encoding="utf-8"))
    return 0


def _discord(arguments: argparse.Namespace, notes: "Notes") -> int:
    if (arguments.server is not None or arguments.unsync) and not (
        arguments.server is not None and (arguments.sync or arguments.unsync)
    ):
        return _refuse_usage(arguments, "--server goes with --sync, and --unsync with --server")
    from bot.community.run import run_bot

    with contextlib.closing(open_application(arguments)) as application:
        if arguments.sync or arguments.unsync:
            from bot.community.commands.syncing import sync_commands

            done = sync_commands(application, server=arguments.server, remove=arguments.unsync)
            _open_screen().show_text(done)
            return 0
        return run_bot(application)


_COMMANDS: dict[str, Callable[[argparse.Namespace, "Notes"], int]] = {
    "ask": _ask,
    "repl": _repl,
    "build": _build,
    "status": _status,
    "docs": _docs,
    "doctor": _doctor,
    "rollback": _roll_back,
    "evaluate": _evaluate,
    "gaps": _gaps,
    "settings": _settings,
    "discord": _discord,
}


def _prepare(application: "Application", notes: "Notes") -> None:
    from bot.terminal.notes import ask_yes_or_no
    from bot.terminal.preparation import prepare

    prepare(application, notes, ask_yes_or_no)


def _open_screen() -> "Screen":
    if sys.stdout.isatty():
        from bot.terminal.rich_screen import TerminalScreen

        return TerminalScreen()
    from bot.terminal.screen import PlainScreen

    return PlainScreen(sys.stdout)


def _write_json(values: dict[str, Any], indent: int | None = None) -> None:
    import json

    # ASCII alone, so that no encoding of the output can spoil it.
    sys.stdout.write(f"{json.dumps(values, indent=indent, allow_nan=False)}\n")
    sys.stdout.flush()


def _refuse_usage(arguments: argparse.Namespace, message: str) -> int:
    with contextlib.suppress(SystemExit):
        arguments.parser.error(message)
    return EXIT_USAGE


def _prepare_streams() -> None:
    """Let no character that a stream can't hold end the program."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us
            setattr(sys, name, open(os.devnull, "r+", encoding="utf-8"))  # noqa: PTH123, SIM115
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "replace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _drop_output() -> None:
    # Python flushes standard output once more at its end, and would complain.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
