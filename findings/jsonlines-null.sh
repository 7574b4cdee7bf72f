#!/usr/bin/env bash
# jsonlines 0.1.1, streams of JSON Lines
#
# Expected: a line `null`, which is JSON as `0` and `false` are, comes out as a value, or is refused by an error that says so.
# Instead: it ends the stream, since it is pushed as it is. A line behind it leads to an error of Node's streams.
# Seen: of the lines 1, null, 2 comes the 1, and then ERR_STREAM_PUSH_AFTER_EOF. Where null is the last line it is missing silently.
# Here: exports have an object in each line. A program that writes payloads alone, some of which are null, should read them otherwise.
. "$(dirname "$0")/seen.sh"

install jsonlines@0.1.1
cat > lines.cjs << 'END_OF_PROGRAM'
const jsonlines = require('jsonlines');

for (const text of ['1\n0\n', '1\nnull\n', '1\nnull\n2\n']) {
  const found = [];
  const parser = jsonlines.parse();
  const show = (end) => console.log(`${JSON.stringify(text)}: ${found.join(', ')}, then ${end}`);
  parser.on('data', (value) => found.push(value));
  parser.on('end', () => show('the end'));
  parser.on('error', (error) => show(error.code));
  parser.end(text);
}
END_OF_PROGRAM
compare '"1\n0\n": 1, 0, then the end
"1\nnull\n": 1, then the end
"1\nnull\n2\n": 1, then ERR_STREAM_PUSH_AFTER_EOF' "$(node lines.cjs | sort)"
