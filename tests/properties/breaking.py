"""Ways to break a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["broken"]

_INSERTS: Final = (
    *(
        b"\x00",
        b"\r",
        b"\n",
        b"\r\n",
        b"\n\n",
        b" ",
        b"\t",
        b"\xff",
        b"\xed\xa0\x80",
        b"\x1b$B",
        b"\xe2\x80\xae",
        b"\x1b[2J",
    ),
    *(
        b"--b\n",
        b"--b--\n",
        b"\n--",
        b"=",
        b"=?utf-8?q?",
        b"?=",
        b";",
        b'"',
        b"\\",
        b"(",
        b"<",
        b":",
        b"Content-Type: x/y\n",
    ),
)
_LINE_ENDS: Final = (b"\n", b"\r", b"\r\n", b"\r\r\n", b"\n\r", b"\n\n", b"\x00\n", b" \n", b"=\n")


def _cut(raw: bytes, draw: st.DrawFn) -> bytes:
    return raw[: draw(st.integers(0, len(raw)))]


def _flip(raw: bytes, draw: st.DrawFn) -> bytes:
    if not raw:
        return raw
    at = draw(st.integers(0, len(raw) - 1))
    return raw[:at] + bytes([raw[at] ^ (1 << draw(st.integers(0, 7)))]) + raw[at + 1 :]


def _insert(raw: bytes, draw: st.DrawFn) -> bytes:
    at = draw(st.integers(0, len(raw)))
    return raw[:at] + draw(st.sampled_from(_INSERTS)) * draw(st.integers(1, 40)) + raw[at:]


def _swap(raw: bytes, draw: st.DrawFn) -> bytes:
    one, two, three = sorted(draw(st.integers(0, len(raw))) for _ in range(3))
    return raw[:one] + raw[two:three] + raw[one:two] + raw[three:]


def _repeat(raw: bytes, draw: st.DrawFn) -> bytes:
    one, two = sorted(draw(st.integers(0, len(raw))) for _ in range(2))
    return raw[:one] + raw[one:two] * draw(st.integers(0, 5)) + raw[two:]


def _line_ends(raw: bytes, draw: st.DrawFn) -> bytes:
    return raw.replace(b"\n", draw(st.sampled_from(_LINE_ENDS)))


_WAYS: Final[tuple[Callable[[bytes, st.DrawFn], bytes], ...]] = (_cut, _flip, _insert, _swap, _repeat, _line_ends)


@st.composite
def broken(draw: st.DrawFn, mails: st.SearchStrategy[bytes]) -> bytes:
    """Return mails that are broken in up to four ways."""
    raw = draw(mails)
    for _ in range(draw(st.integers(0, 4))):
        raw = draw(st.sampled_from(_WAYS))(raw, draw)
    return raw
