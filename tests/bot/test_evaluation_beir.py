"""`rolewise evaluate --beir`: a small set is read, indexed, searched and measured."""

import json
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.application import Application
from bot.cli import main
from bot.evaluation.beir import read_benchmark, run_benchmark
from bot.settings import Settings
from index.encoding.encoder import SentenceTransformerEncoder
from index.searching.search import Probe, rank, search
from index.settings import PUBLISHED_MODEL
from index.snapshots.snapshot import Snapshot
from knowledge.errors import EvaluationError, StorageError
from tests.bot.stage import find_seed_home

# Written so that each query has a text or two that nobody would mistake.
TEXTS = {
    "bread": ("Baker", "Bakers knead dough and bake bread long before the shops open."),
    "cook": ("Cook", "Cooks prepare meals to order in the kitchen of a restaurant."),
    "nurse": ("Nurse", "Nurses care for patients in hospitals and give them their medicine."),
    "pilot": ("Airline pilot", "Pilots fly passenger aircraft and check the weather beforehand."),
    "teacher": ("Teacher", "Teachers plan lessons and mark the homework of their pupils."),
    "plumber": ("Plumber", "Plumbers mend leaking pipes and install boilers."),
    "electrician": ("Electrician", "Electricians lay cables and repair fuse boxes."),
    "lawyer": ("Lawyer", "Lawyers advise clients and speak for them in court."),
    "judge": ("Judge", "Judges decide cases and pass sentences."),
    "farmer": ("Farmer", "Farmers grow wheat, milk cows and drive tractors."),
    "fisher": ("Fisher", "Fishers haul nets of herring out of a rough sea."),
    "miner": ("Miner", "Miners dig coal and ore deep under the ground."),
    "potter": ("Potter", "Potters shape clay on a wheel and fire it in a kiln."),
    "tailor": ("Tailor", "Tailors measure customers and sew suits."),
    "barber": ("Barber", "Barbers cut hair and trim beards."),
    "dentist": ("Dentist", "Dentists drill and fill teeth and clean them of tartar."),
    "vet": ("Veterinarian", "Vets treat sick dogs, cats and horses."),
    "driver": ("Bus driver", "Drivers take passengers through the town on a timetable."),
    "welder": ("Welder", "Welders join sheets of steel with a torch."),
    "painter": ("Painter", "Painters coat walls and window frames."),
    "roofer": ("Roofer", "Roofers nail shingles and seal roofs against the rain."),
    "gardener": ("Gardener", "Gardeners prune hedges, plant roses and mow lawns."),
    "librarian": ("Librarian", "Librarians lend books and keep the catalogue."),
    "journalist": ("Journalist", "Journalists interview people and write for newspapers."),
    "actor": ("Actor", "Actors learn their lines and rehearse for the stage."),
    "violinist": ("", "A violinist plays in an orchestra and practises every day."),
    "astronomer": ("Astronomer", "Astronomers watch stars and galaxies through telescopes."),
    "chemist": ("Chemist", "Chemists mix compounds and test reactions in a laboratory."),
    "programmer": ("Programmer", "Programmers write and debug software."),
    "untold": ("Locksmith", ""),
}
QUERIES = {
    "q1": "who bakes bread",
    "q2": "repairing a leaking pipe",
    "q3": "looking at galaxies",
    "q4": "locksmith",
    "never judged": "what is the weather",
}
# The fisher answers nothing, so that its query has an nDCG below 1 by hand.
QRELS = [
    ("q1", "bread", 1),
    ("q2", "plumber", 2),
    ("q2", "electrician", 0),
    ("q3", "fisher", 1),
    ("q3", "astronomer", 1),
    ("q4", "untold", 1),
]

Rolewise = Callable[..., tuple[int, str, str]]


