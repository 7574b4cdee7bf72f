#!/usr/bin/env bash
# polars 2.1.0, which reads Parquet files, with DuckDB 2.0.1 and pyarrow 26.0.1
#
# Expected: a column with Parquet's type JSON, which is text by its definition, is read as String, or as the extension type arrow.json,
# as which polars takes the same column from pyarrow.
# Instead: polars reads it as Binary, and what it has for text and JSON refuses that.
# Seen: the column that DuckDB writes as JSON is Binary beside a String for the column of text; by pyarrow it is the extension type.
# Here: packages/analysis writes payloads as JSON. The page about it says to cast such a column to String in polars.
. "$(dirname "$0")/seen.sh"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check polars==2.1.0 duckdb==2.0.1 pyarrow==26.0.1
cat > read.py << 'END_OF_PROGRAM'
import duckdb
import polars
import pyarrow.parquet

duckdb.sql("""COPY (SELECT '{"a":1}'::JSON AS payload, 'x' AS word) TO 'events.parquet'""")
events = polars.read_parquet('events.parquet')
print({name: str(type) for name, type in events.schema.items()})
try:
    events.select(polars.col('payload').str.json_path_match('$.a'))
except polars.exceptions.SchemaError as error:
    print(str(error).splitlines()[0])
print(events.select(polars.col('payload').cast(polars.String).str.json_path_match('$.a')).item())
print(polars.from_arrow(pyarrow.parquet.read_table('events.parquet')).schema['payload'])
END_OF_PROGRAM
compare "{'payload': 'Binary', 'word': 'String'}
invalid series dtype: expected \`String\`, got \`binary\` for series with name \`payload\`
1
Extension('arrow.json', String, '')" "$(python/bin/python read.py)"
