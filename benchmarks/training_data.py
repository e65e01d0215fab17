"""What the default encoder is adapted with: python -m benchmarks.training_data FILE.

The file holds all that `python -m benchmarks.fit_encoder` needs, the weights too, so that it can be
carried to a machine with a GPU that has torch and transformers and nothing of this project's.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from benchmarks.quality_sets import DEVELOPMENT, EVERYTHING_ANSWERED, OpenSet, lists_of
from benchmarks.training_lists import Numbers
from bot.answers.evidence import SIGNALS
from bot.answers.matching import weigh_words
from bot.answers.model import ANSWER_SIGNALS
from bot.evaluation.findings import Example
from bot.evaluation.questions import Kind
from index.encoding.models import locate_model
from index.encoding.parts import Part
from index.searching.words import locate_words
from index.settings import PUBLISHED_MODEL, IndexSettings
from index.snapshots.snapshot_writer import locate_parts
from knowledge.markup import remove_markup
from knowledge.passages import contextualise


class _Columns:
    """Lists of rows that become columns."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Numbers]] = {}

    def add(self, **rows: npt.ArrayLike) -> None:
        for name, row in rows.items():
            self._rows.setdefault(name, []).append(np.atleast_1d(row))

    def finish(self) -> dict[str, Numbers]:
        return {name: np.concatenate(rows) for name, rows in self._rows.items()}


class _Tokens:
    """A model's tokenizer, which says to which parts of a text each token belongs."""

    def __init__(self, folder: Path, longest: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(longest)

    def of(self, text: str, *parts_of_kinds: Sequence[Part]) -> tuple[Numbers, ...]:
        """Return the tokens' ids and, for each kind of parts, which of them each is in, or -1."""
        encoded = self._tokenizer.encode(text)
        starts, ends = np.array(encoded.offsets, dtype=np.int64).T
        is_special = np.array(encoded.special_tokens_mask, dtype=np.bool_)
        owners = []
        for parts in parts_of_kinds:
            owner = np.full(len(starts), -1, dtype=np.int16)
            for place, part in enumerate(parts):
                for start, end in part:
                    owner[(starts < end) & (ends > start) & ~is_special] = place
            owners.append(owner)
        return np.array(encoded.ids, dtype=np.uint16), *owners


def main() -> None:
    """Gather what is asked and found of each development question, and write it."""
    if len(sys.argv) != 2:
        sys.exit("Name the file to write: python -m benchmarks.training_data FILE.npz")
    folder = Path(locate_model(PUBLISHED_MODEL, allow_code=False))
    longest = json.loads((folder / "sentence_bert_config.json").read_bytes())["max_seq_length"]
    tokens = _Tokens(folder, longest)
    columns = _Columns()
    settings = EVERYTHING_ANSWERED.model_copy(
        update={"index": IndexSettings(model=PUBLISHED_MODEL)}
    )
    passages = 0
    with tempfile.TemporaryDirectory() as name:
        for number, quality in enumerate(DEVELOPMENT):
            one = OpenSet(quality, Path(name), settings)
            _add_passages(columns, tokens, one)
            for example in one.examples():
                _add_example(columns, tokens, one, example, first_passage=passages, number=number)
            passages += one.sources.snapshot.manifest.passages
            one.close()
            print(f"{one.name}: {passages} passages so far", flush=True)
    found = columns.finish()
    vocabulary = np.unique(np.concatenate([found["tokens"], found["asks"], [0]]))
    np.savez_compressed(
        sys.argv[1],
        allow_pickle=False,
        **found,
        vocabulary=vocabulary,
        set_names=np.array([quality.name for quality in DEVELOPMENT]),
        signal_names=np.array(SIGNALS),
        answer_signal_names=np.array(ANSWER_SIGNALS),
        config=np.array((folder / "config.json").read_text(encoding="utf-8")),
        **_weights_of(folder, vocabulary),
    )


def _add_passages(columns: _Columns, tokens: _Tokens, one: OpenSet) -> None:
    """Add a set's passages as they are encoded.

    Of each token, `in_sentence` and `in_word` say whose it is, counted in the passage, or -1.
    """
    store, encoder = one.sources.snapshot.store, one.sources.encoder
    positions = range(one.sources.snapshot.manifest.passages)
    sentences: list[list[str]] = [[] for _ in positions]
    for sentence in store.sentences_of(positions):
        sentences[sentence.passage_position].append(sentence.plain)
    for position, passage in sorted(store.passages(positions).items()):
        text = contextualise(
            store.document(passage.passage.document_id).title,
            passage.passage.heading_path,
            passage.text,
            encoder.count_tokens,
            encoder.max_tokens,
        )
        context = len(text) - len(remove_markup(passage.text))
        parts = locate_parts(text, context, sentences[position])
        words = [locate_words(text, part, with_stop_words=False) for part in parts]
        ids, in_sentence, in_word = tokens.of(text, parts, [word for own in words for word in own])
        columns.add(
            tokens=ids,
            in_sentence=in_sentence,
            in_word=in_word,
            tokens_of_passage=len(ids),
            sentences_of_passage=len(parts),
            words_of_sentence=np.array([len(own) for own in words], dtype=np.int64),
        )


def _add_example(
    columns: _Columns,
    tokens: _Tokens,
    one: OpenSet,
    example: Example,
    *,
    first_passage: int,
    number: int,
) -> None:
    """Add what was found for a question.

    A candidate is a sentence, by its passage and its place there. Of each token of the question,
    `asks_word` says whose it is, and `asks_bare` is 0 beside the roles, else -1.
    """
    snapshot = one.sources.snapshot
    for finding, answers in lists_of(example):
        asked = finding.wording.asked
        words = locate_words(asked.standalone, asked.without_roles, with_stop_words=True)
        ids, asks_word, asks_bare = tokens.of(asked.standalone, words, [asked.without_roles])
        stored = [candidate.stored for candidate in finding.evidence.candidates]
        passages = np.array([item.passage_position for item in stored], dtype=np.int64)
        firsts = {
            position: min(item.position for item in snapshot.store.sentences_of([position]))
            for position in set(passages.tolist())
        }
        columns.add(
            asks=ids,
            asks_word=asks_word,
            asks_bare=asks_bare,
            tokens_of_question=len(ids),
            word_weights=weigh_words(finding.wording, snapshot.lexical.inverse_document_frequency),
            words_of_question=len(words),
            candidate_passages=first_passage + passages,
            candidate_sentences=np.array(
                [item.position - firsts[item.passage_position] for item in stored], dtype=np.int64
            ),
            candidates_of_question=len(answers),
            signals=finding.evidence.signals.astype(np.float16),
            answers=answers,
            answer_signals=finding.judgement.signals[np.newaxis],
            is_comparison=example.question.kind is Kind.COMPARISON,
            is_answerable=example.is_answerable,
            set_of_question=number,
        )


def _weights_of(folder: Path, vocabulary: Numbers) -> dict[str, Numbers]:
    """Return the model's weights as float16, of its words those that occur."""
    weights = {}
    for name, array in load_file(folder / "model.safetensors").items():
        if array.dtype == np.float32:
            rows = array[vocabulary] if name.endswith("word_embeddings.weight") else array
            weights[f"weights.{name}"] = rows.astype(np.float16)
    return weights


if __name__ == "__main__":
    main()
