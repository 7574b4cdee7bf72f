// The databases that are asked: loaded once for all queries, and kept for other runs where that is
// wanted.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';

import { OptionError } from '../../../scripts/command-line.mjs';
import { benchFolder } from '../../folders.mjs';

/** Room that is left on the disk for everything else. */
const spareBytes = 2 ** 30;

/** What a build consists of. */
const builtFile = /\.(js|node)$/;

/** Loads databases. */
export class LoadedDatabases {
  #session;
  #options;
  #kept;

  /**
   * @param {import('../../measure/session.mjs').Session} session - What runs the loading.
   * @param {object} options - The options of the run.
   */
  constructor(session, options) {
    this.#session = session;
    this.#options = options;
    this.#kept = join(options.data, 'kept');
  }

  /**
   * Has a system load a set of events.
   *
   * @param {object} dataset - The set of events.
   * @param {object} system - The system.
   * @param {string} product - The build of codebolt-eventlog that is measured.
   * @returns {Promise<object>} Where it is: `folder`; what loading it took: `metrics`.
   */
  async load(dataset, system, product) {
    const stamp = this.#stamp(dataset, system, product);
    const kept = join(this.#kept, `${dataset.name}-${system.name}`);
    if (this.#options.keep) {
      const found = readKept(kept);
      if (found?.stamp === stamp) return { folder: kept, metrics: found.metrics };
      this.#session.removeFolder(kept);
    }
    this.#expectRoom(dataset);
    const folder = this.#session.makeFolder();
    const { metrics, error } = await this.#session.run({
      action: 'fill',
      system: system.name,
      product,
      dataset: dataset.name,
      events: this.#options.events,
      folder,
    });
    if (error !== undefined) throw new Error(`${system.name}, loading ${dataset.name}: ${error}`);
    if (!this.#options.keep) return { folder, metrics };
    writeFileSync(join(folder, 'stamp.json'), JSON.stringify({ stamp, metrics }));
    mkdirSync(this.#kept, { recursive: true });
    renameSync(folder, kept);
    return { folder: kept, metrics };
  }

  /** Removes a database that is not kept. */
  release({ folder }) {
    if (!this.#options.keep) this.#session.removeFolder(folder);
  }

  /** A text that is another one where the database would be another one. */
  #stamp({ name }, system, product) {
    const hash = createHash('sha256');
    hash.update(JSON.stringify([name, this.#options.events[name], system.name]));
    const sources = ['events.mjs', 'package-lock.json', 'queries/systems/sql.mjs'];
    sources.push(`queries/systems/${system.module}`);
    for (const file of readdirSync(join(benchFolder, 'queries', 'data')).sort()) {
      sources.push(`queries/data/${file}`);
    }
    for (const source of sources) hash.update(readFileSync(join(benchFolder, source)));
    if (system.package === undefined) {
      const built = readdirSync(product).filter((file) => builtFile.test(file));
      for (const file of built.sort()) hash.update(readFileSync(join(product, file)));
    }
    return hash.digest('hex');
  }

  #expectRoom({ name, eventBytes }) {
    const { bavail, bsize } = statfsSync(this.#options.data);
    const needed = this.#options.events[name] * eventBytes + spareBytes;
    if (bavail * bsize >= needed) return;
    const gibibytes = (bytes) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
    throw new OptionError(
      `--data: expected ${gibibytes(needed)} of free disk, found ${gibibytes(bavail * bsize)} at ${basename(this.#options.data)}`,
    );
  }
}

function readKept(folder) {
  const path = join(folder, 'stamp.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}
