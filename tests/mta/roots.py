"""Throwaway Debian roots, one per mail server: the packages exclude each other and none may touch the machine.

The packages come from Debian through debootstrap and apt, some from npm; nothing is started while they install.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.mta.case import Server

HOSTNAME = "mail.example.org"
HOSTS = f"127.0.0.1 localhost\n192.0.2.10 {HOSTNAME} mail\n"
SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"


def shell(root: Path, command: str, *, check: bool = True) -> str:
    """Run a shell command inside a root, return what it prints; CalledProcessError when it fails and `check` is set."""
    done = subprocess.run(
        ["/usr/sbin/chroot", str(root), "/bin/sh", "-ec", command],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C", "TZ": "UTC0"},
    )
    if check and done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return done.stdout


def _base(work: Path) -> Path:
    """Return the minimal Debian that every root is a copy of; made at the first call."""
    base = work / "base"
    if not (base / "etc/debian_version").exists():
        debootstrap = shutil.which("debootstrap") or "/usr/sbin/debootstrap"
        subprocess.run(
            [debootstrap, "--variant=minbase", "--include=ca-certificates", SUITE, str(base), MIRROR],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return base


def make(work: Path, server: Server) -> Path:
    """Return a root with the server's packages installed; an existing one is used as it is."""
    root = work / server.root
    if (root / "installed").exists():
        return root
    base = _base(work)
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["/bin/cp", "-a", str(base), str(root)], check=True)
    (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    (root / "usr/sbin/policy-rc.d").chmod(0o755)
    sources = f"deb {MIRROR} {SUITE} main\ndeb {MIRROR} {SUITE}-updates main\n"
    sources += f"deb {MIRROR}-security {SUITE}-security main\n"
    (root / "etc/apt/sources.list").write_text(sources, encoding="ascii")
    (root / "etc/hosts").write_text(HOSTS, encoding="ascii")
    (root / "etc/mailname").write_text(HOSTNAME + "\n", encoding="ascii")
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    install = "apt-get -q update && apt-get -qy install --no-install-recommends " + " ".join(server.packages)
    inside = f"hostname {HOSTNAME} && mount -t proc proc {root}/proc && exec chroot {root} sh -ec '{install}'"
    subprocess.run(
        ["/usr/bin/unshare", "--mount", "--uts", "/bin/sh", "-ec", inside],
        check=True,
        stdout=subprocess.DEVNULL,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
    )
    if server.npm:
        npm = [
            "npm",
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--omit=optional",
            "--omit=dev",
            "--force",
        ]
        npm += ["--prefix", str(root / "opt"), *server.npm]
        subprocess.run(npm, check=True, stdout=subprocess.DEVNULL)
    (root / "installed").touch()
    return root
