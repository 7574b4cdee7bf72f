/** A larger file than this is measured where it is: what a measurement adds does not change its size. */
const copiedEventsMax = 100_000;

/** Files that are filled before they are measured. */
export class PreparedFiles {
  #session;
  #files = new Map();

  /** @param {import('./session.mjs').Session} session - What runs the filling. */
  constructor(session) {
    this.#session = session;
  }

  /**
   * Fills the files of a block. The file of each size is a copy of the next smaller one, which is
   * filled further.
   *
   * @param {import('./plan.mjs').Block} block - What is going to be measured.
   * @param {(system: object) => string} productOf - The build of a system.
   * @param {(text: string) => void} tell - Is told what is being done.
   */
  async fill({ pairs }, productOf, tell) {
    const latest = new Map();
    for (const { workload, system } of pairs) {
      if (workload.prepared === undefined) continue;
      const { events, streams } = workload.prepared;
      const before = latest.get(system.name);
      tell(`filling ${system.title} to ${events.toLocaleString('en')} events`);
      const file = {
        folder: before ? this.#session.copyFolder(before.folder) : this.#session.makeFolder(),
        events,
      };
      const product = productOf(system);
      const { metrics, error } = await this.#session.run({
        action: 'fill',
        system: system.name,
        product,
        folder: file.folder,
        fill: { from: before?.events ?? 0, to: events, streams },
      });
      if (error !== undefined) file.error = error;
      else file.fillSeconds = metrics.seconds;
      latest.set(system.name, file);
      this.#files.set(key(workload, system), file);
    }
  }

  /** The filled file of a pair, or `undefined` where it begins with an empty one. */
  of(workload, system) {
    return this.#files.get(key(workload, system));
  }

  /**
   * @param {object} file - A filled file.
   * @returns {string} A folder in which it can be measured.
   */
  folderFor(file) {
    return isCopied(file) ? this.#session.copyFolder(file.folder) : file.folder;
  }

  /** Takes the folder back after a measurement that has added events. */
  release(file, folder, added) {
    if (isCopied(file)) this.#session.removeFolder(folder);
    else file.events += added;
  }

  /** Removes all files. */
  clear() {
    for (const { folder } of this.#files.values()) this.#session.removeFolder(folder);
    this.#files.clear();
  }
}

function isCopied({ events }) {
  return events <= copiedEventsMax;
}

function key(workload, system) {
  return `${workload.name} ${system.name}`;
}
