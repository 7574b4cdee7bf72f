// Guarded appends by several processes that are killed: their answers are those of one order. A follower sees
// every event once, in that order, though its log is closed, opened again and compacted in between.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { EventLog } from '../../index.mjs';
import { History } from '../history.mjs';
import { inFiles, useUntil } from '../log-files.mjs';

const program = fileURLToPath(new URL('../processes/guarded.mjs', import.meta.url));

/** How many processes append at once. */
const processes = 4;

/** After so many kills a new file is begun. */
const killsPerFile = 12;

/** A process is killed so long after the one before, in milliseconds, at the most. */
const killedWithin = 1200;

const instance = 'guarded';

/**
 * Has processes append, and kills them.
 *
 * @param {object} run - How.
 * @param {number} run.kills - How many processes are killed at least.
 * @param {string} [run.folder] - Where the files are made.
 * @param {(done: number) => void} [run.tell] - Hears how many were killed by now.
 * @returns {Promise<object>} What was done, in figures.
 */
export async function guardAppends({ kills, folder, tell = () => {} }) {
  const figures = {
    kills: 0,
    files: 0,
    calls: 0,
    successes: 0,
    events: 0,
    followed: 0,
    openings: 0,
  };
  const use = (path) => useFile(path, { kills, figures, tell });
  await useUntil({ name: 'guards', folder, kills, figures, use });
  return figures;
}

async function useFile(path, { kills, figures, tell }) {
  const history = new History();
  const follower = new Follower(path);
  await follower.open();
  await follower.create();
  const most = Math.min(figures.kills + killsPerFile, kills);
  let names = 0;
  while (figures.kills < most) {
    const writers = Array.from(
      { length: processes },
      () => new Writer(path, (names += 1), history),
    );
    try {
      for (let kill = 0; kill < processes - 1 && figures.kills < most; kill += 1) {
        await setTimeout(randomInt(killedWithin));
        await writers[kill].kill();
        writers.push(new Writer(path, (names += 1), history));
        figures.kills += 1;
        tell(figures.kills);
        if (randomInt(2) === 0) await follower.reopen();
      }
      await Promise.all(writers.map((writer) => writer.stop()));
    } finally {
      for (const writer of writers) writer.child.kill('SIGKILL');
    }
    if (inFiles) await follower.compact();
  }
  const events = await follower.all();
  history.check(events);
  await follower.check(events);
  figures.calls += history.calls;
  figures.successes += history.successes;
  figures.events += events.length;
  figures.followed += follower.followed;
  figures.openings += follower.openings;
}

/** A process that appends, whose messages go to the history. */
class Writer {
  #ended;
  #isKilled = false;
  #stderr = '';

  constructor(path, name, history) {
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc'];
    this.child = fork(program, [path, `process ${name}`], { stdio });
    this.#ended = once(this.child, 'close');
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.#stderr += text));
    this.child.on('message', ({ call, from, time, response }) => {
      if (response === undefined) history.invoked(call, from);
      else history.responded(call, time, response);
    });
  }

  async kill() {
    this.#isKilled = true;
    this.child.kill('SIGKILL');
    await this.#ended;
  }

  async stop() {
    if (this.#isKilled) return;
    // One that is gone has failed, which is told below.
    if (this.child.connected) this.child.send('stop');
    const [code, signal] = await this.#ended;
    assert.equal(signal ?? code, 0, `a process that appends has ended: ${this.#stderr}`);
  }
}

/** Follows a log from this process: by the position of the last event, or as a consumer. */
class Follower {
  #path;
  #log;
  #subscription;
  #following;
  /** The ids of the events that have come. */
  #ids = [];
  openings = 0;

  constructor(path) {
    this.#path = path;
  }

  get followed() {
    return this.#ids.length;
  }

  async create() {
    const { success, error } = await this.#log.createInstance(instance);
    assert.ok(success, error);
    this.#follow();
  }

  async open() {
    this.#log = await EventLog.open(this.#path);
    this.openings += 1;
  }

  async reopen() {
    await this.#close();
    await this.open();
    this.#follow();
  }

  /** Compacts the log, which nobody else has open by now. */
  async compact() {
    const { success, code, error } = await this.#log.compact();
    assert.ok(success, `${code}: ${error}`);
  }

  async all() {
    const events = [];
    for await (const event of this.#log.readAll({ instance })) events.push(event);
    return events;
  }

  /** Waits for the last event, and finds out whether each has come once, and in order. */
  async check(events) {
    await this.#subscription.untilCaughtUp;
    while (this.#ids.length < events.length) await setTimeout(1);
    await this.#close();
    assert.deepEqual(
      this.#ids,
      events.map(({ id }) => id),
    );
  }

  async #close() {
    await this.#log.close();
    await this.#following;
  }

  #follow() {
    const isConsumer = this.openings % 2 === 0;
    const options = isConsumer ? { consumer: 'follower' } : { afterPosition: this.#ids.length };
    this.#subscription = this.#log.subscribe({ instance, ...options });
    this.#following = this.#take(this.#subscription, isConsumer);
  }

  async #take(subscription, isConsumer) {
    for await (const { id, position, ack } of subscription) {
      // A consumer is given again what it has not acknowledged.
      if (isConsumer && position <= this.#ids.length) {
        assert.equal(id, this.#ids[position - 1]);
      } else {
        assert.equal(position, this.#ids.length + 1, 'the position that follows');
        this.#ids.push(id);
      }
      if (!isConsumer) continue;
      await ack().catch((error) => {
        if (error.code !== 'CLOSED') throw error;
      });
    }
  }
}
