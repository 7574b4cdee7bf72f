// A server that gives access to some instances: no method, reader, subscription or pushed message tells of another.

import test from 'ava';
import { generateKeys } from 'codebolt-eventlog/evidence';

import { fill, openLog, post, serveLog, socketUrl, start, talk } from './support/server.js';

/** A log with an instance that is on the list by its name, one by its id, and one that is not. */
async function startListed(t) {
  const allowed = ['mine', 'new'];
  const { signingKey } = await generateKeys('example.com/shop');
  const parts = await start(t, { instances: allowed, signingKey });
  const { log } = parts;
  await log.createInstance('secret');
  await fill(log, 'secret', 3);
  await log.createInstance('mine');
  await fill(log, 'mine', 2);
  const idOf = async (name) => (await log.getInstance(name)).data.instance.id;
  return { ...parts, secret: await idOf('secret'), mine: await idOf('mine') };
}

/** A request of each method that names an instance. */
const requestsFor = (instance) => [
  ['createInstance', { name: instance }],
  ['createInstance', { name: instance, ifExists: 'get' }],
  ['getInstance', { instanceId: instance }],
  ['updateInstance', { instanceId: instance, description: 'changed' }],
  ['updateInstance', { instanceId: 'mine', name: instance }],
  ['deleteInstance', { instanceId: instance }],
  ['getInstanceStats', { instanceId: instance }],
  ['appendEvent', { instanceId: instance, eventType: 't' }],
  [
    'appendEvent',
    { instanceId: 'mine', eventType: 't', checkpoint: { instance, consumer: 'c', position: 1 } },
  ],
  ['appendEvents', { instanceId: instance, events: [{ eventType: 't' }] }],
  [
    'appendEvents',
    { instanceId: 'mine', events: [], checkpoint: { instance, consumer: 'c', position: 1 } },
  ],
  ['queryEvents', { query: { from: { instance } } }],
  ['listStreams', { instance }],
  ['listConsumers', { instance }],
  ['listParked', { instance, consumer: 'c' }],
  ['resetConsumer', { instance, consumer: 'c', position: 0 }],
  ['deleteConsumer', { instance, consumer: 'c' }],
  ['retryParked', { instance, consumer: 'c' }],
  ['discardParked', { instance, consumer: 'c' }],
  ['deleteSnapshots', { instance }],
  ['trimEvents', { instance, beforePosition: 1 }],
  ['trimStream', { instance, stream: 'default', beforeSequence: 1 }],
  ['eraseEvents', { instance, positions: [1], reason: 'r' }],
  ['listErasures', { instance }],
  ['applyRetention', { instance }],
  ['checkpoint', { instance }],
  ['proveInclusion', { instance, position: 1 }],
  ['proveConsistency', { instance, oldSize: 0 }],
  ['readStream', { instance, stream: 'default' }],
  ['readAll', { instance }],
  ['subscribe', { instance }],
];

test('no method reaches another instance, by its name or its id, or tells whether it exists', async (t) => {
  const { log, url, secret } = await startListed(t);
  const before = (await log.getInstanceStats('secret')).data;
  const client = await talk(t, socketUrl(url));
  const texts = new Set();
  for (const instance of ['secret', secret, 'not-there', 'Mine', ' mine', 'mine\0']) {
    for (const [method, params] of requestsFor(instance)) {
      const { success, code, error } = await client.request(`eventLog.${method}`, params);
      t.deepEqual([success, code], [false, 'FORBIDDEN'], `${method} of ${instance}`);
      texts.add(error.replace(/^[\w.]+: /, ''));
      if (method === 'subscribe') continue;
      const answer = await post(url, method, params);
      t.deepEqual(
        [answer.status, answer.body.code],
        [403, 'FORBIDDEN'],
        `${method} of ${instance}`,
      );
    }
    const query = new URLSearchParams({ instance });
    t.is((await fetch(`${url}eventlog/subscribe?${query}`)).status, 403);
  }
  t.is(texts.size, 1);
  t.deepEqual((await log.getInstanceStats('secret')).data, before);
  t.is((await log.getInstanceStats('mine')).data.eventCount, 2);
});

