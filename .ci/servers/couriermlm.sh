#!/usr/bin/env bash
# What tests/e2e/couriermlm needs: courier-mlm and its libraries from Debian, unpacked into a folder of their own, since
# the package itself would bring a whole mail server.  Run on Debian 12; again it changes nothing.
set -euo pipefail
folder=${DSNPARSE_SERVERS:-/var/tmp/dsnparse-servers}/couriermlm

if [ ! -x "$folder/couriermlm" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    apt-get -q -o DPkg::Lock::Timeout=600 update
    (cd "$work" && apt-get -q download courier-mlm libcourier-unicode4 libgdbm6 libidn12)
    mkdir -p "$folder"
    for package in "$work"/*.deb; do
        dpkg-deb -x "$package" "$folder"
    done
    cat >"$folder/couriermlm" <<END
#!/bin/sh
LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu) exec $folder/usr/bin/couriermlm "\$@"
END
    chmod 755 "$folder/couriermlm"
fi
