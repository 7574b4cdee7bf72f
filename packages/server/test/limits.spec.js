// Limits, each with its code, and clients that are slow: what they cost is theirs.

import { once } from 'node:events';

import test from 'ava';
import { serve } from 'codebolt-eventlog-server';
import { WebSocket } from 'ws';

import {
  dial,
  fill,
  gaugeOf,
  openLog,
  post,
  refusedUpgrade,
  serveLog,
  socketUrl,
  start,
  talk,
} from './support/server.js';

/** The head and the value of the body of an answer on a plain connection that is closed after it. */
async function answerOn(socket) {
  let answer = '';
  socket.setEncoding('utf8').on('data', (part) => (answer += part));
  // A server that has not read all it was sent ends the connection with a reset, after its answer.
  await new Promise((closed) => socket.once('close', closed));
  const [head, body] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: JSON.parse(body) };
}

test('an option that is wrong or not known is refused, with its name', async (t) => {
  const log = await openLog(t);
  for (const [options, pattern] of [
    [{ prot: 1 }, /unknown option "prot"/],
    [{ port: 65_536 }, /^port: .*found 65536/],
    [{ port: '80' }, /^port: /],
    [{ host: '' }, /^host: /],
    [{ token: 'short' }, /^token: .*found a string$/],
    [{ token: 'with a space in its middle' }, /^token: .*found a string$/],
    [{ token: true }, /^token: /],
    [{ instances: 'a' }, /^instances: /],
    [{ instances: [''] }, /^instances: /],
    [{ allowedOrigins: ['example.com'] }, /^allowedOrigins: /],
    [{ allowedOrigins: ['https://example.com/'] }, /^allowedOrigins: /],
    [{ bodyBytesMax: 0 }, /^bodyBytesMax: /],
    [{ queryTimeoutMs: 2 ** 31 }, /^queryTimeoutMs: /],
    [{ tls: { cert: 'x' } }, /^tls: /],
    [{ viewer: '/no/such/folder' }, /^viewer: /],
    [[], /^options: /],
  ]) {
    const { code, message } = await t.throwsAsync(serve(log, options));
    t.is(code, 'INVALID_ARGUMENT');
    t.regex(message, pattern);
    t.notRegex(message, /short|middle/);
  }
  t.is((await t.throwsAsync(serve({}))).code, 'INVALID_ARGUMENT');
});

test('a port that is taken is refused, and nothing is left behind', async (t) => {
  const { log, server } = await start(t);
  const { code, message } = await t.throwsAsync(serve(log, { port: server.port, token: false }));
  t.is(code, 'INVALID_ARGUMENT');
  t.regex(message, /EADDRINUSE/);
});

