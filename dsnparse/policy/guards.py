"""The guards that look at all addresses together: bad days of a domain or an organisation, and how much in a day."""

from __future__ import annotations

from dsnparse.policy.caps import Caps
from dsnparse.policy.groups import domain_of, groups_of, organisation
from dsnparse.policy.guarding import GuardSettings
from dsnparse.policy.storms import Storm, Tally, storms

__all__ = ["Caps", "GuardSettings", "Storm", "Tally", "domain_of", "groups_of", "organisation", "storms"]
