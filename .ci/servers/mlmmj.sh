#!/usr/bin/env bash
# What tests/e2e/mlmmj needs: mlmmj from Debian, unpacked into a folder of its own, without its cron job.
# Run on Debian 12; again it changes nothing.
set -euo pipefail
folder=${DSNPARSE_SERVERS:-/var/tmp/dsnparse-servers}/mlmmj

if [ ! -x "$folder/usr/bin/mlmmj-unsub" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    apt-get -q -o DPkg::Lock::Timeout=600 update
    (cd "$work" && apt-get -q download mlmmj)
    mkdir -p "$folder"
    dpkg-deb -x "$work"/mlmmj_*.deb "$folder"
fi
