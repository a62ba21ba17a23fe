"""mlmmj's, courier-mlm's and Sympa's commands, as they showed themselves when they were run: the lies too."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from tests.contracts.adapter import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BEGIN: Final = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word" >> {folder}/words; done
[ -e {folder}/away ] && kill -9 $$
[ -e {folder}/fault ] && . {folder}/fault
die() { if [ -e {folder}/dies ]; then touch {folder}/away; kill -9 $$; fi; }
changed() { printf '%s\\n' "$1" >> {folder}/effects; die; }
holds() { grep -qxF -e "$2" "$1"/* 2>/dev/null; }
take() { for one in "$1"/*; do [ ! -f "$one" ] || keep "$one" "$2"; done; }
keep() { grep -vxF -e "$2" "$1" > {folder}/new; cat {folder}/new > "$1"; }
lower() { printf '%s\\n' "$1" | tr A-Z a-z; }
"""
_FAULTS: Final = {
    Fault.SERVER_ERROR: "echo 'something went wrong' >&2; exit 111",
    Fault.TIMEOUT: "sleep 5; exit 0",
    Fault.GARBAGE: "printf '\\033[2J 12 OK\\377\\n'; exit 0",
}
_MLMMJ: Final = """
while getopts L:a:sqfnd option; do case $option in L) list=$OPTARG;; a) address=$(lower "$OPTARG");;
n) kind=nomailsubs.d;; d) kind=digesters.d;; esac; done
[ -d "$list/subscribers.d" ] || exit 1
"""
MLMMJ: Final = {
    "mlmmj-list": _MLMMJ + 'cat "$list/${kind:-subscribers.d}"/* 2>/dev/null; exit 0\n',
    "mlmmj-sub": _MLMMJ
    + """
kind=${kind:-subscribers.d}
holds "$list/$kind" "$address" && exit 0
for other in subscribers.d digesters.d nomailsubs.d; do take "$list/$other" "$address"; done
printf '%s\\n' "$address" >> "$list/$kind/${address%"${address#?}"}"
changed "$address"
""",
    "mlmmj-unsub": _MLMMJ
    + """
for kind in subscribers.d digesters.d nomailsubs.d; do holds "$list/$kind" "$address" && was=1; done
[ "$was" ] || exit 0
for kind in subscribers.d digesters.d nomailsubs.d; do take "$list/$kind" "$address"; done
changed "$address"
""",
}
COURIER: Final = {
    "couriermlm": """
verb=$1 list=$2 address=$(lower "$3")
[ -d "$list" ] || { echo "$list: No such file or directory" >&2; exit 70; }
case $verb in
lsub) [ ! -d "$list/sublist" ] || cat "$list"/sublist/* | sed 's/$/ (22-Nov-2026)/' ;;
sub) holds "$list/sublist" "$address" && { echo "$address: already subscribed." >&2; exit 9; }
    echo 'Enter supporting information, EOF to terminate (usually CTRL-D):'
    cat >> "$list/notes"; printf '%s\\n' "$address" >> "$list/sublist/misc"; changed "$address" ;;
unsub) holds "$list/sublist" "$address" || { echo "$address: already unsubscribed." >&2; exit 9; }
    echo 'Enter supporting information, EOF to terminate (usually CTRL-D):'
    cat >> "$list/notes"; take "$list/sublist" "$address"; changed "$address" ;;
*) exit 1 ;;
esac
""",
}
SYMPA: Final = {
    "sympa": """
echo "setlogsock(): type='unix': path not available at Log.pm line 225." >&2
verb=$1; shift
for word in "$@"; do case $word in --*) ;; *) name=$word;; esac; done
list={folder}/lists/$name
[ -d "$list" ] || { echo "Invalid argument '$name' (list is expected)" >&2; exit 1; }
case $verb in
review) echo "$(cat "$list/shown" | wc -l) member(s) in list $name."; cat "$list/shown" ;;
del) read -r address; address=$(lower "$address")
    [ -e "$list/closed" ] && { echo 'del [user] The list is closed.' >&2; exit 1; }
    grep -qxF -e "$address" "$list/shown" "$list/concealed" || {
        words=$(cat "$list/not_found" 2>/dev/null || echo E-mail address)
        echo "del [user] $words $address was not found in list ." >&2
        echo "Failed to delete email addresses from $name" >&2; exit 1; }
    for one in shown concealed; do keep "$list/$one" "$address"; done
    changed "$address"
    echo "del [notice] The user $address has been removed from the list $name." >&2 ;;
add) read -r address; address=$(lower "$address")
    grep -qxF -e "$address" "$list/shown" "$list/concealed" && {
        echo "add [user] The User '$address' is already subscriber of list ''." >&2; exit 1; }
    case $address in *[!a-z0-9@.+_\\'-]*) echo "add [user] Address \\"$address\\" is incorrect" >&2; exit 1;; esac
    printf '%s\\n' "$address" >> "$list/shown"; changed "$address"
    echo 'add [notice] 1 subscribers added' >&2
    echo "add [notice] User $address is now subscriber of list news." >&2 ;;
*) echo "Invalid argument '$verb' (command is expected)" >&2; exit 1 ;;
esac
""",
}


class Programs:
    """Commands in a folder, with what they keep."""

    def __init__(self, folder: Path, scripts: Mapping[str, str]) -> None:
        self.folder = folder
        self._scripts = scripts
        self.write()

    def write(self) -> None:
        """Write the commands."""
        for name, script in self._scripts.items():
            path = self.folder / name
            path.write_text((_BEGIN + script).replace("{folder}", shlex.quote(str(self.folder))))
            path.chmod(0o755)

    def fail(self, fault: Fault) -> None:
        """Be away, or fail."""
        if fault is Fault.AWAY:
            for name in self._scripts:
                (self.folder / name).unlink()
        elif fault is Fault.DIES:
            (self.folder / "dies").touch()
        else:
            (self.folder / "fault").write_text(_FAULTS[fault])

    def mend(self) -> None:
        """Work again."""
        for name in ("fault", "dies", "away"):
            (self.folder / name).unlink(missing_ok=True)
        self.write()

    def lines(self, name: str) -> list[str]:
        """Return the lines of a file that the commands keep."""
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []
