// What is told to listeners of diagnostics_channel: what was done, its size and its place, and never what is in it.

import { AsyncLocalStorage } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';

import test from 'ava';

import { all } from './support/reading.mjs';
import { inFiles, openLog } from './support/temporary.mjs';

/** A server has checkpoints of its own, and tells nobody. */
const serialOfFiles = inFiles ? test.serial : test.skip;

const NAMES = ['append', 'commit', 'query', 'read', 'subscribe', 'checkpoint'];
const MESSAGES = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];
const at = { instanceId: 'shop', autoCreateInstance: true };

/** Notes what is told until the test ends. The channels are of the process, so tests that listen run one by one. */
function listen(t, names = NAMES) {
  const heard = [];
  for (const name of names) {
    const channel = diagnostics.tracingChannel(`codebolt-eventlog:${name}`);
    const listeners = Object.fromEntries(
      MESSAGES.map((message) => [
        message,
        (context) => heard.push({ name, message, context, told: { ...context } }),
      ]),
    );
    channel.subscribe(listeners);
    t.teardown(() => channel.unsubscribe(listeners));
  }
  const of = (name, message) =>
    heard.filter((one) => one.name === name && one.message === message).map(({ told }) => told);
  return { heard, of };
}

const messagesOf = (heard, name) =>
  heard.filter((one) => one.name === name).map(({ message }) => message);

test.serial('an append is told as it begins, and once it was answered', async (t) => {
  const log = await openLog(t);
  const { heard, of } = listen(t, ['append']);
  const params = { ...at, streamId: 's', eventType: 'Sold', payload: { secret: 'é' } };
  await log.appendEvent(params);
  t.deepEqual(messagesOf(heard, 'append'), ['start', 'end', 'asyncStart', 'asyncEnd']);
  t.is(new Set(heard.map(({ context }) => context)).size, 1);
  t.deepEqual(of('append', 'start'), [{ method: 'appendEvent', instance: 'shop' }]);
  const bytes = Buffer.byteLength(JSON.stringify([params]));
  t.deepEqual(of('append', 'asyncEnd'), [
    {
      method: 'appendEvent',
      instance: 'shop',
      bytes,
      code: 'OK',
      events: 1,
      stream: 's',
      sequence: 1,
    },
  ]);
});

test.serial('batches and decisions are appends', async (t) => {
  const log = await openLog(t);
  const { of } = listen(t, ['append']);
  await log.appendEvents({ ...at, events: [{ eventType: 'a' }, { eventType: 'b' }] });
  const fold = { instance: 'shop', stream: 'default', initial: 0, apply: (n) => n + 1 };
  await log.decide({ ...fold, decide: () => [{ eventType: 'c' }, { eventType: 'd' }] });
  const [batch, decision] = of('append', 'asyncEnd');
  t.like(batch, { method: 'appendEvents', code: 'OK', events: 2 });
  t.like(decision, {
    method: 'decide',
    instance: 'shop',
    events: 2,
    firstPosition: 3,
    lastPosition: 4,
  });
});

test.serial('a call that fails is told with its code', async (t) => {
  const schema = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: async () => ({ issues: [{ message: 'no' }] }),
    },
  };
  const log = await openLog(t, { events: { Sold: schema } });
  const { heard, of } = listen(t, ['append', 'query']);
  await log.appendEvent({ ...at, eventType: 'Sold' });
  await log.appendEvent();
  await log.appendEvent({ ...at, eventType: 'x', payload: { n: 1n } });
  await log.queryEvents({ from: { instance: 'none' } });
  t.deepEqual(
    of('append', 'error').map(({ code }) => code),
    Array(3).fill('INVALID_ARGUMENT'),
  );
  const [query] = of('query', 'error');
  t.like(query, { method: 'queryEvents', instance: 'none', code: 'INSTANCE_NOT_FOUND' });
  t.true(query.error instanceof Error);
  t.deepEqual(messagesOf(heard, 'query'), ['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
});

test.serial(
  'queries, readers and subscriptions are told with how much they have found',
  async (t) => {
    const log = await openLog(t);
    const { of } = listen(t);
    await log.appendEvents({
      ...at,
      events: Array.from({ length: 5 }, () => ({ eventType: 'a' })),
    });
    await log.queryEvents({ from: { instance: 'shop' }, limit: 2 });
    t.like(of('query', 'asyncEnd')[0], {
      method: 'queryEvents',
      instance: 'shop',
      events: 2,
      total: 5,
    });
    /** What is told of all pages of a reading, however a busy machine cuts them. */
    const toldOf = (name, reading) => {
      const pages = of(name, 'asyncEnd').filter(({ method }) => method === reading);
      const events = pages.reduce((sum, page) => sum + (page.events ?? 0), 0);
      const positions = pages.flatMap((page) => [page.firstPosition, page.lastPosition]);
      const known = positions.filter((position) => position !== undefined);
      return {
        ...pages[0],
        events,
        firstPosition: Math.min(...known),
        lastPosition: Math.max(...known),
      };
    };
    await all(log.readAll({ instance: 'shop', afterPosition: 1 }));
    const ofAll = { instance: 'shop', events: 4, firstPosition: 2, lastPosition: 5 };
    t.like(toldOf('read', 'readAll'), ofAll);
    await all(
      log.readStream({ instance: 'shop', stream: 'default', direction: 'backward', limit: 3 }),
    );
    const ofStream = { stream: 'default', events: 3, firstPosition: 3, lastPosition: 5 };
    t.like(toldOf('read', 'readStream'), ofStream);
    const subscription = log.subscribe({ instance: 'shop', consumer: 'c' });
    for (let n = 0; n < 5; n += 1) await subscription.next();
    await subscription.return();
    const ofSubscription = { instance: 'shop', consumer: 'c', events: 5, lastPosition: 5 };
    t.like(toldOf('subscribe', 'subscribe'), ofSubscription);
  },
);

