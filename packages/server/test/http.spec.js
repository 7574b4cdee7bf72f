// The methods over HTTP, and events as JSON Lines and as server-sent events.

import { once } from 'node:events';

import test from 'ava';
import { WebSocket } from 'ws';

import { fill, post, serveLog, socketUrl, start } from './support/server.js';

/** The blocks of a stream of server-sent events, one by one. */
async function* blocksOf(response) {
  let rest = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = `${rest}${piece}`.split('\n\n');
    rest = blocks.pop();
    yield* blocks.filter((block) => block !== ':');
  }
}

/** Reads blocks until `count` of them have come. */
async function take(blocks, count) {
  const found = [];
  while (found.length < count) {
    const { done, value } = await blocks.next();
    if (done) throw new Error(`expected ${count} blocks, found ${JSON.stringify(found)}`);
    found.push(value);
  }
  return found;
}

const idsOf = (blocks) => blocks.map((block) => Number(/^id: (\d+)$/m.exec(block)[1]));

test('each of the methods is answered with its response', async (t) => {
  const { log, url } = await start(t);
  const ok = async (method, params) => {
    const { status, body } = await post(url, method, params);
    t.is(status, 200, body.error);
    t.is(body.type, `eventLog.${method}`);
    return body.data;
  };
  await ok('createInstance', { name: 'a' });
  await ok('appendEvent', { instanceId: 'a', eventType: 't' });
  await ok('appendEvents', { instanceId: 'a', events: [{ eventType: 't' }] });
  t.is((await ok('queryEvents', { query: { from: { instance: 'a' } } })).result.total, 2);
  t.is((await ok('getInstanceStats', { instanceId: 'a' })).eventCount, 2);
  t.is((await ok('listInstances')).instances.length, 1);
  t.is((await ok('getInstance', { instanceId: 'a' })).instance.name, 'a');
  t.deepEqual((await ok('listStreams', { instance: 'a' })).streams[0].stream_id, 'default');
  for await (const event of log.subscribe({ instance: 'a', consumer: 'c' })) {
    await event.ack();
    break;
  }
  t.is((await ok('listConsumers', { instance: 'a' })).consumers[0].position, 1);
  t.is(
    (await ok('resetConsumer', { instance: 'a', consumer: 'c', position: 0 })).consumer.position,
    0,
  );
  t.deepEqual((await ok('listParked', { instance: 'a', consumer: 'c' })).parked, []);
  t.is((await ok('retryParked', { instance: 'a', consumer: 'c' })).count, 0);
  t.is((await ok('discardParked', { instance: 'a', consumer: 'c' })).count, 0);
  t.is((await ok('deleteConsumer', { instance: 'a', consumer: 'c' })).consumer.consumer, 'c');
  t.is((await ok('deleteSnapshots', { instance: 'a' })).count, 0);
  t.is((await ok('trimEvents', { instance: 'a', beforePosition: 1 })).events, 0);
  const ofNone = { instance: 'a', stream: 'none', beforeSequence: 1 };
  t.is((await ok('trimStream', ofNone)).firstSequence, 1);
  const ofAll = { instance: 'a', where: [{ field: 'position', operator: 'gte', value: 1 }] };
  const erased = await ok('eraseEvents', { ...ofAll, fields: ['payload.none'], reason: 'r' });
  t.deepEqual([erased.events, erased.absent > 0], [0, true]);
  t.deepEqual((await ok('listErasures', { instance: 'a' })).erasures, []);
  await ok('updateInstance', { instanceId: 'a', name: 'b' });
  await ok('deleteInstance', { instanceId: 'b' });
});

