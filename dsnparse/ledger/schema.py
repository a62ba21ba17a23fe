"""The tables, as numbered steps: PRAGMA user_version is the number of steps taken.

A step that was released is never changed; a change is a new step.
"""

from __future__ import annotations

from typing import Final

__all__ = ["APPLICATION_ID", "MIGRATIONS"]

APPLICATION_ID: Final = 0x44534E50  # "DSNP": tells a ledger from any other SQLite file

_FIRST: Final = (
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
)

# State is per address and list; decisions ripen, can be let go or taken back, and are told to each adapter by itself.
# Letters' case tells nobody apart.  The functions are those of opening.py.
_SECOND: Final = (
    """
    CREATE TABLE new_event (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        address TEXT NOT NULL COLLATE NOCASE,
        list TEXT NOT NULL,          -- empty where it is not known
        original TEXT NOT NULL,      -- Message-ID of the mail that failed, or what stands for it
        at INTEGER NOT NULL,
        trust TEXT NOT NULL,
        final_address TEXT,
        bounce_type TEXT,
        reason TEXT,
        status TEXT,
        reply_code TEXT,
        diagnostic TEXT,
        remote_mta TEXT,
        reporting_mta TEXT,
        rule TEXT,
        evidence TEXT,
        feedback_type TEXT,
        domain TEXT NOT NULL,        -- of the address, in lower case
        organisation TEXT,           -- who refused, as the storm guard groups it
        mail BLOB NOT NULL,          -- the digest of the report, which may be older than what is kept of mails
        cleared INTEGER NOT NULL DEFAULT 0,  -- 1: a person said that it counts no more
        UNIQUE (address, list, original)
    )
    """,
    """
    INSERT OR IGNORE INTO new_event (id, address, list, original, at, trust, final_address, bounce_type, reason, status,
        reply_code, diagnostic, remote_mta, reporting_mta, rule, evidence, domain, organisation, mail)
    SELECT id, address, coalesce(list_id, ''), original, at, 'none', final_address, bounce_type, reason, status,
        reply_code, diagnostic, remote_mta, reporting_mta, rule, evidence, domain_of(address), organisation(remote_mta),
        mail
    FROM event ORDER BY id
    """,
    """
    CREATE TABLE new_decision (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,     -- the idempotency key: the same decision is the same row
        address TEXT NOT NULL COLLATE NOCASE,
        list TEXT NOT NULL,
        wanted TEXT NOT NULL,        -- disable, remove, restore
        state TEXT NOT NULL,         -- open: to be done; done; over: another one took its place, or it was taken back;
                                     -- dropped: by a person
        held TEXT,                   -- which guard stops it
        released INTEGER NOT NULL DEFAULT 0,  -- 1: a person let it go, no guard stops it again
        why TEXT NOT NULL,
        until INTEGER,               -- when a disable ends
        ripe_at INTEGER,             -- not to be done before
        event INTEGER NOT NULL,      -- the failure that decided
        evidence TEXT NOT NULL,      -- JSON: that failure as it stood then
        decided_at INTEGER NOT NULL
    )
    """,
    """
    INSERT OR IGNORE INTO new_decision
        (number, id, address, list, wanted, state, held, why, event, evidence, decided_at)
    SELECT decision.id, decision_id(decision.wanted, coalesce(event.list_id, ''), decision.address, event.original),
        decision.address, coalesce(event.list_id, ''), decision.wanted, 'open',
        CASE WHEN NOT held THEN NULL WHEN event.final_address IS NULL THEN 'cap' ELSE 'alias' END,
        decision.why, event.id, decision.evidence, decision.decided_at
    FROM decision JOIN event ON event.id = decision.event
    WHERE NOT EXISTS (SELECT 1 FROM decision AS later JOIN event AS its ON its.id = later.event
        WHERE later.address = decision.address AND coalesce(its.list_id, '') = coalesce(event.list_id, '')
        AND (later.held, -later.id) < (decision.held, -decision.id))
    """,
    """
    CREATE TABLE new_journal (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        decision INTEGER NOT NULL,   -- its number
        what TEXT NOT NULL,          -- intended, held, released, dropped, over, or the outcome that an adapter met
        adapter TEXT,
        detail TEXT NOT NULL
    )
    """,
    "INSERT INTO new_journal SELECT id, at, decision, what, adapter, detail FROM journal",
    "DROP TABLE journal",
    "DROP TABLE decision",
    "DROP TABLE event",
    "ALTER TABLE new_event RENAME TO event",
    "ALTER TABLE new_decision RENAME TO decision",
    "ALTER TABLE new_journal RENAME TO journal",
    "CREATE INDEX event_at ON event (at)",
    "CREATE UNIQUE INDEX decision_current ON decision (address, list) WHERE state IN ('open', 'done')",
    "CREATE INDEX decision_place ON decision (address, list)",
    "CREATE INDEX mail_read_at ON mail (read_at)",
    "CREATE INDEX decision_open ON decision (number) WHERE state = 'open'",
    "CREATE INDEX decision_done ON decision (event) WHERE state = 'done'",
    "CREATE INDEX decision_until ON decision (until) WHERE state = 'done' AND until IS NOT NULL",
    "CREATE INDEX journal_decision ON journal (decision)",
    "CREATE INDEX journal_at ON journal (at)",
    """
    CREATE TABLE outbox (
        decision INTEGER NOT NULL,   -- its number
        adapter TEXT NOT NULL,
        outcome TEXT,                -- NULL: not tried, or killed while it was tried
        detail TEXT NOT NULL DEFAULT '',
        attempts INTEGER NOT NULL DEFAULT 0,
        next_at INTEGER NOT NULL,    -- not to be tried before
        PRIMARY KEY (decision, adapter)
    ) WITHOUT ROWID
    """,
    """
    INSERT OR IGNORE INTO outbox (decision, adapter, outcome, detail, attempts, next_at)
    SELECT decision, adapter, what, detail, 1, at FROM journal
    WHERE adapter IS NOT NULL AND what IN ('done', 'already', 'not_found')
    """,
    "UPDATE decision SET state = 'done' WHERE held IS NULL AND number IN (SELECT decision FROM outbox)",
    # What is to be decided (again): an address on a list of which something new is known.
    """
    CREATE TABLE pending (
        number INTEGER PRIMARY KEY,
        address TEXT NOT NULL COLLATE NOCASE,
        list TEXT NOT NULL,
        UNIQUE (address, list)
    )
    """,
    "INSERT INTO pending (address, list) SELECT address, list FROM event GROUP BY address, list ORDER BY min(id)",
    """
    CREATE TABLE storm (
        name TEXT NOT NULL,          -- domain:example.net or organisation:example.net
        since INTEGER NOT NULL,
        until INTEGER NOT NULL,
        addresses INTEGER NOT NULL,
        why TEXT NOT NULL,
        released INTEGER NOT NULL DEFAULT 0,  -- 1: a person said that these failures are true
        told_at INTEGER,             -- when the operator was told of it
        PRIMARY KEY (name, since)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE sent (
        message_id TEXT NOT NULL,
        address TEXT NOT NULL COLLATE NOCASE,
        list TEXT NOT NULL,
        at INTEGER NOT NULL,
        key BLOB,                    -- the sender's own key of the subscriber in the return path
        domain TEXT NOT NULL,
        PRIMARY KEY (message_id, address, list)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX sent_at ON sent (at)",
    "CREATE INDEX sent_address ON sent (address, at)",
    "CREATE INDEX sent_domain ON sent (domain, at)",
    "CREATE INDEX sent_key ON sent (key) WHERE key IS NOT NULL",
    """
    CREATE TABLE subscription (
        address TEXT NOT NULL COLLATE NOCASE,
        list TEXT NOT NULL,
        since INTEGER NOT NULL,      -- what happened before does not count
        PRIMARY KEY (address, list)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE forgotten (
        hash BLOB PRIMARY KEY,       -- keyed: who has only the ledger of another site cannot look addresses up in it
        wanted TEXT NOT NULL,
        at INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "INSERT INTO meta VALUES ('hash_key', randomblob(32))",
)

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (_FIRST, _SECOND)
