#!/usr/bin/env bash
# What tests/e2e/django needs: Django, Anymail and django-newsletter in a virtual environment of their own, with this
# dsnparse in it.  Run as root on Debian 12; again it changes nothing.
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
venv=${DSNPARSE_SERVERS:-/var/tmp/dsnparse-servers}/django/venv
packages=("django>=4.2,<6" "django-anymail==15.2" "django-newsletter==1.2.1" sorl-thumbnail)

if [ "$(cat "$venv/installed" 2>/dev/null)" != "${packages[*]}" ]; then
    rm -rf "$venv"
    mkdir -p "$(dirname "$venv")"
    if ! python3 -m venv "$venv" 2>/dev/null; then
        apt-get -q -o DPkg::Lock::Timeout=600 update
        DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 install -y --no-install-recommends python3-venv
        rm -rf "$venv"
        python3 -m venv "$venv"
    fi
    "$venv/bin/pip" install -q --disable-pip-version-check "${packages[@]}"
    printf '%s' "${packages[*]}" >"$venv/installed"
fi
"$venv/bin/pip" install -q --disable-pip-version-check --editable "$repository"
