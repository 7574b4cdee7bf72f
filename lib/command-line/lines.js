'use strict';

// Lines of a stream of bytes, in bounded memory.

const { CommandFailure } = require('./failure.js');

/** The longest line, in bytes: an event of the largest size that a log can take, with what JSON adds to it. */
const LINE_BYTES_MAX = 136 * 1024 * 1024;

const LINE_FEED = 10;

/**
 * Gives the lines of each chunk of a source together: `{ lines, isLast }`, where a line is `{ number, bytes, isWhole }`. The
 * last one is not whole if the source ends without a line feed.
 */
async function* linesOf(source) {
  let number = 0;
  let parts = [];
  let held = 0;
  const line = (isWhole) => {
    number += 1;
    const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    parts = [];
    held = 0;
    return { number, bytes, isWhole };
  };
  for await (const chunk of source) {
    const lines = [];
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      parts.push(chunk.subarray(start, end === -1 ? chunk.length : end));
      held += parts.at(-1).length;
      if (end === -1) break;
      lines.push(line(true));
      start = end + 1;
    }
    yield { lines, isLast: false };
    if (held > LINE_BYTES_MAX) {
      const text = `line ${number + 1}: expected at most ${LINE_BYTES_MAX} bytes, found more`;
      throw new CommandFailure('LIMIT_EXCEEDED', text);
    }
  }
  yield { lines: held > 0 ? [line(false)] : [], isLast: true };
}

module.exports = { linesOf };
