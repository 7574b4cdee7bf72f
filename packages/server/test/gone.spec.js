// Clients that leave, or do not get far: what they have had open ends, whenever that is.

import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';

import test from 'ava';

import { dial, fill, openLog, post, serveLog, start } from './support/server.js';

const SUBSCRIBE = 'GET /eventlog/subscribe?instance=a HTTP/1.1\r\nHost: localhost\r\n\r\n';
const UPGRADE = SUBSCRIBE.replace(
  'Host',
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nHost',
);
const BODY = '{"instance":"a"}';
const READ_ALL = `POST /eventlog/readAll HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** A number of the metrics, 0 if it is not there. All that asks for them is one connection. */
async function sampleOf(url, name) {
  const [response] = await once(get(`${url}metrics`, { agent }), 'response');
  const found = await text(response);
  return Number(found.split(`\ncodebolt_eventlog_${name} `)[1]?.split('\n')[0] ?? 0);
}

/** How many readings came to their end. */
const endedOf = (url, method) => sampleOf(url, `requests_total{method="${method}",code="OK"}`);

/** A log that does not tell where an instance stands before it is let go. */
function heldLog(log) {
  const held = { count: 0 };
  const letGo = new Promise((resolve) => (held.letGo = resolve));
  held.log = new Proxy(log, {
    get: (target, key) => {
      if (key !== 'getInstanceStats') return target[key]?.bind(target);
      return async (instance) => {
        held.count += 1;
        await letGo;
        return target.getInstanceStats(instance);
      };
    },
  });
  return held;
}

for (const [method, request] of Object.entries({ subscribe: SUBSCRIBE, readAll: READ_ALL })) {
  test(`clients that leave before ${method} has begun leave nothing open`, async (t) => {
    const log = await openLog(t);
    // More than a page.
    await fill(log, 'a', 1_500);
    const held = heldLog(log);
    const server = await serveLog(t, held.log);
    const clients = [];
    for (let n = 0; n < 20; n += 1) {
      const client = await dial(t, server);
      client.write(request);
      clients.push(client);
    }
    while (held.count < clients.length) await sampleOf(server.url, 'readings');
    for (const client of clients) client.destroy();
    // What asks is a connection itself.
    while ((await sampleOf(server.url, 'connections')) > 1);
    held.letGo();
    while ((await endedOf(server.url, method)) < clients.length);
    t.is(await sampleOf(server.url, 'readings'), 0);
  });
}

test('a subscription is given up if the handshake of its WebSocket is wrong', async (t) => {
  const { log, server, url } = await start(t);
  await fill(log, 'a', 1);
  const client = await dial(t, server);
  client.write(UPGRADE.replace('Version: 13', 'Version: 1'));
  t.regex(await text(client), /^HTTP\/1\.1 4\d\d /);
  t.is(await sampleOf(url, 'readings'), 0);
  t.is(await endedOf(url, 'subscribe'), 1);
});

test('subscriptions that wait for an earlier answer end with their connection', async (t) => {
  const { log, server, url } = await start(t);
  await fill(log, 'a', 3);
  const client = await dial(t, server);
  client.write(SUBSCRIBE.repeat(20));
  while ((await sampleOf(url, 'readings')) < 20);
  client.destroy();
  while ((await sampleOf(url, 'readings')) > 0);
  t.is(await endedOf(url, 'subscribe'), 20);
});

test.serial('a subscription that has ended before its turn gets no heartbeat', async (t) => {
  const beats = [];
  const { setInterval } = globalThis;
  globalThis.setInterval = (call, delay) => {
    if (delay === 15_000) beats.push(call);
    return setInterval(call, delay);
  };
  t.teardown(() => (globalThis.setInterval = setInterval));
  const { log, server, url } = await start(t);
  await fill(log, 'a', 1);
  await fill(log, 'b', 1);
  const client = await dial(t, server);
  client.setEncoding('utf8');
  let got = '';
  client.on('data', (piece) => (got += piece));
  client.write(SUBSCRIBE + SUBSCRIBE.replace('=a', '=b'));
  while ((await sampleOf(url, 'events_read_total')) < 2);
  await log.deleteInstance('b');
  while ((await sampleOf(url, 'readings')) > 1);
  t.is((await post(url, 'getInstance', { instanceId: 'a' })).status, 200);
  for (const beat of beats) beat();
  await fill(log, 'a', 1);
  while (!got.includes('id: 2\n')) await once(client, 'data');
  // The other one comes when the first has ended.
  await log.deleteInstance('a');
  while (got.split('event: failure').length < 3) await once(client, 'data');
  t.is(got.match(/^:$/gm).length, 1);
});
