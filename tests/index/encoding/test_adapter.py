import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from index.encoding.adapter import DOWN, UP, add_to_weights
from index.encoding.encoder import SentenceTransformerEncoder
from index.encoding.models import load_model
from index.settings import DEFAULT_MODEL, PUBLISHED_MODEL
from knowledge.errors import EncoderError

QUERY = "encoder.layer.0.attention.self.query"
QUESTION = "how much do nurses earn"
ANSWER = "A nurse's salary is 40,000 pounds."
OTHERS = ["Nurses look after patients.", "Nurses need a degree in nursing.", "Nurses wear blue."]


@pytest.fixture(scope="module")
def published() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(PUBLISHED_MODEL)


def test_the_default_model_is_the_published_one_adapted(
    real_encoder: SentenceTransformerEncoder, published: SentenceTransformerEncoder
) -> None:
    assert real_encoder.model == DEFAULT_MODEL
    assert real_encoder.fingerprint != published.fingerprint
    cosines = (real_encoder.encode(OTHERS) * published.encode(OTHERS)).sum(axis=1)
    assert (cosines > 0.5).all()
    assert (cosines < 0.999).all()


def test_what_answers_leads_by_more(
    real_encoder: SentenceTransformerEncoder, published: SentenceTransformerEncoder
) -> None:
    leads = []
    for encoder in (real_encoder, published):
        [question] = encoder.encode([QUESTION])
        likeness = encoder.encode([ANSWER, *OTHERS]) @ question
        leads.append(float(likeness[0] - likeness[1:].max()))
    assert leads[0] > leads[1]


def test_the_fingerprint_is_the_same_each_time(real_encoder: SentenceTransformerEncoder) -> None:
    assert SentenceTransformerEncoder().fingerprint == real_encoder.fingerprint


@pytest.fixture
def model() -> SentenceTransformer:
    return load_model(PUBLISHED_MODEL, allow_code=False)


def test_a_product_of_matrices_is_added(model: SentenceTransformer) -> None:
    random = np.random.default_rng(0)
    down, up = random.normal(size=(384, 2)), random.normal(size=(2, 384))
    [weight] = [
        value for name, value in model.state_dict().items() if name.endswith(f"{QUERY}.weight")
    ]
    before = weight.numpy().copy()
    add_to_weights(model, {QUERY + DOWN: down, QUERY + UP: up, "left": np.zeros((384, 2))})
    np.testing.assert_allclose(weight.numpy() - before, (down @ up).T, atol=1e-4)


def test_a_layer_that_is_not_there_is_named(model: SentenceTransformer) -> None:
    with pytest.raises(EncoderError, match=r"no layer encoder\.layer\.9 to adapt"):
        add_to_weights(
            model,
            {"encoder.layer.9.down": np.zeros((1, 1)), "encoder.layer.9.up": np.zeros((1, 1))},
        )
