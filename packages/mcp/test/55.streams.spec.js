// Over HTTP, a client of the older protocol hears on a stream of its own, which may begin late, or break.

import { request } from 'node:http';
import { once } from 'node:events';
import test from 'ava';
import { serveHttp } from 'codebolt-eventlog-mcp';
import { connectTo } from './support/clients.js';
import { openOrders } from './support/logs.js';

const uri = 'eventlog://instances/orders';

/** A session without a stream. */
async function openSession(t) {
  const { log } = await openOrders(t);
  const service = await serveHttp(log, { port: 0, token: false });
  t.teardown(() => service.close());
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2025-11-25',
  };
  const post = async (message) => {
    const response = await fetch(service.url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    });
    t.true(response.ok);
    headers['mcp-session-id'] ??= response.headers.get('mcp-session-id');
    return response.text();
  };
  const clientInfo = { name: 'tests', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  await post({ id: 1, method: 'initialize', params });
  await post({ method: 'notifications/initialized' });
  await post({ id: 2, method: 'resources/subscribe', params: { uri } });
  return { log, url: service.url, headers };
}

/** Opens the stream of a session; `undefined` if it has one still. */
async function openStream(t, { url, headers }) {
  const sent = request(url, { headers, agent: false });
  t.teardown(() => sent.destroy());
  sent.end();
  const [response] = await once(sent, 'response');
  if (response.statusCode === 409) return sent.destroy() && undefined;
  t.is(response.statusCode, 200);
  response.setEncoding('utf8');
  response.on('error', () => {});
  const chunks = response[Symbol.asyncIterator]();
  return { sent, chunks };
}

async function isTold(t, { chunks }) {
  let text = '';
  while (!text.includes('notifications/resources/updated')) text += (await chunks.next()).value;
  t.true(text.includes(uri));
}

test('what happened before the stream began is told at its beginning', async (t) => {
  const session = await openSession(t);
  const follower = session.log.subscribe({ instance: 'orders', afterPosition: 'end' });
  const seen = follower.next();
  await session.log.appendEvent({ instanceId: 'orders', eventType: 'a' });
  await seen;
  await isTold(t, await openStream(t, session));
  await follower.return();
});

test('a stream that has broken is replaced by the next one', async (t) => {
  const session = await openSession(t);
  const first = await openStream(t, session);
  first.sent.destroy();
  // Until the server has noticed, it takes no second stream.
  let second;
  while (second === undefined) second = await openStream(t, session);
  await session.log.appendEvent({ instanceId: 'orders', eventType: 'a' });
  await isTold(t, second);
});

test('what a client has subscribed to is followed no longer than the client is there', async (t) => {
  const { log } = await openOrders(t);
  const signals = [];
  const subscribe = (options) => {
    signals.push(options.signal);
    return log.subscribe(options);
  };
  const followed = new Proxy(log, {
    get: (_, name) =>
      name === 'subscribe' ? subscribe : (...parameters) => log[name](...parameters),
  });
  const service = await serveHttp(followed, { port: 0, token: false });
  t.teardown(() => service.close());

  const endings = [
    ['SDK 1', ({ end }) => end()],
    ['SDK 1', ({ client }) => client.transport.terminateSession()],
    ['SDK 2', ({ end }) => end()],
    ['SDK 2', ({ client }) => client.close()],
  ];
  for (const [sdk, leave] of endings) {
    const { client, subscribe: subscribeTo } = await connectTo(sdk, service.url);
    t.teardown(() => client.close());
    const end = await subscribeTo(uri);
    const signal = signals.at(-1);
    t.false(signal.aborted);
    const ended = once(signal, 'abort');
    await leave({ client, end });
    await ended;
  }
  t.is(signals.length, 4);
});
