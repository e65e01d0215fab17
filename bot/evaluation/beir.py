"""`rolewise evaluate --beir`: how well the search does on a public set, without guides or replies.

Source: Thakur et al. 2021 (BEIR), whose layout of files is read. Each text is one passage.
"""

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bot.answers.reply_text import clean_text
from bot.application import Application
from bot.evaluation.retrieval import load_library
from index.dense import DenseIndex
from index.encoder import Encoder
from index.files import LEXICAL_NAME, PASSAGE_VECTORS_NAME
from index.lexical import LexicalIndex, terms_of
from index.search import Probe, rank
from index.vectors import VectorFile
from knowledge.errors import EvaluationError, StorageError

_CORPUS_NAME = "corpus.jsonl"
_QUERIES_NAME = "queries.jsonl"
_QRELS_NAMES = ("qrels/test.tsv", "qrels.tsv")
_QRELS_HEADER = ["query-id", "corpus-id", "score"]
# trec_eval, which ir-measures calls, counts on a table with a row for every score up to the highest.
_SCORE = re.compile(r"-?[0-9]{1,3}")
_FORMAT = 1
_DEPTH = 100
_TEXTS_ENCODED_AT_ONCE = 256
_TITLES = {
    "ndcg_at_10": "nDCG@10",
    "recall_at_5": "recall@5",
    "recall_at_100": "recall@100",
    "mrr_at_10": "MRR@10",
}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A public set: texts by id, the queries that are judged by id, and their judgements.

    `judgements` has for each query the scores of texts by id; above 0 a text answers the query.
    """

    folder: Path
    qrels: Path
    texts: dict[str, str]
    queries: dict[str, str]
    judgements: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRun:
    """What a set came to; `measures` has a mean over the queries for each measure."""

    benchmark: Benchmark
    encoder: str
    dense_weight: float
    candidates: int
    measures: dict[str, float]


def read_benchmark(folder: Path) -> Benchmark:
    """Read all of a set, so that what is wrong with it is said at once.

    Raises:
        EvaluationError: a file can't be read or is wrong, or ir-measures isn't installed.
    """
    load_library()
    if not folder.is_dir():
        raise EvaluationError(f"There is no folder {folder}. Mend the path.")
    qrels = _find_qrels(folder)
    texts = _read_texts(folder / _CORPUS_NAME, has_titles=True)
    queries = _read_texts(folder / _QUERIES_NAME, has_titles=False)
    judgements: dict[str, dict[str, int]] = {}
    for line, query, text, score in _read_qrels(qrels):
        for id_, known, name in ((query, queries, _QUERIES_NAME), (text, texts, _CORPUS_NAME)):
            if id_ not in known:
                raise EvaluationError(
                    f"{qrels}, line {line}: {name} has no {id_!r}. Add it there, or take the line"
                    " out."
                )
        if text in judgements.setdefault(query, {}):
            raise EvaluationError(
                f"{qrels}, line {line}: {query!r} and {text!r} are judged twice. Take one out."
            )
        judgements[query][text] = score
    if not any(score > 0 for scores in judgements.values() for score in scores.values()):
        raise EvaluationError(f"{qrels} has no score above 0. Add lines that say what is relevant.")
    return Benchmark(
        folder=folder,
        qrels=qrels,
        texts=texts,
        queries={id_: queries[id_] for id_ in judgements},
        judgements=judgements,
    )


def run_benchmark(
    application: Application,
    benchmark: Benchmark,
    progress: Progress = lambda stage, done, total: None,
) -> BenchmarkRun:
    """Index a set in a folder of its own and search its queries; the index in service is not used.

    Args:
        application: Whose encoder and settings are used.
        benchmark: The texts, the queries, and what is relevant.
        progress: Is told how far it has come.

    Raises:
        EncoderError: the encoder can't be loaded.
        StorageError: the temporary folder can't be written or the disk is full.
    """
    progress("loading the encoder", 0, 1)
    encoder, settings = application.load_encoder(), application.settings.index
    progress("loading the encoder", 1, 1)
    count, text_ids = len(benchmark.texts), list(benchmark.texts)
    try:
        # What is memory-mapped can't be deleted everywhere.
        with tempfile.TemporaryDirectory(prefix="rolewise-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            _build_index(folder, encoder, benchmark, progress)
            dense = DenseIndex(folder, count=count, dimension=encoder.dimension)
            lexical = LexicalIndex(folder / LEXICAL_NAME, count=count)
            rankings: dict[str, list[str]] = {}
            for batch in _batches(list(benchmark.queries)):
                wordings = [benchmark.queries[id_] for id_ in batch]
                vectors = encoder.encode(wordings)
                for id_, text, vector in zip(batch, wordings, vectors, strict=True):
                    probe = Probe(vector=vector, text=text)
                    found = rank(dense, lexical, [probe], _DEPTH, settings).positions.tolist()
                    rankings[id_] = [text_ids[position] for position in found]
                    progress("searching", len(rankings), len(benchmark.queries))
    except OSError as error:
        raise StorageError(
            f"The index of {benchmark.folder} can't be written ({error.strerror or error})."
            f" Free space in {tempfile.gettempdir()}, or name another folder with TMPDIR."
        ) from error
    return BenchmarkRun(
        benchmark=benchmark,
        encoder=encoder.model,
        dense_weight=settings.dense_weight,
        candidates=max(_DEPTH, settings.candidates),
        measures=_measure(benchmark.judgements, rankings),
    )


def to_json(run: BenchmarkRun) -> dict[str, Any]:
    """Return a run as `--json` prints it."""
    return {
        "format": _FORMAT,
        "folder": run.benchmark.folder.resolve().name,
        "qrels": run.benchmark.qrels.relative_to(run.benchmark.folder).as_posix(),
        "encoder": run.encoder,
        "dense_weight": run.dense_weight,
        "candidates": run.candidates,
        "texts": len(run.benchmark.texts),
        "queries": len(run.benchmark.queries),
        "measures": run.measures,
    }


def to_markdown(run: BenchmarkRun) -> str:
    """Return a run as `rolewise evaluate --beir` prints it."""
    told = to_json(run)
    cells = [f"{run.measures[name]:.3f}".removeprefix("0") for name in _TITLES]
    titles = list(_TITLES.values())
    rulers = [f"{'-' * (len(title) - 1)}:" for title in titles]
    values = [cell.rjust(len(title)) for cell, title in zip(cells, titles, strict=True)]
    return (
        f"# {told['queries']:,} queries of {clean_text(told['folder'])}\n\n"
        f"{told['texts']:,} texts, {clean_text(told['qrels'])}, encoder"
        f" {clean_text(run.encoder)}, dense weight {run.dense_weight:g},"
        f" {run.candidates:,} candidates.\n\n"
        + "".join(f"| {' | '.join(row)} |\n" for row in (titles, rulers, values))
    )


def _find_qrels(folder: Path) -> Path:
    for name in _QRELS_NAMES:
        if (folder / name).is_file():
            return folder / name
    found = sorted((folder / "qrels").glob("*.tsv"))
    if len(found) == 1:
        return found[0]
    problem = f"has {len(found)} files of qrels and none is" if found else "has no"
    raise EvaluationError(
        f"{folder} {problem} {_QRELS_NAMES[0]}. Add it: it says what is relevant."
    )


def _read_texts(path: Path, *, has_titles: bool) -> dict[str, str]:
    """Return the texts of a file of JSON lines by id, with their titles where they have some."""
    texts: dict[str, str] = {}
    for line, written in _read_lines(path):
        place = f"{path}, line {line}"
        try:
            values = json.loads(written)
        except (ValueError, RecursionError) as error:
            raise EvaluationError(f"{place}: it is not JSON ({error}). Mend the line.") from error
        if not isinstance(values, dict):
            raise EvaluationError(f'{place}: it must be an object {{"_id": …, "text": …}}.')
        id_, text = (_read_text(values, key, place) for key in ("_id", "text"))
        if not id_:
            raise EvaluationError(f'{place}: "_id" is empty. Give each line its own.')
        if id_ in texts:
            raise EvaluationError(f"{place}: the id {id_!r} stands twice. Give each line its own.")
        title = _read_text(values, "title", place) if has_titles and values.get("title") else ""
        texts[id_] = ". ".join(part for part in (title, text) if part)
    if not texts:
        raise EvaluationError(f'{path} is empty. Add lines {{"_id": …, "text": …}}.')
    return texts


def _read_text(values: dict[str, Any], key: str, place: str) -> str:
    text = values.get(key)
    if not isinstance(text, str):
        problem = "is no text" if key in values else "is missing"
        raise EvaluationError(f'{place}: "{key}" {problem}. Write it as "{key}": "…".')
    if not text.isascii() and re.search("[\ud800-\udfff]", text):
        raise EvaluationError(f'{place}: "{key}" holds half a character (\\ud…). Mend it.')
    return text


def _read_qrels(path: Path) -> Iterator[tuple[int, str, str, int]]:
    """Yield the line, the query's id, the text's id and the score of each judgement."""
    lines = _read_lines(path)
    first, header = next(lines, (1, ""))
    if header.split("\t") != _QRELS_HEADER:
        raise EvaluationError(
            f"{path}, line {first}: it must be {', '.join(_QRELS_HEADER)} with tabs between. Add it."
        )
    for line, written in lines:
        match written.split("\t"):
            case [query, text, score] if _SCORE.fullmatch(score):
                yield line, query, text, int(score)
            case _:
                raise EvaluationError(
                    f"{path}, line {line}: it must be a query's id, a text's id and a whole number"
                    " below 1,000, with tabs between. Mend the line."
                )


def _read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line that isn't blank with its number, counted from 1."""
    line = 0
    try:
        with path.open("rb") as file:
            for line, data in enumerate(file, start=1):
                text = data.decode("utf-8-sig" if line == 1 else "utf-8").rstrip("\r\n")
                if text.strip():
                    yield line, text
    except FileNotFoundError as error:
        raise EvaluationError(f"There is no file {path}. Add it, as BEIR lays it out.") from error
    except OSError as error:
        raise EvaluationError(f"{path} can't be read ({error.strerror}). Mend that.") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}, line {line}: it is not UTF-8. Save it as UTF-8.") from error


