#!/usr/bin/env bash
# What tests/e2e/postgres needs besides the extra `e2e`: PostgreSQL from Debian.  The tests start a cluster of their own, on
# a socket in a temporary folder.  Run as root on Debian 12; again it changes nothing.
set -euo pipefail

if ! compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q -o DPkg::Lock::Timeout=600 update
    apt-get -q -o DPkg::Lock::Timeout=600 install -y --no-install-recommends postgresql
fi