test.serial('each commit is told once, with its calls, its events and its time', async (t) => {
  const log = await openLog(t);
  await log.createInstance('shop');
  const { heard, of } = listen(t, ['commit']);
  const count = 50;
  const calls = Array.from({ length: count }, () => log.appendEvent({ ...at, eventType: 'a' }));
  await Promise.all(calls);
  await log.appendEvents({ ...at, events: [{ eventType: 'b' }, { eventType: 'b' }] });
  const commits = of('commit', 'end');
  const sum = (key) => commits.reduce((total, commit) => total + commit[key], 0);
  t.is(sum('calls'), count + 1);
  t.is(sum('events'), count + 2);
  t.true(commits.every(({ seconds, bytes }) => seconds > 0 && bytes > 0));
  t.deepEqual(
    commits.map(({ commit }) => commit),
    commits.map((_, n) => commits[0].commit + n),
  );
  t.is(messagesOf(heard, 'commit').filter((message) => message === 'start').length, commits.length);
});

serialOfFiles('checkpoints are told', async (t) => {
  const log = await openLog(t);
  const { of } = listen(t, ['checkpoint']);
  const payload = { text: 'x'.repeat(1 << 20) };
  // A segment has 16 MiB. The third one needs the first one's place.
  for (let n = 0; n < 60 && of('checkpoint', 'end').length === 0; n += 1) {
    await log.appendEvent({ ...at, eventType: 'a', payload });
  }
  const [checkpoint] = of('checkpoint', 'end');
  t.deepEqual(Object.keys(checkpoint).toSorted(), ['commit', 'seconds']);
  t.true(checkpoint.commit > 0 && checkpoint.seconds > 0);
});

test.serial('nothing that is told has what is stored in it', async (t) => {
  const log = await openLog(t);
  const { heard } = listen(t);
  const secret = 'a secret that nobody may see';
  await log.appendEvent({ ...at, eventType: 'a', payload: { secret }, metadata: { secret } });
  await log.appendEvents({ ...at, events: [{ eventType: 'a', payload: { secret } }] });
  await log.queryEvents({
    from: { instance: 'shop' },
    where: [{ field: 'secret', operator: 'eq', value: secret }],
  });
  await all(
    log.readAll({ instance: 'shop', where: [{ field: 'secret', operator: 'eq', value: secret }] }),
  );
  t.true(heard.length >= 16);
  t.false(JSON.stringify(heard).includes(secret));
});

test.serial('arguments are read as often as without a listener', async (t) => {
  const log = await openLog(t);
  let reads = 0;
  const params = {
    eventType: 'a',
    autoCreateInstance: true,
    get instanceId() {
      reads += 1;
      return 'shop';
    },
  };
  await log.appendEvent(params);
  const unheard = reads;
  listen(t, ['append']);
  await log.appendEvent(params);
  t.is(reads, 2 * unheard);
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  t.is((await log.appendEvent(proxy)).code, 'INVALID_ARGUMENT');
});

test.serial('what listens can give a call a context of its own', async (t) => {
  const log = await openLog(t);
  const storage = new AsyncLocalStorage();
  const { start } = diagnostics.tracingChannel('codebolt-eventlog:append');
  start.bindStore(storage, (context) => ({ of: context.method }));
  t.teardown(() => start.unbindStore(storage));
  const seen = [];
  const events = {
    Sold: {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => {
          seen.push(storage.getStore());
          return { value };
        },
      },
    },
  };
  await log.typed({ events }).appendEvent({ ...at, eventType: 'Sold' });
  t.deepEqual(seen, [{ of: 'appendEvent' }]);
  t.is(storage.getStore(), undefined);
});

test.serial('a listener that throws does not fail the call', async (t) => {
  const log = await openLog(t);
  const thrown = [];
  const uncaught = (error) => thrown.push(error.message);
  process.prependListener('uncaughtException', uncaught);
  const listeners = process.listeners('uncaughtException').filter((one) => one !== uncaught);
  for (const one of listeners) process.off('uncaughtException', one);
  const channel = diagnostics.tracingChannel('codebolt-eventlog:append');
  const throwing = {
    start() {
      throw new Error('own');
    },
  };
  channel.subscribe(throwing);
  try {
    t.true((await log.appendEvent({ ...at, eventType: 'a' })).success);
  } finally {
    channel.unsubscribe(throwing);
    for (const one of listeners) process.on('uncaughtException', one);
    process.off('uncaughtException', uncaught);
  }
  t.deepEqual(thrown, ['own']);
});