def _build_index(folder: Path, encoder: Encoder, benchmark: Benchmark, progress: Progress) -> None:
    texts = list(benchmark.texts.values())
    with VectorFile(folder / PASSAGE_VECTORS_NAME, encoder.dimension) as file:
        for batch in _batches(texts):
            file.append(encoder.encode(batch))
            progress("encoding", file.count, len(texts))
    progress("indexing", 0, 1)
    DenseIndex.build(folder, len(texts), encoder.dimension)
    LexicalIndex.build((terms_of(text) for text in texts), folder / LEXICAL_NAME)
    progress("indexing", 1, 1)


def _batches(texts: list[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while batch := list(islice(remaining, _TEXTS_ENCODED_AT_ONCE)):
        yield batch


def _measure(
    judgements: dict[str, dict[str, int]], rankings: dict[str, list[str]]
) -> dict[str, float]:
    library = load_library()
    measures = {
        "ndcg_at_10": library.nDCG @ 10,
        "recall_at_5": library.R @ 5,
        "recall_at_100": library.R @ 100,
        "mrr_at_10": library.RR @ 10,
    }
    # By rank, for the library would order equal scores in its own way.
    ranked = {
        query: {text: -float(row) for row, text in enumerate(found)}
        for query, found in rankings.items()
    }
    means = library.calc_aggregate(list(measures.values()), judgements, ranked)
    return {name: float(means[measure]) for name, measure in measures.items()}
