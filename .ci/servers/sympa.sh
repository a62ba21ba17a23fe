#!/usr/bin/env bash
# What tests/e2e/sympa needs: Sympa from Debian with SQLite.  The tests bring their own configuration, database and lists;
# Sympa's services need not run.  Run as root on Debian 12; again it changes nothing.
set -euo pipefail

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@"
}

if [ "$(dpkg-query -W -f '${Status}' sympa 2>/dev/null)" != "install ok installed" ]; then
    packages=(sympa sqlite3 libdbd-sqlite3-perl dbconfig-sqlite3)
    debconf-set-selections <<'ANSWERS'
sympa sympa/hostname string lists.example.org
sympa sympa/listmaster string listmaster@lists.example.org
sympa sympa/dbconfig-install boolean true
sympa sympa/database-type select sqlite3
sympa wwsympa/webserver_type select Other
sympa wwsympa/fastcgi boolean false
sympa sympa/use_soap boolean false
ANSWERS
    if ! command -v sendmail >/dev/null; then
        # It asks for a mail server.  Without a configuration this one is not started.
        echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
        packages+=(postfix)
    fi
    apt update
    apt install -y --no-install-recommends "${packages[@]}"
fi
