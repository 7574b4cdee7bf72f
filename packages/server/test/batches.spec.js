// Appends that arrive together are made in one call of the log: nobody may see a difference to those that are made one by
// one.

import test from 'ava';

import { gaugeOf, openLog, post, serveLog, socketUrl, start, talk } from './support/server.js';

const one = { instanceId: 'a', eventType: 't' };

/** The text of a message as the SDK writes it. */
const plain = (method, params, requestId) =>
  JSON.stringify({ type: `eventLog.${method}`, requestId, params });

/** Messages that append an event with that number each, in all the ways in which that can be said. */
const WAYS = [
  (n) => plain('appendEvent', { ...one, payload: { n } }, `r${n}`),
  (n) => plain('appendEvent', { ...one, payload: { n } }, n),
  (n) =>
    plain(
      'appendEvents',
      { instanceId: 'a', events: [{ eventType: 't', payload: { n } }] },
      `r${n}`,
    ),
  (n) => plain('appendEvent', { ...one, payload: { n, text: 'x'.repeat(20_000) } }, `r${n}`),
  // What only looks as if it were written so.
  (n) =>
    `{"type":"eventLog.appendEvent","requestId":"r${n}","params":{"instanceId":"a","eventType":"t","payload":{"n": ${n}}}}`,
  (n) =>
    `{"type":"eventLog.appendEvent","requestId":"x","params":{"instanceId":"none"},"params":${JSON.stringify({ ...one, payload: { n } })},"requestId":"r${n}"}`,
  (n) =>
    `{"type":"eventLog.appendEvents","requestId":"r${n}","params":{},"params":${JSON.stringify({ ...one, payload: { n } })},"type":"eventLog.appendEvent"}`,
  (n) =>
    `{"params":${JSON.stringify({ ...one, payload: { n } })},"type":"eventLog.appendEvent","requestId":"r${n}"}`,
];

/** Messages that append nothing: what is refused, and what is something else. */
const OTHERS = [
  (n) => plain('appendEvent', { eventType: 't' }, `r${n}`),
  (n) => plain('appendEvent', { ...one, expectedSequence: 1_000_000 }, `r${n}`),
  (n) =>
    `{"type":"eventLog.appendEvent","requestId":"r${n}","params":{"instanceId":"a","eventType":"t"},"params":null}`,
  (n) =>
    `{"type":"eventLog.appendEvent","requestId":"r${n}","params":{"instanceId":"a","eventType":"t"},"type":"ping"}`,
  (n) =>
    `{"type":"eventLog.appendEvent","requestId":"r${n}","params":{"instanceId":"a","eventType":"t"},"type":"subscribe"}`,
  (n) => plain('getInstance', { instanceId: 'a' }, `r${n}`),
  (n) => plain('updateInstance', { instanceId: 'a', description: `${n}` }, `r${n}`),
  (n) => plain('queryEvents', { query: { from: { instance: 'a' }, limit: 1 } }, `r${n}`),
  (n) => JSON.stringify({ type: 'ping', requestId: `r${n}` }),
  (n) => JSON.stringify({ type: 'unsubscribe', requestId: `r${n}` }),
  (n) => plain('explode', {}, `r${n}`),
];

