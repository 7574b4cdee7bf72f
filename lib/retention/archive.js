'use strict';

// An archive: what is about to be trimmed of an instance, as compressed lines of exports in files, with a manifest that
// lists these. What the manifest lists was written, synced, read back and compared.

const { crypto, path, stream, zlib } = require('../builtins.js');
const { Refusal, invalid, reason } = require('../failure.js');

/** What the first line of a manifest says that it is. */
const FORMAT = 'codebolt-eventlog-archive';

const VERSION = 1;

const MANIFEST = 'manifest.jsonl';

/** What is locked while something is archived. */
const LOCK = '.lock';

/** A longer name of a folder than that is not possible everywhere. */
const NAME_LENGTH_MAX = 100;

/** How many digits hold each position that JavaScript holds exactly. */
const DIGITS = 16;

const LINE_FEED = 0x0a;

/** What the names of files begin with that are not written to their ends. */
const PARTIAL = '.partial-';

/**
 * @typedef {object} Archived - A file of an archive.
 * @property {string} file - Its name.
 * @property {number} first - The position of its first event.
 * @property {number} last - The position of its last event.
 * @property {number} bytes - How long it is.
 * @property {string} sha256 - The hash of it.
 * @property {string} linesSha256 - The hash of the lines in it.
 */

/** The name of the folder of an instance: its id, as long as that can be a name anywhere. */
function folderOf(id) {
  const name = encodeURIComponent(id).replaceAll(/[.*~'()!]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return `%${code.padStart(2, '0')}`;
  });
  if (name.length <= NAME_LENGTH_MAX && name === name.toLowerCase()) return `id-${name}`;
  // Where cases do not differ, two ids would share a folder.
  return `sha256-${crypto.createHash('sha256').update(id).digest('hex')}`;
}

function nameOf(first, last) {
  const digits = (position) => String(position).padStart(DIGITS, '0');
  return `${digits(first)}-${digits(last)}.jsonl.gz`;
}

/** The hash of the lines of events in an export of one instance, but for the first few of them. */
class EventHash {
  #hash = crypto.createHash('sha256');
  /** How many lines are still left out. The line of the instance may change, and so may the counts before it. */
  #left;
  /** What has come of a line that is not at its end. */
  #begun = Buffer.alloc(0);
  /** The last whole line, which is the end of the export if nothing follows. */
  #held;

  constructor(eventsLeftOut) {
    this.#left = 2 + eventsLeftOut;
  }

  update(chunk) {
    let at = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, at) + 1;
      const part = chunk.subarray(at, end === 0 ? chunk.length : end);
      this.#begun = this.#begun.length === 0 ? part : Buffer.concat([this.#begun, part]);
      if (end === 0) return;
      this.#take(this.#begun);
      this.#begun = Buffer.alloc(0);
      at = end;
    }
  }

  #take(line) {
    if (this.#held !== undefined) this.#hash.update(this.#held);
    if (this.#left === 0) this.#held = line;
    else this.#left -= 1;
  }

  digest() {
    return this.#hash.digest('hex');
  }
}

/** What the folder of the archives of single streams of an instance is called, in that of the instance. */
const STREAMS = 'streams';

/** The archive of one instance in a folder, or of one stream of it by itself. Of a stream, positions are its numbers. */
class Archive {
  #disk;
  #home;
  #instance;
  /** @type {Archived[]} */
  #files = [];

