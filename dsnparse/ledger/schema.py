"""The tables, as numbered steps: PRAGMA user_version is the number of steps taken.

A step that was released is never changed; a change is a new step.
"""

from __future__ import annotations

from typing import Final

__all__ = ["APPLICATION_ID", "MIGRATIONS"]

APPLICATION_ID: Final = 0x44534E50  # "DSNP": tells a ledger from any other SQLite file

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """
        CREATE TABLE mail (
            digest BLOB PRIMARY KEY,   -- SHA-256 of the mail's bytes
            state TEXT NOT NULL,       -- judged, person, not_understood
            kind TEXT NOT NULL,
            source TEXT NOT NULL,      -- where it lay when it was read
            read_at INTEGER NOT NULL,  -- times are seconds since 1970, UTC
            listed_at INTEGER          -- when a person was told of it
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE event (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            address TEXT NOT NULL,
            original TEXT NOT NULL,    -- Message-ID of the mail that failed, or sha256: and a digest of the report
            at INTEGER NOT NULL,
            final_address TEXT,        -- who failed, where mail for the address goes on to somebody else
            bounce_type TEXT,
            reason TEXT,
            status TEXT,
            reply_code TEXT,
            diagnostic TEXT,
            remote_mta TEXT,
            reporting_mta TEXT,
            rule TEXT,
            evidence TEXT,
            list_id TEXT,
            mail BLOB NOT NULL REFERENCES mail (digest),
            UNIQUE (address, original)
        )
        """,
        "CREATE INDEX event_hard ON event (address) WHERE bounce_type = 'hard'",
        """
        CREATE TABLE decision (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,  -- the same decision is the same row, however often it is reached
            address TEXT NOT NULL,
            wanted TEXT NOT NULL,
            held INTEGER NOT NULL,
            why TEXT NOT NULL,
            event INTEGER NOT NULL REFERENCES event (id),
            evidence TEXT NOT NULL,    -- JSON: the event as it stood when it decided
            decided_at INTEGER NOT NULL
        )
        """,
        "CREATE INDEX decision_address ON decision (address)",
        """
        CREATE TABLE journal (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            decision INTEGER NOT NULL REFERENCES decision (id),
            what TEXT NOT NULL,        -- intended, held, or the outcome that an adapter met
            adapter TEXT,
            detail TEXT NOT NULL
        )
        """,
        "CREATE INDEX journal_decision ON journal (decision, adapter)",
    ),
)
