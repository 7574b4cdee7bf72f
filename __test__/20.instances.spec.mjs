import test from 'ava';

import { appended, created, eventsOf, failed, queried, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

async function found(t, log, id) {
  return succeeded(t, await log.getInstance(id), 'getInstance').instance;
}

async function listed(t, log) {
  return succeeded(t, await log.listInstances(), 'listInstances').instances;
}

async function stats(t, log, id) {
  return succeeded(t, await log.getInstanceStats(id), 'getInstanceStats');
}

test('createInstance answers with the whole instance', async (t) => {
  const log = await openLog(t);
  const before = new Date().toISOString();
  const instance = await created(t, log, 'orders', 'every order');
  const after = new Date().toISOString();
  t.deepEqual(Object.keys(instance).sort(), [
    'createdAt',
    'description',
    'id',
    'name',
    'updatedAt',
  ]);
  t.regex(instance.id, UUID);
  t.is(instance.name, 'orders');
  t.is(instance.description, 'every order');
  t.regex(instance.createdAt, ISO);
  t.is(instance.updatedAt, instance.createdAt);
  t.true(before <= instance.createdAt && instance.createdAt <= after);
});

test('an instance without a description has no such key', async (t) => {
  const log = await openLog(t);
  const instance = await created(t, log, 'orders');
  t.deepEqual(Object.keys(instance).sort(), ['createdAt', 'id', 'name', 'updatedAt']);
  t.deepEqual(await found(t, log, 'orders'), instance);
});

test('each instance gets an id of its own', async (t) => {
  const log = await openLog(t);
  const instances = await Promise.all(
    Array.from({ length: 50 }, (_, number) => created(t, log, `instance ${number}`)),
  );
  t.is(new Set(instances.map((instance) => instance.id)).size, 50);
});

test('an instance is found by its id and by its name', async (t) => {
  const log = await openLog(t);
  const instance = await created(t, log, 'orders', 'every order');
  t.deepEqual(await found(t, log, instance.id), instance);
  t.deepEqual(await found(t, log, 'orders'), instance);
});

test('every method takes a name where it takes an id', async (t) => {
  const log = await openLog(t);
  const { id } = await created(t, log, 'orders');
  const event = await appended(t, log, { instanceId: 'orders', eventType: 'made' });
  t.is(event.instanceId, id);
  const batch = await log.appendEvents({ instanceId: 'orders', events: [{ eventType: 'paid' }] });
  t.is(succeeded(t, batch, 'appendEvents').events[0].instanceId, id);
  t.is((await eventsOf(t, log, id)).length, 2);
  t.is((await eventsOf(t, log, 'orders')).length, 2);
  t.is((await stats(t, log, 'orders')).instanceId, id);
  const updated = await log.updateInstance('orders', { description: 'new' });
  t.is(succeeded(t, updated, 'updateInstance').instance.id, id);
  const deleted = await log.deleteInstance('orders');
  t.is(succeeded(t, deleted, 'deleteInstance').instance.id, id);
});

test('a name that is taken is INSTANCE_EXISTS, and the text says so', async (t) => {
  const log = await openLog(t);
  const instance = await created(t, log, 'orders');
  failed(t, await log.createInstance('orders'), 'createInstance', 'INSTANCE_EXISTS', /exists/);
  t.deepEqual(await listed(t, log), [instance]);
});

test('no name equals the id of another instance', async (t) => {
  const log = await openLog(t);
  const { id } = await created(t, log, 'orders');
  failed(t, await log.createInstance(id), 'createInstance', 'INSTANCE_EXISTS', /exists/);
  await created(t, log, 'users');
  const renamed = await log.updateInstance('users', { name: id });
  failed(t, renamed, 'updateInstance', 'INSTANCE_EXISTS', /exists/);
  t.is((await found(t, log, 'users')).name, 'users');
});

test('of many who create one name at the same time, one succeeds', async (t) => {
  const log = await openLog(t);
  const responses = await Promise.all(
    Array.from({ length: 20 }, () => log.createInstance('orders')),
  );
  t.is(responses.filter((response) => response.success).length, 1);
  for (const response of responses.filter((each) => !each.success)) {
    failed(t, response, 'createInstance', 'INSTANCE_EXISTS', /exists/);
  }
  t.is((await listed(t, log)).length, 1);
});

/** How a method says at which place in the call the instance "nobody" is named. */
function placeOf(method) {
  const byId = /Instance|^append/.test(method);
  const place = method === 'queryEvents' ? 'from.instance' : byId ? 'instanceId' : 'instance';
  return new RegExp(`^${place}: no instance has the id or name "nobody"(?:; make it with .*)?$`);
}

async function exported(pieces) {
  for await (const _ of pieces);
}

test('what is not there is INSTANCE_NOT_FOUND in every method, which says where it is named', async (t) => {
  const log = await openLog(t);
  const nobody = { instance: 'nobody' };
  const consumer = { ...nobody, consumer: 'c' };
  const responses = {
    getInstance: await log.getInstance('nobody'),
    updateInstance: await log.updateInstance('nobody', { name: 'somebody' }),
    deleteInstance: await log.deleteInstance('nobody'),
    appendEvent: await log.appendEvent({ instanceId: 'nobody', eventType: 'made' }),
    appendEvents: await log.appendEvents({ instanceId: 'nobody', events: [{ eventType: 'made' }] }),
    queryEvents: await log.queryEvents({ from: { instance: 'nobody' } }),
    getInstanceStats: await log.getInstanceStats('nobody'),
    listStreams: await log.listStreams(nobody),
    listConsumers: await log.listConsumers(nobody),
    listParked: await log.listParked(consumer),
    resetConsumer: await log.resetConsumer({ ...consumer, position: 0 }),
    deleteConsumer: await log.deleteConsumer(consumer),
    retryParked: await log.retryParked(consumer),
    discardParked: await log.discardParked(consumer),
    deleteSnapshots: await log.deleteSnapshots(nobody),
    proveInclusion: await log.proveInclusion({ ...nobody, position: 1 }),
    proveConsistency: await log.proveConsistency({ ...nobody, oldSize: 1 }),
  };
  for (const [method, response] of Object.entries(responses)) {
    failed(t, response, method, 'INSTANCE_NOT_FOUND', placeOf(method));
  }
  const folded = { ...nobody, initial: 0, apply: () => 0 };
  const inOthers = {
    readAll: () => log.readAll(nobody).next(),
    readStream: () => log.readStream({ ...nobody, stream: 's' }).next(),
    subscribe: () => log.subscribe(nobody).next(),
    'subscribe by a consumer': () => log.subscribe(consumer).next(),
    exportEvents: () => exported(log.exportEvents(nobody)),
    'exportEvents as columns': () => exported(log.exportEvents({ ...nobody, format: 'csv' })),
    project: () => log.project(folded),
    decide: () => log.decide({ ...folded, stream: 's', decide: t.fail }),
  };
  for (const [method, call] of Object.entries(inOthers)) {
    await t.throwsAsync(call, { code: 'INSTANCE_NOT_FOUND', message: placeOf(method) }, method);
  }
  t.deepEqual(await listed(t, log), []);
});

test('listInstances lists the oldest first, also after a reopening', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  t.deepEqual(await listed(t, log), []);
  const names = Array.from({ length: 30 }, (_, number) => `instance ${(number * 7) % 30}`);
  for (const name of names) await created(t, log, name);
  const order = (await listed(t, log)).map((instance) => instance.name);
  t.deepEqual(order, names);
  await log.updateInstance('instance 7', { name: 'a' });
  t.is((await listed(t, log))[1].name, 'a');
  const before = await listed(t, log);
  await log.close();
  t.deepEqual(await listed(t, await openAt(t, path)), before);
});

