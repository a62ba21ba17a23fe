"""Step 7: from what is known of an address to what is wanted for it.  Pure: no files but our own data, no clock.

`decide` judges one address on one list; `guards` looks at all of them together: bad days, and how much in a day.
"""

from __future__ import annotations

from dsnparse.policy.deciding import History, decide
from dsnparse.policy.guards import Caps, GuardSettings, Storm, Tally, domain_of, organisation, storms
from dsnparse.policy.rows import PRESETS, Policy, Row, from_table, preset

__all__ = [
    "PRESETS",
    "Caps",
    "GuardSettings",
    "History",
    "Policy",
    "Row",
    "Storm",
    "Tally",
    "decide",
    "domain_of",
    "from_table",
    "organisation",
    "preset",
    "storms",
]
