"""`rolewise evaluate --beir`: how well the search does on a public set, without guides or replies.

Source: Thakur et al. 2021 (BEIR), whose layout of files is read. Each text is one passage.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answers.reply_text import clean_text
from bot.application import Application
from bot.evaluation.retrieval import load_library
from index.build import Progress
from index.encoding.encoder import Encoder
from index.encoding.loading import load_encoder
from index.searching.dense import DenseIndex
from index.searching.lexical import LexicalIndex, terms_of
from index.searching.search import Probe, rank
from index.searching.vectors import VectorFile
from index.settings import DEFAULT_MODEL, PUBLISHED_MODEL, IndexSettings
from index.snapshots.files import LEXICAL_NAME, PASSAGE_VECTORS_NAME
from knowledge.errors import EvaluationError, StorageError

_QRELS_NAMES = ("qrels/test.tsv", "qrels.tsv")
_QRELS_HEADER = "query-id\tcorpus-id\tscore"
# What ir-measures calls makes a table with a row for every score up to the highest.
_SCORE = re.compile(r"-?[0-9]{1,3}")
_DEPTH = 100
_TEXTS_ENCODED_AT_ONCE = 256
_TITLES = {
    "ndcg_at_10": "nDCG@10",
    "recall_at_5": "recall@5",
    "recall_at_100": "recall@100",
    "mrr_at_10": "MRR@10",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A public set: its texts by id, and by id the queries that have judgements.

    `judgements` has for each query the scores of texts by id; above 0 a text answers the query.
    """

    folder: Path
    qrels: Path
    texts: dict[str, str]
    queries: dict[str, str]
    judgements: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRun:
    """What a set came to; `measures` has the mean over the queries of each measure."""

    benchmark: Benchmark
    settings: IndexSettings
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
    texts = _read_texts(folder / "corpus.jsonl")
    queries = _read_texts(folder / "queries.jsonl")
    judgements: dict[str, dict[str, int]] = {}
    for line, query, text, score in _read_qrels(qrels):
        for id_, known, name in ((query, queries, "queries"), (text, texts, "corpus")):
            if id_ not in known:
                raise EvaluationError(
                    f"{qrels}, line {line}: {name}.jsonl has no {id_!r}. Add it, or drop the line."
                )
        if text in judgements.setdefault(query, {}):
            raise EvaluationError(
                f"{qrels}, line {line}: {query!r} and {text!r} are judged twice. Drop a line."
            )
        judgements[query][text] = score
    if not any(score > 0 for scores in judgements.values() for score in scores.values()):
        raise EvaluationError(f"{qrels} has no score above 0. Add lines that say what is relevant.")
    judged = {id_: queries[id_] for id_ in judgements}
    return Benchmark(folder=folder, qrels=qrels, texts=texts, queries=judged, judgements=judgements)