test('updateInstance changes what it is given and nothing else', async (t) => {
  const log = await openLog(t);
  const instance = await created(t, log, 'orders', 'every order');
  const renamed = succeeded(
    t,
    await log.updateInstance('orders', { name: 'sales' }),
    'updateInstance',
  );
  t.is(renamed.instance.id, instance.id);
  t.is(renamed.instance.name, 'sales');
  t.is(renamed.instance.description, 'every order');
  t.is(renamed.instance.createdAt, instance.createdAt);
  failed(t, await log.getInstance('orders'), 'getInstance', 'INSTANCE_NOT_FOUND');

  const described = await log.updateInstance('sales', { description: 'every sale' });
  t.is(succeeded(t, described, 'updateInstance').instance.name, 'sales');
  t.deepEqual(await found(t, log, instance.id), described.data.instance);
  t.is(described.data.instance.description, 'every sale');
});

test('a name that was given up is free', async (t) => {
  const log = await openLog(t);
  const first = await created(t, log, 'orders');
  succeeded(t, await log.updateInstance('orders', { name: 'sales' }), 'updateInstance');
  const second = await created(t, log, 'orders');
  t.not(second.id, first.id);
  t.is((await found(t, log, 'orders')).id, second.id);
  t.is((await found(t, log, 'sales')).id, first.id);
});

