'use strict';

// The file beside a keyring that has the log's key, as the one who holds it has encrypted it.

const { fs, path } = require('../builtins.js');
const { Refusal, reason } = require('../failure.js');
const native = require('../native.js');
const { logPath, pathText } = require('../opening.js');
const { Pause } = require('../pause.js');
const { DISK } = require('../retention/disk.js');

/** How long another process is waited for that makes or changes the file, in milliseconds, as the option `lockWaitMs` says. */
const LOCK_WAIT_MS = 10_000;

const RETRY_MS = 10;

/** What the file says that it is. */
const FORMAT = 'codebolt-eventlog-key';

const VERSION = 1;

/** What the name of the file ends with, after that of the keyring. */
const ENDING = '.key';

/** A longer file is not one that this package has written, in bytes. */
const FILE_BYTES_MAX = 64 << 10;

/** The file with the log's key, encrypted; with two of them while the key is changed. */
class KeyFile {
  #keyring;
  #lockWaitMs;

  constructor(keyring, lockWaitMs = LOCK_WAIT_MS) {
    this.#keyring = keyring;
    this.#lockWaitMs = lockWaitMs;
  }

  get #path() {
    return `${this.#keyring}${ENDING}`;
  }

  /** Whether there is a keyring. */
  get hasKeyring() {
    return fs.existsSync(this.#keyring);
  }

  /** The keys that it has, encrypted; none if there is no file. */
  async read() {
    const text = await this.#done(async () => {
      try {
        const { size } = await fs.promises.stat(this.#path);
        return size > FILE_BYTES_MAX ? '' : await fs.promises.readFile(this.#path, 'utf8');
      } catch (error) {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }
    });
    return text === undefined ? [] : this.#parsed(text);
  }

  #parsed(text) {
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      // It is told below.
    }
    if (found?.format === FORMAT && found.version > VERSION) {
      const expected = `expected the version ${VERSION}, found ${String(found.version)}`;
      throw new Refusal('UNSUPPORTED_FORMAT', `the file ${this.#path}: ${expected}`);
    }
    const isText = (value) => typeof value === 'string' && value.length > 0;
    const keys = found?.format === FORMAT && Array.isArray(found.keys) ? found.keys : [];
    if (keys.length > 0 && keys.every((key) => isText(key?.wrapped) && isText(key.check))) {
      return keys.map(({ wrapped, check }) => ({ wrapped, check }));
    }
    throw new Refusal('CORRUPTED', `the file ${this.#path} is not what was written`);
  }

  /** Has it have these keys. It is on disk then; whatever happens, it has these or those that it had. */
  async write(keys) {
    const next = `${this.#path}.next`;
    const line = `${JSON.stringify({ format: FORMAT, version: VERSION, keys })}\n`;
    await this.#done(async () => {
      await DISK.remove(next);
      const output = await DISK.create(next);
      try {
        await output.write(Buffer.from(line));
        await output.sync();
      } finally {
        await output.close();
      }
      await DISK.rename(next, this.#path);
      await DISK.syncFolder(path.dirname(path.resolve(this.#path)));
    });
  }

  /** Removes it, if there is one. */
  async remove() {
    await this.#done(async () => {
      await DISK.remove(this.#path);
      await DISK.syncFolder(path.dirname(path.resolve(this.#path)));
    });
  }

  /** Does `work` while nobody else changes the file. */
  async alone(work) {
    const unlock = await this.#locked();
    try {
      return await work();
    } finally {
      unlock();
    }
  }

  async #locked() {
    const name = `${this.#path}.lock`;
    // The log may be the first thing in its folder.
    await this.#done(async () => DISK.makeFolder(path.dirname(path.resolve(name))));
    const until = native.elapsedMs() + this.#lockWaitMs;
    for (;;) {
      const unlock = await this.#done(async () => DISK.lock(name));
      if (unlock !== undefined) return unlock;
      if (native.elapsedMs() >= until) {
        const held = `another process has not let go of ${name} within ${this.#lockWaitMs} ms`;
        throw new Refusal('LOCKED', `${held} (lockWaitMs)`);
      }
      await new Pause().for(RETRY_MS);
    }
  }

  /** What `work` gives, which uses files. */
  async #done(work) {
    try {
      return await work();
    } catch (error) {
      const text = `the file ${this.#path} cannot be used: ${reason(error)}`;
      throw new Refusal('STORAGE_FAILED', text, { cause: error });
    }
  }
}

/** Where the keyring of a log is; `undefined` for one in memory, and for what is no path. */
function keyringOf(at, keyring) {
  if ((keyring ?? undefined) !== undefined) {
    const text = pathText(keyring, 'options.keyring');
    return typeof text === 'string' ? text : undefined;
  }
  const text = logPath(at);
  if (typeof text !== 'string' || text === ':memory:') return undefined;
  let real = text;
  try {
    real = fs.realpathSync(text);
  } catch {
    // There is no log yet, whose name may be a link.
  }
  return `${real}.keyring`;
}

module.exports = { KeyFile, keyringOf };
