// Events that a reader or a subscription gives out are handed on as the text that the log has. Nobody may see a difference
// to events that were objects on the way, but for numbers, which are those that were stored.

import { once } from 'node:events';

import test from 'ava';
import { WebSocket } from 'ws';

import { fill, openLog, post, serveLog, socketUrl, start, talk } from './support/server.js';

const ODD = [
  { numbers: [-0, 1e21, 1e-7, 0.1 + 0.2, 2 ** 53] },
  { '\ud800': 'a\udbffb', pair: '🦀\u{10ffff}' },
  { separators: '\u2028\u2029', controls: '\0\b\t\n\f\r\x1f\x7f', quotes: '"\\/' },
  { 10: 'a', 2: 'b', '-1': 'c', '': {}, position: 7, text: '"position":9}' },
  [],
  { long: 'é'.repeat(300_000) },
];

/** A log whose methods are functions of a program, so that the server has events as objects. */
function wrapped(log) {
  const get = (_, name) =>
    typeof log[name] === 'function' ? (...given) => log[name](...given) : log[name];
  return new Proxy(log, { get });
}

/** Two servers of one log: one hands on text, and for the other, events are objects. */
async function twoServers(t) {
  const log = await openLog(t);
  for (const payload of ODD) await log.appendEvent({ instanceId: 'a', eventType: 'odd', payload });
  await fill(log, 'a', 3_000, { text: 'x'.repeat(200) });
  const servers = [await serveLog(t, log), await serveLog(t, wrapped(log))];
  return { log, urls: servers.map(({ url }) => url) };
}

const READERS = [
  ['readAll', { instance: 'a' }],
  ['readAll', { instance: 'a', direction: 'backward' }],
  ['readAll', { instance: 'a', limit: 7 }],
  ['readAll', { instance: 'a', limit: 0 }],
  ['readAll', { instance: 'a', afterPosition: 3_000 }],
  ['readAll', { instance: 'a', untilPosition: 2_900, afterPosition: 100 }],
  ['readAll', { instance: 'a', untilPosition: 1 }],
  ['readAll', { instance: 'a', untilPosition: 0 }],
  ['readAll', { instance: 'a', where: [{ field: 'payload.n', operator: 'gt', value: 2_995 }] }],
  ['readStream', { instance: 'a', stream: 'default' }],
  ['readStream', { instance: 'a', stream: 'default', direction: 'backward', limit: 3 }],
  ['readStream', { instance: 'a', stream: 'none' }],
];