test('an instance may be updated to its own name', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const response = await log.updateInstance('orders', { name: 'orders' });
  t.is(succeeded(t, response, 'updateInstance').instance.name, 'orders');
});

test('a rename keeps the events and their numbers', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const first = await appended(t, log, { instanceId: 'orders', eventType: 'made' });
  await log.updateInstance('orders', { name: 'sales' });
  const second = await appended(t, log, { instanceId: 'sales', eventType: 'paid' });
  t.is(second.sequence_number, 2);
  t.deepEqual(await eventsOf(t, log, 'sales'), [first, second]);
});

test('updatedAt moves with an update and with an append', async (t) => {
  const log = await openLog(t);
  const made = await created(t, log, 'orders');
  // A clock that ticks between the calls shows that the value is taken anew.
  const tick = async () => {
    const from = Date.now();
    while (Date.now() === from) await null;
  };
  const moments = [made.updatedAt];
  const changes = [
    () => log.updateInstance('orders', { description: 'new' }),
    () => log.appendEvent({ instanceId: 'orders', eventType: 'made' }),
    () => log.appendEvents({ instanceId: 'orders', events: [{ eventType: 'paid' }] }),
    () => log.appendEvent({ instanceId: 'orders', eventType: 'old', timestamp: 0 }),
  ];
  for (const change of changes) {
    await tick();
    t.true((await change()).success);
    const { updatedAt, createdAt } = await found(t, log, 'orders');
    t.is(createdAt, made.createdAt);
    t.true(updatedAt > moments.at(-1), `${updatedAt} is not after ${moments.at(-1)}`);
    t.is((await stats(t, log, 'orders')).updatedAt, updatedAt);
    moments.push(updatedAt);
  }
  await eventsOf(t, log, 'orders');
  t.is((await found(t, log, 'orders')).updatedAt, moments.at(-1));
});

test('deleteInstance answers with the instance that is gone, with all its events', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders', 'every order');
  await created(t, log, 'users');
  for (let count = 0; count < 3; count += 1) {
    await appended(t, log, { instanceId: 'orders', eventType: 'made' });
    await appended(t, log, { instanceId: 'users', eventType: 'login' });
  }
  const instance = await found(t, log, 'orders');
  const deleted = succeeded(t, await log.deleteInstance('orders'), 'deleteInstance');
  t.deepEqual(deleted, { instance });

  for (const id of ['orders', instance.id]) {
    failed(t, await log.getInstance(id), 'getInstance', 'INSTANCE_NOT_FOUND');
    const query = await log.queryEvents({ from: { instance: id } });
    failed(t, query, 'queryEvents', 'INSTANCE_NOT_FOUND');
  }
  failed(t, await log.deleteInstance('orders'), 'deleteInstance', 'INSTANCE_NOT_FOUND');
  t.deepEqual(
    (await listed(t, log)).map(({ name }) => name),
    ['users'],
  );
  t.is((await eventsOf(t, log, 'users')).length, 3);
  await log.close();
  t.deepEqual(
    (await listed(t, await openAt(t, path))).map(({ name }) => name),
    ['users'],
  );
});

