// What clients are told of changes, if they have asked for that.

import test from 'ava';

import { post, socketUrl, start, talk } from './support/server.js';

/** What a client was told, up to the answer to a request that is made now. */
async function told(client) {
  await client.request('ping');
  const found = client.received.splice(0);
  return found.map(({ type, data }) => [type.replace('eventLog:', ''), data]);
}

test('a client that asks is told of each change, whoever made it, and no other client is', async (t) => {
  const { url } = await start(t);
  const [listener, quiet] = [
    await talk(t, socketUrl(url)),
    await talk(t, socketUrl(url, 'plugin')),
  ];
  const asked = await listener.request('subscribe');
  t.true(asked.success);
  t.is(asked.data.events.length, 5);

  const { data: made } = await quiet.request('eventLog.createInstance', { name: 'a' });
  const { data: renamed } = await quiet.request('eventLog.updateInstance', {
    instanceId: 'a',
    name: 'b',
  });
  const event = { instanceId: 'b', eventType: 'one' };
  const { data: single } = (await post(url, 'appendEvent', event)).body;
  const events = [{ eventType: 'two' }, { eventType: 'three' }];
  const { data: batch } = await quiet.request('eventLog.appendEvents', { instanceId: 'b', events });
  await quiet.request('eventLog.deleteInstance', { instanceId: 'b' });

  t.deepEqual(await told(listener), [
    ['instance-created', made.instance],
    ['instance-updated', renamed.instance],
    ['event-appended', single.event],
    ['events-appended', batch.events],
    ['instance-deleted', { instanceId: made.instance.id }],
  ]);
  t.deepEqual(await told(quiet), []);
});

test('nothing is told of calls that change nothing', async (t) => {
  const { url } = await start(t);
  const client = await talk(t, socketUrl(url));
  const event = { instanceId: 'a', eventType: 't', idempotencyKey: 'k' };
  await client.request('eventLog.appendEvent', event);
  await client.request('subscribe');
  t.true((await client.request('eventLog.appendEvent', event)).data.duplicate);
  await client.request('eventLog.createInstance', { name: 'a', ifExists: 'get' });
  await client.request('eventLog.appendEvents', { instanceId: 'a', events: [] });
  await client.request('eventLog.appendEvent', { instanceId: 'a' });
  await client.request('eventLog.getInstance', { instanceId: 'a' });
  t.deepEqual(await told(client), []);
});

test('an append that creates its instance tells of that first', async (t) => {
  const { url } = await start(t);
  const client = await talk(t, socketUrl(url));
  await client.request('subscribe');
  for (const [method, params, type] of [
    ['appendEvent', { instanceId: 'a', eventType: 't' }, 'event-appended'],
    ['appendEvents', { instanceId: 'b', events: [{ eventType: 't' }] }, 'events-appended'],
  ]) {
    await client.request(`eventLog.${method}`, params);
    await client.request(`eventLog.${method}`, params);
    const { data } = await client.request('eventLog.getInstance', {
      instanceId: params.instanceId,
    });
    const messages = await told(client);
    t.deepEqual(
      messages.map(([name]) => name),
      ['instance-created', type, type],
    );
    t.is(messages[0][1].id, data.instance.id);
  }
});

test('a client chooses what it is told of, and can take that back', async (t) => {
  const { url } = await start(t);
  const client = await talk(t, socketUrl(url));
  const events = ['eventLog:event-appended'];
  t.deepEqual((await client.request('subscribe', { events })).data, { events });
  const append = () => client.request('eventLog.appendEvent', { instanceId: 'a', eventType: 't' });
  await append();
  t.deepEqual(
    (await told(client)).map(([type]) => type),
    ['event-appended'],
  );
  t.true((await client.request('unsubscribe')).success);
  await append();
  t.deepEqual(await told(client), []);
  for (const wrong of [{ events: ['nothing'] }, { events: 'eventLog:event-appended' }]) {
    t.is((await client.request('subscribe', wrong)).code, 'INVALID_ARGUMENT');
  }
});
