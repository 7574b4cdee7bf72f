// A client that asks for much at once, or does not read: it waits, and nothing piles up.

import { PassThrough, Writable } from 'node:stream';
import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { EventLog } from 'codebolt-eventlog';
import { ListeningTransport, REQUESTS_MAX } from '../lib/listening-transport.js';
import { servingOf } from '../lib/server.js';
import { Watcher } from '../lib/watcher.js';

const COUNT = 500;

/** A transport whose client reads nothing until it is told to. */
async function open(t) {
  const log = await EventLog.open(':memory:');
  t.teardown(() => log.close());
  const source = new PassThrough();
  const lines = [];
  const held = [];
  let isRead = false;
  const output = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write(text, _, done) {
      lines.push(JSON.parse(text));
      if (isRead) done();
      else held.push(done);
    },
  });
  const read = () => {
    isRead = true;
    for (const done of held.splice(0)) done();
  };
  const transport = new ListeningTransport(source, output, servingOf(log, {}));
  return { transport, source, output, lines, read };
}

const requests = (count, first = 1) =>
  Array.from({ length: count }, (_, n) => {
    const message = { jsonrpc: '2.0', id: n + first, method: 'ping', params: {} };
    return `${JSON.stringify(message)}\n`;
  }).join('');

/** Lets everything happen that does not wait for the client. */
async function settled() {
  for (let n = 0; n < 200; n += 1) await turn();
}

test('a client that does not read is answered so many requests and no more, until it reads', async (t) => {
  const { transport, source, lines, read } = await open(t);
  const taken = [];
  transport.onmessage = ({ id }) => {
    taken.push(id);
    transport.send({ jsonrpc: '2.0', id, result: {} });
  };
  await transport.start();
  source.write(requests(COUNT));
  await settled();
  t.is(taken.length, REQUESTS_MAX);
  read();
  while (lines.length < COUNT) await turn();
  t.deepEqual(
    lines.map(({ id }) => id),
    Array.from({ length: COUNT }, (_, n) => n + 1),
  );
});

test('a client that asks for much at once has so many requests under way', async (t) => {
  const { transport, source, lines, read } = await open(t);
  read();
  const underWay = [];
  let isQuick = false;
  const answer = (id) => transport.send({ jsonrpc: '2.0', id, result: {} });
  transport.onmessage = ({ id }) => (isQuick ? answer(id) : underWay.push(id));
  const closed = new Promise((resolve) => (transport.whenClosed = resolve));
  await transport.start();
  source.end(requests(COUNT));
  await settled();
  t.is(underWay.length, REQUESTS_MAX);
  isQuick = true;
  for (const id of underWay) answer(id);
  await closed;
  t.is(lines.length, COUNT);
});

test('many answers that wait to be read are no reason for a warning', async (t) => {
  const warnings = [];
  const warned = ({ name }) => warnings.push(name);
  process.on('warning', warned);
  t.teardown(() => process.off('warning', warned));
  const { transport, source, lines, read } = await open(t);
  transport.onmessage = ({ id }) => transport.send({ jsonrpc: '2.0', id, result: {} });
  await transport.start();
  source.write(requests(REQUESTS_MAX));
  await settled();
  read();
  while (lines.length < REQUESTS_MAX) await turn();
  t.deepEqual(warnings, []);
});

test.serial('of one resource there is one word at a time that a client has not read', async (t) => {
  const log = await EventLog.open(':memory:');
  t.teardown(() => log.close());
  await log.createInstance('orders');
  const { setTimeout: start } = globalThis;
  // No pause is long.
  mock.method(globalThis, 'setTimeout', (call, ms, ...rest) =>
    start(call, Math.min(ms, 1), ...rest),
  );
  t.teardown(() => mock.restoreAll());
  const words = [];
  const changed = () => new Promise((resolve) => words.push(resolve));
  const noticed = [];
  /** Events, which are noted once whoever takes them asks for the next one. */
  async function* noted(events) {
    for await (const event of events) {
      yield event;
      noticed.push(event.position);
    }
  }
  const subscribe = (options) => noted(log.subscribe(options));
  const watcher = new Watcher(servingOf({ ...log, subscribe }, {}), changed);
  t.teardown(() => watcher.close());
  await watcher.add('eventlog://instances/orders');
  for (let count = 1; count <= 20; count += 1) {
    await log.appendEvent({ instanceId: 'orders', eventType: 'a' });
    while (noticed.length < count) await turn();
    await settled();
  }
  t.is(words.length, 1);
  words[0]();
  while (words.length < 2) await turn();
  words[1]();
  await settled();
  t.is(words.length, 2);
});
