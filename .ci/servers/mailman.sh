#!/usr/bin/env bash
# What tests/e2e/mailman needs: Mailman 3.3.10 in a virtual environment of its own, with this dsnparse in it for the
# bounce runner, and Postfix from Debian.  Run as root on Debian 12; again it changes nothing.
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
venv=${DSNPARSE_SERVERS:-/var/tmp/dsnparse-servers}/mailman/venv
# SQLAlchemy 2.1 makes every question about members a server error in Mailman 3.3.10.
packages=("mailman==3.3.10" "sqlalchemy<2.1")

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@"
}

if ! command -v postfix >/dev/null; then
    # Without a configuration of the machine's own it is not started; the tests bring their own.
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    apt update
    apt install -y --no-install-recommends postfix
fi

if [ "$(cat "$venv/installed" 2>/dev/null)" != "${packages[*]}" ]; then
    rm -rf "$venv"
    mkdir -p "$(dirname "$venv")"
    if ! python3 -m venv "$venv" 2>/dev/null; then
        apt update
        apt install -y --no-install-recommends python3-venv
        rm -rf "$venv"
        python3 -m venv "$venv"
    fi
    "$venv/bin/pip" install -q --disable-pip-version-check "${packages[@]}"
    printf '%s' "${packages[*]}" >"$venv/installed"
fi
"$venv/bin/pip" install -q --disable-pip-version-check --editable "$repository"
