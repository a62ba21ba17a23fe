"""The MX of `tests.mta` on a free port of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING

from tests.mta.mx import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.mta.mx import Host


@contextlib.contextmanager
def mx(host: Host, store: Path) -> Iterator[int]:
    """Answer as a host and give the port; what is accepted lies in a folder for each recipient."""
    loop = asyncio.new_event_loop()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await Session(host, store, reader, writer).run()
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(connected, "127.0.0.1", 0, limit=1 << 20))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    here = asyncio.current_task()
    sessions = [task for task in asyncio.all_tasks() if task is not here]
    for session in sessions:
        session.cancel()
    await asyncio.gather(*sessions, return_exceptions=True)
