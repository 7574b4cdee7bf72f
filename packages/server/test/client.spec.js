// The client: the methods of a log over a connection.

import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';

import test from 'ava';
import { connect, unwrap } from 'codebolt-eventlog-server/client';

import { collect, connectTo } from './support/client.js';
import { TOKEN, fill, openLog, serveLog, start } from './support/server.js';

test('each method answers as that of the log', async (t) => {
  const { log, url } = await start(t);
  const client = await connectTo(t, url);
  const { instance } = unwrap(await client.createInstance('a', 'first'));
  t.is(instance.description, 'first');
  t.deepEqual(
    unwrap(await client.createInstance('a', undefined, { ifExists: 'get' })).instance,
    instance,
  );
  t.is((await client.createInstance('a')).code, 'INSTANCE_EXISTS');
  t.is(
    unwrap(await client.updateInstance('a', { description: 'other' })).instance.description,
    'other',
  );
  const { event } = unwrap(await client.appendEvent({ instanceId: 'a', eventType: 't' }));
  t.is(event.sequence_number, 1);
  const events = [{ eventType: 't' }, { eventType: 'u' }];
  t.is(unwrap(await client.appendEvents({ instanceId: 'a', events })).count, 2);
  t.is(unwrap(await client.queryEvents({ from: { instance: 'a' } })).result.total, 3);
  const same = async (name, ...given) => {
    t.deepEqual((await client[name](...given)).data, (await log[name](...given)).data, name);
  };
  await same('getInstance', 'a');
  await same('listInstances');
  await same('getInstanceStats', 'a');
  await same('listStreams', { instance: 'a' });
  await same('listConsumers', { instance: 'a' });
  t.is((await client.listParked({ instance: 'a', consumer: 'c' })).code, 'CONSUMER_NOT_FOUND');
  t.is(
    (await client.resetConsumer({ instance: 'a', consumer: 'c', position: 0 })).code,
    'CONSUMER_NOT_FOUND',
  );
  const { success } = await client.deleteInstance('a');
  t.true(success);
  t.is((await client.getInstance('a')).code, 'INSTANCE_NOT_FOUND');
});

test('a wrong call resolves with a failure, whatever it is given', async (t) => {
  const { log, url } = await start(t);
  const client = await connectTo(t, url);
  for (const [name, ...given] of [
    ['appendEvent'],
    ['appendEvent', 7],
    ['createInstance'],
    ['getInstance'],
    ['queryEvents'],
    ['listStreams'],
    ['updateInstance', 'a', null],
  ]) {
    const { success, code, type } = await client[name](...given);
    t.deepEqual([success, type], [false, `eventLog.${name}`]);
    t.regex(code, /INVALID_ARGUMENT|INSTANCE_NOT_FOUND/);
  }
  t.is(
    (await client.appendEvent({ instanceId: 'a', eventType: 't', payload: { n: 1n } })).code,
    'INVALID_ARGUMENT',
  );
  const circle = {};
  circle.self = circle;
  t.is(
    (await client.appendEvent({ instanceId: 'a', eventType: 't', payload: circle })).code,
    'INVALID_ARGUMENT',
  );
  t.deepEqual((await log.listInstances()).data.instances, []);
  const { conflict, code } = t.throws(() =>
    unwrap({ success: false, code: 'SEQUENCE_CONFLICT', error: 'late', conflict: { actual: 1 } }),
  );
  t.deepEqual([code, conflict], ['SEQUENCE_CONFLICT', { actual: 1 }]);
});

test('readers give what those of the log give', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 2_500);
  await log.appendEvent({
    instanceId: 'a',
    streamId: 's',
    eventType: 'other',
    metadata: { correlationId: 'k' },
  });
  const client = await connectTo(t, url);
  const where = [{ field: 'payload.n', operator: 'gt', value: 2_400 }];
  for (const [name, options] of [
    ['readAll', {}],
    ['readAll', { afterPosition: 2_000, limit: 300 }],
    ['readAll', { direction: 'backward', limit: 1_500 }],
    ['readAll', { direction: 'backward', afterPosition: 3 }],
    ['readAll', { where }],
    ['readAll', { correlationId: 'k' }],
    ['readAll', { limit: 0 }],
    ['readStream', { stream: 'default' }],
    ['readStream', { stream: 'default', fromSequence: 2_000 }],
    ['readStream', { stream: 'default', direction: 'backward' }],
    ['readStream', { stream: 'default', direction: 'backward', fromSequence: 2 }],
    ['readStream', { stream: 'none' }],
  ]) {
    const given = { instance: 'a', ...options };
    const whole = (event) => event;
    t.deepEqual(
      await collect(client[name](given), whole),
      await collect(log[name](given), whole),
      JSON.stringify([name, options]),
    );
  }
  for (const [name, options] of [
    ['readAll', { instance: 'none' }],
    ['readAll', { instance: 'none', limit: 0 }],
    ['readAll', { instance: 'a', where: 'x' }],
    ['readAll', { instance: 'a', afterPosition: 9_999 }],
    ['readStream', { instance: 'a' }],
    ['subscribe', { instance: 'none' }],
    ['readAll', undefined],
  ]) {
    const { code } = await t.throwsAsync(client[name](options).next());
    const expected = options?.instance === 'none' ? 'INSTANCE_NOT_FOUND' : 'INVALID_ARGUMENT';
    t.is(code, expected, JSON.stringify([name, options]));
  }
});

