'use strict';

// A log in a file that follows another one, such as one in PostgreSQL, and is read there.

const { fs } = require('../builtins.js');
const {
  CallSite,
  EventLogError,
  Refusal,
  asFailure,
  describe,
  invalid,
  told,
} = require('../failure.js');
const { EventLog, connectionIn } = require('../event-log.js');
const { DECLARED } = require('../event-types/declared.js');
const native = require('../native.js');
const { optionsOf } = require('../options.js');
const { Pause } = require('../pause.js');
const { isServerPath } = require('../server-path.js');
const { abortion, isAborted } = require('../signal.js');
const { Copy } = require('../transfer/copy/copy.js');
const { CopySide } = require('../transfer/copy/side.js');
const { bySignal } = require('../wait.js');
const { refusal } = require('../wire/calls.js');
const { eventsBehind, hasAll } = require('./place.js');

/** How long it takes to try again what has failed for now, or what another process does. */
const RETRY_MS = 500;

/** Who waits for the replica looks at it that far apart. */
const LOOK_MS = 10;

/** What passes: the server is away, or another process has the file. */
const PASSING = ['STORAGE_FAILED', 'OUTCOME_UNKNOWN', 'LOCKED', 'OVERLOADED'];

/** What is added to the path of a replica for the file by whose lock one process follows. */
const LOCK_SUFFIX = '.follower';

class Replica {
  #from;
  #sourceOptions;
  #path;
  /** The log that is followed; `undefined` while it cannot be opened. */
  #source;
  /** The file, as whoever follows writes to it. */
  #file;
  #end = new AbortController();
  #pause = new Pause();
  #following;
  /** Whether the log that is followed is being opened. */
  #isOpening = false;
  /** Whether this process follows. */
  #follows = false;
  /** What following has failed with; `undefined` if it works. */
  #failure;

  constructor(from, sourceOptions, path, file) {
    this.#from = from;
    this.#sourceOptions = sourceOptions;
    this.#path = path;
    this.#file = file;
  }

  /** Opens the log that is followed. Without it, a replica that has instances is of use all the same. */
  async begin() {
    try {
      await this.#open();
    } catch (error) {
      const isPassing = PASSING.includes(error?.code);
      const { instances } = await this.#file.strict.listInstances();
      if (!isPassing || instances.length === 0) throw error;
      this.#failure = failureOf(error);
    }
    this.#following = this.#follow();
  }

