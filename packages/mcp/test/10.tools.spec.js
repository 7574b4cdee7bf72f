// The tools of the SDK, with the inputs and the sentences of its own, by every client over every transport.

import test from 'ava';
import { connect, usual, ways } from './support/clients.js';
import { openOrders } from './support/logs.js';

const READ = [
  'eventlog_get_instance',
  'eventlog_list_instances',
  'eventlog_query_events',
  'eventlog_get_instance_stats',
];
const WRITE = [
  'eventlog_create_instance',
  'eventlog_update_instance',
  'eventlog_delete_instance',
  'eventlog_append_event',
  'eventlog_append_events',
];

function sentence(result) {
  return result.content[0].text;
}

/** Makes an instance, and looks at it. Returns its id. */
async function makeInstance(t, call) {
  const created = await call('eventlog_create_instance', {
    name: 'agent',
    description: 'Of an agent',
  });
  const { id } = created.structuredContent.instance;
  t.is(sentence(created), `Event log instance "agent" created successfully with ID: ${id}`);

  const found = await call('eventlog_get_instance', { instanceId: id });
  t.is(sentence(found), 'Event log instance "agent" retrieved successfully');
  t.is(found.structuredContent.instance.description, 'Of an agent');

  const listed = await call('eventlog_list_instances');
  t.is(sentence(listed), 'Found 2 event log instance(s)');
  t.deepEqual(
    listed.structuredContent.instances.map(({ name }) => name),
    ['orders', 'agent'],
  );

  const updated = await call('eventlog_update_instance', {
    instanceId: id,
    description: 'Changed',
  });
  t.is(sentence(updated), 'Event log instance "agent" updated successfully');
  t.is(updated.structuredContent.instance.description, 'Changed');

  const retention = { maxEvents: 1000 };
  const ruled = await call('eventlog_update_instance', { instanceId: id, retention });
  t.true(ruled.isError);
  return id;
}

/** Appends three events, and asks for one of them. */
async function appendAndQuery(t, call, id) {
  const one = await call('eventlog_append_event', {
    instanceId: id,
    stream_id: 'user_actions',
    event_type: 'user_login',
    payload: { userId: 'user_456' },
    metadata: { source: 'web_app' },
  });
  t.is(sentence(one), `Event appended successfully with ID: ${one.structuredContent.event.id}`);
  t.is(one.structuredContent.event.stream_id, 'user_actions');

  const many = await call('eventlog_append_events', {
    instanceId: id,
    events: [
      { stream_id: 'logs', event_type: 'error', payload: { error: 'Something went wrong' } },
      {
        streamId: 'metrics',
        eventType: 'performance',
        payload: { metric: 'cpu_usage', value: 75 },
      },
    ],
  });
  t.is(sentence(many), 'Successfully appended 2 event(s)');
  t.is(many.structuredContent.count, 2);

  const queried = await call('eventlog_query_events', {
    query: {
      from: { instance: id },
      where: [{ field: 'value', operator: 'gte', value: 75 }],
      select: ['event_type', 'payload'],
      orderBy: { field: 'timestamp', direction: 'desc' },
      limit: 50,
    },
  });
  t.is(sentence(queried), 'Query returned 1 event(s) out of 1 total');
  t.deepEqual(queried.structuredContent.events, [
    { event_type: 'performance', payload: { metric: 'cpu_usage', value: 75 } },
  ]);
}

for (const way of ways) {
  test(`${way.name}: the nine tools do what they say`, async (t) => {
    const { path } = await openOrders(t, []);
    const { call } = await connect(t, way, path, ['--write']);
    const id = await makeInstance(t, call);
    await appendAndQuery(t, call, id);

    const stats = await call('eventlog_get_instance_stats', { instanceId: id });
    t.is(sentence(stats), 'Instance "agent" has 3 event(s)');
    t.is(stats.structuredContent.streamCount, 3);

    const deleted = await call('eventlog_delete_instance', { instanceId: id });
    t.is(sentence(deleted), 'Event log instance deleted successfully');
    const gone = await call('eventlog_get_instance', { instanceId: id });
    t.true(gone.isError);
    t.regex(sentence(gone), /^Error: no instance has the id or name .* \(INSTANCE_NOT_FOUND\)$/);
  });

  test(`${way.name}: without --write, what changes something is neither offered nor done`, async (t) => {
    const { path, log } = await openOrders(t);
    const { client, call } = await connect(t, way, path);
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    t.deepEqual(
      READ.filter((name) => !names.includes(name)),
      [],
    );
    t.deepEqual(
      WRITE.filter((name) => names.includes(name)),
      [],
    );
    t.true(tools.every(({ annotations }) => annotations.readOnlyHint));

    const refused = await call('eventlog_append_event', { instanceId: 'orders', eventType: 'x' });
    t.true(refused.isError);
    t.regex(sentence(refused), /without --write/);
    t.is((await log.getInstanceStats('orders')).data.eventCount, 20);
  });
}

