// Many calls at once whose arguments are JSON text: `callJsonBatch`.

import diagnostics from 'node:diagnostics_channel';
import { createRequire } from 'node:module';

import test from 'ava';

import { eventLog } from '../index.mjs';
import { all } from './support/reading.mjs';
import { created } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

// What keeps the calls in flight, by their numbers.
const { expect, withdraw } = createRequire(import.meta.url)('../lib/wire/calls.js');

const one = { instanceId: 'log', eventType: 't' };

const append = (n, more) => ({
  method: 'appendEvent',
  json: JSON.stringify({ ...one, payload: { n } }),
  requestId: n,
  ...more,
});

const parsed = ({ json }) => JSON.parse(json.toString());

/** Makes calls, and waits for the responses to those that were made: by the places of the calls. */
async function batch(log, calls) {
  const responses = [];
  let left = Infinity;
  let over;
  const ended = new Promise((resolve) => (over = resolve));
  const made = log.callJsonBatch(calls, (response, at) => {
    if (at in responses) throw new Error(`${at} is answered again`);
    responses[at] = response;
    left -= 1;
    if (left === 0) over();
  });
  left = made;
  if (made > 0) await ended;
  return { made, responses };
}

/** A response without what each call has of its own. */
const settled = (response) =>
  JSON.stringify(parsed(response), (key, value) =>
    ['id', 'timestamp'].includes(key) ? null : value,
  );

test('each call is answered as callJson answers it', async (t) => {
  const logs = [await openLog(t), await openLog(t)];
  for (const log of logs) await log.appendEvent({ ...one, autoCreateInstance: true });
  const [own, other] = logs;
  const calls = [
    append(1),
    append(2, {
      json: Buffer.from(JSON.stringify({ ...one, payload: { text: '🦀é\u2028"\\\n' } })),
    }),
    append(3, { requestId: 'é "quoted"' }),
    append(4, { requestId: -1.5 }),
    append(5, { requestId: '' }),
    // What is refused, between others.
    append(6, { json: '{"instanceId":"none","eventType":"t"}' }),
    append(7, { json: '{"instanceId":"log","eventTyp":"t"}' }),
    append(8, { json: '[]' }),
    append(9, { json: 'null' }),
    append(10, { json: JSON.stringify({ ...one, expectedSequence: 77 }) }),
    append(11, { json: JSON.stringify({ ...one, colour: 'red' }) }),
    {
      method: 'appendEvents',
      json: JSON.stringify({ instanceId: 'log', events: [{ eventType: 'a' }, { eventType: 'b' }] }),
      requestId: 'many',
    },
    append(12, { json: JSON.stringify({ ...one, payload: { text: 'é'.repeat(300_000) } }) }),
    append(13),
  ];
  const { made, responses } = await batch(own, calls);
  t.is(made, calls.length);
  for (const [at, { method, json, requestId }] of calls.entries()) {
    const expected = await other.callJson(method, json, { requestId });
    t.is(settled(responses[at]), settled(expected));
    t.deepEqual(
      [responses[at].success, responses[at].code],
      [expected.success, expected.code],
      `${at}`,
    );
    t.true(Buffer.isBuffer(responses[at].json));
    t.is(parsed(responses[at]).requestId, requestId);
  }
  const [{ responses: unnamed }, stored] = [
    await batch(own, [append(14, { requestId: undefined }), append(15, { requestId: null })]),
    (await own.getInstanceStats('log')).data.eventCount,
  ];
  const ids = unnamed.map((response) => parsed(response).requestId);
  for (const id of ids) t.regex(id, /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  t.not(ids[0], ids[1]);
  t.is((await other.getInstanceStats('log')).data.eventCount, stored - 2);
});

test('calls are made up to the first that cannot be made so, and no other', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const cannot = [
    append(0, { json: ' {"instanceId":"log","eventType":"t"}' }),
    append(0, { json: '{"instanceId":"log","eventType":"t","eventType":"u"}' }),
    append(0, { json: '{"instanceId":"log","eventType":"t"},{}' }),
    append(0, { json: '{"instanceId":"log","eventType":"t"}]' }),
    append(0, { json: '{"instanceId":"log","eventType":"t","payload":{"n":1.0}}' }),
    append(0, { json: '{"instanceId":"log"' }),
    append(0, { json: '' }),
    append(0, { json: Buffer.from([0x22, 0xff, 0x22]) }),
    append(0, { json: one }),
    append(0, { json: undefined }),
    append(0, { json: `{"text":"${'x'.repeat(17_000_000)}"}` }),
    append(0, { requestId: NaN }),
    append(0, { requestId: {} }),
    append(0, { method: 'queryEvents', json: '{"from":{"instance":"log"}}' }),
    append(0, { method: 'getInstance' }),
    append(0, { method: undefined }),
    null,
    undefined,
    'text',
    {
      get method() {
        throw new Error('of the program');
      },
    },
  ];
  for (const [round, call] of cannot.entries()) {
    const { made, responses } = await batch(log, [append(1), append(2), call, append(3)]);
    t.is(made, 2, `${round}`);
    t.true(responses.length === 2 && responses.every(({ success }) => success));
    const { eventCount } = (await log.getInstanceStats('log')).data;
    t.is(eventCount, 2 * (round + 1), `${round}`);
  }
  t.is((await batch(log, [])).made, 0);
  // The numbers of those that were not made are free for others.
  const mixed = await Promise.all([log.appendEvent(one), log.callJson('appendEvent', '{}')]);
  t.deepEqual(
    mixed.map(({ success }) => success),
    [true, false],
  );
});

