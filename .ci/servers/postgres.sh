#!/usr/bin/env bash
# What tests/e2e/postgres needs: PostgreSQL from Debian, and psycopg in a folder of its own, for the Python that runs this
# script's `python3`.  The tests start a cluster of their own, on a socket in a temporary folder.  Run as root on
# Debian 12; again it changes nothing.
set -euo pipefail
site=${DSNPARSE_SERVERS:-/var/tmp/dsnparse-servers}/postgres/site

if ! compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q -o DPkg::Lock::Timeout=600 update
    apt-get -q -o DPkg::Lock::Timeout=600 install -y --no-install-recommends postgresql
fi
if [ ! -d "$site/psycopg" ]; then
    python3 -m pip install -q --disable-pip-version-check --target "$site" "psycopg[binary]>=3.1"
fi