test('what names no instance is refused before the log sees it', async (t) => {
  const { url } = await startListed(t);
  const client = await talk(t, socketUrl(url));
  for (const instance of [undefined, null, 7, ['a'], { id: 'mine' }, true]) {
    // The others name an instance of the list besides, and need not name this one.
    const alone = requestsFor(instance).filter(([, params]) => Object.values(params)[0] !== 'mine');
    for (const [method, params] of alone) {
      const { success, code } = await client.request(`eventLog.${method}`, params);
      t.deepEqual([success, code], [false, 'INVALID_ARGUMENT'], `${method} of ${instance}`);
    }
  }
});

test('a list can have ids', async (t) => {
  const log = await openLog(t);
  const { instance } = (await log.createInstance('mine')).data;
  await fill(log, 'other', 1);
  const { url } = await serveLog(t, log, { instances: [instance.id] });
  for (const instanceId of [instance.id, 'mine']) {
    t.is((await post(url, 'getInstance', { instanceId })).status, 200);
  }
  t.deepEqual((await post(url, 'listInstances')).body.data.instances, [instance]);
  t.is((await post(url, 'getInstance', { instanceId: 'other' })).status, 403);
});

test('instances of the list are there under names and ids, and can be created', async (t) => {
  const { url, mine } = await startListed(t);
  const client = await talk(t, socketUrl(url));
  const ask = async (method, params) => {
    const { success, data, error } = await client.request(`eventLog.${method}`, params);
    t.true(success, `${method}: ${error}`);
    return data;
  };
  for (const instance of ['mine', mine]) {
    t.is((await ask('getInstance', { instanceId: instance })).instance.id, mine);
    t.is((await ask('queryEvents', { query: { from: { instance } } })).result.total, 2);
    await ask('subscribe', { instance });
  }
  t.deepEqual(
    (await ask('listInstances')).instances.map(({ name }) => name),
    ['mine'],
  );
  await ask('appendEvent', { instanceId: 'new', eventType: 't', autoCreateInstance: true });
  t.is((await ask('listInstances')).instances.length, 2);
  await ask('deleteInstance', { instanceId: 'new' });
  await ask('updateInstance', { instanceId: 'mine', name: 'new' });
  await ask('updateInstance', { instanceId: mine, name: 'mine' });
});

test('an instance cannot be renamed out of the list, nor one be created beside it', async (t) => {
  const { log, url, mine } = await startListed(t);
  const client = await talk(t, socketUrl(url));
  const before = (await log.listInstances()).data;
  for (const [method, params] of [
    ['updateInstance', { instanceId: 'mine', name: mine }],
    ['updateInstance', { instanceId: mine, name: mine }],
    ['createInstance', { name: mine }],
    ['createInstance', { name: mine, ifExists: 'get' }],
  ]) {
    const { success, code } = await client.request(`eventLog.${method}`, params);
    t.deepEqual([success, code], [false, 'FORBIDDEN'], method);
    t.is((await post(url, method, params)).status, 403);
  }
  t.deepEqual((await log.listInstances()).data, before);
  t.true((await client.request('eventLog.getInstance', { instanceId: 'mine' })).success);
});

test('requests keep their order while the log is asked whose id one names', async (t) => {
  const { log, url, mine } = await startListed(t);
  const client = await talk(t, socketUrl(url));
  const calls = [];
  for (let n = 1; n <= 40; n += 1) {
    const instanceId = n % 2 === 1 ? mine : 'mine';
    const params = { instanceId, streamId: 's', eventType: 't', payload: { n } };
    calls.push(client.request('eventLog.appendEvent', params));
  }
  await Promise.all(calls);
  const found = [];
  for await (const { payload } of log.readStream({ instance: 'mine', stream: 's' }))
    found.push(payload.n);
  t.deepEqual(
    found,
    Array.from({ length: 40 }, (_, n) => n + 1),
  );
});

test('pushed messages tell of the instances of the list alone', async (t) => {
  const { log, url } = await startListed(t);
  const client = await talk(t, socketUrl(url));
  await client.request('subscribe');
  await client.request('eventLog.appendEvent', { instanceId: 'secret', eventType: 't' });
  await log.appendEvent({ instanceId: 'secret', eventType: 't' });
  await client.request('eventLog.appendEvent', { instanceId: 'mine', eventType: 'told' });
  const { data } = await client.message(({ type }) => type === 'eventLog:event-appended');
  t.is(data.event_type, 'told');
  await client.request('ping');
  t.deepEqual(client.received, []);
});