def write_set(folder: Path, **replaced: str) -> Path:
    """Write the set, with some files by their stem replaced; one that is to be missing is "-"."""
    files = {
        "corpus.jsonl": "\n".join(
            json.dumps({"_id": id_, "title": title, "text": text, "metadata": {}})
            for id_, (title, text) in TEXTS.items()
        ),
        "queries.jsonl": "\n".join(
            json.dumps({"_id": id_, "text": text}) for id_, text in QUERIES.items()
        ),
        "qrels/test.tsv": "query-id\tcorpus-id\tscore\n"
        + "".join(f"{query}\t{text}\t{score}\n" for query, text, score in QRELS),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        written = replaced.get(path.stem, text)
        if written != "-":
            path.write_text(written, encoding="utf-8", newline="")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return find_seed_home(tmp_path_factory)


@pytest.fixture
def rolewise(home: Path, capsys: pytest.CaptureFixture[str]) -> Rolewise:
    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["--home", str(home), *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def say_nothing(stage: str, done: int, total: int) -> None:
    """Take no note."""


def test_a_set_is_read_as_it_is_laid_out(tmp_path: Path) -> None:
    read = read_benchmark(write_set(tmp_path))
    assert list(read.texts) == list(TEXTS)
    assert read.texts["cook"] == "Cook. " + TEXTS["cook"][1]
    assert read.texts["violinist"] == TEXTS["violinist"][1]
    assert read.texts["untold"] == "Locksmith"
    assert list(read.queries) == ["q1", "q2", "q3", "q4"]
    assert read.judgements["q2"] == {"plumber": 2, "electrician": 0}
    assert read.qrels == tmp_path / "qrels" / "test.tsv"


def test_lines_may_end_and_begin_as_windows_writes_them(tmp_path: Path) -> None:
    folder = write_set(
        tmp_path,
        corpus='\ufeff{"_id": "a", "title": null, "text": "One\u2028two."}\r\n\r\n',
        queries='{"_id": "q", "text": "one"}\r\n',
        test="\ufeffquery-id\tcorpus-id\tscore\r\nq\ta\t1\r\n",
    )
    read = read_benchmark(folder)
    assert (read.texts, read.queries) == ({"a": "One\u2028two."}, {"q": "one"})
    assert read.judgements == {"q": {"a": 1}}


def test_qrels_are_looked_for_in_order(tmp_path: Path) -> None:
    folder = write_set(tmp_path)
    other = "query-id\tcorpus-id\tscore\nq1\tcook\t1\n"
    (folder / "qrels.tsv").write_text(other, encoding="utf-8")
    assert read_benchmark(folder).qrels.name == "test.tsv"
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "dev.tsv")
    assert read_benchmark(folder).judgements == {"q1": {"cook": 1}}
    (folder / "qrels.tsv").unlink()
    assert read_benchmark(folder).qrels.name == "dev.tsv"
    (folder / "qrels" / "train.tsv").write_text(other, encoding="utf-8")
    with pytest.raises(EvaluationError, match="has 2 other files of qrels"):
        read_benchmark(folder)


def test_what_is_measured_can_be_told_by_hand(rolewise: Rolewise, tmp_path: Path) -> None:
    write_set(tmp_path / "crafts")
    code, out, err = rolewise("evaluate", "--beir", tmp_path / "crafts", "--json")
    assert code == 0, err
    values: dict[str, Any] = json.loads(out)
    measures = values.pop("measures")
    assert values == {
        "format": 1,
        "folder": "crafts",
        "qrels": "qrels/test.tsv",
        "encoder": "sentence-transformers/all-MiniLM-L6-v2",
        "dense_weight": 0.6,
        "candidates": 100,
        "texts": 30,
        "queries": 4,
    }
    # Three queries have their only text first; the fourth has one of two first.
    assert (3 + 1 / (1 + 1 / math.log2(3))) / 4 <= measures["ndcg_at_10"] < 1
    assert measures["recall_at_5"] == pytest.approx(3.5 / 4)
    assert measures["recall_at_100"] == measures["mrr_at_10"] == 1.0
    stages = ["Loading the encoder …", "Encoding …", "Indexing …", "Searching …"]
    assert err.splitlines() == stages

    code, out, _ = rolewise("evaluate", "--beir", tmp_path / "crafts")
    lines = out.splitlines()
    assert lines[0] == "# 4 queries of crafts"
    assert lines[-3:-1] == [
        "| nDCG@10 | recall@5 | recall@100 | MRR@10 |",
        "| ------: | -------: | ---------: | -----: |",
    ]
    shown = [float(cell) for cell in lines[-1].strip("| ").split(" | ")]
    assert shown == [round(measures[name], 3) for name in measures]
    assert (code, shown[1:]) == (0, [0.875, 1.0, 1.0])


def test_texts_are_ranked_as_passages_of_guides_are(home: Path) -> None:
    application = Application(Settings(home=home))
    encoder, settings = application.load_encoder(), application.settings.index
    question = "what skills does it demand?"
    probe = Probe(vector=encoder.encode([question])[0], text=question)
    snapshot = Snapshot.open_current(application.home)
    hits = search(snapshot, [probe], 20, settings)
    ranking = rank(snapshot.dense, snapshot.lexical, [probe], 20, settings)
    snapshot.close()
    application.close()
    assert hits
    for name in ("position", "score", "dense", "lexical"):
        ranked = getattr(ranking, name if name in {"dense", "lexical"} else f"{name}s")
        assert [getattr(hit, name) for hit in hits] == ranked.tolist()


def test_what_is_found_is_what_brute_force_finds(home: Path, tmp_path: Path) -> None:
    application = Application(Settings(home=home))
    benchmark = read_benchmark(write_set(tmp_path))
    run = run_benchmark(application, benchmark, say_nothing)
    encoder = SentenceTransformerEncoder(PUBLISHED_MODEL)
    texts = list(benchmark.texts.values())
    cosines = encoder.encode(["looking at galaxies"]) @ encoder.encode(texts).T
    application.close()
    # Of the words only "galaxies" is in a text, in the astronomer's, which is first then; the other
    # texts follow by their vectors alone.
    others = np.delete(cosines[0], list(TEXTS).index("astronomer"))
    rank_of_fisher = 2 + int((others > cosines[0][list(TEXTS).index("fisher")]).sum())
    assert rank_of_fisher > 5
    ideal = 1 + 1 / math.log2(3)
    gain = 1 / math.log2(1 + rank_of_fisher) if rank_of_fisher <= 10 else 0.0
    assert run.measures["ndcg_at_10"] == pytest.approx((3 + (1 + gain) / ideal) / 4)


@pytest.mark.parametrize(
    ("stem", "text", "message"),
    [
        ("corpus", "-", "FOLDER/corpus.jsonl can't be read (No such file or directory). Put it"),
        ("queries", "-", "FOLDER/queries.jsonl can't be read (No such file or directory). Put it"),
        ("test", "-", "FOLDER has no qrels. Write what is relevant to qrels/test.tsv."),
        ("corpus", "\n \n", 'FOLDER/corpus.jsonl is empty. Add lines {"_id": …, "text": …}.'),
        ("corpus", '{"_id": "a"', "FOLDER/corpus.jsonl, line 1: it is not JSON (Expecting ',' del"),
        ("corpus", "[" * 100_000, "FOLDER/corpus.jsonl, line 1: it is not JSON (maximum recursion"),
        ("corpus", "\n[1]", 'corpus.jsonl, line 2: it must be an object {"_id": …, "text": …}.'),
        ("corpus", '{"text": "x"}', 'line 1: it needs a text as "_id". Write "_id": "…".'),
        ("corpus", '{"_id": 7, "text": "x"}', 'line 1: it needs a text as "_id".'),
        ("corpus", '{"_id": "a", "title": 7, "text": "x"}', 'it needs a text as "title".'),
        ("queries", '{"_id": "a"}', 'queries.jsonl, line 1: it needs a text as "text".'),
        ("corpus", '{"_id": "a", "text": "\\ud83d"}', 'line 1: "text" holds half a character'),
        (
            "corpus",
            '{"_id": "a", "text": "x"}\n' * 2,
            "FOLDER/corpus.jsonl, line 2: the id 'a' stands twice. Give each line its own.",
        ),
        (
            "queries",
            '{"_id": "q", "text": "x"}\n\n{"_id": "q", "text": "y"}\n',
            "FOLDER/queries.jsonl, line 3: the id 'q' stands twice. Give each line its own.",
        ),
        ("test", "", "FOLDER/qrels/test.tsv, line 1: add the header query-id, corpus-id, score"),
        ("test", "q1\tbread\t1\n", "qrels/test.tsv, line 1: add the header query-id, corpus-id"),
        ("test", "HEADER", "FOLDER/qrels/test.tsv has no score above 0. Add lines"),
        ("test", "HEADERq1\tbread\t0\n", "qrels/test.tsv has no score above 0. Add lines"),
        ("test", "HEADERq1 bread 1\n", "qrels/test.tsv, line 2: it must be a query's id, a text's"),
        ("test", "HEADERq1\t0\tbread\t1\n", "qrels/test.tsv, line 2: it must be a query's id"),
        ("test", "HEADERq1\tbread\thigh\n", "qrels/test.tsv, line 2: it must be a query's id"),
        ("test", "HEADERq1\tbread\t99999\n", "a whole number below 1,000, with tabs between."),
        (
            "test",
            "HEADERq1\tbread\t1\nq1\tbrad\t1\n",
            "qrels/test.tsv, line 3: corpus.jsonl has no 'brad'. Add it, or drop the line.",
        ),
        (
            "test",
            "HEADERq9\tbread\t1\n",
            "qrels/test.tsv, line 2: queries.jsonl has no 'q9'. Add it, or drop the line.",
        ),
        (
            "test",
            "HEADERq1\tbread\t1\nq1\tbread\t0\n",
            "qrels/test.tsv, line 3: 'q1' and 'bread' are judged twice. Drop a line.",
        ),
    ],
)
def test_what_is_wrong_is_one_line_with_its_place(
    stem: str,
    text: str,
    message: str,
    tmp_path: Path,
    rolewise: Rolewise,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nothing that takes long is done before.
    monkeypatch.setattr(Application, "load_encoder", None)
    header = "query-id\tcorpus-id\tscore\n"
    folder = write_set(tmp_path / "set", **{stem: text.replace("HEADER", header)})
    code, out, err = rolewise("evaluate", "--beir", folder)
    assert (code, out) == (11, "")
    (line,) = err.splitlines()
    assert message in line.replace(str(folder), "FOLDER")


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    folder = write_set(tmp_path)
    (folder / "queries.jsonl").write_bytes(b'{"_id": "q1", "text": "x"}\n{"_id": "\xe9"}\n')
    with pytest.raises(EvaluationError, match=r"queries\.jsonl, line 2: it is not UTF-8"):
        read_benchmark(folder)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"There is no folder .*nowhere\. Mend the path\."):
        read_benchmark(tmp_path / "nowhere")


def test_a_temporary_folder_that_is_not_there_is_one_error(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    benchmark = read_benchmark(write_set(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    application = Application(Settings(home=home))
    with pytest.raises(StorageError, match=r"can't be written .*TMPDIR"):
        run_benchmark(application, benchmark, say_nothing)
    application.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "there is no file of questions; or name a public set with --beir"),
        (["some.yaml", "--beir", "set"], "--beir takes the place of a file of questions"),
        (["--beir", "set", "--save", "x"], "need questions in FILE"),
        (["--beir", "set", "--report", "x"], "need questions in FILE"),
        (["--beir", "set", "--against", "x"], "need questions in FILE"),
    ],
)
def test_usage_is_refused(arguments: list[str], message: str, rolewise: Rolewise) -> None:
    code, out, err = rolewise("evaluate", *arguments)
    assert (code, out) == (2, "")
    assert message in err
