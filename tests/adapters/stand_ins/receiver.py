"""The receiver of a webhook, built on the very lines that docs/adapters.md gives its readers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.adapters.stand_ins.contract import StandIn
from tests.adapters.stand_ins.server import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAGE: Final = Path(__file__).parents[3] / "docs" / "adapters.md"


def recipe() -> Callable[[bytes, Mapping[str, str], bytes, float], dict[str, object] | None]:
    """Return the function `verified` of the docs."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (source,) = (block for block in blocks if "def verified(" in block)
    names: dict[str, Callable[[bytes, Mapping[str, str], bytes, float], dict[str, object] | None]] = {}
    exec(compile(source, PAGE, "exec"), names)  # noqa: S102 - our own page
    return names["verified"]


class Receiver(StandIn):
    """It keeps the ids that it has carried out, so that the same event changes nothing again."""

    now: float = 1_800_000_000
    garbage = b"HTTP/1.1 2\x1b[2J00\r\n"  # any 2xx is success, whatever the body: only what is no HTTP is garbage

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.gone: set[str] = set()
        self._verified = recipe()

    def removed(self) -> set[str]:
        """Return who was removed or disabled and not restored."""
        return self.gone

    def respond(self, request: Request) -> Response:
        """Check the signature, carry the event out once."""
        document = self._verified(self.secret.encode(), request.headers, request.body, self.now)
        if document is None:
            return Response(403)
        event, event_id, address = (str(document.get(key, "")) for key in ("event", "id", "address"))
        if event == "ping" or event_id in self.seen:
            return Response(204)
        self.seen.add(event_id)
        self.effects.append(address)
        if event == "restore":
            self.gone.discard(address)
        else:
            self.gone.add(address)
        return Response(204, changed=True)
