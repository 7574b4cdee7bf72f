// A query is called off with an AbortSignal: it is answered at once, the engine lets go of it, and
// nothing of it gets into the answer of another.

import { getEventListeners, once } from 'node:events';
import { createRequire } from 'node:module';

import test from 'ava';

import { addon, run } from './support/child.mjs';
import { watchPieces } from './support/pieces.mjs';
import { created, failed, queried, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

const { onAbort } = createRequire(import.meta.url)('../lib/signal.js');

const from = { instance: 'orders' };

/** A log with `count` events, numbered from 0. */
async function logOf(t, count) {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const events = Array.from({ length: count }, (_, n) => ({
    eventType: 'made',
    payload: { n, text: `${n} ${'x'.repeat(100)}` },
  }));
  succeeded(t, await log.appendEvents({ instanceId: 'orders', events }), 'appendEvents');
  return { log, path };
}

/** Asserts that a response says that its query was called off, for that reason. */
const aborted = (t, response, pattern) => failed(t, response, 'queryEvents', 'ABORTED', pattern);

/** Lets what follows from settled promises run, but no turn of the event loop. */
async function microtasks() {
  for (let turn = 0; turn < 100; turn += 1) await null;
}

const REASONS = [
  ['no reason', [], /: This operation was aborted$/],
  ['an error', [new Error('the user left')], /: the user left$/],
  ['a text', ['enough'], /: enough$/],
  ['an object', [Object.create(null)], /: it threw a value that has no text$/],
];

for (const [name, args, pattern] of REASONS) {
  test(`a query is answered at once when its signal is aborted with ${name}`, async (t) => {
    const { log } = await logOf(t, 2000);
    for (const inOptions of [true, false]) {
      const controller = new AbortController();
      const { signal } = controller;
      const query = log.queryEvents({ from }, inOptions ? { signal } : signal);
      let response;
      query.then((answer) => (response = answer));
      await microtasks();
      t.is(response, undefined);
      controller.abort(...args);
      await microtasks();
      aborted(t, response, pattern);
    }
  });

  test(`a query is not begun when its signal was aborted with ${name}`, async (t) => {
    const log = await openLog(t);
    const signal = AbortSignal.abort(...args);
    for (const options of [{ signal }, signal]) {
      let response;
      log.queryEvents({ from }, options).then((answer) => (response = answer));
      await microtasks();
      aborted(t, response, pattern);
    }
  });
}

test('a signal that has a time limit calls the query off', async (t) => {
  const { log } = await logOf(t, 1);
  // Its timer does not keep a process alive, and neither does a log that does nothing.
  const alive = setInterval(() => {}, 1000);
  const signal = AbortSignal.timeout(0);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(alive);
  aborted(t, await log.queryEvents({ from }, { signal }), /due to timeout/);
});

test('a signal that is aborted while the query is read calls it off', async (t) => {
  const { log } = await logOf(t, 1);
  const controller = new AbortController();
  const toJSON = () => {
    controller.abort();
    return from;
  };
  aborted(t, await log.queryEvents({ from: { toJSON } }, controller.signal));
});

test('a signal that is not aborted changes nothing', async (t) => {
  const { log } = await logOf(t, 2000);
  const { signal } = new AbortController();
  const result = await queried(t, log, { from });
  for (const options of [undefined, null, {}, { signal: undefined }, { signal }, signal]) {
    const response = await log.queryEvents({ from }, options);
    t.deepEqual(succeeded(t, response, 'queryEvents').result, result);
  }
});

test('a signal that is aborted after the answer does nothing, and is let go', async (t) => {
  const { log } = await logOf(t, 10);
  const controller = new AbortController();
  const { signal } = controller;
  const calls = [{ from }, { from: { instance: 'nobody' } }, { from: 5 }].map((query) =>
    log.queryEvents(query, { signal }),
  );
  t.is(getEventListeners(signal, 'abort').length, 1);
  const responses = await Promise.all(calls);
  t.is(getEventListeners(signal, 'abort').length, 0);
  controller.abort();
  t.deepEqual(
    responses.map(({ code }) => code),
    [undefined, 'INSTANCE_NOT_FOUND', 'INVALID_ARGUMENT'],
  );
  t.is((await queried(t, log, { from })).total, 10);
});

test('an answer to one query takes no other off their signal', (t) => {
  const controller = new AbortController();
  const { signal } = controller;
  const called = [];
  const forget = ['first', 'second', 'third'].map((name) =>
    onAbort(signal, () => called.push(name)),
  );
  forget[0]();
  forget[0]();
  t.is(getEventListeners(signal, 'abort').length, 1);
  controller.abort();
  t.deepEqual(called, ['second', 'third']);
  forget[1]();
  t.is(getEventListeners(signal, 'abort').length, 1);
  forget[2]();
  t.is(getEventListeners(signal, 'abort').length, 0);
  onAbort(signal, () => {});
  t.is(getEventListeners(signal, 'abort').length, 1);
});

const SIGNAL = /^options\.signal: expected an AbortSignal, found /;
const OPTIONS = /^options: expected \{ signal \} or an AbortSignal, found /;

const WRONG = {
  'a text': ['abort', OPTIONS],
  'a boolean': [true, OPTIONS],
  'a function': [() => {}, OPTIONS],
  'an array': [[AbortSignal.abort()], OPTIONS],
  'a misspelt option': [{ sginal: AbortSignal.abort() }, /^options: unknown option "sginal"/],
  'one option more': [{ signal: AbortSignal.abort(), ms: 5 }, /^options: unknown option "ms"/],
  'a number as a signal': [{ signal: 5 }, SIGNAL],
  'an object as a signal': [{ signal: {} }, SIGNAL],
  'another target of events as a signal': [{ signal: new EventTarget() }, SIGNAL],
  'a controller as a signal': [{ signal: new AbortController() }, SIGNAL],
  'a getter that throws': [
    {
      get signal() {
        throw new Error('on purpose');
      },
    },
    /^options: on purpose$/,
  ],
};

for (const [name, [options, pattern]] of Object.entries(WRONG)) {
  test(`refused as options: ${name}`, async (t) => {
    const { log } = await logOf(t, 1);
    const promise = log.queryEvents({ from }, options);
    t.true(promise instanceof Promise);
    failed(t, await promise, 'queryEvents', 'INVALID_ARGUMENT', pattern);
  });
}

test('a signal of another make is understood by what it does', async (t) => {
  const { log } = await logOf(t, 2000);
  const listeners = new Set();
  const signal = {
    aborted: false,
    reason: 'of another make',
    addEventListener: (_type, listener) => listeners.add(listener),
    removeEventListener: (_type, listener) => listeners.delete(listener),
  };
  const query = log.queryEvents({ from }, { signal });
  const [listener] = listeners;
  listener();
  aborted(t, await query, /of another make/);
  // It has no idea of `once`, and calls what was removed.
  listener();
  const following = Array.from({ length: 20 }, () => queried(t, log, { from }));
  listener();
  for (const { events } of await Promise.all(following)) t.is(events.length, 2000);
  t.is(listeners.size, 0);
  listener();
});

test.serial('a query can be called off between two pieces of its result', async (t) => {
  const { log } = await logOf(t, 5000);
  const controller = new AbortController();
  let seen = 0;
  watchPieces(t, () => {
    seen += 1;
    if (seen === 3) controller.abort('in the middle');
  });
  aborted(t, await log.queryEvents({ from }, controller.signal), /in the middle/);
  // Once this one is answered, the numbers of both are free.
  t.is((await queried(t, log, { from, limit: 1 })).events.length, 1);
  const pages = Array.from({ length: 10 }, (_, n) =>
    queried(t, log, { from, limit: 1000, offset: n }),
  );
  for (const [n, { events }] of (await Promise.all(pages)).entries()) {
    t.deepEqual(
      events.map((event) => event.payload.n),
      Array.from({ length: 1000 }, (_, i) => n + i),
    );
  }
});

test('an index in the place of the options is ignored, as `map` gives one', async (t) => {
  const { log } = await logOf(t, 3);
  const responses = await Promise.all([{ from }, { from, limit: 1 }].map(log.queryEvents));
  t.deepEqual(
    responses.map(({ data }) => data.result.events.length),
    [3, 1],
  );
});

test('calls that are made while called-off queries run out get answers of their own', async (t) => {
  const { log } = await logOf(t, 3000);
  for (let round = 0; round < 20; round += 1) {
    const controllers = Array.from({ length: 10 }, () => new AbortController());
    const calls = controllers.map((controller) => log.queryEvents({ from }, controller.signal));
    // Some have begun by then, and some have perhaps been answered.
    if (round % 2 === 1) await log.getInstance('orders');
    const fated = controllers.filter((_, n) => n % 2 === 0);
    for (const controller of fated) controller.abort();
    const next = Array.from({ length: 10 }, (_, n) =>
      queried(t, log, { from, limit: 700, offset: n }),
    );
    for (const [n, call] of calls.entries()) {
      const response = await call;
      if (n % 2 === 0 && !response.success) aborted(t, response);
      else t.is(succeeded(t, response, 'queryEvents').result.events.length, 3000);
      if (round % 2 === 0) t.is(response.success, n % 2 === 1);
    }
    for (const [n, { events }] of (await Promise.all(next)).entries()) {
      t.deepEqual([events.length, events[0].payload.n], [700, n]);
    }
  }
});

test('a thousand queries can have one signal', async (t) => {
  const path = await temporaryPath(t);
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv[1]);
    await log.createInstance('orders');
    const controller = new AbortController();
    const query = () => log.queryEvents({ from: { instance: 'orders' } }, controller.signal);
    const calls = Array.from({ length: 1000 }, query);
    controller.abort();
    const responses = await Promise.all(calls);
    console.log(new Set(responses.map(({ code }) => code)));
  `;
  const ended = await run(t, source, { args: [path] });
  t.deepEqual(ended, { code: 0, signal: null, stdout: "Set(1) { 'ABORTED' }\n", stderr: '' });
});

/** Queries that are more than the runner's time limit leaves time for, unless they are let go. */
const ENDLESS = { controllers: 100, queries: 1000 };

test('the engine lets go of what was called off, and the log can be closed', async (t) => {
  const { log, path } = await logOf(t, 50_000);
  const where = [{ field: 'text', operator: 'contains', value: 'not in it' }];
  const calls = [];
  for (let n = 0; n < ENDLESS.controllers; n += 1) {
    const controller = new AbortController();
    for (let m = 0; m < ENDLESS.queries; m += 1) {
      calls.push(log.queryEvents({ from, where }, controller.signal));
    }
    controller.abort();
  }
  for (const { code } of await Promise.all(calls)) if (code !== 'ABORTED') t.fail(code);
  t.is((await queried(t, log, { from, limit: 0 })).total, 50_000);
  await log.close();
  const again = await openAt(t, path, { exclusive: true });
  t.is((await queried(t, again, { from, limit: 0 })).total, 50_000);
});

test('a process ends by itself after its queries were called off', async (t) => {
  const { path } = await logOf(t, 50_000);
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv[1]);
    const where = [{ field: 'text', operator: 'contains', value: 'not in it' }];
    const query = { from: { instance: 'orders' }, where };
    for (let n = 0; n < ${ENDLESS.controllers}; n += 1) {
      const controller = new AbortController();
      for (let m = 0; m < ${ENDLESS.queries}; m += 1) log.queryEvents(query, controller.signal);
      controller.abort();
    }
  `;
  const ended = await run(t, source, { args: [path] });
  t.deepEqual(ended, { code: 0, signal: null, stdout: '', stderr: '' });
});

test('a controller in the place of options is refused: it would call off nothing', async (t) => {
  const { log } = await logOf(t, 1);
  const text = /^options: expected \{ signal \}, found an AbortController: give its signal/;
  for (const [method, ...given] of [
    ['queryEvents', { from }],
    ['verify'],
    ['backup', await temporaryPath(t)],
    ['compact'],
    ['importEvents', ['']],
    ['copyTo', await openLog(t)],
  ]) {
    const response = await log[method](...given, new AbortController());
    failed(t, response, method, 'INVALID_ARGUMENT', text);
  }
  const exported = log.exportEvents(new AbortController()).toArray();
  await t.throwsAsync(exported, { code: 'INVALID_ARGUMENT', message: text });
});
