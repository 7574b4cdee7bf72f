#!/usr/bin/env bash
# Miller 6.6.0, Debian's package 6.6.0-2+b3
#
# Expected: a number of JSON that is handed through unchanged, as `cat` does it, is a number in the output: its spelling is kept for that.
# Instead: an integer that has no place in 64 bits with a sign is a string in the output, in quotes.
# Seen: {"a":9223372036854775807} stays, {"a":9223372036854775808} becomes {"a": "9223372036854775808"}; below zero alike. The same
# number with a fraction stays one.
# Here: exports hold numbers as they were given, of any size. A program that passes them through Miller gets texts for some of them, and
# importing these makes other events.
. "$(dirname "$0")/seen.sh"

apt-get download --option APT::Sandbox::User=root miller=6.6.0-2+b3 > /dev/null
dpkg -x miller_*.deb root
printf '{"a":%s}\n' 9223372036854775807 9223372036854775808 -9223372036854775809 9223372036854775808.5 > lines.jsonl
compare '{"a": 9223372036854775807}
{"a": "9223372036854775808"}
{"a": "-9223372036854775809"}
{"a": 9223372036854775808.5}' "$(root/usr/bin/mlr --ijsonl --ojsonl cat lines.jsonl)"
