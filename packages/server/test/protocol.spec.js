// The SDK's protocol: requests and responses over a WebSocket.

import test from 'ava';

import { fill, socketUrl, start, talk } from './support/server.js';

test('each method answers with its type and the id of the request', async (t) => {
  const { log, url } = await start(t);
  const client = await talk(t, socketUrl(url));
  const ask = async (method, params) => {
    const response = await client.request(`eventLog.${method}`, params);
    t.is(response.type, `eventLog.${method}`);
    t.true(response.success, response.error);
    t.is(typeof response.timestamp, 'string');
    return response.data;
  };
  const { instance } = await ask('createInstance', { name: 'orders', description: 'Each order' });
  t.is(instance.description, 'Each order');
  t.deepEqual((await ask('getInstance', { instanceId: 'orders' })).instance, instance);
  t.deepEqual((await ask('listInstances', {})).instances, [instance]);
  t.deepEqual((await ask('listInstances')).instances, [instance]);
  const updated = await ask('updateInstance', { instanceId: instance.id, name: 'sales' });
  t.is(updated.instance.name, 'sales');
  t.is(updated.instance.description, 'Each order');
  const event = { instanceId: 'sales', streamId: 's', eventType: 'made', payload: { n: 1 } };
  const appended = await ask('appendEvent', event);
  t.is(appended.event.sequence_number, 1);
  t.deepEqual(appended.event.payload, { n: 1 });
  const events = [{ eventType: 'made' }, { stream_id: 's', event_type: 'sent' }];
  const batch = await ask('appendEvents', { instanceId: 'sales', events });
  t.deepEqual(
    batch.events.map((each) => [each.stream_id, each.sequence_number]),
    [
      ['default', 1],
      ['s', 2],
    ],
  );
  const query = { from: { instance: 'sales', stream: 's' } };
  const { result } = await ask('queryEvents', { query });
  t.deepEqual(result.events, [appended.event, batch.events[1]]);
  const stats = await ask('getInstanceStats', { instanceId: 'sales' });
  t.is(stats.eventCount, 3);
  t.deepEqual(stats, (await log.getInstanceStats('sales')).data);
  t.is((await ask('deleteInstance', { instanceId: 'sales' })).instance.id, instance.id);
  t.deepEqual((await log.listInstances()).data.instances, []);
});

test('a failure has the code and the text of the log', async (t) => {
  const { log, url } = await start(t);
  const client = await talk(t, socketUrl(url));
  const query = { from: { instance: 'none' }, wher: [] };
  for (const [method, params, call] of [
    ['getInstance', { instanceId: 'none' }, () => log.getInstance('none')],
    ['createInstance', {}, () => log.createInstance()],
    ['appendEvent', { instanceId: 'a' }, () => log.appendEvent({ instanceId: 'a' })],
    ['queryEvents', { query }, () => log.queryEvents(query)],
    ['queryEvents', {}, () => log.queryEvents()],
  ]) {
    const { success, code, error } = await client.request(`eventLog.${method}`, params);
    const expected = await call();
    t.deepEqual(
      { success, code, error },
      { success: false, code: expected.code, error: expected.error },
    );
  }
  await log.appendEvent({ instanceId: 'a', eventType: 't' });
  const late = { instanceId: 'a', eventType: 't', expectedSequence: 0 };
  const { code, conflict } = await client.request('eventLog.appendEvent', late);
  t.is(code, 'SEQUENCE_CONFLICT');
  t.deepEqual(conflict, { streamId: 'default', expected: 0, actual: 1 });
});

test('what is no request is answered at once, and the connection stays', async (t) => {
  const { url } = await start(t);
  const client = await talk(t, socketUrl(url));
  const unknown = await client.request('eventLog.explode', {});
  t.is(unknown.type, 'eventLog.explode');
  t.is(unknown.code, 'UNKNOWN_METHOD');
  t.regex(unknown.error, /"eventLog\.explode"/);
  for (const type of [
    'fs.readFile',
    'toString',
    'eventLog.constructor',
    'eventLog.__proto__',
    '',
  ]) {
    const { success, code } = await client.request(type, {});
    t.deepEqual([success, code], [false, 'UNKNOWN_METHOD'], type);
  }
  for (const text of ['{"type":', '', 'null', '[]', '7', '{}', '{"type":7}', '{"type":null}']) {
    client.send(text);
    const { type, success, code, error } = await client.message();
    t.deepEqual([type, success, code], ['error', false, 'INVALID_ARGUMENT'], text);
    t.regex(error, /expected/);
  }
  client.socket.send(Buffer.from(JSON.stringify({ type: 'ping' })));
  t.regex((await client.message()).error, /found a binary one/);
  for (const params of [[], 'text', 7]) {
    const { code, error } = await client.request('eventLog.listInstances', params);
    t.is(code, 'INVALID_ARGUMENT');
    t.regex(error, /^params: expected an object, found/);
  }
  t.true((await client.request('eventLog.listInstances', {})).success);
});

