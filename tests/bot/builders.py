"""Applications that encode by hashing words, for processes that tests start.

They are named by module and class, so what they shall do stands in the environment.
"""

import os
import signal
import sys
import time

from bot.application import Application
from index.encoder import Encoder
from tests.index.fakes import WordHashEncoder


class WordApplication(Application):
    """Has an encoder that needs no model."""

    def load_encoder(self) -> Encoder:
        return WordHashEncoder(dimension=64)


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
