// Instances and streams as resources, and what is told to those who subscribe.

import { execFileSync } from 'node:child_process';
import { once, EventEmitter } from 'node:events';
import test from 'ava';
import { connect, usual, ways } from './support/clients.js';
import { openOrders } from './support/logs.js';

const ROOT = 'eventlog://instances';

test('instances and their streams are listed in pages, and read', async (t) => {
  const names = ['a/b', 'ü %', ...Array.from({ length: 250 }, (_, n) => `s-${n}`)];
  const events = names.map((streamId) => ({ streamId, eventType: 'a', payload: { of: streamId } }));
  const { path, log } = await openOrders(t, events);
  const { instance } = (await log.createInstance('empty')).data;
  const { client } = await connect(t, usual, path);

  const found = [];
  for (let cursor; found.length === 0 || cursor !== undefined;) {
    const { resources, nextCursor } = await client.listResources({ cursor });
    t.true(resources.length <= 100);
    found.push(...resources);
    cursor = nextCursor;
  }
  const uris = found.map(({ uri }) => uri);
  t.is(new Set(uris).size, 1 + names.length + 1);
  t.is(uris.at(-1), `${ROOT}/${instance.id}`);
  const stream = found.find(({ name }) => name === 'orders/ü %');
  const [content] = (await client.readResource({ uri: stream.uri })).contents;
  t.is(content.mimeType, 'application/json');
  t.deepEqual(JSON.parse(content.text).newestEvents[0].payload, { of: 'ü %' });
});

test('an instance is read with its counts and its newest events', async (t) => {
  const { path } = await openOrders(t);
  const { client } = await connect(t, usual, path);
  const { resourceTemplates } = await client.listResourceTemplates();
  t.deepEqual(
    resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    [`${ROOT}/{instanceId}`, `${ROOT}/{instanceId}/streams/{streamId}`],
  );
  const [{ text }] = (await client.readResource({ uri: `${ROOT}/orders` })).contents;
  const { stats, newestEvents, hasOlder } = JSON.parse(text);
  t.is(stats.eventCount, 20);
  t.is(newestEvents.length, 20);
  t.is(newestEvents[0].payload.number, 19);
  t.false(hasOlder);
});

test('what is not there is an error that says what may have been meant', async (t) => {
  const { path } = await openOrders(t);
  const { client } = await connect(t, usual, path);
  const expected = {
    [`${ROOT}/ordres`]: /did you mean "orders"/,
    [`${ROOT}/orders/streams/none`]: /no events/,
    [`${ROOT}/orders/streams/%ZZ`]: /expected eventlog:/,
    [`${ROOT}/orders/other`]: /expected eventlog:/,
    'file:///etc/passwd': /expected eventlog:/,
  };
  for (const [uri, message] of Object.entries(expected)) {
    await t.throwsAsync(client.readResource({ uri }), { message });
  }
  await t.throwsAsync(client.subscribeResource({ uri: `${ROOT}/ordres` }), { message: /"orders"/ });
});

test('parts of addresses are completed', async (t) => {
  const { path, log } = await openOrders(t);
  await log.createInstance('other');
  const { client } = await connect(t, usual, path);
  const complete = async (argument, context) => {
    const ref = { type: 'ref/resource', uri: `${ROOT}/{instanceId}/streams/{streamId}` };
    return (await client.complete({ ref, argument, context })).completion.values;
  };
  t.deepEqual(await complete({ name: 'instanceId', value: 'or' }), ['orders']);
  const context = { arguments: { instanceId: 'orders' } };
  t.deepEqual(await complete({ name: 'streamId', value: 'order-1' }, context), ['order-1']);
});

/** Appends one event in a process of its own. */
function appendElsewhere(path, streamId) {
  const source = `
    import { EventLog } from 'codebolt-eventlog';
    const [path, streamId] = process.argv.slice(1);
    const log = await EventLog.open(path);
    const { success } = await log.appendEvent({ instanceId: 'orders', streamId, eventType: 'a' });
    if (!success) process.exitCode = 1;
    await log.close();
  `;
  const parameters = ['--input-type=module', '--eval', source, path, streamId];
  execFileSync(process.execPath, parameters, { cwd: import.meta.dirname });
}

for (const way of ways) {
  test(`${way.name}: who has subscribed hears of events that another process has appended`, async (t) => {
    const { path } = await openOrders(t);
    const { client, onUpdated, subscribe } = await connect(t, way, path);
    const words = new EventEmitter();
    const heard = [];
    onUpdated((uri) => {
      heard.push(uri);
      words.emit('word', uri);
    });
    const uris = { instance: `${ROOT}/orders`, stream: `${ROOT}/orders/streams/order-1` };

    const unsubscribe = await subscribe(uris.stream);
    const word = once(words, 'word');
    appendElsewhere(path, 'order-2'); // Not of this stream: nothing is told.
    appendElsewhere(path, 'order-1');
    t.deepEqual(await word, [uris.stream]);
    t.deepEqual(heard, [uris.stream]);
    const [{ text }] = (await client.readResource({ uri: uris.stream })).contents;
    t.is(JSON.parse(text).newestEvents[0].sequence_number, 6);

    await unsubscribe();
    await subscribe(uris.instance);
    const next = once(words, 'word');
    appendElsewhere(path, 'order-1');
    t.deepEqual(await next, [uris.instance]);
    t.deepEqual(heard, [uris.stream, uris.instance]);
  });
}

test('who has subscribed to a stream hears of its first event', async (t) => {
  const { path, log } = await openOrders(t, []);
  const { onUpdated, subscribe } = await connect(t, usual, path);
  const words = new EventEmitter();
  onUpdated((uri) => words.emit('word', uri));
  const uri = `${ROOT}/orders/streams/new`;
  await subscribe(uri);
  const word = once(words, 'word');
  await log.appendEvent({ instanceId: 'orders', streamId: 'new', eventType: 'a' });
  t.deepEqual(await word, [uri]);
});

test('who has subscribed to an instance hears that it is deleted', async (t) => {
  const { path, log } = await openOrders(t);
  const { client, onUpdated, subscribe } = await connect(t, usual, path);
  const words = new EventEmitter();
  onUpdated((uri) => words.emit('word', uri));
  await subscribe(`${ROOT}/orders`);
  const word = once(words, 'word');
  await log.deleteInstance('orders');
  const [uri] = await word;
  await t.throwsAsync(client.readResource({ uri }), { message: /no instance/ });
});