def run_benchmark(
    application: Application, benchmark: Benchmark, progress: Progress
) -> BenchmarkRun:
    """Index a set in a temporary folder and search its queries; the index in service is left out.

    Args:
        application: Whose home and settings are used; the default encoder as it was published.
        benchmark: The texts, the queries, and what is relevant.
        progress: Is told how far it has come.

    Raises:
        EncoderError: the encoder can't be loaded.
        StorageError: the temporary folder can't be written or the disk is full.
    """
    progress("loading the encoder", 0, 1)
    settings = application.settings.index
    if settings.model == DEFAULT_MODEL:
        # It is adapted to questions about roles, which those of public sets are not.
        settings = settings.model_copy(update={"model": PUBLISHED_MODEL})
    encoder = load_encoder(application.home, settings)
    ids, queries = list(benchmark.texts), benchmark.queries
    ranked: dict[str, dict[str, float]] = {}
    try:
        # What is memory-mapped can't be deleted everywhere.
        with tempfile.TemporaryDirectory(prefix="rolewise-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            _build(folder, encoder, list(benchmark.texts.values()), progress)
            dense = DenseIndex(folder, count=len(ids), dimension=encoder.dimension)
            lexical = LexicalIndex(folder / LEXICAL_NAME, count=len(ids))
            vectors = encoder.encode(list(queries.values()))
            for (id_, text), vector in zip(queries.items(), vectors, strict=True):
                probe = Probe(vector=vector, text=text)
                found = rank(dense, lexical, [probe], _DEPTH, settings).positions.tolist()
                # By rank, for ir-measures would put equal scores into an order of its own.
                ranked[id_] = {ids[position]: -float(row) for row, position in enumerate(found)}
                progress("searching", len(ranked), len(queries))
    except OSError as error:
        raise StorageError(
            f"A temporary index can't be written ({error.strerror}). Name a folder with space by"
            " TMPDIR."
        ) from error
    library = load_library()
    measures = [library.parse_measure(title.replace("recall", "R")) for title in _TITLES.values()]
    means = library.calc_aggregate(measures, benchmark.judgements, ranked)
    values = {name: float(means[one]) for name, one in zip(_TITLES, measures, strict=True)}
    return BenchmarkRun(benchmark=benchmark, settings=settings, measures=values)


def to_json(run: BenchmarkRun) -> dict[str, Any]:
    """Return a run as `--json` prints it."""
    return {
        "format": 1,
        "folder": run.benchmark.folder.resolve().name,
        "qrels": run.benchmark.qrels.relative_to(run.benchmark.folder).as_posix(),
        "encoder": run.settings.model,
        "dense_weight": run.settings.dense_weight,
        "candidates": max(_DEPTH, run.settings.candidates),
        "texts": len(run.benchmark.texts),
        "queries": len(run.benchmark.queries),
        "measures": run.measures,
    }


def to_markdown(run: BenchmarkRun) -> str:
    """Return a run as `rolewise evaluate --beir` prints it."""
    told = to_json(run)
    titles = list(_TITLES.values())
    rulers = [f"{'-' * (len(title) - 1)}:" for title in titles]
    values = [f"{run.measures[name]:.3f}".removeprefix("0") for name in _TITLES]
    aligned = [value.rjust(len(title)) for value, title in zip(values, titles, strict=True)]
    return (
        f"# {told['queries']:,} queries of {clean_text(told['folder'])}\n\n"
        f"{told['texts']:,} texts, {clean_text(told['qrels'])}, encoder"
        f" {clean_text(told['encoder'])}, dense weight {told['dense_weight']:g},"
        f" {told['candidates']:,} candidates.\n\n"
        + "".join(f"| {' | '.join(row)} |\n" for row in (titles, rulers, aligned))
    )


def _find_qrels(folder: Path) -> Path:
    for name in _QRELS_NAMES:
        if (folder / name).is_file():
            return folder / name
    found = sorted((folder / "qrels").glob("*.tsv"))
    if len(found) == 1:
        return found[0]
    problem = f"{len(found)} other files of qrels" if found else "no qrels"
    raise EvaluationError(f"{folder} has {problem}. Write what is relevant to {_QRELS_NAMES[0]}.")


def _read_texts(path: Path) -> dict[str, str]:
    """Return the texts of a file of JSON lines by id, behind their titles where they have some."""
    texts: dict[str, str] = {}
    for line, written in _read_lines(path):
        place = f"{path}, line {line}"
        try:
            values = json.loads(written)
        except (ValueError, RecursionError) as error:
            raise EvaluationError(f"{place}: it is not JSON ({error}). Mend the line.") from error
        if not isinstance(values, dict):
            raise EvaluationError(f'{place}: it must be an object {{"_id": …, "text": …}}.')
        # Some sets have a title that is null, and queries have none.
        values["title"] = values.get("title") or ""
        for key in ("_id", "title", "text"):
            if not isinstance(values.get(key), str):
                raise EvaluationError(f'{place}: it needs a text as "{key}". Write "{key}": "…".')
            if re.search("[\ud800-\udfff]", values[key]):
                raise EvaluationError(f'{place}: "{key}" holds half a character (\\ud…). Mend it.')
        if values["_id"] in texts:
            raise EvaluationError(
                f"{place}: the id {values['_id']!r} stands twice. Give each line its own."
            )
        texts[values["_id"]] = ". ".join(filter(None, (values["title"], values["text"])))
    if not texts:
        raise EvaluationError(f'{path} is empty. Add lines {{"_id": …, "text": …}}.')
    return texts


def _read_qrels(path: Path) -> Iterator[tuple[int, str, str, int]]:
    """Yield the line, the query's id, the text's id and the score of each judgement."""
    lines = _read_lines(path)
    first, header = next(lines, (1, ""))
    if header != _QRELS_HEADER:
        names = _QRELS_HEADER.replace("\t", ", ")
        raise EvaluationError(f"{path}, line {first}: add the header {names}, with tabs.")
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
    try:
        with path.open("rb") as file:
            for line, data in enumerate(file, start=1):
                text = data.decode("utf-8-sig" if line == 1 else "utf-8").rstrip("\r\n")
                if text.strip():
                    yield line, text
    except OSError as error:
        problem = f"can't be read ({error.strerror})"
        raise EvaluationError(f"{path} {problem}. Put it there as BEIR lays it out.") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}, line {line}: it is not UTF-8. Save it as UTF-8.") from error


def _build(folder: Path, encoder: Encoder, texts: list[str], progress: Progress) -> None:
    with VectorFile(folder / PASSAGE_VECTORS_NAME, encoder.dimension) as file:
        for first in range(0, len(texts), _TEXTS_ENCODED_AT_ONCE):
            file.append(encoder.encode(texts[first : first + _TEXTS_ENCODED_AT_ONCE]))
            progress("encoding", file.count, len(texts))
    progress("indexing", 0, 1)
    DenseIndex.build(folder, len(texts), encoder.dimension)
    LexicalIndex.build((terms_of(text) for text in texts), folder / LEXICAL_NAME)