test('a body over the limit is refused, whether or not its length is told before', async (t) => {
  const { log, server, url } = await start(t, { bodyBytesMax: 10_000 });
  const payload = { text: 'x'.repeat(10_000) };
  const params = { instanceId: 'a', eventType: 't', payload };
  const { status, body } = await post(url, 'appendEvent', params);
  t.deepEqual([status, body.code], [413, 'BODY_TOO_LARGE']);

  const socket = await dial(t, server);
  const head =
    'POST /eventlog/appendEvent HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
  // A body without an end.
  const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`;
  const feeding = setInterval(() => socket.write(chunk), 1);
  t.teardown(() => clearInterval(feeding));
  const chunked = await answerOn(socket);
  t.deepEqual([chunked.status, chunked.body.code], [413, 'BODY_TOO_LARGE']);

  const client = await talk(t, socketUrl(url));
  client.send({ type: 'eventLog.appendEvent', requestId: 1, params });
  t.is((await client.closed).code, 1009);
  t.deepEqual((await log.listInstances()).data.instances, []);
});

test('headers over the limit are refused', async (t) => {
  const { server } = await start(t);
  const socket = await dial(t, server);
  socket.write(`GET /healthz?${'x'.repeat(400_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const { status, body } = await answerOn(socket);
  t.deepEqual([status, body.code], [431, 'HEADERS_TOO_LARGE']);
});

test('what is no HTTP is refused', async (t) => {
  const { server } = await start(t);
  const socket = await dial(t, server);
  socket.write('HELO example.com\r\n\r\n');
  const { status, body } = await answerOn(socket);
  t.deepEqual([status, body.code], [400, 'INVALID_ARGUMENT']);
});

test('a request that does not arrive in time is refused', async (t) => {
  const { server } = await start(t, { requestTimeoutMs: 50 });
  for (const begin of [
    'GET /healthz HTTP/1.1\r\n',
    'POST /eventlog/listInstances HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{',
  ]) {
    const socket = await dial(t, server);
    socket.write(begin);
    const { status, body } = await answerOn(socket);
    t.deepEqual([status, body.code], [408, 'TIMED_OUT']);
  }
});

test('a connection more than there may be is refused, and the others go on', async (t) => {
  const { server, url } = await start(t, { connectionsMax: 2 });
  const client = await talk(t, socketUrl(url));
  await dial(t, server);
  const third = await dial(t, server);
  third.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const { status, head, body } = await answerOn(third);
  t.deepEqual([status, body.code], [503, 'TOO_MANY_CONNECTIONS']);
  t.regex(head, /Retry-After: 1/i);
  const upgrade = await refusedUpgrade(socketUrl(url));
  t.deepEqual([upgrade.status, upgrade.body.code], [503, 'TOO_MANY_CONNECTIONS']);
  t.true((await client.request('eventLog.listInstances')).success);
});

/** A log whose appends wait to be let go, with how many do, and did at most. */
function heldUp(log) {
  const held = [];
  const state = { most: 0, release: () => held.shift()?.(), whenHeld: () => {} };
  const appendEvent = (params) => {
    const { promise, resolve } = withResolvers();
    held.push(resolve);
    state.most = Math.max(state.most, held.length);
    state.whenHeld(held.length);
    return promise.then(() => log.appendEvent(params));
  };
  const get = (_, name) => {
    if (name === 'appendEvent') return appendEvent;
    return typeof log[name] === 'function' ? log[name].bind(log) : log[name];
  };
  return [new Proxy(log, { get }), state];
}

function withResolvers() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

test('calls more than the server may be answering are refused over HTTP, and wait over WebSockets', async (t) => {
  const [log, state] = heldUp(await openLog(t));
  const { url } = await serveLog(t, log, { requestsMax: 3 });
  const full = new Promise((resolve) => (state.whenHeld = (count) => count === 3 && resolve()));
  const client = await talk(t, socketUrl(url));
  const append = (n) =>
    client.request('eventLog.appendEvent', { instanceId: 'a', eventType: 't', payload: { n } });
  const responses = Array.from({ length: 10 }, (_, n) => append(n));
  await full;
  const { status, body } = await post(url, 'appendEvent', { instanceId: 'a', eventType: 't' });
  t.deepEqual([status, body.code], [503, 'OVERLOADED']);
  t.regex(body.error, /^3 requests are being answered/);
  state.whenHeld = () => setImmediate(state.release);
  for (let n = 0; n < 3; n += 1) state.release();
  const positions = (await Promise.all(responses)).map(({ success, data }) => [
    success,
    data.event.payload.n,
    data.event.sequence_number,
  ]);
  t.deepEqual(
    positions,
    Array.from({ length: 10 }, (_, n) => [true, n, n + 1]),
  );
  t.is(state.most, 3);
  t.is((await post(url, 'getInstanceStats', { instanceId: 'a' })).body.data.eventCount, 10);
});

test('clients that wait for a full server take turns', async (t) => {
  const [log, state] = heldUp(await openLog(t));
  const { url } = await serveLog(t, log, { requestsMax: 1 });
  const [busy, other] = [await talk(t, socketUrl(url)), await talk(t, socketUrl(url))];
  const append = (client) =>
    client.request('eventLog.appendEvent', { instanceId: 'a', eventType: 't' });
  state.whenHeld = () => setImmediate(state.release);
  const over = new AbortController();
  // One client always has four calls under way, for as long as the other is not served.
  const loops = Array.from({ length: 4 }, async () => {
    while (!over.signal.aborted) t.true((await append(busy)).success);
  });
  t.true((await append(other)).success);
  over.abort();
  await Promise.all(loops);
  t.is(state.most, 1);
});

test('a query that takes too long is called off', async (t) => {
  const { log, url } = await start(t, { queryTimeoutMs: 1 });
  for (let n = 0; n < 5; n += 1) await fill(log, 'a', 40_000, { text: 'x'.repeat(100) });
  const orderBy = { field: 'payload.text' };
  const params = { query: { from: { instance: 'a' }, orderBy } };
  const client = await talk(t, socketUrl(url));
  const { code, error } = await client.request('eventLog.queryEvents', params);
  t.is(code, 'TIMED_OUT');
  t.regex(error, /at most 1 ms/);
  const { status, body } = await post(url, 'queryEvents', params);
  t.deepEqual([status, body.code], [504, 'TIMED_OUT']);
});

test('a connection may have so many readings open', async (t) => {
  const { log, url } = await start(t, { readingsMax: 2 });
  await fill(log, 'a', 1);
  const client = await talk(t, socketUrl(url));
  const open = () => client.request('eventLog.subscribe', { instance: 'a' });
  const [first, second, third] = await Promise.all([open(), open(), open()]);
  t.true(first.success && second.success);
  t.is(third.code, 'TOO_MANY_READINGS');
  await client.request('eventLog.return', { reading: first.data.reading });
  t.true((await open()).success);
});

/** A log whose readers give nothing until they are let go, with how many are asked, and were at most. */
function heldReaders(log) {
  const { promise, resolve } = withResolvers();
  const state = { asked: 0, most: 0, letGo: resolve };
  const readAll = (options) => {
    const events = log.readAll(options);
    const next = async () => {
      state.asked += 1;
      state.most = Math.max(state.most, state.asked);
      await promise;
      state.asked -= 1;
      return events.next();
    };
    // Options are tried with a reader that is asked for nothing.
    return options.limit === 0 ? events : { next, return: () => events.return() };
  };
  const get = (_, name) => {
    if (name === 'readAll') return readAll;
    return typeof log[name] === 'function' ? log[name].bind(log) : log[name];
  };
  return [new Proxy(log, { get }), state];
}

/** How many events of the three that there are a reading gives, from a page that was asked for on: it has what is there in time. */
async function counted(client, reading, page) {
  let count = (await page).data.events.length;
  while (count < 3) {
    count += (await client.request('eventLog.next', { reading })).data.events.length;
  }
  return count;
}

test('a page of a reader counts as a request that is being answered, and one of a subscription does not', async (t) => {
  const own = await openLog(t);
  await fill(own, 'a', 3);
  const [log, state] = heldReaders(own);
  const { url } = await serveLog(t, log, { requestsMax: 1 });
  const client = await talk(t, socketUrl(url));
  const open = async (method, params) =>
    (await client.request(`eventLog.${method}`, params)).data.reading;
  const follower = await open('subscribe', { instance: 'a', afterPosition: 'end' });
  const awaited = client.request('eventLog.next', { reading: follower });
  const reader = await open('readAll', { instance: 'a' });
  const get = async () => (await post(url, 'getInstance', { instanceId: 'a' })).body.code;
  t.is(await get(), undefined);
  const page = client.request('eventLog.next', { reading: reader });
  while (state.asked === 0) await gaugeOf(url, 'readings');
  t.is(await get(), 'OVERLOADED');
  const { status, body } = await post(url, 'readAll', { instance: 'a' });
  t.deepEqual([status, body.code], [503, 'OVERLOADED']);
  state.letGo();
  t.is(await counted(client, reader, page), 3);
  t.is(await get(), undefined);
  await fill(own, 'a', 1);
  t.is((await awaited).data.events.length, 1);
});

test('a connection has few pages of readers under way at a time', async (t) => {
  const own = await openLog(t);
  await fill(own, 'a', 3);
  const [log, state] = heldReaders(own);
  const { url } = await serveLog(t, log, { pipelineMax: 16 });
  const client = await talk(t, socketUrl(url));
  const opened = Array.from({ length: 20 }, () =>
    client.request('eventLog.readAll', { instance: 'a' }),
  );
  const readers = (await Promise.all(opened)).map(({ data }) => data.reading);
  const pages = readers.map((reading) => client.request('eventLog.next', { reading }));
  // What a client may have under way is sixteen, of which a page takes two.
  while (state.asked < 8) await gaugeOf(url, 'readings');
  state.letGo();
  const counts = pages.map((page, n) => counted(client, readers[n], page));
  for (const count of await Promise.all(counts)) t.is(count, 3);
  t.is(state.most, 8);
});

/** A client that takes nothing, and has asked for much more than buffers hold. */
async function stuck(t, url, requests) {
  const socket = new WebSocket(socketUrl(url));
  t.teardown(() => socket.terminate());
  await once(socket, 'open');
  socket.pause();
  for (const request of requests) socket.send(JSON.stringify(request));
  return socket;
}

test('a client that takes nothing holds up itself: the server begins no more for it, and serves others', async (t) => {
  const { log, url } = await start(t, { bufferedBytesMax: 65_536 });
  await fill(log, 'a', 300, { text: 'x'.repeat(4_000) });
  // Each answer is over a megabyte. What the system buffers is some of them.
  const count = 60;
  const params = { query: { from: { instance: 'a' } } };
  const socket = await stuck(t, url, []);
  const other = await talk(t, socketUrl(url));
  for (let requestId = 0; requestId < count; requestId += 1) {
    socket.send(JSON.stringify({ type: 'eventLog.queryEvents', requestId, params }));
    t.true((await other.request('eventLog.queryEvents', params)).success);
  }
  const metrics = await (await fetch(`${url}metrics`)).text();
  const [, total] = /requests_total\{method="queryEvents",code="OK"\} (\d+)/.exec(metrics);
  const slow = Number(total) - count;
  t.true(slow > 0 && slow < count / 2, `${slow} of ${count} were answered`);
  // It gets each answer once it takes them.
  const ids = new Set();
  const all = new Promise((resolve) => {
    socket.on('message', (data) => {
      ids.add(JSON.parse(data.toString()).requestId);
      if (ids.size === count) resolve();
    });
  });
  socket.resume();
  await all;
  t.is(ids.size, count);
});

test('a client that takes nothing for too long is cut off', async (t) => {
  const { log, url } = await start(t, { bufferedBytesMax: 65_536, stallTimeoutMs: 200 });
  await fill(log, 'a', 100, { text: 'x'.repeat(100_000) });
  const params = { query: { from: { instance: 'a' } } };
  const socket = await stuck(t, url, [
    { type: 'eventLog.queryEvents', requestId: 1, params },
    { type: 'eventLog.queryEvents', requestId: 2, params },
  ]);
  while ((await gaugeOf(url, 'websockets')) > 0);
  socket.resume();
  t.is((await once(socket, 'close'))[0], 1006);
});

test('a reader and a subscription over HTTP wait for a client that takes nothing', async (t) => {
  const { log, server, url } = await start(t);
  await fill(log, 'a', 300, { text: 'x'.repeat(100_000) });
  const body = '{"instance":"a"}';
  const lines = await dial(t, server);
  lines.write(
    `POST /eventlog/readAll HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  lines.pause();
  const events = await dial(t, server);
  events.write('GET /eventlog/subscribe?instance=a HTTP/1.1\r\nHost: localhost\r\n\r\n');
  events.pause();
  while ((await gaugeOf(url, 'readings')) < 2);
  // Another reader takes all of the 30 MB twice meanwhile.
  for (let n = 0; n < 2; n += 1) {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(`${url}eventlog/readAll`, { method: 'POST', headers, body });
    await response.arrayBuffer();
  }
  const slow = (await gaugeOf(url, 'events_read_total')) - 600;
  t.true(slow > 0 && slow < 300, `${slow} of 600 were read`);
  lines.destroy();
  events.destroy();
  while ((await gaugeOf(url, 'readings')) > 0);
});

test('a client that asks to be told and takes nothing is let go', async (t) => {
  const { url } = await start(t, { bufferedBytesMax: 65_536 });
  const socket = await stuck(t, url, [{ type: 'subscribe' }]);
  const other = await talk(t, socketUrl(url));
  const payload = { text: 'x'.repeat(200_000) };
  const refused = async () =>
    (await (await fetch(`${url}metrics`)).text()).includes('refused_total{code="OVERLOADED"} 1');
  while (!(await refused())) {
    t.true(
      (await other.request('eventLog.appendEvent', { instanceId: 'a', eventType: 't', payload }))
        .success,
    );
  }
  socket.resume();
  const [code, reason] = await once(socket, 'close');
  t.is(code, 1013);
  t.regex(reason.toString(), /^OVERLOADED/);
});
