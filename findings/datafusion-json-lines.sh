#!/usr/bin/env bash
# datafusion 55.0.0 (Python), a query engine that reads JSON Lines
#
# Expected: what columns there are is told by the first thousand lines, as documented; a later number that the column cannot hold is an
# error, as a later text is, or null.
# Instead: where the first thousand numbers are whole, the fraction of every later one is cut off, without an error.
# Seen: of a thousand lines {"ms":1} and one {"ms":1.75} the largest is 1, and the sum 1001. A text in the place of the number is an error.
# Here: an export that begins with whole numbers is asked wrongly. The page about analysis uses DuckDB. With DataFusion, give `schema`, or
# `schema_infer_max_records` as many lines as there are.
. "$(dirname "$0")/seen.sh"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check datafusion==55.0.0 pyarrow==26.0.1
for n in $(seq 1000); do echo '{"ms":1}'; done > events.json
echo '{"ms":1.75}' >> events.json
cat > sum.py << 'END_OF_PROGRAM'
from datafusion import SessionContext


def ask(lines):
    context = SessionContext()
    context.register_json("events", "events.json", schema_infer_max_records=lines)
    (row,) = context.sql("SELECT max(ms) AS most, sum(ms) AS sum FROM events").to_pylist()
    return f"{lines} lines looked at: the largest {row['most']}, the sum {row['sum']}"


print(ask(1000))
print(ask(2000))
END_OF_PROGRAM
compare '1000 lines looked at: the largest 1, the sum 1001
2000 lines looked at: the largest 1.75, the sum 1001.75' "$(python/bin/python sum.py)"
