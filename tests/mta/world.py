"""The network that a server under test sees: our name server and our MX hosts, in a network namespace of its own.

Run by lab.py, which lays the cable and then sends a line: `python -m tests.mta.world STORE`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from tests.mta import mx, names


async def main(store: Path) -> None:
    """Take the addresses, serve until killed."""
    addresses = [*set(names.HOSTS.values()) - {"192.0.2.10", "203.0.113.99"}, names.ADDRESS]
    lines = ["link set lo up", "link set world up", "address add 192.0.2.1/24 dev world"]
    lines += [f"address add {address}/32 dev lo" for address in addresses]
    for line in lines:
        subprocess.run(["/sbin/ip", *line.split()], check=True)  # noqa: ASYNC221 - constants, before anything runs
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(names.Responder, local_addr=(names.ADDRESS, 53))
    for host in mx.HOSTS:
        await mx.serve(host, names.HOSTS[host.name], store)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.stdin.readline()
    asyncio.run(main(Path(sys.argv[1])))
