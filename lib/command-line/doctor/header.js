'use strict';

// What the start of a log's file says, as docs/design.md describes it. It is read without opening the log, so that it can be
// told of one that cannot be opened.

const { closeSync, openSync, readSync } = require('node:fs');

/** What the file of every log begins with, whatever its format. */
const NAME = 'CODEBOLTEVENTLOG';

/** The formats whose journal is described here. */
const FORMATS = [3, 4, 5];

const SEGMENT_HEADERS_AT = [4096, 8192];

const MARK_AT = 12_288;

/** The headers and the mark lie before this. */
const READ_BYTES = 16_384;

/** The start of a file. It is shorter where the file is. */
function startOf(path) {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(READ_BYTES);
    return bytes.subarray(0, readSync(file, bytes, 0, READ_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

/** A segment of the journal; `undefined` where none was begun. */
function segment(bytes, at) {
  const generation = Number(bytes.readBigUInt64LE(at));
  if (generation === 0) return undefined;
  return {
    generation,
    afterCommit: Number(bytes.readBigUInt64LE(at + 16)),
    writtenBytes: bytes.readUInt32LE(at + 24),
  };
}

/** What the file is, and for a log its format and its journal. */
function readHeader(path) {
  const bytes = startOf(path);
  if (bytes.length === 0) return { kind: 'an empty file' };
  if (bytes.toString('latin1', 0, NAME.length) !== NAME) return { kind: 'no log' };
  if (bytes.length < READ_BYTES) return { kind: 'a log that was cut off' };
  const format = bytes.readUInt32LE(NAME.length);
  if (!FORMATS.includes(format)) return { kind: 'a log', format };
  const segments = SEGMENT_HEADERS_AT.map((at) => segment(bytes, at));
  return {
    kind: 'a log',
    format,
    journal: {
      segmentBytes: bytes.readUInt32LE(NAME.length + 4),
      segments: segments.filter((each) => each !== undefined),
      lastCommit: Number(bytes.readBigUInt64LE(MARK_AT)),
    },
  };
}

module.exports = { readHeader };
