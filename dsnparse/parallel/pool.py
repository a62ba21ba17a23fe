"""The workers of dsnparse.parallel: each has one chunk of mails at a time, and one pipe.

A chunk is sent only to a worker that waits for one, so that never two processes write to each other and wait.
"""

from __future__ import annotations

import mmap
import os
import signal
import traceback
from multiprocessing.connection import Connection, Pipe, wait
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, NoReturn, TypeVar

from dsnparse.parallel import WorkerError
from dsnparse.sources import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dsnparse.sources import Unreadable

    _Item = Found | Unreadable

__all__ = ["Pool"]

_Answer = TypeVar("_Answer")

_CHUNK: Final = 64  # mails, and
_CHUNK_BYTES: Final = 256 * 1024  # as soon as they are as large as this: one mail may be larger
_AHEAD: Final = 3  # chunks for each worker that are read before the first of them is answered
_AHEAD_BYTES: Final = 64 * 1024 * 1024  # and the mail in them: no more is read while one of them is worked on
_PLACE: Final = 4  # bytes


class _Chunk(NamedTuple):
    number: int
    items: list[_Item]
    mails: list[Found]
    size: int  # bytes


class _Failed(NamedTuple):
    """What a worker sends where its work raised: the traceback."""

    text: str


class _Worker:
    """One process: its pipe, and the memory in which it says at which mail of its chunk it is."""

    def __init__(self, work: Callable[[Found], object], others: Iterable[_Worker]) -> None:
        self.place = mmap.mmap(-1, _PLACE)
        self.chunk: _Chunk | None = None
        self._code: int | None = None
        self.pipe, theirs = Pipe()
        # An interrupt of the terminal reaches the whole group.  The parent ends its workers; they must not speak of it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self.pid = os.fork()
            if not self.pid:
                for other in (self, *others):  # as long as anybody holds the parent's end, nobody sees that it is gone
                    other.pipe.close()
                _serve(theirs, work, self.place)
        except OSError as error:
            self.pipe.close()
            problem = f"no further process can be started: {error.strerror}"
            raise WorkerError(problem) from error
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()

    def end(self) -> int:
        """End the process, if it has not ended yet, and return its exit code; a signal's is negative."""
        if self._code is None:
            self.pipe.close()
            os.kill(self.pid, signal.SIGKILL)  # it holds nothing that could be left half done
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code

    def give(self, chunk: _Chunk) -> None:
        """Let the worker, which waits for it, work on a chunk."""
        self.chunk = chunk
        self.place[:] = bytes(_PLACE)
        try:
            self.pipe.send(chunk.mails)
        except OSError:
            self._lost(chunk)

    def take(self) -> tuple[_Chunk, list[Any]]:
        """Return the chunk that is done, with its answers."""
        chunk, self.chunk = self.chunk, None
        assert chunk is not None  # noqa: S101 - only a worker that works is waited for
        try:
            answers = self.pipe.recv()
        except (EOFError, OSError):
            self._lost(chunk)
        if isinstance(answers, _Failed):
            raise RuntimeError(answers.text)  # noqa: TRY004 - it was raised in the worker
        return chunk, answers

    def _lost(self, chunk: _Chunk) -> NoReturn:
        """Tell at which mail the worker was when it ended."""
        code = self.end()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        mail = chunk.mails[int.from_bytes(self.place[:], "big")]
        where = f"{mail.source}:{mail.index}" if mail.index else mail.source
        problem = f"{where}: the process that read this mail ended ({how})"
        raise WorkerError(problem)


def _serve(pipe: Connection, work: Callable[[Found], object], place: mmap.mmap) -> NoReturn:
    """Answer chunks until the other end is closed; nothing of the parent's is flushed or cleaned up here."""
    try:
        while True:
            answers: list[object] = []
            for number, mail in enumerate(pipe.recv()):
                place[:] = number.to_bytes(_PLACE, "big")
                answers.append(work(mail))
            pipe.send(answers)
    except (EOFError, ConnectionError):  # the parent has enough, or is gone
        os._exit(0)
    except Exception:  # noqa: BLE001 - the parent raises it
        pipe.send(_Failed(traceback.format_exc()))
    finally:
        os._exit(1)


class Pool(Generic[_Answer]):
    """Workers, started as they are needed."""

    def __init__(self, work: Callable[[Found], _Answer], jobs: int) -> None:
        self._work = work
        self._jobs = jobs
        self._workers: list[_Worker] = []

    def close(self) -> None:
        """End all workers."""
        while self._workers:
            self._workers.pop().end()

    def each(self, items: Iterator[_Item]) -> Iterator[tuple[_Item, _Answer | None]]:
        """Yield each item with its answer, in order; None for what is no mail.  Raises WorkerError."""
        chunks = _chunks(items)
        done: dict[int, tuple[_Chunk, list[_Answer]]] = {}
        given = told = ahead = 0  # chunks, chunks, bytes
        more = True
        while more or told < given:
            if more and given - told < _AHEAD * self._jobs and ahead < _AHEAD_BYTES and (worker := self._free()):
                chunk = next(chunks, None)
                if chunk is None:
                    more = False
                    continue
                worker.give(chunk)
                given, ahead = given + 1, ahead + chunk.size
            elif told in done:
                chunk, answers = done.pop(told)
                told, ahead = told + 1, ahead - chunk.size
                left = iter(answers)
                for item in chunk.items:
                    yield item, next(left) if isinstance(item, Found) else None
            else:
                busy = {worker.pipe: worker for worker in self._workers if worker.chunk}
                for pipe in wait(busy):
                    chunk, answers = busy[pipe].take()  # type: ignore[index]
                    done[chunk.number] = chunk, answers

    def _free(self) -> _Worker | None:
        """Return a worker that waits for a chunk; a new one where all are at work and one more may be."""
        for worker in self._workers:
            if worker.chunk is None:
                return worker
        if len(self._workers) == self._jobs:
            return None
        self._workers.append(_Worker(self._work, self._workers))
        return self._workers[-1]


def _chunks(items: Iterator[_Item]) -> Iterator[_Chunk]:
    number = 0
    while True:
        taken: list[_Item] = []
        size = 0
        for item in items:
            taken.append(item)
            size += len(item.raw) if isinstance(item, Found) else 0
            if len(taken) >= _CHUNK or size >= _CHUNK_BYTES:
                break
        if not taken:
            return
        yield _Chunk(number, taken, [item for item in taken if isinstance(item, Found)], size)
        number += 1