test('with --write, all nine are offered, with the inputs of the SDK', async (t) => {
  const { path } = await openOrders(t, []);
  const { client } = await connect(t, usual, path, ['--write']);
  const { tools } = await client.listTools();
  const inputs = Object.fromEntries(
    tools
      .filter(({ name }) => READ.includes(name) || WRITE.includes(name))
      .map(({ name, inputSchema: { properties, required } }) => [
        name,
        Object.keys(properties).map((key) => (required.includes(key) ? `${key}*` : key)),
      ]),
  );
  const has = (name, ...keys) =>
    t.deepEqual(
      keys.filter((key) => !inputs[name].includes(key)),
      [],
    );
  t.deepEqual(inputs.eventlog_create_instance, ['name*', 'description']);
  t.deepEqual(inputs.eventlog_get_instance, ['instanceId*']);
  t.deepEqual(inputs.eventlog_update_instance, ['instanceId*', 'name', 'description']);
  t.deepEqual(inputs.eventlog_delete_instance, ['instanceId*']);
  t.deepEqual(inputs.eventlog_get_instance_stats, ['instanceId*']);
  has('eventlog_append_event', 'instanceId*', 'stream_id', 'streamId', 'event_type', 'eventType');
  has('eventlog_append_event', 'payload', 'metadata', 'autoCreateInstance');
  has('eventlog_append_events', 'instanceId*', 'events*', 'autoCreateInstance');
  has('eventlog_query_events', 'query*');
  const { destructiveHint } = tools.find(
    ({ name }) => name === 'eventlog_delete_instance',
  ).annotations;
  t.true(destructiveHint);
});

test('keys may be in snake or in camel case, and null counts as not given', async (t) => {
  const { path } = await openOrders(t, []);
  const { call } = await connect(t, usual, path, ['--write']);
  const appended = await call('eventlog_append_event', {
    instance_id: 'made',
    streamId: 's',
    eventType: 'a',
    payload: null,
    metadata: null,
    auto_create_instance: true,
  });
  t.is(appended.structuredContent.event.stream_id, 's');
  const stats = await call('eventlog_get_instance_stats', { instance_id: 'made' });
  t.is(stats.structuredContent.eventCount, 1);
  const differing = await call('eventlog_append_event', {
    instanceId: 'made',
    eventType: 'a',
    event_type: 'b',
  });
  t.regex(sentence(differing), /^Error: event_type: expected the value of its other spelling/);
});

test('objects may be given as their JSON text', async (t) => {
  const { path } = await openOrders(t, []);
  const { call } = await connect(t, usual, path, ['--write']);
  const appended = await call('eventlog_append_event', {
    instanceId: 'orders',
    eventType: 'a',
    payload: '{"n":1}',
  });
  t.is(appended.isError, undefined);
  const queried = await call('eventlog_query_events', { query: '{"from":{"instance":"orders"}}' });
  t.deepEqual(queried.structuredContent.events[0].payload, { n: 1 });
});

test('a call with an idempotencyKey stores once', async (t) => {
  const { path } = await openOrders(t, []);
  const { call } = await connect(t, usual, path, ['--write']);
  const event = { instanceId: 'orders', eventType: 'a', idempotencyKey: 'k' };
  const first = await call('eventlog_append_event', event);
  const again = await call('eventlog_append_event', event);
  t.is(first.structuredContent.duplicate, undefined);
  t.true(again.structuredContent.duplicate);
  t.is(again.structuredContent.event.id, first.structuredContent.event.id);
});
