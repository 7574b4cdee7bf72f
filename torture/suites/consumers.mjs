// Processes that run the same consumers and are killed, while an operator resets one of them: since each reset, every
// event has had one result, and what was acknowledged is not given out again.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { EventLog } from '../../index.mjs';
import { useUntil } from '../log-files.mjs';

const program = fileURLToPath(new URL('../processes/consumer.mjs', import.meta.url));

/** How many processes run the consumers at once. */
const processes = 3;

/** After so many kills a new file is begun. */
const killsPerFile = 20;

/** A process is killed once it has stored so many results, at the most. */
const resultsPerProcess = 100;

/** How many events are appended at a time, of which about a half are orders. */
const eventsPerCall = 200;

/** So many events a consumer is put back at the most. */
const eventsAgain = 300;

/**
 * Has processes consume, and kills them.
 *
 * @param {object} run - How.
 * @param {number} run.kills - How many processes are killed at least.
 * @param {string} [run.folder] - Where the files are made.
 * @param {(done: number) => void} [run.tell] - Hears how many were killed by now.
 * @returns {Promise<object>} What was done, in figures.
 */
export async function killConsumers({ kills, folder, tell = () => {} }) {
  const figures = { kills: 0, files: 0, orders: 0, resets: 0, results: 0, acknowledged: 0 };
  const use = (path) => useFile(path, { kills, figures, tell });
  await useUntil({ name: 'consumers', folder, kills, figures, use });
  return figures;
}

async function useFile(path, { kills, figures, tell }) {
  const log = await EventLog.open(path);
  const shop = new Shop(log);
  await shop.open();
  const most = Math.min(figures.kills + killsPerFile, kills);
  const group = new Group(path, () => {
    figures.kills += 1;
    tell(figures.kills);
  });
  while (figures.kills < most || shop.resets.length === 0) {
    await Promise.race([setTimeout(randomInt(300)), group.failed]);
    if (await shop.isDone()) await shop.order();
    if (randomInt(4) === 0) await shop.reset();
    await checkMailer(group, shop);
  }
  group.spare();
  // They come to the end, and so to each reset's last result.
  while (!(await shop.isDone())) await Promise.race([setTimeout(20), group.failed]);
  await group.end();
  await checkMailer(group, shop);
  figures.orders += shop.orders.length;
  figures.resets += shop.resets.length;
  figures.results += await shop.check();
  figures.acknowledged += group.acknowledged;
  const { data, error } = await log.verify();
  assert.ok(data?.intact, error ?? JSON.stringify(data));
  await log.close();
}

/** Finds out whether the mailer stands where it was acknowledged to stand, or further on. */
async function checkMailer({ mailed }, shop) {
  const place = await shop.placeOf('mailer');
  assert.ok(place >= mailed, `the mailer stands at ${place}, and ${mailed} was acknowledged`);
}

/** What the consumers read and write, and what is to be found there. */
class Shop {
  #log;
  /** The positions of orders. */
  orders = [];
  /** Where the biller was put, one reset after the other. */
  resets = [];
  #events = 0;

  constructor(log) {
    this.#log = log;
  }

  async open() {
    for (const name of ['orders', 'bills']) taken(await this.#log.createInstance(name));
    await this.order();
  }

  async order() {
    const events = Array.from({ length: eventsPerCall }, () => {
      const isOrder = randomInt(2) === 0;
      this.#events += 1;
      if (isOrder) this.orders.push(this.#events);
      return { eventType: 'made', payload: { isOrder } };
    });
    taken(await this.#log.appendEvents({ instanceId: 'orders', events }));
  }

  /** Where a consumer stands; 0 if it is not there yet. */
  async placeOf(name) {
    const { consumers } = taken(await this.#log.listConsumers({ instance: 'orders' }));
    return consumers.find(({ consumer }) => consumer === name)?.position ?? 0;
  }

  async reset() {
    const place = await this.placeOf('biller');
    if (place === 0) return;
    const position = Math.max(0, place - randomInt(eventsAgain));
    taken(await this.#log.resetConsumer({ instance: 'orders', consumer: 'biller', position }));
    this.resets.push(position);
  }

  async isDone() {
    const places = await Promise.all(['biller', 'mailer'].map((name) => this.placeOf(name)));
    return places.every((place) => place >= this.orders.at(-1));
  }

  /** Finds out whether each order has one bill since each reset, in their order. Returns how many bills there are. */
  async check() {
    const runs = [];
    let bills = 0;
    for await (const { payload } of this.#log.readAll({ instance: 'bills' })) {
      const { position, generation } = payload;
      if (runs.at(-1)?.generation !== generation) runs.push({ generation, positions: [] });
      runs.at(-1).positions.push(position);
      bills += 1;
    }
    const generations = new Set(runs.map(({ generation }) => generation));
    assert.equal(generations.size, runs.length, 'a run of bills for each generation');
    // A reset may have had no result before the next one.
    const begins = [0, ...this.resets];
    for (const { positions } of runs) {
      const first = this.orders.indexOf(positions[0]);
      const due = this.orders.slice(first, first + positions.length);
      assert.deepEqual(positions, due, 'a bill for each order');
      while (begins.length > 0 && this.#firstAfter(begins[0]) !== positions[0]) begins.shift();
      assert.ok(begins.length > 0, `the bills since a reset begin with that of ${positions[0]}`);
      begins.shift();
    }
    assert.equal(runs.at(-1).positions.at(-1), this.orders.at(-1), 'the last bill');
    return bills;
  }

  #firstAfter(position) {
    return this.orders.find((order) => order > position);
  }
}

/** The processes, each of which is followed by another one when it is killed. */
class Group {
  #path;
  #onKill;
  #children = new Set();
  #isSparing = false;
  #isOver = false;
  #running;
  acknowledged = 0;
  /** The position of the last event that was acknowledged. */
  mailed = 0;
  /** Rejects when a process ends by itself. */
  failed;

  constructor(path, onKill) {
    this.#path = path;
    this.#onKill = onKill;
    this.#running = Array.from({ length: processes }, () => this.#run());
    this.failed = Promise.race(this.#running);
    // Whoever waits for it is told.
    this.failed.catch(() => {});
  }

  /** Kills none of them any more. */
  spare() {
    this.#isSparing = true;
  }

  async end() {
    this.#isOver = true;
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(this.#running);
  }

  async #run() {
    while (!this.#isOver) await this.#runOne();
  }

  async #runOne() {
    const child = fork(program, [this.#path], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#children.add(child);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    let left = 1 + randomInt(resultsPerProcess);
    child.on('message', ({ billed, mailed }) => {
      if (mailed !== undefined) {
        this.acknowledged += 1;
        this.mailed = Math.max(this.mailed, mailed);
      }
      if (billed === undefined) return;
      left -= 1;
      if (left > 0 || this.#isSparing) return;
      child.kill('SIGKILL');
    });
    const [code, signal] = await once(child, 'close');
    this.#children.delete(child);
    assert.equal(signal, 'SIGKILL', `a process that consumes has ended (${code}): ${stderr}`);
    if (!this.#isSparing && !this.#isOver) this.#onKill();
  }
}

/** What a call that must succeed has answered. */
function taken({ success, data, code, error }) {
  assert.ok(success, `${code}: ${error}`);
  return data;
}
