'use strict';

// What an archive does with files. Whatever has these functions can be in the place of a disk.

const { fs, path } = require('../builtins.js');
const native = require('../native.js');

/** Windows cannot open a folder. */
const SYNCS_FOLDERS = process.platform !== 'win32';

/** The disk. Files and folders are for this user alone. */
const DISK = {
  /** Makes a folder, and those around it, and has them on disk. */
  async makeFolder(folder) {
    const first = await fs.promises.mkdir(folder, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    // The name of each new folder is in the one around it.
    for (let at = path.resolve(folder); ; at = path.dirname(at)) {
      await DISK.syncFolder(path.dirname(at));
      if (at === path.resolve(first) || at === path.dirname(at)) return;
    }
  },

  /** Locks a file, which is made. Returns what lets go of it; `undefined` if another holder has it, in any process. */
  lock(name) {
    const lock = native.tryLockFile(name);
    return lock ? () => native.unlockFile(lock) : undefined;
  },

  /** The text of a file; `undefined` if there is none. */
  async readText(name) {
    try {
      return await fs.promises.readFile(name, 'utf8');
    } catch (error) {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }
  },

  /** The names of what is in a folder. */
  list: (folder) => fs.promises.readdir(folder),

  /** The bytes of a file, as a stream. */
  read: (name) => fs.createReadStream(name),

  /** A new file. */
  async create(name) {
    const handle = await fs.promises.open(name, 'wx', 0o600);
    return {
      write: (bytes) => handle.writeFile(bytes),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },

  rename: (from, to) => fs.promises.rename(from, to),

  remove: (name) => fs.promises.rm(name, { force: true }),

  /** Has the names in a folder on disk. */
  async syncFolder(folder) {
    if (!SYNCS_FOLDERS) return;
    const handle = await fs.promises.open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

module.exports = { DISK };
