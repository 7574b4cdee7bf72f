// Archives of trimmed events, some of whose bytes are others: whatever they are, nothing is said to be archived that
// is not.
//
// An input is a byte that says whether hashes and lengths in the manifest are made right afterwards, and changes of 4 bytes
// each: which file, where, and what is to be there. Files are the manifest, two of compressed lines, and the lines in these,
// which are compressed anew. What follows on the last change takes the place of the manifest.

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { join } from 'node:path';

import archives from '../../../lib/retention/archive.js';

const { Archive } = archives;

const INSTANCE = { id: 'log', createdAt: '2026-01-31T12:00:00.000Z' };

const FOLDER = 'archive';

/** How many events there are. Before the first change, 20 of them are archived. */
const EVENTS = 30;

/** A disk in memory. */
class MemoryDisk {
  constructor(names = new Map()) {
    this.names = new Map(names);
  }

  makeFolder = async () => {};

  readText = async (name) => this.names.get(name)?.toString();

  list = async (folder) =>
    [...this.names.keys()]
      .filter((name) => name.startsWith(join(folder, '/')))
      .map((name) => name.slice(join(folder, '/').length));

  read = (name) =>
    Readable.from(
      (() => {
        const bytes = this.names.get(name);
        if (bytes === undefined) throw new Error('ENOENT');
        return [bytes];
      })(),
    );

  create = async (name) => {
    const chunks = [];
    return {
      write: async (bytes) => chunks.push(bytes),
      sync: async () => {},
      close: async () => this.names.set(name, Buffer.concat(chunks)),
    };
  };

  rename = async (from, to) => {
    this.names.set(to, this.names.get(from));
    this.names.delete(from);
  };

  remove = async (name) => this.names.delete(name);

  syncFolder = async () => {};
}

/** The line of an event. */
const lineOf = (position) => `{"position":${position},"text":"${'x'.repeat(position)}"}\n`;

/** An export of some events. */
function linesOf(first, last) {
  const events = Array.from({ length: Math.max(0, last + 1 - first) }, (_, at) =>
    lineOf(first + at),
  );
  return Readable.from(['header\n', 'instance\n', ...events, 'end\n'].map((it) => Buffer.from(it)));
}

/** What an archive of 20 events has on a disk. */
async function archived() {
  const disk = new MemoryDisk();
  const archive = new Archive(disk, FOLDER, INSTANCE);
  await archive.open();
  await archive.add(1, 12, linesOf);
  await archive.add(13, 20, linesOf);
  return [...disk.names].sort(([one], [other]) => (one < other ? 1 : -1));
}

const FILES = await archived();

export const seeds = async () => [
  Buffer.alloc(0),
  Buffer.of(0, 0, 1, 1, 1, 9, 0, 7, 3),
  Buffer.of(1, 3, 40, 0, 65),
  Buffer.concat([Buffer.of(1), FILES[0][1]]),
];

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The files after these changes. */
function altered([signs, ...changes]) {
  const bytes = Buffer.from(changes);
  const [manifest, ...compressed] = FILES.map(([name, content]) => [name, Buffer.from(content)]);
  const lines = compressed.map(([, content]) => gunzipSync(content));
  const places = [manifest[1], ...compressed.map(([, content]) => content), ...lines];
  const count = bytes.length > 64 ? 0 : bytes.length >> 2;
  for (let at = 0; at < count * 4; at += 4) {
    const which = bytes[at] % places.length;
    const place = places[which];
    place[bytes.readUInt16LE(at + 1) % place.length] = bytes[at + 3];
    const file = compressed[which - 1 - compressed.length];
    if (file !== undefined) file[1] = gzipSync(place);
  }
  if (bytes.length > 64) manifest[1] = bytes;
  if (signs % 2 === 1) manifest[1] = signed(manifest[1], compressed);
  return [manifest, ...compressed];
}

/** A manifest whose hashes and lengths are those of these files, as far as it can be read. */
function signed(manifest, compressed) {
  const [header, ...files] = manifest.toString().trimEnd().split('\n');
  const lines = files.map((line) => {
    const known = compressed.find(([name]) => line.includes(name.split('/').at(-1)));
    if (known === undefined) return line;
    const [, content] = known;
    try {
      const linesSha256 = sha256(gunzipSync(content));
      const own = { bytes: content.length, sha256: sha256(content), linesSha256 };
      return JSON.stringify({ ...JSON.parse(line), ...own });
    } catch {
      return line;
    }
  });
  return Buffer.from([header, ...lines].map((line) => `${line}\n`).join(''));
}

/** The lines of the events that an archive has by its manifest. */
function linesOn(disk) {
  const [at, bytes] = [...disk.names].find(([name]) => name.endsWith('manifest.jsonl'));
  const [, ...files] = bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const lines = files.flatMap(({ file }) =>
    gunzipSync(disk.names.get(at.replace('manifest.jsonl', file)))
      .toString()
      .split('\n'),
  );
  return lines.filter((line) => line.startsWith('{')).map((line) => `${line}\n`);
}

/** @param {Buffer} bytes - The input. */
export async function run(bytes) {
  const disk = new MemoryDisk(altered(bytes));
  const archive = new Archive(disk, FOLDER, INSTANCE);
  try {
    await archive.open();
    await archive.add(1, EVENTS, linesOf);
  } catch (error) {
    if (['INVALID_ARGUMENT', 'STORAGE_FAILED'].includes(error.code)) return;
    throw error;
  }
  // It was said that all of them are archived, so that they can go.
  const lines = new Set(linesOn(disk));
  for (let position = 1; position <= EVENTS; position += 1) {
    if (!lines.has(lineOf(position))) throw new Error(`${position} is not in the archive`);
  }
}
