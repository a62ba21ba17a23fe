"""As much of Django and Anymail as a signal needs: both in sys.modules, and a site whose receiver keeps a set."""

from __future__ import annotations

import contextlib
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest


class Signal:
    """Django's, in its words."""

    def __init__(self) -> None:
        self.receivers: list[Callable[..., None]] = []

    def has_listeners(self, sender: object) -> bool:
        """Tell whether somebody listens."""
        del sender
        return bool(self.receivers)

    def send(self, **named: object) -> None:
        """Call every receiver; the first error goes up."""
        for receiver in self.receivers:
            receiver(signal=self, **named)


class Site:
    """A site: `gone` is its table."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gone: set[str] = set()
        self.events: list[Any] = []
        self.error: type[Exception] | None = None
        self.dies = False
        self.setups = 0
        self.tracking = Signal()
        self.tracking.receivers.append(self.receive)
        apps = SimpleNamespace(ready=False)

        def setup() -> None:
            self.setups += 1
            self._raise()
            apps.ready = True

        def event(**named: object) -> SimpleNamespace:
            return SimpleNamespace(**named)

        signals = SimpleNamespace(tracking=self.tracking, AnymailTrackingEvent=event)
        database = SimpleNamespace(
            connection=SimpleNamespace(ensure_connection=self._raise),
            close_old_connections=lambda: None,
            transaction=SimpleNamespace(atomic=self._atomic),
        )
        for name, inner in (("django", {"setup": setup}), ("anymail", {"signals": signals})):
            module = ModuleType(name)
            vars(module).update(inner)
            monkeypatch.setitem(sys.modules, name, module)
        for name, part in (("django.apps", SimpleNamespace(apps=apps)), ("django.db", database)):
            monkeypatch.setitem(sys.modules, name, part)

    def receive(self, event: Any, esp_name: str, **_: object) -> None:  # noqa: ANN401 - the stand-in's own
        """Act on an event as a site does."""
        self._raise()
        assert esp_name == "dsnparse"
        if event.event_type in {"bounced", "complained"}:
            self.gone.add(event.recipient)
        self.events.append(event)

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error

    @contextlib.contextmanager
    def _atomic(self) -> Iterator[None]:
        before = set(self.gone)
        try:
            yield
        except Exception:
            self.gone = before
            raise
        if self.dies:  # with what it had written
            self.error = OSError
            raise OSError
