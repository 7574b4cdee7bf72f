'use strict';

// The processes that have a log's file open, as Linux tells of those that this user may look at.

const { readFileSync, readdirSync, readlinkSync, realpathSync } = require('node:fs');

/**
 * The bytes that processes lock, and what a process does that holds one of them alone.
 *
 * @type {[bigint, string][]}
 */
const LOCKED_BYTES = [
  [(1n << 62n) - 1n, 'journal'],
  [1n << 62n, 'tables'],
];

/** The openings of a file by a process, by the names of their descriptors. */
function openingsOf(pid, path) {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`) === path;
    } catch {
      // It was closed meanwhile.
      return false;
    }
  });
}

/** What a process holds alone by one of its openings. */
function locksOf(pid, fd) {
  const text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
  const locks = text.matchAll(/^lock:\s+\d+: OFDLCK\s+\S+\s+WRITE\s+\S+\s+\S+ (\d+) (\d+|EOF)$/gm);
  return [...locks].flatMap(([, first, last]) =>
    LOCKED_BYTES.filter(
      ([byte]) => BigInt(first) <= byte && (last === 'EOF' || byte <= BigInt(last)),
    ).map(([, name]) => name),
  );
}

/** A process that has the file open; `undefined` if it has not, or may not be looked at. */
function holder(pid, path) {
  try {
    const openings = openingsOf(pid, path);
    if (openings.length === 0) return undefined;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return {
      pid,
      command: readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd(),
      isStopped: /^[Tt]/.test(stat.slice(stat.lastIndexOf(')') + 2)),
      locks: [...new Set(openings.flatMap((fd) => locksOf(pid, fd)))],
    };
  } catch {
    return undefined;
  }
}

/** The other processes that have the file open; `undefined` where the system does not tell. */
function holdersOf(path) {
  if (process.platform !== 'linux') return undefined;
  const real = realpathSync(path);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => holder(Number(pid), real))
    .filter((found) => found !== undefined);
}

module.exports = { holdersOf };
