"""Applications that encode by hashing words, for processes that tests start.

They are named by module and class, so what they shall do stands in the environment.
"""

import os
import signal
import sys
import time

from bot.application import Application
from index.encoding.encoder import Encoder
from tests.index.fakes import WordHashEncoder


class WordApplication(Application):
    """Has an encoder that needs no model."""

    def load_encoder(self) -> Encoder:
        return WordHashEncoder(dimension=64)


class HeldApplication(WordApplication):
    """Builds on only once the file HELD_UNTIL is there, so that others come meanwhile."""

    def load_encoder(self) -> Encoder:
        while not os.path.exists(os.environ["HELD_UNTIL"]):  # noqa: PTH110
            time.sleep(0.01)
        return super().load_encoder()


class TroubledApplication(WordApplication):
    """Does what TROUBLE says when it should load its encoder."""

    def load_encoder(self) -> Encoder:
        match os.environ["TROUBLE"]:
            case "hang":
                print("this is no line of JSON")  # noqa: T201 – what libraries do
                time.sleep(600)
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "bug":
                raise ZeroDivisionError("nobody foresaw it")
            case "exit":
                sys.exit("that's it")
        return super().load_encoder()
