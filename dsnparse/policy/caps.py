"""How much is done in a day, so that a mistake of ours, or of a whole network, stays small."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from dsnparse.model import Wanted
from dsnparse.policy.groups import domain_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsnparse.model import Decision
    from dsnparse.policy.guarding import GuardSettings

__all__ = ["Caps"]

_ALWAYS: Final = 5  # on a list of twenty a share would be nothing at all
_COUNTED: Final = frozenset({Wanted.DISABLE, Wanted.REMOVE})


class Caps:
    """Counts what is allowed in a run on top of what was done in the 24 hours before it."""

    def __init__(
        self,
        settings: GuardSettings,
        *,
        total: int = 0,
        lists: Mapping[str, int] | None = None,
        domains: Mapping[str, int] | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> None:
        """Take what was done: in total, by list and by domain; sizes: subscribers of the lists where that is known."""
        self._settings = settings
        self._total = total
        self._lists = Counter(lists or {})
        self._domains = Counter(domains or {})
        self._sizes = dict(sizes or {})

    def allowed(self, decision: Decision) -> str | None:
        """Count a decision and return None, or return why it must wait; a restore is always allowed."""
        if decision.wanted not in _COUNTED:
            return None
        domain = domain_of(decision.address)
        why = self._reached(decision.list, domain)
        if why is None:
            self._total += 1
            self._lists[decision.list] += 1
            self._domains[domain] += 1
        return why

    def _reached(self, name: str, domain: str) -> str | None:
        number, per_domain, share = self._settings.number, self._settings.per_domain, self._settings.share
        if self._total >= number:
            return f"{self._total} in 24 hours already, and no more than {number} may be (guard.number)"
        size = self._sizes.get(name)
        if size is not None and self._lists[name] >= (most := max(_ALWAYS, int(size * share))):
            return f"{self._lists[name]} of {name} in 24 hours already, and no more than {most} may be (guard.share)"
        if self._domains[domain] >= per_domain:
            return (
                f"{self._domains[domain]} of {domain} in 24 hours already, and no more than {per_domain} may be "
                "(guard.per_domain)"
            )
        return None
