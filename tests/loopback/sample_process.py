"""The sample bot as a process, launched like the real one."""

import asyncio
import logging
import os
import signal
import sys
import time

from tests.loopback.redirect import forbid_other_machines, point_discord_at
from tests.loopback.sample_bot import SampleBot


async def run() -> None:
    """Run until a signal comes; block the loop for a while first if asked to."""
    bot = SampleBot()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: asyncio.ensure_future(bot.close()))
    if "BLOCK_SECONDS" in os.environ:
        loop.call_later(0.3, time.sleep, float(os.environ["BLOCK_SECONDS"]))
    await bot.start(os.environ["DISCORD_TOKEN"])
    sys.stdout.write("closed in peace\n")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    point_discord_at(sys.argv[1])
    forbid_other_machines()
    sys.stdout.write(f"arguments {sys.argv[3:]}\n")
    asyncio.run(run())