test('failures have a status that fits their code', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 1);
  const from = { instance: 'a' };
  for (const [method, params, status, code] of [
    ['getInstance', { instanceId: 'none' }, 404, 'INSTANCE_NOT_FOUND'],
    ['getInstance', {}, 400, 'INVALID_ARGUMENT'],
    ['createInstance', { name: 'a' }, 409, 'INSTANCE_EXISTS'],
    ['createInstance', { name: 'x'.repeat(2_000) }, 422, 'LIMIT_EXCEEDED'],
    ['readAll', { instance: 'a', afterPosition: 2 }, 409, 'INVALID_ARGUMENT'],
    ['readStream', { instance: 'a', stream: 's', fromSequence: 2 }, 409, 'INVALID_ARGUMENT'],
    ['trimEvents', { instance: 'a', beforePosition: 3 }, 409, 'INVALID_ARGUMENT'],
    ['eraseEvents', { instance: 'a', positions: [2], reason: 'r' }, 409, 'INVALID_ARGUMENT'],
    ['eraseEvents', { instance: 'a', reason: 'r' }, 400, 'INVALID_ARGUMENT'],
    [
      'appendEvent',
      { instanceId: 'a', eventType: 't', failIf: { where: [], afterPosition: 2 } },
      409,
      'INVALID_ARGUMENT',
    ],
    [
      'appendEvent',
      { instanceId: 'a', eventType: 't', expectedSequence: 0 },
      409,
      'SEQUENCE_CONFLICT',
    ],
    ...[
      { type: 'count', groupBy: ['event_type', 'event_type'] },
      { type: 'count', groupBy: { field: 'payload.n', bins: [1, 1] } },
      { aggregates: { event_type: { type: 'count' } }, groupBy: 'event_type' },
      {
        type: 'count',
        groupBy: 'event_type',
        having: [{ field: 'stream_id', operator: 'eq', value: 's' }],
      },
    ].map((reduce) => ['queryEvents', { query: { from, reduce } }, 409, 'INVALID_ARGUMENT']),
    ['queryEvents', { query: { from, reduce: { type: 'cuont' } } }, 400, 'INVALID_ARGUMENT'],
    ['explode', {}, 404, 'UNKNOWN_METHOD'],
    ['constructor', {}, 404, 'UNKNOWN_METHOD'],
    ['readAll', { instance: 'none' }, 404, 'INSTANCE_NOT_FOUND'],
    ['readStream', { instance: 'a' }, 400, 'INVALID_ARGUMENT'],
    ['listInstances', [], 400, 'INVALID_ARGUMENT'],
  ]) {
    const { status: found, body } = await post(url, method, params);
    t.deepEqual([found, body.code, body.success], [status, code, false], method);
  }
  for (const [method, params, expected] of [
    [
      'queryEvents',
      { from },
      /^query: expected an object, found nothing; .*"from", expected query, as in \{ "query": \{/,
    ],
    ['queryEvents', { params: { query: { from } } }, /"params", expected query, as in/],
    ['getInstance', { id: 'a' }, /^instanceId: .* nothing; .* "id", expected instanceId$/],
    ['deleteInstance', { instance: 'a' }, /"instance", expected instanceId$/],
    ['createInstance', { id: 'b' }, /"id", expected name, description, ifExists, retention$/],
    ['readAll', { instanceId: 'a' }, /^instanceId: unknown key, .*did you mean instance\?$/],
    ['readStream', { instanceId: 'a' }, /^instanceId: unknown key, .*did you mean instance\?$/],
    ['readAll', { params: from }, /^params: unknown key, expected instance, /],
    ['readAll', { instance: 7 }, /^instance: expected /],
    ['readAll', { instance: 'none' }, /^instance: no instance has the id or name "none"$/],
  ]) {
    const { body } = await post(url, method, params);
    t.false(body.success);
    t.regex(body.error, expected);
  }
  const misspelt = await post(url, 'appendEvnt', {});
  t.regex(misspelt.body.error, /^path: expected .*, found "\/eventlog\/appendEvnt"$/);
});