test('an instance made anew under a deleted name is empty and begins at 1', async (t) => {
  const log = await openLog(t);
  const first = await created(t, log, 'orders');
  await appended(t, log, { instanceId: 'orders', eventType: 'made' });
  await log.deleteInstance('orders');
  const second = await created(t, log, 'orders');
  t.not(second.id, first.id);
  t.deepEqual(await eventsOf(t, log, 'orders'), []);
  t.is((await appended(t, log, { instanceId: 'orders', eventType: 'made' })).sequence_number, 1);
});

test('autoCreateInstance makes an instance whose id and name are the one given', async (t) => {
  const log = await openLog(t);
  const event = await appended(t, log, {
    instanceId: 'orders',
    eventType: 'made',
    autoCreateInstance: true,
  });
  t.is(event.instanceId, 'orders');
  const instance = await found(t, log, 'orders');
  t.is(instance.id, 'orders');
  t.is(instance.name, 'orders');
  t.false('description' in instance);
  failed(t, await log.createInstance('orders'), 'createInstance', 'INSTANCE_EXISTS');

  const batch = { instanceId: 'users', autoCreateInstance: true, events: [{ eventType: 'login' }] };
  succeeded(t, await log.appendEvents(batch), 'appendEvents');
  t.is((await found(t, log, 'users')).id, 'users');
});

test('autoCreateInstance uses the instance that is there, by id or name', async (t) => {
  const log = await openLog(t);
  const { id } = await created(t, log, 'orders');
  for (const instanceId of [id, 'orders']) {
    const event = await appended(t, log, {
      instanceId,
      eventType: 'made',
      autoCreateInstance: true,
    });
    t.is(event.instanceId, id);
  }
  t.is((await listed(t, log)).length, 1);
});

test('autoCreateInstance: false is the default', async (t) => {
  const log = await openLog(t);
  const params = { instanceId: 'orders', eventType: 'made', autoCreateInstance: false };
  failed(t, await log.appendEvent(params), 'appendEvent', 'INSTANCE_NOT_FOUND', /orders/);
});

test('an id that was made automatically stays taken after a rename', async (t) => {
  const log = await openLog(t);
  await appended(t, log, { instanceId: 'orders', eventType: 'made', autoCreateInstance: true });
  await log.updateInstance('orders', { name: 'sales' });
  failed(t, await log.createInstance('orders'), 'createInstance', 'INSTANCE_EXISTS');
  t.is((await found(t, log, 'orders')).name, 'sales');
  t.is((await found(t, log, 'sales')).id, 'orders');
});

test('getInstanceStats counts events, streams and bytes', async (t) => {
  const log = await openLog(t);
  const instance = await created(t, log, 'orders', 'every order');
  const empty = await stats(t, log, 'orders');
  t.deepEqual(Object.keys(empty).sort(), [
    'createdAt',
    'eventCount',
    'firstPosition',
    'instanceId',
    'name',
    'storedBytes',
    'streamCount',
    'updatedAt',
  ]);
  t.is(empty.instanceId, instance.id);
  t.is(empty.name, 'orders');
  t.is(empty.eventCount, 0);
  t.is(empty.streamCount, 0);
  t.is(empty.storedBytes, 0);
  t.is(empty.firstPosition, 1);
  t.is(empty.createdAt, instance.createdAt);

  for (const streamId of ['a', 'b', 'a', 'c', 'a']) {
    await appended(t, log, {
      instanceId: 'orders',
      streamId,
      eventType: 'made',
      payload: { text: 'x'.repeat(1000) },
    });
  }
  const full = await stats(t, log, instance.id);
  t.is(full.eventCount, 5);
  t.is(full.streamCount, 3);
  t.true(full.storedBytes >= 5000, `${full.storedBytes}`);
  t.is((await queried(t, log, { from: { instance: 'orders' } })).total, 5);
});
