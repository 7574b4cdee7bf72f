// With --instances, an agent sees these instances and no others.

import { once, EventEmitter } from 'node:events';
import test from 'ava';
import { connect, usual } from './support/clients.js';
import { openOrders } from './support/logs.js';

test('every tool refuses an instance that is not on the list, by its name and by its id', async (t) => {
  const { path, log } = await openOrders(t);
  const { instance: secret } = (await log.createInstance('secret', 'Not for agents')).data;
  await log.appendEvent({ instanceId: 'secret', eventType: 'hidden' });
  const { client, call } = await connect(t, usual, path, ['--write', '--instances', 'orders,made']);
  const { tools } = await client.listTools();
  const given = {
    eventlog_update_instance: { name: 'x' },
    eventlog_append_event: { eventType: 'a', autoCreateInstance: true },
    eventlog_append_events: { events: [{ eventType: 'a' }], autoCreateInstance: true },
    eventlog_get_event: { position: 1 },
    eventlog_get_correlation: { correlationId: 'purchase-1' },
    eventlog_prove_event: { position: 1 },
    eventlog_prove_consistency: { oldSize: 1 },
  };
  for (const instanceId of ['secret', secret.id, 'unknown']) {
    for (const { name, inputSchema } of tools) {
      if (!('instanceId' in inputSchema.properties)) continue;
      const result = await call(name, { instanceId, ...given[name] });
      t.true(result.isError, name);
      t.regex(result.content[0].text, /^Error: this server does not give access .* \(FORBIDDEN\)$/);
      t.false(/Not for agents|hidden/.test(result.content[0].text));
    }
    const queried = await call('eventlog_query_events', {
      query: { from: { instance: instanceId } },
    });
    t.regex(queried.content[0].text, /\(FORBIDDEN\)$/);
    const uri = `eventlog://instances/${instanceId}`;
    await t.throwsAsync(client.readResource({ uri }), { message: /does not give access/ });
    await t.throwsAsync(client.subscribeResource({ uri }), { message: /does not give access/ });
    const created = await call('eventlog_create_instance', { name: instanceId });
    t.regex(created.content[0].text, /\(FORBIDDEN\)$/);
  }
  t.is((await log.getInstanceStats('secret')).data.eventCount, 1);
  t.is((await log.listInstances()).data.instances.length, 2);
});

test('those on the list are as without it, and are all that is listed', async (t) => {
  const { path, log } = await openOrders(t);
  await log.createInstance('secret');
  const { instance } = (await log.createInstance('by id')).data;
  const parameters = ['--write', '--instances', 'orders', '--instances', `${instance.id}, made`];
  const { client, call, onUpdated, subscribe } = await connect(t, usual, path, parameters);
  const names = async () =>
    (await call('eventlog_list_instances')).structuredContent.instances.map(({ name }) => name);
  t.deepEqual(await names(), ['orders', 'by id']);
  const event = { instanceId: 'made', eventType: 'a', autoCreateInstance: true };
  t.is((await call('eventlog_append_event', event)).isError, undefined);
  t.deepEqual(await names(), ['orders', 'by id', 'made']);
  const { resources } = await client.listResources();
  t.false(resources.some(({ name }) => name.startsWith('secret')));
  t.is((await call('eventlog_get_instance', { instanceId: 'by id' })).isError, undefined);
  t.is(
    (await call('eventlog_get_event', { instanceId: 'orders', position: 3 })).isError,
    undefined,
  );
  const queried = await call('eventlog_query_events', { query: { from: { instance: 'orders' } } });
  t.is(queried.structuredContent.total, 20);
  const near = await call('eventlog_get_instance', { instanceId: 'secre' });
  t.false(near.content[0].text.includes('"secret"'));

  const words = new EventEmitter();
  onUpdated((uri) => words.emit('word', uri));
  await subscribe('eventlog://instances/orders');
  const word = once(words, 'word');
  await log.appendEvent({ instanceId: 'orders', eventType: 'a' });
  t.deepEqual(await word, ['eventlog://instances/orders']);
});

test('an instance takes no name outside the list, and a refusal does not tell whether there is such an instance', async (t) => {
  const { path, log } = await openOrders(t);
  await log.createInstance('secret');
  const { call } = await connect(t, usual, path, ['--write', '--instances', 'orders,made']);
  const rename = (name) => call('eventlog_update_instance', { instanceId: 'orders', name });
  for (const name of ['secret', 'unknown']) {
    const result = await rename(name);
    t.true(result.isError, name);
    t.is(
      result.content[0].text,
      `Error: this server does not give access to an instance "${name}" (FORBIDDEN)`,
    );
  }
  const described = { instanceId: 'orders', description: 'Of the shop' };
  t.is((await call('eventlog_update_instance', described)).isError, undefined);
  t.is((await rename('made')).isError, undefined);
  const { instances } = (await log.listInstances()).data;
  t.deepEqual(
    instances.map(({ name, description }) => [name, description]),
    [
      ['made', 'Of the shop'],
      ['secret', instances[1].description],
    ],
  );
});