test('a body is JSON in UTF-8, and says so', async (t) => {
  const { url } = await start(t);
  const send = (body, headers) => post(url, 'listInstances', undefined, { body, headers });
  for (const [body, headers, status, code] of [
    ['{', {}, 400, 'INVALID_ARGUMENT'],
    [Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'INVALID_ARGUMENT'],
    ['{}', { 'Content-Type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['{}', { 'Content-Type': 'application/jsonp' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['{}', { 'Content-Encoding': 'gzip' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ]) {
    const { status: found, body: answer } = await send(body, headers);
    t.deepEqual([found, answer.code], [status, code]);
  }
  for (const body of [undefined, '{}']) {
    t.is((await send(body, { 'Content-Type': 'application/json; charset=utf-8' })).status, 200);
  }
});

test('a path answers to its own method, and says which', async (t) => {
  const { url } = await start(t);
  for (const [method, path, allow] of [
    ['GET', 'eventlog/listInstances', 'POST'],
    ['DELETE', 'eventlog/deleteInstance', 'POST'],
    ['POST', 'eventlog/subscribe', 'GET'],
    ['PUT', 'healthz', 'GET'],
    ['POST', '', 'GET'],
  ]) {
    const response = await fetch(`${url}${path}`, { method });
    t.is(response.status, 405, path);
    t.is(response.headers.get('allow'), allow);
  }
  t.is((await fetch(`${url}nothing`)).status, 404);
});

test('a reader answers with a line for each event', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 5_000);
  const read = async (method, params) => {
    const body = JSON.stringify({ instance: 'a', ...params });
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(`${url}eventlog/${method}`, { method: 'POST', headers, body });
    t.is(response.headers.get('content-type'), 'application/x-ndjson');
    const lines = (await response.text()).split('\n');
    t.is(lines.pop(), '');
    return lines.map((line) => JSON.parse(line));
  };
  const all = await read('readAll');
  t.is(all.length, 5_000);
  t.deepEqual(all[0], (await log.readAll({ instance: 'a' }).next()).value);
  t.deepEqual(
    all.map(({ position }) => position),
    Array.from(all, (_, n) => n + 1),
  );
  const backward = await read('readStream', { stream: 'default', direction: 'backward', limit: 2 });
  t.deepEqual(
    backward.map(({ sequence_number: number }) => number),
    [5_000, 4_999],
  );
  t.deepEqual(await read('readAll', { afterPosition: 5_000 }), []);
});

test('a subscription has each event as a block, and goes on after the last one that a client has', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 2);
  const address = `${url}eventlog/subscribe?instance=a`;
  const first = await fetch(address);
  t.is(first.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const blocks = blocksOf(first);
  const [opening, ...events] = await take(blocks, 3);
  t.is(opening, 'retry: 1000\nid: 0');
  t.deepEqual(idsOf(events), [1, 2]);
  const { data } = await log.queryEvents({ from: { instance: 'a' }, limit: 1 });
  const event = JSON.parse(/^data: (.*)$/m.exec(events[0])[1]);
  t.deepEqual(event, { ...data.result.events[0], position: 1 });
  await fill(log, 'a', 1);
  t.deepEqual(idsOf(await take(blocks, 1)), [3]);
  await blocks.return();

  await fill(log, 'a', 1);
  const again = blocksOf(await fetch(address, { headers: { 'Last-Event-ID': '3' } }));
  t.deepEqual(idsOf(await take(again, 2)), [3, 4]);
  await again.return();
});

test('a client that is cut off before the first event goes on where it began', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 2);
  const address = `${url}eventlog/subscribe?instance=a&afterPosition=end`;
  const first = blocksOf(await fetch(address));
  const [last] = idsOf(await take(first, 1));
  await first.return();
  await fill(log, 'a', 1);
  const again = blocksOf(await fetch(address, { headers: { 'Last-Event-ID': String(last) } }));
  t.deepEqual(idsOf(await take(again, 2)), [2, 3]);
  await again.return();
});