// No other test holds numbers meanwhile.
test.serial('the numbers of calls that are not made are given back', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const rounds = 100;
  const unmade = Array.from({ length: 50 }, () => append(0, { json: ` ${append(0).json}` }));
  for (let round = 0; round < rounds; round += 1) {
    const { made } = await batch(log, [append(1), ...unmade]);
    t.is(made, 1);
  }
  // Numbers count up from 0 where none is free.
  const numbers = unmade.map(() => expect('test', t.fail));
  numbers.forEach(withdraw);
  t.true(Math.max(...numbers) < rounds, `${numbers}`);
});

test('bytes are copied before it returns', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const bytes = Buffer.from(append(1).json);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  const made = batch(log, [append(1, { json: bytes }), append(2, { json: shared })]);
  bytes.fill(0x20);
  shared.fill(0x20);
  const { responses } = await made;
  t.deepEqual(
    responses.map((response) => parsed(response).data.event.payload),
    [{ n: 1 }, { n: 1 }],
  );
});

test('calls take effect in their order, among those that are made in other ways', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const waiting = [];
  let n = 0;
  const number = () => {
    n += 1;
    return n;
  };
  for (let round = 0; round < 30; round += 1) {
    waiting.push(log.appendEvent({ ...one, payload: { n: number() } }));
    waiting.push(
      batch(
        log,
        Array.from({ length: 50 }, () => append(number())),
      ),
    );
    waiting.push(log.callJson('appendEvent', append(number()).json));
  }
  await Promise.all(waiting);
  const events = await all(log.readAll({ instance: 'log' }));
  t.deepEqual(
    events.map(({ payload }) => payload.n),
    Array.from({ length: n }, (_, at) => at + 1),
  );
});

// Others would be told of as well.
test.serial('no call is made of a log that has to look at each, or is not open', async (t) => {
  const path = await temporaryPath(t);
  const validate = (value) => ({ value });
  const schema = { '~standard': { version: 1, vendor: 't', validate } };
  const log = await openAt(t, path);
  await created(t, log, 'log');
  const none = async (of, reason) => {
    t.is((await batch(of, [append(1)])).made, 0, reason);
    // The other way is open, where there is one.
    return of.callJson('appendEvent', append(1).json);
  };
  const typed = log.typed({ events: { t: schema } });
  t.true((await none(typed, 'schemas')).success);
  const raised = log.typed({ upcasters: { t: [{ from: 1, to: 2, up: (payload) => payload }] } });
  t.true((await none(raised, 'versions')).success);
  const clocked = await openLog(t, {
    clock: () => Date.UTC(2026, 0, 1),
    autoCreateInstances: true,
  });
  t.true((await none(clocked, 'a clock')).success);
  for (const name of ['append:asyncEnd', 'commit:end']) {
    const channel = `tracing:codebolt-eventlog:${name}`;
    const listen = () => {};
    diagnostics.subscribe(channel, listen);
    t.true((await none(log, name)).success);
    diagnostics.unsubscribe(channel, listen);
  }
  t.is((await batch(log, [append(1)])).made, 1);
  t.is(eventLog.callJsonBatch([append(1)], t.fail), 0);
  const isClosed = log.close();
  t.is((await none(log, 'closed')).code, 'CLOSED');
  await isClosed;
  t.is((await none(log, 'closed')).code, 'CLOSED');
});

test('changes that wait for a schema come first', async (t) => {
  const path = await temporaryPath(t);
  let pass;
  const passed = new Promise((resolve) => (pass = resolve));
  const validate = async (value) => {
    await passed;
    return { value };
  };
  const slow = { '~standard': { version: 1, vendor: 't', validate } };
  const log = await openAt(t, path);
  await created(t, log, 'log');
  const typed = log.typed({ events: { checked: slow } });
  const checked = typed.appendEvent({ ...one, eventType: 'checked' });
  t.is((await batch(log, [append(1)])).made, 0);
  const behind = log.callJson('appendEvent', append(1).json);
  pass();
  const responses = await Promise.all([checked, behind]);
  t.true(responses.every(({ success }) => success));
  const events = await all(log.readAll({ instance: 'log' }));
  t.deepEqual(
    events.map((event) => event.event_type),
    ['checked', 't'],
  );
});

test('a getter that closes the log has nothing called of it', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  let closed;
  const closing = {
    ...append(1),
    get json() {
      closed ??= log.close();
      return append(1).json;
    },
  };
  t.is((await batch(log, [append(2), closing])).made, 0);
  await closed;
});

test.serial(
  'what the function throws is an uncaught exception, and others hear of their calls',
  async (t) => {
    const log = await openLog(t);
    await created(t, log, 'log');
    const caught = [];
    const uncaught = (error) => caught.push(error.message);
    const listeners = process.listeners('uncaughtException');
    for (const listener of listeners) process.off('uncaughtException', listener);
    process.on('uncaughtException', uncaught);
    try {
      const places = [];
      const made = log.callJsonBatch([append(1), append(2), append(3)], (_, at) => {
        places.push(at);
        throw new Error(`of ${at}`);
      });
      t.is(made, 3);
      t.deepEqual(places, []);
      while (caught.length < 3) t.true((await log.getInstance('log')).success);
      t.deepEqual(
        places.toSorted((a, b) => a - b),
        [0, 1, 2],
      );
      t.deepEqual(caught.toSorted(), ['of 0', 'of 1', 'of 2']);
    } finally {
      process.off('uncaughtException', uncaught);
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  },
);
