import { fileURLToPath } from 'node:url';

import test from 'ava';

import { addon, run, start } from './support/child.mjs';
import { appended, assertGapless, created, eventsOf } from './support/response.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

const appender = new URL('support/appender.mjs', import.meta.url);

function startAppender(t, shape) {
  return start(t, `import '${appender.href}';`, { env: { APPENDER: JSON.stringify(shape) } });
}

/** Reads messages until the appender is done; returns the ids that it was told are stored. */
async function untilDone(appending) {
  const acknowledged = [];
  for (;;) {
    const message = await appending.message();
    if (message.done) return acknowledged;
    acknowledged.push(...(message.acknowledged ?? []));
  }
}

async function assertWhole(t, log, streams, acknowledged) {
  const stored = new Set();
  for (let stream = 0; stream < streams; stream += 1) {
    const events = await eventsOf(t, log, 'orders', `stream ${stream}`);
    assertGapless(t, events);
    for (const event of events) stored.add(event.id);
  }
  t.deepEqual(
    acknowledged.filter((id) => !stored.has(id)),
    [],
  );
  t.is(stored.size, acknowledged.length);
}

test('four processes append to one file: all is there, in streams without gaps', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const children = ['a', 'b', 'c', 'd'].map((name, index) =>
    startAppender(t, { path, name, count: 100, streams: 3, inFlight: 8, batch: index + 1 }),
  );
  const own = Array.from({ length: 60 }, (_, number) =>
    appended(t, log, { instanceId: 'orders', streamId: `stream ${number % 3}`, eventType: 'made' }),
  );
  const acknowledged = (await Promise.all(children.map(untilDone))).flat();
  for (const { ended } of children) {
    const { code, stderr } = await ended;
    t.is(code, 0, stderr);
  }
  const mine = (await Promise.all(own)).map((event) => event.id);
  t.is(acknowledged.length, 100 * (1 + 2 + 3 + 4));
  await assertWhole(t, log, 3, [...acknowledged, ...mine]);
});

test('what one process stores another sees at once: instances, names and events', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const other = start(
    t,
    `
      import { EventLog } from '${addon}';
      const log = await EventLog.open(process.argv[1]);
      process.on('message', async ([method, ...args]) => process.send(await log[method](...args)));
      process.send('opened');
    `,
    { args: [path] },
  );
  t.is(await other.message(), 'opened');
  const ask = (...call) => {
    other.child.send(call);
    return other.message();
  };

  await created(t, log, 'orders');
  const event = { instanceId: 'orders', eventType: 'made' };
  for (let number = 1; number < 20; number += 2) {
    t.is((await appended(t, log, event)).sequence_number, number);
    t.is((await ask('appendEvent', event)).data.event.sequence_number, number + 1);
  }
  t.is((await ask('createInstance', 'orders')).code, 'INSTANCE_EXISTS');
  t.true((await ask('updateInstance', 'orders', { name: 'sales' })).success);
  t.is((await log.getInstance('orders')).code, 'INSTANCE_NOT_FOUND');
  t.is((await eventsOf(t, log, 'sales')).length, 20);
  t.true((await ask('deleteInstance', 'sales')).success);
  t.is((await log.appendEvent({ ...event, instanceId: 'sales' })).code, 'INSTANCE_NOT_FOUND');
  await created(t, log, 'sales');
  const anew = await ask('appendEvent', { ...event, instanceId: 'sales' });
  t.is(anew.data.event.sequence_number, 1);
});

test('it works under cluster', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const source = `
    import cluster from 'node:cluster';
    cluster.setupPrimary({ exec: ${JSON.stringify(fileURLToPath(appender))}, execArgv: [] });
    const acknowledged = [];
    cluster.on('message', (worker, message) => acknowledged.push(...(message.acknowledged ?? [])));
    const ends = ['a', 'b', 'c'].map((name) => {
      const shape = { path: process.argv[1], name, count: 60, streams: 2, inFlight: 6 };
      const worker = cluster.fork({ APPENDER: JSON.stringify(shape) });
      return new Promise((resolve) => worker.on('exit', resolve));
    });
    const codes = await Promise.all(ends);
    console.log(JSON.stringify({ codes, acknowledged }));
  `;
  const ended = await run(t, source, { args: [path] });
  t.is(ended.code, 0, ended.stderr);
  const { codes, acknowledged } = JSON.parse(ended.stdout);
  t.deepEqual(codes, [0, 0, 0]);
  t.is(acknowledged.length, 180);
  await assertWhole(t, log, 2, acknowledged);
});
