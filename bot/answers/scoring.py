"""How well a sentence answers, by its signals: a small network, fitted by benchmarks.fit."""

from dataclasses import dataclass

import numpy as np

from index.encoding.encoder import Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceScorer:
    """Signals x score x w + relu(x H + b) o: a linear model with one hidden layer beside it.

    All are float32: `weights` w of shape (signals,), `hidden` H of shape (signals, units), `biases`
    b and `outputs` o of shape (units,).
    """

    weights: Vectors
    hidden: Vectors
    biases: Vectors
    outputs: Vectors

    def score(self, signals: Vectors) -> Vectors:
        """Return logits of which sentence answers: float32, shape (sentences,).

        Args:
            signals: Of the sentences, shape (sentences, signals).
        """
        units = np.maximum(signals @ self.hidden + self.biases, 0.0)
        return np.asarray(signals @ self.weights + units @ self.outputs, dtype=np.float32)