  /** How far it is behind. */
  behind = async () => {
    const type = 'eventLog.behind';
    const state = { follows: this.#follows, failure: this.#failure ?? null };
    try {
      const [source, replica] = await Promise.all([
        this.#side('source').instances(),
        this.#side('target').instances(),
      ]);
      return success(type, { events: eventsBehind(source, replica), ...state });
    } catch (error) {
      const failure = failureOf(error);
      if (!PASSING.includes(failure.code)) return refusal(type, failure);
      return success(type, { events: null, ...state, failure });
    }
  };

  /** Waits until it has everything that the other log has now. */
  catchUp = async (options) => {
    const type = 'eventLog.catchUp';
    let release = () => {};
    try {
      const { signal } = optionsOf(options, ['signal']);
      if (isAborted(signal)) return refusal(type, abortion(signal, 'wait'));
      const ends = [bySignal(signal, 'wait')];
      const target = this.#side('target', ends);
      release = target.hold();
      // It is tried again meanwhile.
      if (this.#source === undefined) await target.during(new Pause().for(2 * RETRY_MS));
      const source = await this.#side('source', ends).instances();
      const pause = new Pause();
      while (!hasAll(source, await target.instances())) {
        const failure = this.#failure;
        if (failure !== undefined && !PASSING.includes(failure.code)) return refusal(type, failure);
        await target.during(pause.for(LOOK_MS));
      }
      return success(type, {});
    } catch (error) {
      return refusal(type, failureOf(error));
    } finally {
      release();
    }
  };

  /** Ends it. */
  async close() {
    this.#end.abort();
    this.#pause.end();
    // A server that is away may be waited for a while yet; whoever opens it closes it then.
    if (!this.#isOpening) await this.#following;
    await Promise.all([this.#source?.close(), this.#file.close()]);
  }

  async #open() {
    this.#isOpening = true;
    try {
      const source = await EventLog.open(this.#from, { ...this.#sourceOptions, readOnly: true });
      if (this.#end.signal.aborted) {
        await source.close();
        return;
      }
      this.#source = source;
      this.#failure = undefined;
    } finally {
      this.#isOpening = false;
    }
  }

  /** One of the two logs, as it is called. */
  #side(role, ends = []) {
    const log = role === 'source' ? this.#source : this.#file;
    if (log === undefined) throw new Refusal(this.#failure.code, this.#failure.error);
    return new CopySide(connectionIn(log), role, ends);
  }

  /** Follows whenever no other process does, until the replica is closed. */
  async #follow() {
    const { signal } = this.#end;
    let isFirst = true;
    while (isFirst || (await this.#pause.for(RETRY_MS))) {
      isFirst = false;
      let lock;
      try {
        if (this.#source === undefined) await this.#open();
        if (signal.aborted) return;
        lock = native.tryLockFile(`${this.#path}${LOCK_SUFFIX}`);
        if (lock === null) continue;
        this.#follows = true;
        await this.#copy(signal).run();
      } catch (error) {
        if (signal.aborted) return;
        this.#failure = failureOf(error);
        // What does not pass is told to those who ask, and tried no more.
        if (!PASSING.includes(this.#failure.code)) return;
      } finally {
        this.#follows = false;
        if (lock) native.unlockFile(lock);
      }
    }
  }

  #copy(signal) {
    const [source, target] = [this.#source, this.#file].map(connectionIn);
    const caughtUp = () => (this.#failure = undefined);
    return new Copy({ source, target }, { follow: true, mirrors: true, signal, caughtUp });
  }
}

/** The code and the text of what was thrown, which may be what a log could not be opened with. */
function failureOf(error) {
  if (!(error instanceof EventLogError)) return told(error);
  return { code: error.code, error: error.message };
}

function success(type, data) {
  const [timestamp, requestId] = native.stampRefusal();
  return { type, success: true, data, timestamp, requestId };
}

/** The options of a replica: those of the log that is followed, and those of the file. */
function apart(options) {
  if (options === undefined || options === null) return { source: undefined, file: {} };
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw invalid(`options: expected an object, found ${describe(options)}`);
  }
  const { source, ...file } = options;
  if (file.readOnly !== undefined) {
    throw invalid('options.readOnly: a replica is always read-only, leave it out');
  }
  if (
    (source ?? undefined) !== undefined &&
    (typeof source !== 'object' || Array.isArray(source))
  ) {
    throw invalid(`options.source: expected an object, found ${describe(source)}`);
  }
  return { source: source ?? undefined, file };
}

/**
 * Opens a replica: a log that reads from a file, which follows another log.
 *
 * @param {string | URL} from - Where the log is that is followed.
 * @param {string | URL} path - Where the file is.
 * @param {any} options - The options of the file, and among them `source`: those of the log that is followed.
 */
async function openReplica(from, path, options) {
  const site = new CallSite();
  try {
    const { source, file } = apart(options);
    if (path === ':memory:' || (typeof path !== 'object' && isServerPath(path))) {
      throw invalid('path: expected the path of a file');
    }
    return await opened(from, source, path, file);
  } catch (error) {
    throw site.in(asFailure(error));
  }
}

async function opened(from, sourceOptions, path, options) {
  // What a program has declared of its events is about reading.
  const ofFile = Object.fromEntries(
    Object.entries(options).filter(([option]) => !DECLARED.includes(option)),
  );
  const file = await EventLog.open(path, ofFile);
  let log;
  try {
    log = await EventLog.open(path, { ...options, readOnly: true });
    const at = fs.realpathSync(connectionIn(file).path);
    const replica = new Replica(from, sourceOptions, at, file);
    await replica.begin();
    const close = log.close;
    log.behind = replica.behind;
    log.catchUp = replica.catchUp;
    log.close = async () => {
      await replica.close();
      await close();
    };
    return log;
  } catch (error) {
    await Promise.all([file.close(), log?.close()]);
    throw error;
  }
}

module.exports = { openReplica };
