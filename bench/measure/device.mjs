// What the disk was told to write.

import { closeSync, fsyncSync, openSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The kernel counts in sectors of this size, whatever the disk has. */
const sectorBytes = 512;

/** Which number of a device's statistics is that of the sectors written (Linux, `block/stat`). */
const sectorsWritten = 6;

/** Counts what the disk of a folder is told to write, by whatever process, from its making on. */
export class DeviceWrites {
  #folder;
  #statistics;
  #bytesBefore;

  /** @param {string} folder - A folder on the disk. */
  constructor(folder) {
    this.#folder = folder;
    this.#statistics = statisticsOf(folder);
    this.#bytesBefore = this.#bytes();
  }

  /**
   * Has everything in the folder's files written.
   *
   * @returns {number | undefined} The bytes that were written; `undefined` where nobody counts them.
   */
  end() {
    if (this.#bytesBefore === undefined) return undefined;
    for (const entry of readdirSync(this.#folder, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) sync(join(entry.parentPath ?? entry.path, entry.name));
    }
    return this.#bytes() - this.#bytesBefore;
  }

  #bytes() {
    if (this.#statistics === undefined) return undefined;
    try {
      const numbers = readFileSync(this.#statistics, 'utf8').trim().split(/\s+/);
      return Number(numbers[sectorsWritten]) * sectorBytes;
    } catch (error) {
      // A file system over several disks, or over the network, is none.
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

function sync(path) {
  try {
    const file = openSync(path, 'r+');
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    // Some systems remove files after they have answered that they are closed.
    if (error.code !== 'ENOENT') throw error;
  }
}

function statisticsOf(folder) {
  if (process.platform !== 'linux') return undefined;
  const { dev } = statSync(folder, { bigint: true });
  // As glibc's gnu_dev_major and gnu_dev_minor take it apart.
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return `/sys/dev/block/${major}:${minor}/stat`;
}
