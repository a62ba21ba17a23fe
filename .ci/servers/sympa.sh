#!/usr/bin/env bash
# What tests/e2e/sympa needs: Sympa from Debian with SQLite.  The tests bring their own configuration, database and lists;
# Sympa's services need not run.  Run as root on Debian 12; again it changes nothing.
set -euo pipefail

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@"
}

if [ ! -x /usr/lib/sympa/bin/sympa.pl ] && ! command -v sympa >/dev/null; then
    debconf-set-selections <<'ANSWERS'
sympa sympa/hostname string lists.example.org
sympa sympa/listmaster string listmaster@lists.example.org
sympa sympa/dbconfig-install boolean true
sympa sympa/database-type select sqlite3
sympa wwsympa/webserver_type select Other
sympa wwsympa/fastcgi boolean false
sympa sympa/use_soap boolean false
ANSWERS
    apt update
    # A mail server would be a dependency too; where there is none, one that is never started.
    if ! command -v postfix >/dev/null && ! command -v sendmail >/dev/null; then
        echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    fi
    apt install -y --no-install-recommends sqlite3 libdbd-sqlite3-perl dbconfig-sqlite3 sympa
fi
