'use strict';

// A log in another one: what `copyTo` does, instance by instance.

const { fs } = require('../../builtins.js');
const { Refusal, describe, invalid, told } = require('../../failure.js');
const native = require('../../native.js');
const { Progress, optionsOf } = require('../../options.js');
const { Pause } = require('../../pause.js');
const { isServerPath } = require('../../server-path.js');
const { abortion, isAborted, onAbort, signalAt } = require('../../signal.js');
const { bySignal } = require('../../wait.js');
const { refusal } = require('../../wire/calls.js');
const { keyOf } = require('./identity.js');
const { InstanceCopy } = require('./instance-copy.js');
const { CopySide } = require('./side.js');

const OPTIONS = ['signal', 'onProgress', 'follow', 'until'];

/** So many instances are copied side by side. */
const SIDE_BY_SIDE = 8;

/** Somebody who follows looks for changes at least that far apart. */
const LOOK_MS = 20;

/** A look takes at most this part of the time. */
const LOOK_SHARE = 10;

/** States that change without events are looked for that far apart. */
const STATES_MS = 1_000;

/**
 * @typedef {object} CopyAsked What a copy is asked for.
 * @property {AbortSignal} [signal] - What calls it off.
 * @property {(progress: { done: number, total: number }) => void} [onProgress] - Hears how far it is.
 * @property {boolean} follow - Whether it goes on.
 * @property {AbortSignal} [until] - What ends it if it does.
 * @property {boolean} [mirrors] - Whether the other log is nothing but a copy, which copies alone have written: what the
 *   copied one does not have is deleted there, what is there is not compared, and the process is not kept alive.
 * @property {() => void} [caughtUp] - Called each time the other log has had everything that there was.
 */

/**
 * @param {any} options - What the caller has given.
 * @returns {CopyAsked} What is asked for.
 */
function askedFor(options) {
  const asked = optionsOf(options, OPTIONS);
  const { follow = false, until } = asked;
  if (typeof follow !== 'boolean') {
    throw invalid(`options.follow: expected true or false, found ${describe(follow)}`);
  }
  if (until !== undefined) {
    signalAt('options.until', until);
    if (!follow) throw invalid('options.until: expected it with follow: true, found it without');
  }
  return { ...asked, follow };
}

/** The connection of the other log: `other` is what the caller has given for it. */
function targetOf({ other, connection }, source) {
  if (connection === undefined) {
    throw invalid(`other: expected a log, as EventLog.open gives it, found ${describe(other)}`);
  }
  if (connection === source) throw invalid('other: expected another log, found this one');
  return connection;
}

/**
 * Copies a log to another one, and returns the response to that.
 *
 * @param {string} type - The type of the response.
 * @param {any} source - The connection of the log.
 * @param {{ other: unknown, connection: any }} target - What was given for the other one, and its connection if it is a log.
 * @param {unknown} options - What the caller has given.
 */
async function copyTo(type, source, target, options) {
  try {
    const asked = askedFor(options);
    const logs = { source, target: targetOf(target, source) };
    if (isAborted(asked.signal)) return refusal(type, abortion(asked.signal, 'copy'));
    const data = await new Copy(logs, asked).run();
    const [timestamp, requestId] = native.stampRefusal();
    return { type, success: true, data, timestamp, requestId };
  } catch (error) {
    return refusal(type, told(error));
  }
}

class Copy {
  #source;
  #target;
  #follow;
  #until;
  #mirrors;
  #caughtUp;
  #progress;
  /** What is copied, by its id and when it was made. @type {Map<string, any>} */
  #instances = new Map();
  #counts = { instances: 0, events: 0, skippedInstances: 0, skippedEvents: 0 };
  /** How many events the log has that is copied. */
  #total = 0;
  /** How many of them the other one has. */
  #done = 0;

  /**
   * @param {{ source: any, target: any }} logs - The connections of the two logs.
   * @param {CopyAsked} asked - What is asked for.
   */
  constructor({ source, target }, asked) {
    const { signal, onProgress, follow, until, mirrors = false, caughtUp } = asked;
    const ends = [bySignal(signal, 'copy')];
    this.#source = new CopySide(source, 'source', ends);
    this.#target = new CopySide(target, 'target', ends);
    this.#follow = follow;
    this.#until = until;
    this.#mirrors = mirrors;
    this.#caughtUp = caughtUp ?? (() => {});
    this.#progress = new Progress(onProgress);
  }

