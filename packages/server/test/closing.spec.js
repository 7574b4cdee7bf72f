// WebSockets that are closing, and calls that reject: nothing more is begun, and nothing is left behind.

import { once } from 'node:events';

import test from 'ava';

import {
  dial,
  fill,
  gaugeOf,
  openLog,
  post,
  serveLog,
  socketUrl,
  start,
  talk,
} from './support/server.js';

const UPGRADE =
  'GET /codebolt HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

/** A text frame of a client, whose mask of zeros alters nothing. */
function frame(message) {
  const text = Buffer.from(JSON.stringify(message));
  const head = Buffer.from([0x81, 0x80 | 126, text.length >> 8, text.length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([head, text]);
}

/** The close frame of a client. */
const CLOSE = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);

/** A WebSocket without a library: it reads only when it is told to, and answers no close frame by itself. */
async function dialSocket(t, server) {
  const socket = await dial(t, server);
  socket.write(UPGRADE);
  await once(socket, 'data');
  socket.pause();
  return socket;
}

const append = (eventType, payload = {}) => ({
  type: 'eventLog.appendEvent',
  params: { instanceId: 'a', eventType, payload },
});

test('what arrives while a WebSocket closes is not begun', async (t) => {
  const { log, server, url } = await start(t, { bufferedBytesMax: 65_536 });
  const socket = await dialSocket(t, server);
  socket.write(frame({ type: 'subscribe' }));
  socket.write(frame(append('early')));
  const other = await talk(t, socketUrl(url));
  const refused = async () =>
    (await (await fetch(`${url}metrics`)).text()).includes('refused_total{code="OVERLOADED"} 1');
  const { params } = append('other', { text: 'x'.repeat(200_000) });
  while (!(await refused())) t.true((await other.request('eventLog.appendEvent', params)).success);
  for (let n = 0; n < 100; n += 1) socket.write(frame(append('late')));
  socket.write(CLOSE);
  socket.resume();
  await once(socket, 'end');
  while ((await gaugeOf(url, 'websockets')) > 1);
  const countOf = async (type) => {
    const where = [{ field: 'event_type', operator: 'eq', value: type }];
    return (await log.queryEvents({ from: { instance: 'a' }, where })).data.result.total;
  };
  t.is(await countOf('early'), 1);
  t.is(await countOf('late'), 0);
});

test('what arrives while the server stops is not begun', async (t) => {
  const { log, server } = await start(t, { stopTimeoutMs: 2 ** 31 - 1 });
  await fill(log, 'a', 1);
  const socket = await dialSocket(t, server);
  const stopped = server.close();
  socket.resume();
  const [bytes] = await once(socket, 'data');
  t.is(bytes[0], 0x88);
  socket.write(Buffer.concat([frame(append('late')), CLOSE]));
  await stopped;
  t.is((await log.getInstanceStats('a')).data.eventCount, 1);
});

/** A log some of whose methods are others. */
function altered(log, methods) {
  const get = (_, name) =>
    methods[name] ?? (typeof log[name] === 'function' ? log[name].bind(log) : log[name]);
  return new Proxy(log, { get });
}

const broken = () => Promise.reject(new Error('broken on purpose'));

test('a call that rejects is answered, and the connection goes on', async (t) => {
  const log = await openLog(t);
  await fill(log, 'a', 1);
  const next = broken;
  const server = await serveLog(
    t,
    altered(log, {
      appendEvent: broken,
      getInstance: () => {
        throw new Error('broken on purpose');
      },
      readAll: (options) =>
        options.limit === 0 ? log.readAll(options) : { next, return: async () => {} },
      listStreams: broken,
    }),
    { instances: ['a'] },
  );
  const client = await talk(t, socketUrl(server.url));
  const failed = async (type, params) => {
    const { success, code, error } = await client.request(`eventLog.${type}`, params);
    t.deepEqual([success, code], [false, 'INTERNAL'], type);
    t.regex(error, /broken on purpose/);
  };
  await failed('appendEvent', { instanceId: 'a', eventType: 't' });
  await failed('listStreams', { instance: 'a' });
  // Its list of instances has to be looked up.
  await failed('getInstanceStats', { instanceId: 'an-id' });
  const { data } = await client.request('eventLog.readAll', { instance: 'a' });
  await failed('next', data);
  t.is((await client.request('eventLog.next', data)).code, 'READING_NOT_FOUND');
  t.is((await post(server.url, 'listStreams', { instance: 'a' })).status, 500);
  t.is((await post(server.url, 'readAll', { instance: 'a' })).status, 500);
  t.is((await client.request('eventLog.getInstanceStats', { instanceId: 'a' })).success, true);
  t.is(await gaugeOf(server.url, 'requests_under_way'), 0);
});

test('calls that reject after their client has left are told to nobody, and hurt nobody', async (t) => {
  const log = await openLog(t);
  await fill(log, 'a', 1);
  const held = [];
  const rejectLater = () => new Promise((_, reject) => held.push(reject));
  const server = await serveLog(
    t,
    altered(log, {
      appendEvent: rejectLater,
      getInstance: rejectLater,
      readAll: (options) =>
        options.limit === 0 ? log.readAll(options) : { next: rejectLater, return: async () => {} },
    }),
    { instances: ['a'] },
  );
  const waiting = async (count) => {
    while (held.length < count) await gaugeOf(server.url, 'websockets');
  };
  const client = await talk(t, socketUrl(server.url));
  const { data } = await client.request('eventLog.readAll', { instance: 'a' });
  client.send({ type: 'eventLog.next', params: data });
  client.send({ type: 'eventLog.appendEvent', params: { instanceId: 'a', eventType: 't' } });
  client.send({ type: 'eventLog.getInstanceStats', params: { instanceId: 'an-id' } });
  await waiting(3);
  client.socket.terminate();
  while ((await gaugeOf(server.url, 'websockets')) > 0);
  for (const reject of held) reject(new Error('broken on purpose'));
  // `server.close` waits for nothing that was left.
  t.is(await gaugeOf(server.url, 'requests_under_way'), 0);
  t.is(await gaugeOf(server.url, 'readings'), 0);
  await server.close();
});