test('options of a subscription come from the query string', async (t) => {
  const { log, url } = await start(t);
  const at = (query) => `${url}eventlog/subscribe?${new URLSearchParams(query)}`;
  const waiting = blocksOf(await fetch(at({ instance: 'later', awaitInstance: 'true' })));
  await take(waiting, 1);
  await fill(log, 'later', 3);
  t.deepEqual(idsOf(await take(waiting, 3)), [1, 2, 3]);
  await waiting.return();

  await log.appendEvent({ instanceId: 'later', streamId: 's', eventType: 'other' });
  const where = JSON.stringify([{ field: 'payload.n', operator: 'gte', value: 2 }]);
  const filtered = blocksOf(await fetch(at({ instance: 'later', where, stream: 'default' })));
  t.deepEqual(idsOf(await take(filtered, 3)), [0, 2, 3]);
  await filtered.return();

  for (const [query, status] of [
    [{}, 400],
    [{ instance: 'none' }, 404],
    [{ instance: 'later', afterPosition: '-1' }, 400],
    [{ instance: 'later', afterPosition: '5' }, 409],
    [{ instance: 'later', afterPosition: String(Number.MAX_SAFE_INTEGER) }, 409],
    [{ instance: 'later', afterPosition: '9'.repeat(17) }, 400],
    [{ instance: 'later', where: '{' }, 400],
    [{ instance: 'later', where: '[{}]' }, 400],
    [{ instance: 'later', stream: '' }, 400],
    [{ instance: 'later', awaitInstance: 'yes' }, 400],
    [{ instance: 'later', consumer: 'c' }, 400],
    [
      [
        ['instance', 'later'],
        ['instance', 'later'],
      ],
      400,
    ],
  ]) {
    const response = await fetch(at(query));
    t.is(response.status, status, JSON.stringify(query));
    t.false((await response.json()).success);
  }
  const wrongId = await fetch(at({ instance: 'later' }), { headers: { 'Last-Event-ID': 'x' } });
  t.is(wrongId.status, 400);
});

test('a subscription tells why it has ended', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 1);
  const blocks = blocksOf(await fetch(`${url}eventlog/subscribe?instance=a`));
  await take(blocks, 2);
  const socket = new WebSocket(socketUrl(url, 'eventlog/subscribe?instance=a&afterPosition=end'));
  await once(socket, 'open');
  const message = once(socket, 'message');
  const closed = once(socket, 'close');
  await log.deleteInstance('a');
  const [failure] = await take(blocks, 1);
  t.regex(failure, /^event: failure\ndata: \{"success":false,"code":"INSTANCE_NOT_FOUND"/);
  t.true((await blocks.next()).done);
  t.is(JSON.parse((await message)[0]).code, 'INSTANCE_NOT_FOUND');
  const [code, reason] = await closed;
  t.deepEqual([code, reason.toString()], [1011, 'INSTANCE_NOT_FOUND']);
});

test('a subscription as a WebSocket has a frame for each event', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 3);
  const socket = new WebSocket(socketUrl(url, 'eventlog/subscribe?instance=a&afterPosition=1'));
  t.teardown(() => socket.terminate());
  const frames = [];
  const seen = new Promise((resolve) => {
    socket.on('message', (data) => {
      frames.push(JSON.parse(data.toString()));
      if (frames.length === 3) resolve();
      if (frames.length === 2) fill(log, 'a', 1);
    });
  });
  await seen;
  t.deepEqual(
    frames.map(({ position }) => position),
    [2, 3, 4],
  );
});

test('a server that stops ends subscriptions, answers what has begun, and lets the log be', async (t) => {
  const { log, server, url } = await start(t, { stopTimeoutMs: 60_000 });
  await fill(log, 'a', 1);
  const blocks = blocksOf(await fetch(`${url}eventlog/subscribe?instance=a`));
  await take(blocks, 2);
  const socket = new WebSocket(socketUrl(url));
  await once(socket, 'open');
  const answered = once(socket, 'message');
  const closed = once(socket, 'close');
  socket.send(JSON.stringify({ type: 'ping' }));
  await answered;
  await server.close();
  t.true((await blocks.next()).done);
  t.is((await closed)[0], 1001);
  await t.throwsAsync(fetch(`${url}healthz`));
  t.true((await log.getInstance('a')).success);
  t.is(server.close(), server.close());
  const again = await serveLog(t, log, { port: server.port });
  t.is(again.url, url);
});