  /**
   * `disk` has what is done with files: see `disk.js`. An instance that is made anew under its id has another `createdAt`.
   *
   * @param {object} disk - That.
   * @param {string} folder - Where the archives are.
   * @param {{ id: string, createdAt: string, stream?: string }} instance - The instance, and the stream if it is one.
   */
  constructor(disk, folder, { id, createdAt, stream: ofStream }) {
    this.#disk = disk;
    const parts = ofStream === undefined ? [] : [STREAMS, folderOf(ofStream)];
    this.#home = path.join(folder, folderOf(id), ...parts);
    this.#instance = {
      instance: id,
      createdAt,
      ...(ofStream !== undefined && { stream: ofStream }),
    };
  }

  /** Where it is. */
  get home() {
    return this.#home;
  }

  /** Has nobody else archive anything here. Returns what takes that back; `undefined` if somebody does. */
  async lock() {
    await this.#disk.makeFolder(this.#home);
    return this.#disk.lock(path.join(this.#home, LOCK));
  }

  /** Reads what there is. */
  async open() {
    await this.#disk.makeFolder(this.#home);
    const text = await this.#disk.readText(path.join(this.#home, MANIFEST));
    this.#files = text === undefined ? [] : this.#parsed(text);
    for (const name of await this.#disk.list(this.#home)) {
      // Left by a run that was cut off.
      if (name.startsWith(PARTIAL)) await this.#disk.remove(path.join(this.#home, name));
    }
  }

  #parsed(text) {
    const where = path.join(this.#home, MANIFEST);
    try {
      const [header, ...files] = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const isRight =
        header.format === FORMAT &&
        header.instance === this.#instance.instance &&
        header.stream === this.#instance.stream &&
        files.every(({ file, first, last }) => file === nameOf(first, last));
      if (isRight && header.version > VERSION) {
        throw invalid(`archive: ${where} was written by a newer version`);
      }
      if (isRight && header.createdAt !== this.#instance.createdAt) {
        const { instance, createdAt } = this.#instance;
        throw invalid(
          `archive: expected a folder for the instance ${JSON.stringify(instance)} that was made at ${createdAt}, ` +
            `found ${where}, which is of one that was made at ${header.createdAt}`,
        );
      }
      if (isRight) return files;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw invalid(`archive: ${where} cannot be read: ${reason(error)}`);
    }
    const kind = this.#instance.stream === undefined ? 'instance' : 'stream';
    throw invalid(`archive: ${where} is not the manifest of an archive of this ${kind}`);
  }

  /**
   * Has the events from one position to another one in the archive, which it may have already. `exportOf(first, last)` is a
   * stream of the lines of those.
   */
  async add(first, last, exportOf) {
    for (const file of this.#files) {
      // What is about to be trimmed rests on it.
      if (file.last >= first && file.first <= last) await this.#compare(file, first, exportOf);
    }
    const begin = Math.max(first, (this.#files.at(-1)?.last ?? 0) + 1);
    if (begin > last) return;
    const partial = `${PARTIAL}${crypto.randomUUID()}`;
    const written = await this.#write(partial, exportOf(begin, last));
    const file = { file: nameOf(begin, last), first: begin, last, ...written };
    await this.#readBack(file, partial);
    await this.#disk.rename(path.join(this.#home, partial), path.join(this.#home, file.file));
    await this.#disk.syncFolder(this.#home);
    this.#files.push(file);
    await this.#writeManifest();
  }

  /** Writes lines, compressed, to a file, and has it on disk. Returns what it is. */
  async #write(name, lines) {
    const text = crypto.createHash('sha256');
    const compressed = crypto.createHash('sha256');
    let bytes = 0;
    const output = await this.#disk.create(path.join(this.#home, name));
    try {
      const gzip = zlib.createGzip();
      const hashed = async function* hashed(chunks) {
        for await (const chunk of chunks) {
          text.update(chunk);
          yield chunk;
        }
      };
      await stream.promises.pipeline(lines, hashed, gzip, async (chunks) => {
        for await (const chunk of chunks) {
          compressed.update(chunk);
          bytes += chunk.length;
          await output.write(chunk);
        }
      });
      await output.sync();
    } finally {
      await output.close();
    }
    return { bytes, sha256: compressed.digest('hex'), linesSha256: text.digest('hex') };
  }

  /** Makes sure that a file has the events that the log has at its positions, as far as these are still there. */
  async #compare(file, first, exportOf) {
    const begin = Math.max(first, file.first);
    const archived = new EventHash(begin - file.first);
    await this.#readBack(file, file.file, archived);
    const found = new EventHash(0);
    for await (const chunk of exportOf(begin, file.last)) found.update(chunk);
    if (found.digest() === archived.digest()) return;
    const where = path.join(this.#home, file.file);
    throw invalid(
      `archive: expected the events ${this.#placed(begin, file.last)} in ${where}, found others there: give each ` +
        'log a folder of its own',
    );
  }

  #placed(first, last) {
    return `${this.#instance.stream === undefined ? 'at positions' : 'with the numbers'} ${first} to ${last}`;
  }

  /**
   * Reads a file back, under the name that it has now, and compares it with what was written. The lines in it go to `lines`
   * as well.
   */
  async #readBack({ file, bytes, sha256, linesSha256 }, name, lines) {
    const compressed = crypto.createHash('sha256');
    const text = crypto.createHash('sha256');
    let found = 0;
    const hashed = async function* hashed(chunks) {
      for await (const chunk of chunks) {
        compressed.update(chunk);
        found += chunk.length;
        yield chunk;
      }
    };
    const where = path.join(this.#home, file);
    try {
      const read = this.#disk.read(path.join(this.#home, name));
      await stream.promises.pipeline(read, hashed, zlib.createGunzip(), async (chunks) => {
        for await (const chunk of chunks) {
          text.update(chunk);
          lines?.update(chunk);
        }
      });
    } catch (error) {
      throw new Refusal('STORAGE_FAILED', `archive: ${where}: ${reason(error)}`);
    }
    const isSame =
      found === bytes && compressed.digest('hex') === sha256 && text.digest('hex') === linesSha256;
    if (isSame) return;
    throw new Refusal('STORAGE_FAILED', `archive: ${where} is not what was written`);
  }

  /** Has the manifest list all files, on disk. */
  async #writeManifest() {
    const header = { format: FORMAT, version: VERSION, ...this.#instance };
    const lines = [header, ...this.#files].map((line) => `${JSON.stringify(line)}\n`);
    const partial = path.join(this.#home, `${PARTIAL}${crypto.randomUUID()}`);
    const output = await this.#disk.create(partial);
    try {
      await output.write(Buffer.from(lines.join('')));
      await output.sync();
    } finally {
      await output.close();
    }
    await this.#disk.rename(partial, path.join(this.#home, MANIFEST));
    await this.#disk.syncFolder(this.#home);
  }
}

module.exports = { Archive };
