// A package that is loaded again and again, as hot reloading does, is given back each time.

import test from 'ava';

import { run } from './support/child.mjs';
import { eventsOf } from './support/response.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

const root = new URL('..', import.meta.url).pathname;

/** `load()` loads the package's JavaScript anew; the addon stays, as Node.js keeps it. */
const LOAD = `
  import { createRequire } from 'node:module';
  const load = () => {
    // What is required by one of its own is known to it for ever.
    const require = createRequire(${JSON.stringify(`${root}index.js`)});
    for (const file of Object.keys(require.cache)) {
      const isOfPackage = file.startsWith(${JSON.stringify(root)});
      if (isOfPackage && !file.endsWith('.node')) delete require.cache[file];
    }
    return require('./index.js');
  };
`;

const options = (path) => ({ args: [path], flags: ['--expose-gc'] });

test('nothing of an earlier load stays', async (t) => {
  const source = `
    ${LOAD}
    const before = process.listenerCount('exit');
    const loads = [];
    const use = async () => {
      const { EventLog } = load();
      const log = await EventLog.open(':memory:');
      await log.appendEvent({ instanceId: 'orders', eventType: 'made', autoCreateInstance: true });
      await log.close();
      loads.push(new WeakRef(EventLog));
    };
    for (let n = 0; n < 200; n += 1) await use();
    const alive = () => loads.filter((load) => load.deref() !== undefined).length;
    // What has just ended is let go in turns of the event loop to come.
    for (let n = 0; n < 100 && alive() > 1; n += 1) {
      await new Promise(setImmediate);
      gc();
    }
    const drained = process[Symbol.for('codebolt-eventlog.drains')];
    load();
    console.log(JSON.stringify([alive(), drained.size, process.listenerCount('exit') - before]));
  `;
  const ended = await run(t, source, options(await temporaryPath(t)));
  t.is(ended.stderr, '');
  const [alive, drained, listeners] = JSON.parse(ended.stdout);
  t.true(alive <= 1, `${alive} loads stay`);
  t.true(drained <= 2, `${drained} loads are drained`);
  t.is(listeners, 1);
});

test('a log of an earlier load goes on, and what it appends last is stored', async (t) => {
  const path = await temporaryPath(t);
  const source = `
    ${LOAD}
    const log = await load().EventLog.open(process.argv[1]);
    await log.createInstance('orders');
    for (let n = 0; n < 20; n += 1) load();
    gc();
    const append = () => log.appendEvent({ instanceId: 'orders', eventType: 'made' });
    console.log((await append()).success);
    process.on('exit', append);
    append();
    gc();
    process.exit(3);
  `;
  const ended = await run(t, source, options(path));
  t.deepEqual(ended, { code: 3, signal: null, stdout: 'true\n', stderr: '' });
  t.is((await eventsOf(t, await openAt(t, path), 'orders')).length, 3);
});

test('what is loaded by the first call is of one piece with a log of an earlier load', async (t) => {
  const source = `
    ${LOAD}
    const { EventLog, EventLogError, unwrap } = load();
    const log = await EventLog.open(process.argv[1]);
    await log.appendEvent({ instanceId: 'orders', eventType: 'made', autoCreateInstance: true });
    const later = load();
    const found = [];
    for await (const event of log.readAll({ instance: 'orders' })) found.push(event.event_type);
    const thrown = [
      () => log.readAll({ instance: 'none' }).next(),
      () => log.readAll({ instances: 'orders' }).next(),
      () => log.project({ instance: 'orders' }),
      () => log.decide({ instance: 'orders' }),
      () => log.subscribe({ instance: '' }).next(),
    ];
    for (const call of thrown) {
      const error = await Promise.resolve().then(call).catch((error) => error);
      const isOf = [EventLogError, later.EventLogError, Error].map((each) => error instanceof each);
      found.push([error.code, ...isOf]);
    }
    class Own extends EventLogError {}
    found.push(new EventLogError('A', 'b') instanceof Own, new Own('A', 'b') instanceof EventLogError);
    found.push(new Error('b') instanceof EventLogError, null instanceof EventLogError);
    found.push((await log.verify()).success, (await log.metrics()).success);
    found.push((await log.exportEvents().toArray()).length > 0);
    const json = JSON.stringify({ instanceId: 'orders', eventType: 'paid' });
    const batch = [1, 2].map((requestId) => ({ method: 'appendEvent', json, requestId }));
    // Others are in flight, of the load that has opened the log.
    const other = log.appendEvent({ instanceId: 'orders', eventType: 'sent' });
    const answered = await new Promise((resolve) => {
      const responses = [];
      const made = log.callJsonBatch(batch, ({ json }) => {
        responses.push(JSON.parse(json));
        if (responses.length === made) resolve(responses);
      });
    });
    found.push(answered.map(({ requestId, data }) => [requestId, data.event.event_type]));
    found.push((await other).data.event.event_type);
    const text = await log.queryEvents({ from: { instance: 'orders' } }, { format: 'json' });
    found.push(JSON.parse(unwrap(text)).result.total);
    found.push((await log.strict.getInstanceStats('orders')).eventCount);
    await log.close();
    console.log(JSON.stringify(found));
  `;
  const ended = await run(t, source, options(await temporaryPath(t)));
  t.is(ended.stderr, '');
  const all = [true, true, true];
  t.deepEqual(JSON.parse(ended.stdout), [
    'made',
    ['INSTANCE_NOT_FOUND', ...all],
    ['INVALID_ARGUMENT', ...all],
    ['INVALID_ARGUMENT', ...all],
    ['INVALID_ARGUMENT', ...all],
    ['INVALID_ARGUMENT', ...all],
    ...[false, true],
    ...[false, false],
    ...[true, true],
    true,
    [
      [1, 'paid'],
      [2, 'paid'],
    ],
    'sent',
    ...[4, 4],
  ]);
});

test('a program that opens a log, appends and closes it loads no more than that takes', async (t) => {
  const source = `
    import { createRequire } from 'node:module';
    const require = createRequire(${JSON.stringify(`${root}index.js`)});
    const { EventLog } = require('./index.js');
    const log = await EventLog.open(process.argv[1]);
    await log.appendEvent({ instanceId: 'orders', eventType: 'made', autoCreateInstance: true });
    await log.close();
    const files = Object.keys(require.cache).map((file) => file.slice(${root.length}));
    console.log(JSON.stringify(files.filter((file) => file.startsWith('lib'))));
  `;
  const { stdout, stderr } = await run(t, source, options(await temporaryPath(t)));
  t.is(stderr, '');
  const files = JSON.parse(stdout);
  t.true(files.includes('lib/connection.js'));
  const seldom =
    /^lib.(?:cloud-events|evidence|projection|transfer|tree|event-types.event-types|reading|operation|metrics|attach|strict|json-text|options|wire.json-|wire.survey|addon.packages)/;
  t.deepEqual(
    files.filter((file) => seldom.test(file)),
    [],
  );
});
