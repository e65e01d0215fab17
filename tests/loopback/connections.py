"""One websocket of the gateway, with its compression and its pulse."""

import asyncio
import contextlib
import importlib
import json
import zlib
from collections import deque
from collections.abc import Callable

from aiohttp import web

from tests.loopback.model import Json


class Connection:
    """Write payloads to a websocket in order, without ever making the writer wait."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        compression: str | None,
    ) -> None:
        """Begin to write.

        Args:
            compression: None, "zlib-stream" or "zstd-stream".
        """
        self.socket = socket
        self.session_id: str | None = None
        self.was_closed_by_server = False
        self.last_heartbeat = asyncio.get_running_loop().time()
        self._transport = transport
        self._compress = _compressor(compression)
        self._outgoing: asyncio.Queue[Json | int] = asyncio.Queue()
        self._event_times: deque[float] = deque()
        self._writer = asyncio.create_task(self._write_all())

    def send(self, payload: Json) -> None:
        """Send a payload after those sent before."""
        self._outgoing.put_nowait(payload)

    def close(self, code: int) -> None:
        """Close after what was sent before."""
        self._outgoing.put_nowait(int(code))

    def abort(self) -> None:
        """Break the connection without a word."""
        self.was_closed_by_server = True
        if self._transport is not None:
            self._transport.abort()

    def beat(self) -> float:
        """Note a heartbeat, and return the seconds since the one before it."""
        now = asyncio.get_running_loop().time()
        elapsed, self.last_heartbeat = now - self.last_heartbeat, now
        return elapsed

    def count_event(self, most_per_minute: int) -> bool:
        """Count a received payload; tell whether there were not too many."""
        now = asyncio.get_running_loop().time()
        self._event_times.append(now)
        while self._event_times[0] < now - 60:
            self._event_times.popleft()
        return len(self._event_times) <= most_per_minute

    async def finish(self) -> None:
        """Wait for what was sent, a moment at most, and write no more."""
        with contextlib.suppress(TimeoutError):
            if self._outgoing.qsize() and not self.socket.closed:
                await asyncio.wait_for(self._outgoing.join(), 2.0)
        self._writer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._writer

    async def _write_all(self) -> None:
        """Write what is queued until the connection ends."""
        while not self.socket.closed:
            item = await self._outgoing.get()
            try:
                if isinstance(item, int):
                    self.was_closed_by_server = True
                    await self.socket.close(code=item)
                elif self._compress is None:
                    await self.socket.send_str(json.dumps(item))
                else:
                    await self.socket.send_bytes(self._compress(json.dumps(item).encode()))
            except ConnectionError:
                return
            finally:
                self._outgoing.task_done()


def _compressor(compression: str | None) -> Callable[[bytes], bytes] | None:
    """Return what compresses one payload after another into one stream."""
    if compression == "zlib-stream":
        zlib_stream = zlib.compressobj()
        return lambda data: zlib_stream.compress(data) + zlib_stream.flush(zlib.Z_SYNC_FLUSH)
    if compression == "zstd-stream":
        zstandard = importlib.import_module("zstandard")
        zstd_stream = zstandard.ZstdCompressor().compressobj()

        def compress(data: bytes) -> bytes:
            head: bytes = zstd_stream.compress(data)
            tail: bytes = zstd_stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
            return head + tail

        return compress
    return None
