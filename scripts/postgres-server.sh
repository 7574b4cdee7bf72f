# Makes and starts a server of PostgreSQL, says so, and stops it once nobody is left to read from: however the tests end,
# they leave none.
#
# It is a copy of one that was made before, and never started, where there is one: that takes a moment, and making one seconds.
#
#     sh postgres-server.sh <folder of its programs> <folder of its own> <settings, each as -c name=value> [<files of another>]
cd "$2"
made=${4:-made}
{ [ -d "$made" ] || "$1/initdb" -D made -U postgres -A trust --encoding=UTF8 --locale=C --no-sync; } >log 2>&1 &&
    cp -R "$made" data >log 2>&1 &&
    "$1/pg_ctl" -D data -l log -w -t 120 -o "-k '$2' -c listen_addresses= $3" start >log 2>&1 ||
    { cat log; exit 1; }
echo started
read -r _
"$1/pg_ctl" -D data -m immediate stop >/dev/null 2>&1
cd / && rm -rf "$2"