test('ids of requests come back as they are', async (t) => {
  const { url } = await start(t);
  const client = await talk(t, socketUrl(url));
  for (const requestId of [7, 0, '', null, 'r'.repeat(5_000)]) {
    client.send({ type: 'eventLog.listInstances', requestId });
    t.deepEqual((await client.message()).requestId, requestId);
  }
  client.send({ type: 'eventLog.listInstances' });
  t.is(typeof (await client.message()).requestId, 'string');
});

test('an id of a request that is no string or number is refused, and the connection stays', async (t) => {
  const { url } = await start(t);
  const client = await talk(t, socketUrl(url));
  for (const type of ['eventLog.listInstances', 'eventLog.next', 'ping', 'none', undefined]) {
    for (const requestId of [{ a: { b: [1] } }, [7], {}, true]) {
      client.send({ type, requestId });
      const response = await client.message();
      t.deepEqual([response.type, response.code], ['error', 'INVALID_ARGUMENT']);
      t.regex(response.error, /requestId: expected a string or a number, found an? \w+$/);
      t.is(typeof response.requestId, 'string');
    }
  }
  t.true((await client.request('eventLog.listInstances')).success);
});

test('an id of a request that would come back as another number is refused', async (t) => {
  const { url } = await start(t);
  const client = await talk(t, socketUrl(url));
  for (const requestId of ['12345678901234567890', '-9007199254740993', '1e400', '1e300']) {
    client.send(`{"type":"eventLog.listInstances","requestId":${requestId}}`);
    const { type, code, error } = await client.message();
    t.deepEqual([type, code], ['error', 'INVALID_ARGUMENT'], requestId);
    t.regex(error, /one that JavaScript alters: send it as a string$/);
  }
  for (const requestId of [Number.MAX_SAFE_INTEGER, -7, 0.1, 1e-7]) {
    client.send({ type: 'eventLog.listInstances', requestId });
    t.is((await client.message()).requestId, requestId);
  }
});

test('a client can register, and need not', async (t) => {
  const { url } = await start(t);
  for (const [path, type] of [
    ['codebolt', 'codebolt'],
    ['plugin', 'plugin'],
  ]) {
    const client = await talk(t, socketUrl(url, path));
    client.send({ type: 'register', clientType: 'app', agentId: 'agent-1' });
    const { connectionId, ...registered } = await client.message();
    t.deepEqual(registered, { type: 'registered', connectionType: 'app' });
    t.regex(connectionId, /^[0-9a-f-]{36}$/);
    client.send({ type: 'register' });
    t.deepEqual(await client.message(), { type: 'registered', connectionId, connectionType: type });
    client.send({ type: 'ping', requestId: 1 });
    t.deepEqual(await client.message(), { type: 'pong', requestId: 1 });
  }
});

test('a query string of 250,000 characters is no hindrance', async (t) => {
  const { url } = await start(t);
  const query = `id=7&LONG=${encodeURIComponent('ä=&?#'.repeat(14_000))}`;
  t.true(query.length > 250_000);
  const client = await talk(t, socketUrl(url, `codebolt?${query}`));
  t.true((await client.request('eventLog.listInstances', {})).success);
});

test('changes take effect in the order of the requests', async (t) => {
  const { log, url } = await start(t);
  const client = await talk(t, socketUrl(url));
  const count = 500;
  const responses = [];
  for (let n = 1; n <= count; n += 1) {
    const params = { instanceId: 'a', eventType: 'counted', payload: { n } };
    responses.push(client.request('eventLog.appendEvent', params));
  }
  const numbers = (await Promise.all(responses)).map(({ data }) => data.event.sequence_number);
  t.deepEqual(
    numbers,
    Array.from({ length: count }, (_, n) => n + 1),
  );
  const { data } = await log.queryEvents({ from: { instance: 'a' }, select: ['payload.n'] });
  t.deepEqual(
    data.result.events.map(({ payload }) => payload.n),
    numbers,
  );
});

