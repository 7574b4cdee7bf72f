// A client whose connection is lost: what goes on, what is made again, and what is not.

import test from 'ava';

import { collect, connectTo } from './support/client.js';
import { openProxy } from './support/proxy.js';
import { fill, serveLog, start } from './support/server.js';

/** A log with a server, and a client that reaches it through a proxy. */
async function startBehind(t, options) {
  const { log, server } = await start(t);
  const proxy = await openProxy(t, server.port);
  const client = await connectTo(t, `http://127.0.0.1:${proxy.port}/`, options);
  return { log, proxy, client };
}

const upTo = (count) => Array.from({ length: count }, (_, n) => n + 1);

test('a subscription goes on after lost connections, without a gap or a repeat', async (t) => {
  const { log, proxy, client } = await startBehind(t);
  const count = 4_000;
  await fill(log, 'a', 1_000);
  const found = [];
  let losses = 0;
  const appending = (async () => {
    for (let n = 1_000; n < count; n += 10) await fill(log, 'a', 10);
  })();
  for await (const { position } of client.subscribe({ instance: 'a' })) {
    found.push(position);
    if (found.length % 150 === 0) {
      losses += 1;
      proxy.sever();
    }
    if (found.length === count) break;
  }
  await appending;
  t.true(losses > 20);
  t.deepEqual(found, upTo(count));
});

test('a subscription from the end on goes on where it began, if no event came before the loss', async (t) => {
  const { log, proxy, client } = await startBehind(t);
  await fill(log, 'a', 5);
  const subscription = client.subscribe({ instance: 'a', afterPosition: 'end' });
  const step = subscription.next();
  // In its turn after the subscription.
  await client.getInstance('a');
  await client.getInstance('a');
  proxy.refuse(true);
  proxy.sever();
  await fill(log, 'a', 2);
  proxy.refuse(false);
  t.is((await step).value.position, 6);
  t.is((await subscription.next()).value.position, 7);
});

test('readers go on after lost connections, and end where they would have ended', async (t) => {
  const { log, proxy, client } = await startBehind(t);
  await fill(log, 'a', 3_000);
  const stream = { instance: 'a', stream: 'default' };
  const severed = async (reader) => {
    const found = [];
    for await (const { position } of reader) {
      if (found.length % 400 === 0) {
        proxy.sever();
        await fill(log, 'a', 1);
      }
      found.push(position);
    }
    return found;
  };
  t.deepEqual(await severed(client.readAll({ instance: 'a' })), upTo(3_000));
  const now = (await log.getInstanceStats('a')).data.eventCount;
  t.true(now > 3_000);
  t.deepEqual(await severed(client.readStream(stream)), upTo(now));
  t.deepEqual(await severed(client.readStream({ ...stream, limit: 2_222 })), upTo(2_222));
  const backward = await severed(client.readStream({ ...stream, direction: 'backward' }));
  t.deepEqual(backward, upTo(backward.length).reverse());
  const all = await severed(client.readAll({ instance: 'a', direction: 'backward', limit: 2_000 }));
  t.deepEqual(all, upTo(all[0]).reverse().slice(0, 2_000));
});

test('a reader that goes on does not take another instance of that name for its own', async (t) => {
  const { log, proxy, client } = await startBehind(t);
  await fill(log, 'a', 2);
  const subscription = client.subscribe({ instance: 'a' });
  await subscription.next();
  await subscription.next();
  proxy.refuse(true);
  proxy.sever();
  await log.deleteInstance('a');
  // With the same id, since an append creates it.
  await fill(log, 'a', 5);
  proxy.refuse(false);
  const { code } = await t.throwsAsync(subscription.next());
  t.is(code, 'INSTANCE_NOT_FOUND');
});

test('calls that only read, and appends with a key, are made again after a lost connection', async (t) => {
  const { log, proxy, client } = await startBehind(t);
  await fill(log, 'a', 1);
  const calls = [];
  for (let n = 0; n < 200; n += 1) {
    calls.push(client.getInstance('a'));
    calls.push(
      client.appendEvent({
        instanceId: 'a',
        streamId: 's',
        eventType: 't',
        idempotencyKey: `k${n}`,
        payload: { n },
      }),
    );
    if (n % 20 === 0) {
      await calls.at(-2);
      proxy.sever();
    }
  }
  for (const response of await Promise.all(calls)) t.true(response.success, response.error);
  const found = await collect(
    log.readStream({ instance: 'a', stream: 's' }),
    ({ payload }) => payload.n,
  );
  t.deepEqual(
    found.sort((a, b) => a - b),
    upTo(200).map((n) => n - 1),
  );
});

test('a change whose response was lost is of unknown outcome, and is not made twice', async (t) => {
  const { log, proxy, client } = await startBehind(t);
  await fill(log, 'a', 1);
  const stored = log.subscribe({ instance: 'a', afterPosition: 'end' });
  const first = stored.next();
  await stored.untilCaughtUp;
  proxy.mute(true);
  const lost = client.appendEvent({ instanceId: 'a', eventType: 'lost' });
  const retried = client.appendEvent({ instanceId: 'a', eventType: 'kept', idempotencyKey: 'k' });
  t.is((await first).value.event_type, 'lost');
  t.is((await stored.next()).value.event_type, 'kept');
  proxy.mute(false);
  proxy.sever();
  const { success, code } = await lost;
  t.deepEqual([success, code], [false, 'OUTCOME_UNKNOWN']);
  t.true((await retried).data.duplicate);
  t.is((await log.getInstanceStats('a')).data.eventCount, 3);
});

test('what was not sent yet waits for the connection', async (t) => {
  const { log, server } = await start(t);
  const states = [];
  let lost;
  const whenLost = new Promise((resolve) => (lost = resolve));
  const client = await connectTo(t, server.url, {
    onStateChange: (state) => {
      states.push(state);
      if (state === 'lost') lost();
    },
  });
  await server.close();
  await whenLost;
  t.false(client.isConnected);
  const call = client.appendEvent({ instanceId: 'a', eventType: 't' });
  await serveLog(t, log, { port: server.port });
  t.true((await call).success);
  t.true(client.isConnected);
  await client.close();
  t.deepEqual(states, ['open', 'lost', 'open', 'closed']);
});