/** Numbers that seem to come by chance, and are the same each time. */
function chance(seed) {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** Sends messages of all kinds at once, and waits for the response to each. Returns the numbers that are to be appended. */
async function sendMixed(client, count, seed) {
  const next = chance(seed);
  const appended = [];
  const messages = Array.from({ length: count }, (_, n) => {
    const ways = next(4) === 0 ? OTHERS : WAYS;
    if (ways === WAYS) appended.push(n);
    return ways[next(3) === 0 ? next(ways.length) : 0](n);
  });
  for (const text of messages) client.send(text);
  const answered = messages.map((_, n) =>
    client.message(({ requestId }) => requestId === `r${n}` || requestId === n),
  );
  await Promise.all(answered);
  return appended;
}

for (const [title, options] of [
  ['by default', {}],
  ['where a client has few requests under way', { pipelineMax: 3 }],
  ['where the server answers few requests at a time', { requestsMax: 2 }],
  ['where few bytes may wait', { bodyBytesMax: 30_000 }],
]) {
  test(`requests of a client take effect in their order, ${title}`, async (t) => {
    const { log, url } = await start(t, options);
    await log.appendEvent({ ...one, payload: { n: -1 } });
    const client = await talk(t, socketUrl(url));
    const appended = await sendMixed(client, 600, 7);
    t.true(appended.length > 300);
    const { events } = (await log.queryEvents({ from: { instance: 'a' } })).data.result;
    t.deepEqual(
      events.map(({ payload }) => payload.n),
      [-1, ...appended],
    );
    t.is(await gaugeOf(url, 'requests_under_way'), 0);
    const metrics = await (await fetch(`${url}metrics`)).text();
    const counts = [...metrics.matchAll(/requests_total\{method="append\w+",code="OK"\} (\d+)/g)];
    t.is(
      counts.reduce((sum, [, count]) => sum + Number(count), 0),
      appended.length,
    );
  });
}

test('many clients at once each have their own order and their own responses', async (t) => {
  const { log, url } = await start(t, { requestsMax: 50 });
  const clients = await Promise.all(Array.from({ length: 20 }, () => talk(t, socketUrl(url))));
  await Promise.all(
    clients.map(async (client, who) => {
      const params = (n) => ({ ...one, streamId: `s${who}`, payload: { n } });
      for (let n = 0; n < 100; n += 1) client.send(plain('appendEvent', params(n), `r${n}`));
      for (let n = 0; n < 100; n += 1) {
        const response = await client.message((found) => found.requestId === `r${n}`);
        const { stream_id: stream, sequence_number: sequence, payload } = response.data.event;
        t.deepEqual([stream, sequence, payload.n], [`s${who}`, n + 1, n]);
      }
    }),
  );
  t.is((await log.getInstanceStats('a')).data.eventCount, 2_000);
});

test('a log that looks at each event is called one by one', async (t) => {
  const validate = (value) =>
    typeof value.n === 'number' ? { value } : { issues: [{ message: 'no number' }] };
  const schema = { '~standard': { version: 1, vendor: 't', validate } };
  const log = await openLog(t, { events: { t: schema } });
  const { url } = await serveLog(t, log);
  const client = await talk(t, socketUrl(url));
  for (let n = 0; n < 100; n += 1) {
    const payload = n % 3 === 0 ? { n: 'none' } : { n };
    client.send(plain('appendEvent', { ...one, payload }, `r${n}`));
  }
  for (let n = 0; n < 100; n += 1) {
    const { success, code } = await client.message(({ requestId }) => requestId === `r${n}`);
    t.deepEqual([success, code], n % 3 === 0 ? [false, 'INVALID_ARGUMENT'] : [true, undefined]);
  }
  const { events } = (await log.queryEvents({ from: { instance: 'a' } })).data.result;
  t.deepEqual(
    events.map(({ payload }) => payload.n),
    Array.from({ length: 100 }, (_, n) => n).filter((n) => n % 3 !== 0),
  );
  t.is(await gaugeOf(url, 'requests_under_way'), 0);
});

test('who asks to be told is told of what comes behind in the same turn', async (t) => {
  const { url } = await start(t);
  const client = await talk(t, socketUrl(url));
  const append = (n) => plain('appendEvent', { ...one, payload: { n } }, `r${n}`);
  for (const text of [append(1), append(2), '{"type":"subscribe","requestId":"s"}', append(3)]) {
    client.send(text);
  }
  const told = await client.message(({ type }) => type === 'eventLog:event-appended');
  t.is(told.data.payload.n, 3);
  await client.message(({ requestId }) => requestId === 'r3');
  t.is(client.received.filter(({ type }) => type === 'eventLog:event-appended').length, 0);
});

test('what has arrived before the server stops is answered', async (t) => {
  const log = await openLog(t);
  const server = await serveLog(t, log, { stopTimeoutMs: 60_000 });
  const client = await talk(t, socketUrl(server.url));
  const messages = Array.from({ length: 200 }, (_, n) => WAYS[n % WAYS.length](n));
  const sent = Promise.all(
    messages.map((text) => new Promise((resolve) => client.socket.send(text, resolve))),
  );
  // The first response says that the server is reading.
  await client.message();
  await sent;
  await server.close();
  await client.closed;
  const { eventCount } = (await log.getInstanceStats('a')).data;
  const answered = client.received.filter(({ success }) => success).length + 1;
  t.is(answered, eventCount);
});

test('a closed log is told of as such', async (t) => {
  const { log, url } = await start(t);
  const client = await talk(t, socketUrl(url));
  t.true((await client.request('eventLog.appendEvent', one)).success);
  await log.close();
  t.is((await client.request('eventLog.appendEvent', one)).code, 'CLOSED');
  t.is((await post(url, 'appendEvent', one)).body.code, 'CLOSED');
});