test('JSON comes through as the log keeps it', async (t) => {
  const { url } = await start(t);
  const client = await talk(t, socketUrl(url));
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const payload = `{"__proto__":{"a":1},"lone":"\\ud800","zero":-0,"tiny":1e-7,"deep":${deep},"":{}}`;
  const text = `{"type":"eventLog.appendEvent","requestId":"1","params":{"instanceId":"a","eventType":"t","payload":${payload}}}`;
  client.send(text);
  const response = await client.message();
  t.true(response.success, response.error);
  t.is(JSON.stringify(response.data.event.payload), JSON.stringify(JSON.parse(payload)));
});

test('a key that a method does not know is named in the message', async (t) => {
  const { url } = await start(t);
  const client = await talk(t, socketUrl(url));
  const { success, message } = await client.request('eventLog.createInstance', {
    name: 'a',
    color: 1,
  });
  t.true(success);
  t.is(message, 'ignored unknown keys: "color"');
});

test('readers are read page by page over the same socket', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 2_500);
  const client = await talk(t, socketUrl(url));
  const { data } = await client.request('eventLog.readAll', { instance: 'a' });
  t.is(data.untilPosition, 2_500);
  // What comes later is no part of it.
  await fill(log, 'a', 1);
  const numbers = [];
  for (let done = false; !done;) {
    const page = await client.request('eventLog.next', { reading: data.reading });
    numbers.push(...page.data.events.map(({ position }) => position));
    ({ done } = page.data);
  }
  t.deepEqual(
    numbers,
    Array.from({ length: 2_500 }, (_, n) => n + 1),
  );
  const over = await client.request('eventLog.next', { reading: data.reading });
  t.is(over.code, 'READING_NOT_FOUND');
});

test('a subscription of the protocol waits for events, and ends when it is returned', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 2);
  const client = await talk(t, socketUrl(url));
  const options = { instance: 'a', afterPosition: 'end' };
  const { data } = await client.request('eventLog.subscribe', options);
  t.is(data.afterPosition, 2);
  const next = client.request('eventLog.next', { reading: data.reading });
  const twice = await client.request('eventLog.next', { reading: data.reading });
  t.regex(twice.error, /asked for already/);
  await fill(log, 'a', 1);
  const page = await next;
  t.deepEqual(
    page.data.events.map(({ position }) => position),
    [3],
  );
  const last = client.request('eventLog.next', { reading: data.reading });
  t.true((await client.request('eventLog.return', { reading: data.reading })).success);
  t.deepEqual((await last).data, { reading: data.reading, done: true, events: [] });
});

test('a reading of the protocol is refused as the log refuses it', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 2);
  const client = await talk(t, socketUrl(url));
  for (const [method, params, expected] of [
    ['readAll', {}, 'INVALID_ARGUMENT'],
    ['readAll', { instance: 'none' }, 'INSTANCE_NOT_FOUND'],
    ['readAll', { instance: 'a', afterPosition: 3 }, 'INVALID_ARGUMENT'],
    ['readAll', { instance: 'a', afterPosition: -1, limit: 2 }, 'INVALID_ARGUMENT'],
    ['readAll', { instance: 'a', limit: -1 }, 'INVALID_ARGUMENT'],
    ['readAll', { instance: 'a', limit: '5' }, 'INVALID_ARGUMENT'],
    ['readAll', { instance: 'a', where: [{}] }, 'INVALID_ARGUMENT'],
    ['readAll', { instance: 'a', untilPosition: -1 }, 'INVALID_ARGUMENT'],
    ['readStream', { instance: 'a' }, 'INVALID_ARGUMENT'],
    ['readStream', { instance: 'a', stream: 7 }, 'INVALID_ARGUMENT'],
    ['readStream', { instance: 'a', stream: 's', fromSequence: 77 }, 'INVALID_ARGUMENT'],
    ...[7, 'x', [], true].flatMap((other) => [
      ['next', other, 'INVALID_ARGUMENT'],
      ['return', other, 'INVALID_ARGUMENT'],
    ]),
    ['subscribe', { instance: 'none' }, 'INSTANCE_NOT_FOUND'],
    ['subscribe', { instance: 'none', afterPosition: 'end' }, 'INSTANCE_NOT_FOUND'],
    ['subscribe', { instance: 'a', afterPosition: 3 }, 'INVALID_ARGUMENT'],
    ['subscribe', { instance: 'a', where: [{}] }, 'INVALID_ARGUMENT'],
    ['subscribe', { instance: 'a', consumer: 'c' }, 'INVALID_ARGUMENT'],
    ['subscribe', { instance: 'a', untilPosition: 2 }, 'INVALID_ARGUMENT'],
  ]) {
    const { success, code, error } = await client.request(`eventLog.${method}`, params);
    t.deepEqual([success, code], [false, expected], `${method} ${JSON.stringify(params)} ${error}`);
  }
});