  /** Copies. Returns what was copied. */
  async run() {
    const release = this.#mirrors ? () => {} : this.#target.hold();
    try {
      await this.#begin();
      await this.#copyAll([...this.#instances.values()]);
      this.#caughtUp();
      if (!this.#mirrors) await this.#compareAll();
      if (this.#follow) await this.#followOn();
      this.#progress.finish({ done: this.#done, total: Math.max(this.#done, this.#total) });
      return this.#counts;
    } finally {
      release();
    }
  }

  /** Finds out what there is to copy, and whether the other log is the beginning of it. Nothing is stored before that. */
  async #begin() {
    const listed = await this.#source.instances();
    const there = await this.#target.instances();
    if (await isSameFile(this.#source.path, this.#target.path)) {
      throw invalid('other: expected another log, found the same file');
    }
    const own = new Map(listed.map((instance) => [keyOf(instance), instance]));
    const gone = [];
    for (const instance of there) {
      if (own.has(keyOf(instance))) continue;
      if (!this.#mirrors) throw unknownInstance(instance, listed);
      gone.push(this.#copyOf(instance));
    }
    const found = listed.map((instance) => [this.#copyOf(instance), instance]);
    await sideBySide(found, ([copy, [, , last]]) => copy.check(last));
    for (const [copy] of found) this.#add(copy);
    // Those that were deleted go first: their names may be those of others by now.
    for (const copy of gone) await copy.remove();
    this.#total = listed.reduce((sum, [, , last]) => sum + last, 0);
    this.#report();
  }

  #copyOf(instance) {
    const copied = (events) => {
      this.#counts.events += events;
      this.#done += events;
      this.#report();
    };
    return new InstanceCopy(this.#source, this.#target, instance, copied, this.#mirrors);
  }

  #add(copy) {
    this.#instances.set(keyOf([copy.id, copy.createdAt]), copy);
    this.#done += copy.position;
    this.#counts.skippedEvents += copy.position;
    this.#counts[copy.isThere ? 'skippedInstances' : 'instances'] += 1;
  }

  #report() {
    // Events that were appended after the instances were listed are copied too.
    this.#progress.report({ done: this.#done, total: Math.max(this.#done, this.#total) });
  }

  /** Copies instances side by side. Those that are new are made in their order. */
  async #copyAll(copies, withStates = true) {
    let before;
    const turns = copies.map((copy) => {
      if (copy.isThere) return undefined;
      const earlier = before;
      let begun = () => {};
      before = new Promise((resolve) => (begun = () => resolve(undefined)));
      return { before: earlier, begun };
    });
    const pairs = copies.map((copy, index) => [copy, turns[index]]);
    await sideBySide(pairs, async ([copy, turn]) => {
      try {
        await copy.copy(withStates, turn);
      } finally {
        turn?.begun();
      }
      if (copy.isGone && !this.#follow) {
        const text = `the log that is copied: the instance with the id ${JSON.stringify(copy.id)} was deleted while it was copied`;
        throw new Refusal('INSTANCE_NOT_FOUND', text);
      }
    });
  }

  async #compareAll() {
    const copies = [...this.#instances.values()].filter((copy) => !copy.isGone);
    await sideBySide(copies, (copy) => copy.compare());
  }

  /** Copies what follows, until it is told to end. */
  async #followOn() {
    const pause = new Pause();
    const unlisten = this.#until && onAbort(this.#until, () => pause.end());
    let statesMs = native.elapsedMs();
    try {
      for (;;) {
        const isLast = isAborted(this.#until);
        const began = native.elapsedMs();
        const withStates = isLast || began - statesMs >= STATES_MS;
        await this.#look(withStates);
        const took = native.elapsedMs() - began;
        if (withStates) statesMs = native.elapsedMs() + took * LOOK_SHARE;
        this.#caughtUp();
        if (isLast) break;
        // The pause is over as well once the copy is told to end, or called off.
        await this.#target.during(pause.for(Math.max(LOOK_MS, took * LOOK_SHARE)));
      }
    } finally {
      unlisten?.();
      pause.end();
    }
    if (!this.#mirrors) await this.#compareAll();
  }

  /** Copies what has changed since the last look. */
  async #look(withStates) {
    const listed = await this.#source.instances();
    const there = new Set(listed.map(keyOf));
    for (const [key, copy] of this.#instances) {
      if (there.has(key)) continue;
      await copy.remove();
      this.#instances.delete(key);
      this.#done -= copy.position;
    }
    const changed = [];
    for (const instance of listed) {
      const [, , last] = instance;
      let copy = this.#instances.get(keyOf(instance));
      if (copy === undefined) {
        copy = this.#copyOf(instance);
        await copy.check(last);
        this.#add(copy);
      }
      if (withStates || copy.position < last || !copy.isThere) changed.push(copy);
    }
    this.#total = listed.reduce((sum, [, , last]) => sum + last, 0);
    await this.#copyAll(changed, withStates);
    this.#report();
  }
}

/** Whether both paths are those of one file, which there is by now. */
async function isSameFile(...paths) {
  if (paths.some((path) => path === ':memory:' || isServerPath(path))) return false;
  try {
    const [one, other] = await Promise.all(
      paths.map((path) => fs.promises.stat(path, { bigint: true })),
    );
    return one.dev === other.dev && one.ino === other.ino;
  } catch {
    // Whoever reads from it says that it is gone.
    return false;
  }
}

/** Why an instance may not be in the other log. */
function unknownInstance([id], listed) {
  const isOther = listed.some(([other]) => other === id);
  const expected = isOther
    ? 'expected the one that is copied, found one that was made at another time'
    : 'expected an empty log, or the beginning of the one that is copied, found an instance that this one does not have';
  return new Refusal(
    'IMPORT_CONFLICT',
    `the other log: instance ${JSON.stringify(id)}: ${expected}`,
  );
}

/** Does something with each of `items`, some of them at a time, in their order. Rejects once all that was begun has ended. */
async function sideBySide(items, work) {
  let next = 0;
  let failure;
  const worker = async () => {
    while (next < items.length && failure === undefined) {
      const item = items[next];
      next += 1;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, items.length) }, worker));
  if (failure !== undefined) throw failure.error;
}

module.exports = { Copy, copyTo };
