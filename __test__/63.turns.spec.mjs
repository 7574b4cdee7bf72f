// A long answer comes in pieces, each in a turn of the event loop of its own.

import { createRequire } from 'node:module';

import test from 'ava';

import { created, eventsOf, succeeded } from './support/response.mjs';
import { addonOfLogs, openLog } from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const { drainAll } = require('../lib/wire/calls.js');

/** The longest text that comes at once, unless one element alone is longer. */
const TEXT_MAX = 100 * 1024;

/** What comes from the addon for `call`: the length of each text, and the turn of the event loop in which it comes. */
async function arriving(t, call) {
  let turn = 0;
  let immediate;
  const count = () => {
    turn += 1;
    immediate = setImmediate(count);
  };
  const arrived = [];
  const { prototype } = addonOfLogs().EventLog;
  const original = prototype.call;
  prototype.call = function (settle, ...given) {
    const counted = (text) => {
      arrived.push({ units: text.length, turn });
      settle(text);
    };
    return original.call(this, counted, ...given);
  };
  count();
  try {
    return { response: await call(), arrived };
  } finally {
    clearImmediate(immediate);
    prototype.call = original;
  }
}

/** What `call` resolves with, which has to come in so many pieces at least. */
async function inPieces(t, pieces, call) {
  const { response, arrived } = await arriving(t, call);
  t.true(arrived.length >= pieces, `${arrived.length} pieces`);
  for (const { units } of arrived) t.true(units <= TEXT_MAX, `${units} units`);
  for (const [index, { turn }] of arrived.slice(1).entries()) {
    t.true(turn > arrived[index].turn, `piece ${index + 1} has no turn of its own`);
  }
  return response;
}

/** The data of the response to `call`, as `inPieces`. */
async function dataInPieces(t, method, pieces, call) {
  return succeeded(t, await inPieces(t, pieces, call), method);
}

const payload = (n) => ({ n, text: `${n} `.repeat(100).slice(0, 300), parts: [n, { deep: null }] });

/** Batches whose responses are long, of which one is a long text and the other has many events. */
const BATCHES = {
  'of long events': Array.from({ length: 3_000 }, (_, n) => ({
    streamId: `s\n${n % 7}`,
    eventType: `"made" ${n % 3}`,
    payload: payload(n),
    metadata: n % 2 === 0 ? { by: 'é' } : [n],
  })),
  'of many events': Array.from({ length: 3_000 }, (_, n) => ({ eventType: 'made', payload: [n] })),
};

for (const [name, events] of Object.entries(BATCHES)) {
  test.serial(`the response to a batch ${name}`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    const call = { instanceId: 'orders', events, idempotencyKey: 'once' };
    const data = await dataInPieces(t, 'appendEvents', 3, () => log.appendEvents(call));
    const stored = await eventsOf(t, log, 'orders');
    t.is(stored.length, events.length);
    t.deepEqual(data, { events: stored, count: events.length });
    t.deepEqual(data.events[2_999].payload, events[2_999].payload);

    const again = await dataInPieces(t, 'appendEvents', 3, () => log.appendEvents(call));
    t.deepEqual(again, { events: stored, count: events.length, duplicate: true });
  });
}

test.serial('lists of instances and of streams', async (t) => {
  const log = await openLog(t);
  const names = Array.from({ length: 2_000 }, (_, n) => `instance ${n} ${'x'.repeat(100)}`);
  await Promise.all(names.map((name) => log.createInstance(name)));
  const { instances } = await dataInPieces(t, 'listInstances', 4, () => log.listInstances());
  t.deepEqual(instances.map(({ name }) => name).toSorted(), names.toSorted());

  const streams = Array.from({ length: 1_000 }, (_, n) => `${n} ${'s'.repeat(400)}`);
  const events = streams.map((streamId) => ({ streamId, eventType: 'made' }));
  succeeded(t, await log.appendEvents({ instanceId: names[0], events }), 'appendEvents');
  const list = () => log.listStreams({ instance: names[0], limit: 999 });
  const listed = await dataInPieces(t, 'listStreams', 4, list);
  t.true(listed.hasMore);
  t.deepEqual(
    listed.streams.map((stream) => stream.stream_id),
    streams.toSorted().slice(0, 999),
  );
});

test.serial('what was decided', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const events = BATCHES['of long events'].map((event) => ({ ...event, streamId: 's' }));
  const decision = {
    instance: 'orders',
    stream: 's',
    apply: (state) => state,
    decide: () => events,
  };
  const decided = await inPieces(t, 4, () => log.decide(decision));
  const stored = await eventsOf(t, log, 'orders');
  t.is(stored.length, events.length);
  const expected = stored.map((event, index) => ({ ...event, position: index + 1 }));
  t.deepEqual(decided.events, expected);
});

test.serial('timers and sockets have their turns, however quickly answers come', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  let turns = 0;
  let immediate = setImmediate(function count() {
    turns += 1;
    immediate = setImmediate(count);
  });
  t.teardown(() => clearImmediate(immediate));
  const longest = 128;
  for (let since = 0, seen = turns, n = 0; n < 3 * longest; n += 1) {
    const response = log.appendEvent({ instanceId: 'orders', eventType: 'made' });
    // It comes before this turn is over.
    drainAll();
    succeeded(t, await response, 'appendEvent');
    since = seen === turns ? since + 1 : 0;
    seen = turns;
    t.true(since <= longest, `${since} answers in one turn`);
  }
});
