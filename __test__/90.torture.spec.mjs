// The suites of `npm run torture`, for as long as they take to be believed, and that they notice what they
// look for.

import { existsSync } from 'node:fs';

import test from 'ava';

import { Ledger } from '../torture/ledger.mjs';
import { instance, payloadOf } from '../torture/processes/payload.mjs';
import { killConsumers } from '../torture/suites/consumers.mjs';
import { endWriters } from '../torture/suites/exits.mjs';
import { fillDisks } from '../torture/suites/full-disk.mjs';
import { guardAppends } from '../torture/suites/guards.mjs';
import { killWriters } from '../torture/suites/kills.mjs';
import { pauseWriters } from '../torture/suites/pauses.mjs';
import { reopen } from '../torture/suites/reopening.mjs';
import { inFiles, openAt, temporaryFolder, temporaryPath } from './support/temporary.mjs';

const hasLimits = ['/usr/bin/prlimit', '/bin/prlimit'].some((path) => existsSync(path));
const limited = inFiles && hasLimits ? test.serial : test.skip;

const ofFiles = inFiles ? test.serial : test.skip;

ofFiles('what was acknowledged survives that processes are killed', async (t) => {
  const figures = await killWriters({ kills: 30, folder: await temporaryFolder(t) });
  t.true(figures.kills >= 30);
  t.true(figures.acknowledged > 0);
});

const stopping = process.platform === 'win32' ? test.skip : ofFiles;

stopping('a stopped process holds nobody up for long', async (t) => {
  // The bound is there to end a test that hangs.
  const figures = await pauseWriters({
    pauses: 8,
    boundMs: 120_000,
    folder: await temporaryFolder(t),
  });
  t.is(figures.pauses, 8);
  t.is(figures.ends, 8);
  t.true(figures.acknowledged > 0);
});

test.serial('guarded appends have one order, and a follower sees it', async (t) => {
  const figures = await guardAppends({ kills: 6, folder: await temporaryFolder(t) });
  t.is(figures.kills, 6);
  t.is(figures.followed, figures.events);
  t.true(figures.successes > 0 && figures.calls > figures.successes);
});

test.serial(
  'each event has one result since each reset, though consumers are killed',
  async (t) => {
    const figures = await killConsumers({ kills: 12, folder: await temporaryFolder(t) });
    t.true(figures.kills >= 6);
    t.true(figures.resets > 0 && figures.results >= figures.orders && figures.acknowledged > 0);
  },
);

ofFiles('what was acknowledged survives that processes and threads end', async (t) => {
  const { acknowledged, checks, ...ways } = await endWriters({
    ends: 1,
    folder: await temporaryFolder(t),
  });
  t.true(acknowledged > 0 && checks >= 5);
  t.deepEqual(Object.values(ways), [1, 1, 1, 1, 1]);
});

limited('a log goes on when its disk was full and has room again', async (t) => {
  const folder = await temporaryFolder(t);
  // Room for the journal, and for as much again as half of it.
  const room = 48 * 2 ** 20;
  const { stories, leftOut } = await fillDisks({ names: ['file size limit'], room, folder });
  t.deepEqual({ stories, leftOut }, { stories: 6, leftOut: [] });
});

ofFiles('a large log is opened after a kill, with all that was acknowledged', async (t) => {
  const { openings, rows } = await reopen({ sizes: [2e6], folder: await temporaryFolder(t) });
  t.is(openings, 10);
  t.deepEqual(
    rows.map(({ mode }) => mode),
    ['shared', 'exclusive'],
  );
});

/** A log with calls of a writer, and the ledger of them. */
async function writtenLog(t, calls) {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const ledger = new Ledger();
  for (const places of calls) {
    const events = places.map((place) => ({
      streamId: 'stream 0',
      eventType: 'small',
      payload: payloadOf({ writer: 'w', size: 10, ...place }),
    }));
    const call = { instanceId: instance, autoCreateInstance: true, events };
    const { events: stored } = (await log.appendEvents(call)).data;
    ledger.take({ stored: stored.map((one) => [one.id, one.stream_id, one.sequence_number]) });
  }
  return { path, log, ledger };
}

const whole = { call: 1, of: 2, at: 0 };

test('a ledger finds what it was told of', async (t) => {
  const { path, ledger } = await writtenLog(t, [[whole, { ...whole, at: 1 }]]);
  const { events } = await ledger.check(path);
  t.is(events, 2);
  t.is(ledger.acknowledged, 3, 'it appends one itself');
});

test('a ledger notices an event that is lost', async (t) => {
  const { path, ledger } = await writtenLog(t, [[whole, { ...whole, at: 1 }]]);
  ledger.take({ stored: [['an id', 'stream 0', 3]] });
  await t.throwsAsync(ledger.check(path), {
    message: 'event an id, number 3 of stream 0, is lost',
  });
});

test('a ledger notices an event of a call that was refused', async (t) => {
  const { path, ledger } = await writtenLog(t, [[whole, { ...whole, at: 1 }]]);
  ledger.take({ refused: { writer: 'w', call: 2 } });
  await ledger.check(path);
  ledger.take({ refused: { writer: 'w', call: 1 } });
  await t.throwsAsync(ledger.check(path), { message: /is of a call that was refused/ });
});

test('a ledger notices an event in another place', async (t) => {
  const { path, log, ledger } = await writtenLog(t, [[whole, { ...whole, at: 1 }]]);
  const { events } = (await log.queryEvents({ from: { instance } })).data.result;
  ledger.take({ stored: [[events[0].id, 'stream 0', 2]] });
  await t.throwsAsync(ledger.check(path), { message: /is not where it was acknowledged to be/ });
});

test('a ledger notices half a call', async (t) => {
  const { path, ledger } = await writtenLog(t, [[whole]]);
  await t.throwsAsync(ledger.check(path), { message: 'call 1 of w is there in part' });
});

test('a ledger notices another payload', async (t) => {
  const { path, log, ledger } = await writtenLog(t, [[whole, { ...whole, at: 1 }]]);
  const payload = { ...payloadOf({ ...whole, writer: 'w', size: 10 }), text: 'changed' };
  await log.appendEvent({ instanceId: instance, eventType: 'small', payload });
  await t.throwsAsync(ledger.check(path), { message: /has a payload that nobody has given it/ });
});

test('a ledger notices a lost instance, and one that should be gone', async (t) => {
  const { path, log, ledger } = await writtenLog(t, [[whole, { ...whole, at: 1 }]]);
  await log.createInstance('own');
  ledger.take({ made: 'own', isKept: true });
  await ledger.check(path);
  ledger.take({ deleted: 'own' });
  await t.throwsAsync(ledger.check(path), { message: 'the instance own was deleted and is there' });
  await log.deleteInstance('own');
  ledger.take({ made: 'own', isKept: true });
  await t.throwsAsync(ledger.check(path), { message: 'the instance own is lost' });
});
