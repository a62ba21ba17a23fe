"""PostgreSQL for some tests: a cluster in a temporary folder, on a socket in it, and on no port."""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.servers import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "not for the world"  # noqa: S105 - of a server that lives as long as a test
_TABLES = """
CREATE TABLE members (email text PRIMARY KEY, off text, until timestamptz, list text);
CREATE TABLE effects (id serial, email text);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO effects (email) VALUES (NEW.email); RETURN NEW; END $$;
CREATE TRIGGER noted AFTER UPDATE ON members FOR EACH ROW EXECUTE FUNCTION noted();
GRANT ALL ON ALL TABLES IN SCHEMA public TO dsnparse;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO dsnparse;
"""


def programs() -> Path:
    """Return the folder of PostgreSQL's programs; skip the test where there is none, or no psycopg."""
    pytest.importorskip("psycopg", reason="no psycopg: pip install 'dsnparse[e2e]'")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL: .ci/servers/postgres.sh installs it")
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("no user postgres: .ci/servers/postgres.sh installs it")
    return found[-1].parent


class Cluster:
    """A cluster with a database `lists` and a user `dsnparse`."""

    def __init__(self, folder: Path, bin_: Path) -> None:
        self.folder = folder
        self._bin = bin_
        self._user: Any = {"user": "postgres", "group": "postgres", "extra_groups": ()} if os.geteuid() == 0 else {}
        if self._user:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        self._run("initdb", "-D", f"{folder}/data", "-U", "owner", "--auth-local=trust", "--no-sync", "-E", "UTF8")
        (folder / "data" / "pg_hba.conf").write_text("local all owner trust\nlocal all all scram-sha-256\n")
        self.start()

    @property
    def where(self) -> str:
        """How the adapter is told of it."""
        return f"host={self.folder} dbname=lists user=dsnparse"

    def start(self) -> None:
        """Start it."""
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-o", options, "-l", f"{self.folder}/log", "-w", "start")

    def stop(self) -> None:
        """Stop it, and every connection."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")

    def up(self) -> None:
        """Start it if it was stopped."""
        if not (self.folder / "data" / "postmaster.pid").exists():
            self.start()

    def reset(self, *members: str) -> None:
        """Make the database anew."""
        self.up()
        self.ask("DROP DATABASE IF EXISTS lists WITH (FORCE)", "postgres")
        self.ask("DROP ROLE IF EXISTS dsnparse", "postgres")
        self.ask(f"CREATE ROLE dsnparse LOGIN PASSWORD '{PASSWORD}'", "postgres")
        self.ask("CREATE DATABASE lists", "postgres")
        self.ask(_TABLES)
        for member in members:
            self.ask("INSERT INTO members (email) VALUES (%s)", given=(member,))

    def ask(self, statement: str, database: str = "lists", given: tuple[str, ...] | None = None) -> list[Any]:
        """Return the rows of a statement, as the owner of everything."""
        with self.owner(database) as connection:
            cursor = connection.execute(statement, given)
            return list(cursor.fetchall()) if cursor.description else []

    @contextlib.contextmanager
    def owner(self, database: str = "lists") -> Iterator[Any]:
        """Connect as the owner of everything."""
        import psycopg  # noqa: PLC0415 - may be absent

        with psycopg.connect(f"host={self.folder} dbname={database} user=owner", autocommit=True) as connection:
            yield connection

    def _run(self, program: str, *words: str) -> None:
        # Files, not pipes: the server that pg_ctl leaves behind would hold a pipe open.
        with (self.folder / "out").open("ab") as out:
            subprocess.run(
                [self._bin / program, *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=True,
                timeout=60,
                cwd=self.folder,
                **self._user,
            )


def cluster() -> Iterator[Cluster]:
    """Give a cluster that is stopped at the end."""
    bin_ = programs()
    for folder in open_folder():
        one = Cluster(folder, bin_)
        try:
            yield one
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):  # it may be down
                one.stop()
