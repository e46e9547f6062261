"""A TCP proxy that breaks on command: it stands before a PostgreSQL or Redis that many share and nobody may stop."""

import asyncio
import contextlib
import threading
import weakref
from urllib.parse import urlsplit

from tests.live import free_port


class Proxy:
    """`up` passes bytes on; `down` refuses and cuts; `hung` takes connections and bytes, and passes none on; `slow`
    passes each piece on after a delay.

    Args:
        url: of what stands behind it; `self.url` is the same through the proxy.
    """

    def __init__(self, url: str):
        parts = urlsplit(url)
        self.there = (parts.hostname, parts.port)
        self.port = free_port()
        self.url = parts._replace(netloc=parts.netloc.replace(f"{parts.hostname}:{parts.port}", self.here)).geturl()
        self.connections = 0  # taken so far
        self._delay = 0.0
        self._lost_after, self._to_lose = b"", 0
        self._wires: set[asyncio.StreamWriter] = set()
        self._deaf: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()  # who gets no answer any more
        self._listener = None
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="proxy")
        self._thread.start()
        self.up()

    @property
    def here(self) -> str:
        return f"127.0.0.1:{self.port}"

    # --- its states ---

    def up(self):
        """As if it weren't there; what hung is passed on."""
        self._run(self._listen(), flows=True)

    def down(self):
        """As after a crash: connections are reset, new ones refused."""
        self._run(self._hang_up(), flows=True)

    def hung(self):
        """As a stopped process or a network that drops packets: nothing is refused and nothing comes."""
        self._run(self._listen(), flows=False)

    def slow(self, delay: float):
        """Each piece of a stream comes `delay` seconds late."""
        self._run(self._listen(), flows=True, delay=delay)

    def cut(self):
        """Reset every connection; new ones are taken."""
        self._run(self._cut(), flows=True)

    def lose_answers_to(self, word: bytes, times: int):
        """Let what holds `word` pass, and cut the connection in place of its answer, so often."""
        self._lost_after, self._to_lose = word, times

    @property
    def answers_to_lose(self) -> int:
        """How many of them are still to come."""
        return self._to_lose

    def close(self):
        """End it, and its thread."""
        self.down()
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.1), self._loop).result(10)  # for what was just cut to end
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # --- how ---

    def _run(self, act, *, flows: bool, delay: float = 0.0):
        async def become():
            self._delay = delay
            (self._flows.set if flows else self._flows.clear)()
            await act

        asyncio.run_coroutine_threadsafe(become(), self._loop).result(10)

    async def _listen(self):
        if self._listener is None:
            self._listener = await asyncio.start_server(self._take, "127.0.0.1", self.port, backlog=200)

    async def _hang_up(self):
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        await self._cut()

    async def _cut(self):
        for wire in list(self._wires):
            wire.transport.abort()

    async def _take(self, reader, writer):
        self.connections += 1
        self._wires.add(writer)
        try:
            await self._flows.wait()
            there_reader, there_writer = await asyncio.open_connection(*self.there)
        except OSError:
            writer.transport.abort()
            self._wires.discard(writer)
            return
        self._wires.add(there_writer)
        ways = [self._ask(reader, there_writer, writer), self._answer(there_reader, writer)]
        _, other = await asyncio.wait(map(asyncio.ensure_future, ways), return_when=asyncio.FIRST_COMPLETED)
        for way in other:
            way.cancel()
        await asyncio.gather(*other, return_exceptions=True)
        for wire in (writer, there_writer):
            self._wires.discard(wire)
            wire.close()

    async def _ask(self, reader, there, here):
        with contextlib.suppress(OSError):
            async for piece in self._pieces(reader):
                lost = self._to_lose and self._lost_after in piece
                if lost:
                    self._to_lose -= 1
                    self._deaf.add(here)
                there.write(piece)
                await there.drain()
                if lost:
                    await asyncio.sleep(0.3)  # long enough for the answer, which nobody gets
                    return

    async def _answer(self, reader, here):
        with contextlib.suppress(OSError):
            async for piece in self._pieces(reader):
                if here not in self._deaf:
                    here.write(piece)
                    await here.drain()

    async def _pieces(self, reader):
        while piece := await reader.read(65536):
            await asyncio.sleep(self._delay)
            await self._flows.wait()
            yield piece
