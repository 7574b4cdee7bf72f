#!/usr/bin/env bash
# systemd 252.39-1~deb12u2, the journal of Debian 12: journalctl, and systemd-journal-remote, which makes a journal of an export
#
# Expected: an entry that has a field several times, which the journal and its export format allow, comes back with its values as often
# and in the order in which they were written.
# Instead: equal values of a field are kept once in an entry, and they come back in the order in which each value was first stored by
# any entry of the file.
# Seen: an entry with STEP=stop, STEP=start, STEP=stop is STEP=start, STEP=stop once it was stored behind one with STEP=start.
# Here: an import of systemd's journal has what the journal gives, and the page about it says so. A program that tells steps in a row
# should write an entry for each, or one text of them.
. "$(dirname "$0")/seen.sh"

apt-get download --option APT::Sandbox::User=root systemd=252.39-1~deb12u2 systemd-journal-remote=252.39-1~deb12u2 \
  libsystemd-shared=252.39-1~deb12u2 libmicrohttpd12=0.9.75-6 > /dev/null
for package in *.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH="$PWD/root/usr/lib/x86_64-linux-gnu:$PWD/root/usr/lib/x86_64-linux-gnu/systemd:$PWD/root/lib/x86_64-linux-gnu/systemd"

id=0123456789abcdef0123456789abcdef
entry() {
  printf '__REALTIME_TIMESTAMP=%s\n__MONOTONIC_TIMESTAMP=%s\n_BOOT_ID=%s\n' "176985720000000$1" "$1" "$id"
  shift
  printf '%s\n' "$@" ''
}
{
  entry 1 MESSAGE=first STEP=start
  entry 2 MESSAGE=second STEP=stop STEP=start STEP=stop
} > entries.export
root/lib/systemd/systemd-journal-remote --output entries.journal entries.export 2> /dev/null
compare 'STEP=start
MESSAGE=second
STEP=stop' "$(root/bin/journalctl --file entries.journal --lines 1 -o export | grep -E '^(MESSAGE|STEP)=')"