test('a subscription gives the events that exist, and then each new one', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 2);
  const client = await connectTo(t, url);
  const subscription = client.subscribe({ instance: 'a' });
  const take = async () => (await subscription.next()).value.position;
  t.deepEqual([await take(), await take()], [1, 2]);
  const third = take();
  await fill(log, 'a', 1);
  t.is(await third, 3);
  const waiting = subscription.next();
  await subscription.return();
  t.deepEqual(await waiting, { done: true, value: undefined });
});

test('a signal and the end of a reading end them on the server too', async (t) => {
  const { log, url } = await start(t, { readingsMax: 3 });
  await fill(log, 'a', 5_000);
  const client = await connectTo(t, url);
  for (let n = 0; n < 20; n += 1) {
    for await (const { position } of client.readAll({ instance: 'a' })) {
      if (position === 2) break;
    }
    const controller = new AbortController();
    const { signal } = controller;
    const subscription = client.subscribe({ instance: 'a', afterPosition: 'end', signal });
    const step = subscription.next();
    await client.getInstance('a');
    controller.abort(new Error('enough'));
    const { code, message, cause } = await t.throwsAsync(step);
    t.is(code, 'ABORTED');
    t.regex(message, /enough/);
    t.is(cause, signal.reason);
    const unbegun = client.subscribe({ instance: 'a' });
    const first = unbegun.next();
    await unbegun.return();
    await first;
  }
});

test('a call without a response in time fails, and says whether it can have changed something', async (t) => {
  const sockets = new Set();
  const silent = createServer((socket) => sockets.add(socket));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const { log, server } = await start(t);
  const client = await connectTo(t, server.url, { callTimeoutMs: 100 });
  await server.close();
  t.is((await client.getInstance('a')).code, 'TIMED_OUT');
  t.is((await client.appendEvent({ instanceId: 'a', eventType: 't' })).code, 'TIMED_OUT');
  t.deepEqual((await log.listInstances()).data.instances, []);
});

test('a closed client answers that it is closed, and its subscriptions end', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 1);
  const client = await connectTo(t, url);
  const subscription = client.subscribe({ instance: 'a', afterPosition: 'end' });
  const step = subscription.next();
  await client.getInstance('a');
  const { appendEvent } = client;
  await client.close();
  await client.close();
  t.true((await step).done);
  t.is((await appendEvent({ instanceId: 'a', eventType: 't' })).code, 'CLOSED');
  t.is((await t.throwsAsync(client.readAll({ instance: 'a' }).next())).code, 'CLOSED');
});

test('connecting fails with a reason', async (t) => {
  const log = await openLog(t);
  const server = await serveLog(t, log, { token: TOKEN });
  t.true((await (await connectTo(t, server.link)).listInstances()).success);
  t.true((await (await connectTo(t, server.url, { token: TOKEN })).listInstances()).success);
  const refused = await t.throwsAsync(connect(server.url));
  t.is(refused.code, 'CONNECTION_LOST');
  t.regex(refused.message, /401/);
  await server.close();
  t.is((await t.throwsAsync(connect(server.link))).code, 'CONNECTION_LOST');
  for (const url of ['ftp://localhost/', 'nothing', '', undefined]) {
    t.is((await t.throwsAsync(connect(url))).code, 'INVALID_ARGUMENT');
  }
  const { code, message } = await t.throwsAsync(connect(server.url, { tokn: 'x' }));
  t.is(code, 'INVALID_ARGUMENT');
  t.regex(message, /"tokn"/);
});

test('for browsers, the client imports nothing that only Node.js has', (t) => {
  const folder = new URL('../lib/client/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name !== 'websocket.node.js');
  t.true(files.includes('websocket.js'));
  for (const file of [
    new URL('../client.js', import.meta.url),
    ...files.map((name) => new URL(name, folder)),
  ]) {
    const source = readFileSync(file, 'utf8');
    const imported = [...source.matchAll(/\bfrom '([^']+)'/g)].map(([, path]) => path);
    t.deepEqual(
      imported.filter((path) => !/^\.\/|^#websocket$/.test(path)),
      [],
      file.pathname,
    );
    t.notRegex(source, /\b(?:process|Buffer|require)\b[.(]/);
  }
});