test('lines over HTTP are what JSON.stringify makes of the events', async (t) => {
  const { log, urls } = await twoServers(t);
  for (const [method, params] of READERS) {
    const [own, other] = await Promise.all(
      urls.map(async (url) => {
        const response = await fetch(`${url}eventlog/${method}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(params),
        });
        return Buffer.from(await response.arrayBuffer());
      }),
    );
    t.true(own.equals(other), JSON.stringify(params));
    if (params.untilPosition !== undefined) continue;
    const expected = [];
    for await (const event of log[method](params)) expected.push(`${JSON.stringify(event)}\n`);
    t.is(own.toString(), expected.join(''), JSON.stringify(params));
  }
});

/** All pages of a reader over a WebSocket, as they are sent. */
async function pagesOf(t, url, method, params) {
  const socket = new WebSocket(socketUrl(url));
  t.teardown(() => socket.terminate());
  await once(socket, 'open');
  const ask = async (type, given) => {
    socket.send(JSON.stringify({ type: `eventLog.${type}`, requestId: 'r', params: given }));
    const [data] = await once(socket, 'message');
    return data.toString();
  };
  const { reading } = JSON.parse(await ask(method, params)).data;
  const events = [];
  for (;;) {
    const page = await ask('next', { reading });
    const { data } = JSON.parse(page);
    t.true(data.events.length <= 1_000 && page.length < 1_000_000);
    events.push(page.slice(page.indexOf('"events":['), -2));
    if (data.done) return events.map((text) => text.slice('"events":['.length, -1));
  }
}

test('pages over WebSockets have the same text', async (t) => {
  const { urls } = await twoServers(t);
  for (const [method, params] of READERS) {
    const [own, other] = await Promise.all(urls.map((url) => pagesOf(t, url, method, params)));
    const text = (pages) => pages.filter((page) => page !== '').join(',');
    t.is(text(own), text(other), JSON.stringify(params));
  }
});

/** The first server-sent events of an instance, up to that position. */
async function sentEvents(url, position) {
  const response = await fetch(`${url}eventlog/subscribe?instance=a`);
  const pieces = [];
  for await (const piece of response.body) {
    pieces.push(piece);
    if (Buffer.concat(pieces.slice(-2)).includes(`"position":${position}}\n\n`)) break;
  }
  return Buffer.concat(pieces).toString();
}

test('subscriptions give the same text, over HTTP and WebSockets', async (t) => {
  const { log, urls } = await twoServers(t);
  const { eventCount } = (await log.getInstanceStats('a')).data;
  const [own, other] = await Promise.all(urls.map((url) => sentEvents(url, eventCount)));
  t.is(own, other);
  const ids = [...own.matchAll(/^id: (\d+)\ndata: [^\n]*"position":(\d+)\}$/gm)];
  t.deepEqual(
    ids.map(([, id, position]) => [Number(id), Number(position)]),
    Array.from({ length: eventCount }, (_, n) => [n + 1, n + 1]),
  );
  const frames = await Promise.all(
    urls.map(async (url) => {
      const socket = new WebSocket(`${socketUrl(url, 'eventlog/subscribe')}?instance=a`);
      t.teardown(() => socket.terminate());
      const texts = [];
      return new Promise((resolve) => {
        socket.on('message', (data, isBinary) => {
          t.false(isBinary);
          texts.push(data.toString());
          if (texts.length === eventCount) resolve(texts);
        });
      });
    }),
  );
  t.deepEqual(frames[0], frames[1]);
});

test('numbers are given out as they were stored', async (t) => {
  const { url } = await start(t);
  const payload = '{"id":12345678901234567890,"price":1.50}';
  const body = `{"instanceId":"a","eventType":"t","payload":${payload}}`;
  t.true((await post(url, 'appendEvent', undefined, { body })).body.success);
  const kept = `"payload":${payload},`;
  const read = await fetch(`${url}eventlog/readAll`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"instance":"a"}',
  });
  t.true((await read.text()).includes(kept));
  t.true((await sentEvents(url, 1)).includes(kept));
  t.true((await pagesOf(t, url, 'readAll', { instance: 'a' })).join('').includes(kept));
  const socket = new WebSocket(`${socketUrl(url, 'eventlog/subscribe')}?instance=a`);
  t.teardown(() => socket.terminate());
  const [frame] = await once(socket, 'message');
  t.true(frame.toString().includes(kept));
});

test('events of a log with upcasters are given out as these make them', async (t) => {
  const up = (payload) => ({ ...payload, raised: true });
  const upcasters = { raised: [{ from: 1, to: 2, up }] };
  const log = await openLog(t);
  await log.appendEvent({ instanceId: 'a', eventType: 'raised', payload: { n: 1 } });
  const { url } = await serveLog(t, log.typed({ upcasters }));
  const pages = await pagesOf(t, url, 'readAll', { instance: 'a' });
  t.true(pages.join('').includes('"payload":{"n":1,"raised":true}'));
  t.true((await sentEvents(url, 1)).includes('"payload":{"n":1,"raised":true}'));
});

test('how events come is for the server to say', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 1);
  const client = await talk(t, socketUrl(url));
  for (const method of ['readAll', 'readStream', 'subscribe']) {
    const params = { instance: 'a', stream: 'default', format: 'jsonl' };
    if (method === 'readAll') delete params.stream;
    const { code, error } = await client.request(`eventLog.${method}`, params);
    t.is(code, 'INVALID_ARGUMENT', method);
    t.regex(error, /format/, method);
    if (method === 'subscribe') continue;
    const { status, body } = await post(url, method, params);
    t.deepEqual([status, body.code], [400, 'INVALID_ARGUMENT']);
  }
});

test('where a reader ends, and whether an instance is awaited, is told as it should be', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 3);
  const client = await talk(t, socketUrl(url));
  for (const untilPosition of [-1, 1.5, '2', true, {}, [], 2 ** 53]) {
    const params = { instance: 'a', untilPosition };
    const { code, error } = await client.request('eventLog.readAll', params);
    t.is(code, 'INVALID_ARGUMENT', JSON.stringify(untilPosition));
    t.regex(error, /^untilPosition: expected a whole number from 0, found /);
    const { status, body } = await post(url, 'readAll', params);
    t.deepEqual([status, body.code], [400, 'INVALID_ARGUMENT']);
  }
  for (const direction of ['forward', 'backward']) {
    const params = { instance: 'a', untilPosition: null, direction };
    t.is((await pagesOf(t, url, 'readAll', params)).length, 1);
  }
  for (const awaitInstance of ['yes', 1, {}]) {
    const params = { instance: 'a', awaitInstance };
    const { code, error } = await client.request('eventLog.subscribe', params);
    t.deepEqual(
      [code, /^awaitInstance: expected a boolean/.test(error)],
      ['INVALID_ARGUMENT', true],
    );
  }
});
