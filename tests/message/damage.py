"""Damage as it happens on the way: lines lost, doubled, cut short and put in between; always the same for a seed."""

from __future__ import annotations

import random

__all__ = ["damaged"]

_STRAY = [
    *(b"", b" ", b"\t", b"no field", b" folded", b"X-New: yes", b">From alice", b":", b": no name", b"--", b"----"),
    *(b"X y: z", b"\xff\xfe: \xe9", b"\x00", b"Subject:", b"Content-Transfer-Encoding: 8bit", b"a:\x0b\x1c"),
]


def damaged(mail: bytes, seed: int) -> bytes:
    """Return a mail with one to eight lines damaged; those that name a boundary stay, and what stands beside them."""
    dice = random.Random(seed)  # noqa: S311 - a test's damage, no secret
    lines = mail.split(b"\n")
    for _ in range(dice.choice((1, 1, 2, 3, 8))):
        at = dice.randrange(len(lines) + 1) if dice.random() < 0.6 else min(dice.randrange(40), len(lines))
        if any(b"boundary" in line for line in lines[max(0, at - 1) : at + 3]):
            continue
        kind = dice.random()
        if kind < 0.4:
            lines.insert(at, dice.choice(_STRAY))
        elif kind < 0.6:
            lines[at:at] = lines[at : at + 1]
        elif kind < 0.8 and not any(b"ontent-" in line for line in lines[at : at + 1]):
            del lines[at : at + 1]
        elif kind < 0.85:
            del lines[at:]
        elif kind < 0.95 and not any(b":" in line for line in lines[at : at + 1]):
            lines[at : at + 1] = [line[: dice.randrange(len(line) + 1)] for line in lines[at : at + 1]]
        else:
            lines[at:at] = lines[at : at + 3]
    return b"\n".join(lines)
