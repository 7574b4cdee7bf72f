// Requests whose parameters go to the log as text, and come back as text: nobody may see a difference to those that are
// made with objects, and nobody may get by them where the server does not let them.

import test from 'ava';

import { openLog, post, serveLog, socketUrl, start, talk } from './support/server.js';

/** A log that programs have put a function of their own into, so that the server makes its calls with objects. */
function wrapped(log, calls = []) {
  const get = (_, name) => {
    if (typeof log[name] !== 'function') return log[name];
    return (...given) => {
      calls.push(name);
      return log[name](...given);
    };
  };
  return new Proxy(log, { get });
}

/** A response without what each has of its own. */
const settled = (response) =>
  JSON.stringify(response, (key, value) =>
    ['id', 'timestamp', 'createdAt', 'updatedAt'].includes(key) ? null : value,
  );

/** The texts of messages, each with the id of its request. */
const event = '"instanceId":"a","eventType":"t"';
const message = (type, params, id = '"r"') =>
  `{"type":"eventLog.${type}","requestId":${id},"params":${params}}`;
const DEEP = '['.repeat(20_000) + ']'.repeat(20_000);
const MESSAGES = [
  message('appendEvent', `{${event},"payload":{"a":[1,"é\u2028🦀"]}}`),
  message('appendEvent', `{${event}}`, '7'),
  message('appendEvent', `{${event}}`, '"with \\"escapes\\" é"'),
  message('appendEvent', `{${event}}`, '1.5'),
  message('appendEvent', `{${event}}`, 'null'),
  `{"type":"eventLog.appendEvent","params":{${event}}}`,
  // Blanks, another order of keys, keys of their own, and keys that are there twice.
  ` { "type" : "eventLog.appendEvent" , "requestId" : "r" , "params" : {${event}} }`,
  `{"requestId":"r","params":{${event},"payload":{"n":1}},"type":"eventLog.appendEvent"}`,
  `{"type":"eventLog.appendEvent","requestId":"r","params":{${event}},"extra":1}`,
  `{"type":"eventLog.appendEvent","requestId":"r","params":{${event}},"requestId":"other"}`,
  `{"type":"eventLog.appendEvent","requestId":"r","params":{${event}},"type":"eventLog.getInstance"}`,
  `{"type":"eventLog.appendEvent","requestId":"r","params":{${event}},"params":{${event},"streamId":"s"}}`,
  `{"type":"eventLog.appendEvent","requestId":"r","params":{${event}},"params":null}`,
  message('appendEvent', `{${event},"payload":{"a":1,"b":2,"a":3}}`),
  message('appendEvent', `{${event},"streamId":"one","streamId":"two","stream_id":null}`),
  message('appendEvent', `{${event},"\\u0065ventType":"escaped"}`),
  message('appendEvent', `{${event},"payload":{"2":"b","1":"a"},"metadata":{"text":"\\/\\u00e9"}}`),
  message('appendEvent', `{${event},"payload":{"n":[1.0,1e3,-0,1E-7]}}`),
  message('appendEvent', `{${event},"payload":{"__proto__":{"a":1}},"__proto__":2}`),
  // What is refused, or remarked on.
  message('appendEvent', `{${event},"colour":1}`),
  message('appendEvent', `{${event},"expectedSequence":77}`),
  message('appendEvent', `{"eventType":"t"}`),
  message('appendEvent', `{"instanceId":"a"}`),
  message('appendEvent', '[]'),
  message('appendEvent', 'null'),
  message('appendEvent', '7'),
  message('appendEvent', `{${event},"payload":7}`),
  message('appendEvents', `{"instanceId":"a","events":[{"eventType":"t"},{"eventType":"u"}]}`),
  message('appendEvents', `{"instanceId":"a","events":[{"eventType":"t"},{"event_typ":"u"}]}`),
  message('appendEvents', `{"instanceId":"a", "events":[{"eventType":"t","payload":{"a": 1}}]}`),
  message('appendEvents', `{"instanceId":"a"}`),
  message('queryEvents', '{"query":{"from":{"instance":"a"},"limit":3}}'),
  message('queryEvents', '{"query":{"from":{"instance":"a"},"reduce":{"type":"count"}}}'),
  message('queryEvents', '{"query":{"from":{"instance":"a"}},"other":1}'),
  message(
    'queryEvents',
    '{"query":{"from":{"instance":"a"}},"query":{"from":{"instance":"none"}}}',
  ),
  message('queryEvents', '{"query": {"from":{"instance":"a"},"limit":1} }'),
  message('queryEvents', '{"query":null}'),
  message('queryEvents', '{"query":"text"}'),
  message('queryEvents', '{}'),
  message('queryEvents', '{"query":{"from":{"instance":"none"}}}'),
  message('queryEvents', '{"query":{"from":{"instance":"a"},"wher":[]}}'),
  message('queryEvents', '{"query":{"from":{"instance":"a"},"limit":1e400}}'),
  message('queryEvents', '{"query":{"from":{"instance":"a"},"limit":1e0}}'),
  message(
    'queryEvents',
    '{"query":{"from":{"instance":"a"},"where":[{"field":"payload.n","operator":"eq","value":1e400}]}}',
  ),
  message('appendEvent', `{${event},"expectedSequence":1e400}`),
  message('appendEvent', `{${event},"payload":{"n":1.${'0'.repeat(100_000)}}}`),
  // Deeper than JSON.stringify goes.
  message('queryEvents', `{"query":${DEEP}}`),
  message('appendEvent', `{${event},"payload":{"deep":${DEEP}}}`),
  message('appendEvents', `{"instanceId":"a","events":${DEEP}}`),
  message('getInstance', '{"instanceId":"none"}'),
  message('explode', '{}'),
  // What is no message.
  `${message('appendEvent', `{${event}}`)}}`,
  message('appendEvent', `{${event}},{}`),
  message('appendEvent', `{${event}`),
  '{"type":"eventLog.appendEvent","requestId":"r","params":}',
  '{"type":"eventLog.appendEvent","requestId":007,"params":{}}',
];

/** Two servers of logs with the same content: calls of one are made with text, those of the other with objects. */
async function twoServers(t, options) {
  const logs = [await openLog(t), await openLog(t)];
  // An instance that an append makes has its name as its id.
  for (const log of logs) await log.appendEvent({ instanceId: 'a', eventType: 'first' });
  const [own, other] = logs;
  const calls = [];
  const servers = [
    await serveLog(t, own, options),
    await serveLog(t, wrapped(other, calls), options),
  ];
  return { logs, calls, urls: servers.map(({ url }) => url) };
}

test('messages are answered as if they were parsed', async (t) => {
  const { logs, calls, urls } = await twoServers(t);
  const clients = await Promise.all(urls.map((url) => talk(t, socketUrl(url))));
  for (const text of MESSAGES) {
    const [own, other] = await Promise.all(
      clients.map((client) => {
        client.send(text);
        return client.message();
      }),
    );
    const random = ({ requestId, ...rest }) =>
      /"requestId":(?:"r"|7|1\.5|"with|"other"|null)/.test(text) && rest.type !== 'error'
        ? { ...rest, requestId }
        : rest;
    t.is(settled(random(own)), settled(random(other)), text);
    t.deepEqual(Object.keys(own), Object.keys(other), text);
  }
  t.true(calls.includes('appendEvent') && calls.includes('queryEvents'));
  const stored = await Promise.all(logs.map((log) => log.queryEvents({ from: { instance: 'a' } })));
  t.true(stored[0].data.result.total > 10);
  const [own, other] = stored.map(({ data }) => data.result.events);
  const contents = (events) =>
    events.map(({ stream_id: stream, payload, metadata }) =>
      JSON.stringify([stream, payload, metadata]),
    );
  t.deepEqual(contents(own), contents(other));
});

test('bodies are answered as if they were parsed', async (t) => {
  const { urls } = await twoServers(t);
  const PARAMS = /^\{"type":"eventLog\.(\w+)","requestId":[^,]*,"params":(.*)\}$/s;
  const bodies = MESSAGES.flatMap((text) => {
    const [, method, params] = PARAMS.exec(text) ?? [];
    return params === undefined ? [] : [[method, params]];
  });
  t.true(bodies.length > 30);
  for (const [method, body] of [...bodies, ['appendEvent', ''], ['queryEvents', '\ufeff{}']]) {
    const [own, other] = await Promise.all(
      urls.map((url) => post(url, method, undefined, { body })),
    );
    const random = ({ requestId: _, ...rest }) => rest;
    t.is(own.status, other.status, body);
    t.is(settled(random(own.body)), settled(random(other.body)), body);
    t.deepEqual(Object.keys(own.body), Object.keys(other.body), body);
  }
});

test('numbers that JavaScript would alter are stored as they were sent', async (t) => {
  const { log, url } = await start(t);
  const client = await talk(t, socketUrl(url));
  const payload = '{"id": 12345678901234567890}';
  for (const text of [
    message('appendEvent', `{${event},"payload":${payload}}`),
    `{"params":{${event}, "payload":${payload}},"type":"eventLog.appendEvent","requestId":"r"}`,
  ]) {
    client.send(text);
    t.true((await client.message()).success);
  }
  const { body } = await post(url, 'appendEvent', undefined, {
    body: `{${event},"payload":${payload}}`,
  });
  t.true(body.success);
  const lines = [];
  for await (const piece of log.readAll({ instance: 'a', format: 'jsonl' })) lines.push(piece);
  t.is(Buffer.concat(lines).toString().split('"payload":{"id":12345678901234567890}').length, 4);
});

test('numbers are kept as well while somebody is told of appends, who misses none', async (t) => {
  const { log, url } = await start(t);
  const [client, told] = [await talk(t, socketUrl(url)), await talk(t, socketUrl(url))];
  t.true((await told.request('subscribe')).success);
  const payload = '{"n":12345678901234567890}';
  client.send(message('appendEvent', `{${event},"payload":${payload}}`));
  t.true((await client.message()).success);
  const { type, data } = await told.message((found) => found.type === 'eventLog:event-appended');
  t.is(type, 'eventLog:event-appended');
  t.is(data.sequence_number, 1);
  for await (const piece of log.readAll({ instance: 'a', format: 'jsonl' })) {
    t.true(piece.toString().includes(`"payload":${payload}`));
  }
  const events = `[{"eventType":"t","payload":${payload}},{"eventType":"t"}]`;
  await post(url, 'appendEvents', undefined, { body: `{"instanceId":"a","events":${events}}` });
  const many = await told.message((found) => found.type === 'eventLog:events-appended');
  t.is(many.data.length, 2);
});

test('numbers of any length, and events within events, are looked at once', async (t) => {
  const { url } = await start(t);
  const long = `1.${'0'.repeat(200_000)}1`;
  const exponent = `1e-${'9'.repeat(200_000)}`;
  const zeros = `0.${'0'.repeat(200_000)}`;
  const numbers = `[${long},${exponent},${zeros}]`;
  const append = (params) => post(url, 'appendEvent', undefined, { body: params });
  const stored = await append(`{${event},"payload":{"n":${numbers}}}`);
  t.true(stored.body.success, stored.body.error);
  t.deepEqual(stored.body.data.event.payload.n, [1, 0, 0]);
  // Far more work than there is time for, if each level were read again.
  const payload = `{"n":${long},"list":[${'1,'.repeat(200_000)}1]}`;
  const nested = `${'[{"events":'.repeat(400)}[{"payload":${payload}}]${'}]'.repeat(400)}`;
  const ignored = await append(`{${event},"events":${nested}}`);
  t.regex(ignored.body.message, /unknown key "events"/);
  const batch = `{"instanceId":"a","events":${nested}}`;
  t.false((await post(url, 'appendEvents', undefined, { body: batch })).body.success);
});

/** Each names an instance that is on the list where somebody may look, and another one where somebody may act. */
const TRICKS = [
  ['appendEvent', '{"instanceId":"secret","eventType":"t","instanceId":"mine"}'],
  ['appendEvent', '{"instanceId":"mine","eventType":"t","instanceId":"secret"}'],
  ['appendEvent', '{"instanceId":"secret","eventType":"t","instanceId":null}'],
  ['appendEvent', '{"instanceId":"mine","eventType":"t","instanceId":null}'],
  ['appendEvent', '{"instanceId":"mine","eventType":"t","\\u0069nstanceId":"secret"}'],
  ['appendEvent', '{"instanceId":"secret","eventType":"t","\\u0069nstanceId":"mine"}'],
  ['appendEvent', '{"instanceId":"mine","eventType":"t","__proto__":{"instanceId":"secret"}}'],
  ['appendEvent', '{"eventType":"t","__proto__":{"instanceId":"mine"},"instanceId":"secret"}'],
  ['appendEvent', '{"instanceId":"\\u006dine","eventType":"t"}'],
  ['appendEvent', '{"instanceId":"secre\\u0074","eventType":"t"}'],
  ['appendEvents', '{"instanceId":"secret","events":[{"eventType":"t"}],"instanceId":"mine"}'],
  ['appendEvents', '{"instanceId":"mine","events":[{"eventType":"t","instanceId":"secret"}]}'],
  ...['null', '7', '{"consumer":"c","position":1,"instance":"mine"}'].map((last) => [
    'appendEvent',
    `{"instanceId":"mine","eventType":"t","checkpoint":{"consumer":"c","position":1,"instance":"secret"},"checkpoint":${last}}`,
  ]),
  [
    'appendEvent',
    '{"instanceId":"mine","eventType":"t","checkpoint":{"consumer":"c","position":1,"instance":"secret","instance":"mine"}}',
  ],
  [
    'appendEvent',
    '{"instanceId":"mine","eventType":"t","checkpoint":{"consumer":"c","position":1,"instance":"mine","instance":"secret"}}',
  ],
  ['queryEvents', '{"query":{"from":{"instance":"secret"},"from":{"instance":"mine"}}}'],
  ['queryEvents', '{"query":{"from":{"instance":"mine"},"from":{"instance":"secret"}}}'],
  ['queryEvents', '{"query":{"from":{"instance":"mine","instance":"secret"}}}'],
  ['queryEvents', '{"query":{"from":{"instance":"secret","instance":"mine"}}}'],
  ['queryEvents', '{"query":{"from":{"instance":"secret"}},"query":{"from":{"instance":"mine"}}}'],
  ['queryEvents', '{"query":{"from":{"instance":"secret"}},"query":null}'],
  ['queryEvents', '{"query":{"from":{"instance":"mine"},"fr\\u006fm":{"instance":"secret"}}}'],
].flatMap(([method, params]) => [
  [method, params],
  // With a number that is kept as it is written, so that the text of the request is taken.
  ...(method === 'queryEvents'
    ? []
    : [
        [
          method,
          params.replace(
            '"eventType":"t"',
            '"eventType":"t","payload":{"n":1.50,"big":12345678901234567890}',
          ),
        ],
      ]),
]);

test('no text reaches an instance that is not on the list', async (t) => {
  const log = await openLog(t);
  for (const name of ['secret', 'mine']) {
    await log.createInstance(name);
    await log.appendEvent({ instanceId: name, eventType: 'first', payload: { name } });
    const following = log.subscribe({ instance: name, consumer: 'c' });
    await following.next();
    await following.return();
  }
  const { url } = await serveLog(t, log, { instances: ['mine'] });
  const client = await talk(t, socketUrl(url));
  let allowed = 0;
  for (const [method, params] of TRICKS) {
    client.send(message(method, params));
    const response = await client.message();
    const { body } = await post(url, method, undefined, { body: params });
    for (const answer of [response, body]) {
      t.false(JSON.stringify(answer).includes('secret'), params);
      if (answer.success) allowed += 1;
      else t.regex(answer.code, /^(FORBIDDEN|INVALID_ARGUMENT|CHECKPOINT_CONFLICT)$/, params);
    }
  }
  // Some are right, as they are read by everybody.
  t.true(allowed > 10);
  t.is((await log.getInstanceStats('secret')).data.eventCount, 1);
  const { consumers } = (await log.listConsumers({ instance: 'secret' })).data;
  t.is(consumers[0].position, 0);
});

test('a read-only server refuses changes as text, too', async (t) => {
  const log = await openLog(t);
  await log.createInstance('a');
  const { url } = await serveLog(t, log, { readOnly: true });
  const client = await talk(t, socketUrl(url));
  for (const [method, params] of [
    ['appendEvent', `{${event}}`],
    ['appendEvents', '{"instanceId":"a","events":[{"eventType":"t"}]}'],
  ]) {
    client.send(message(method, params));
    t.is((await client.message()).code, 'FORBIDDEN');
    t.is((await post(url, method, undefined, { body: params })).body.code, 'FORBIDDEN');
  }
  client.send(message('queryEvents', '{"query":{"from":{"instance":"a"}}}'));
  t.is((await client.message()).data.result.total, 0);
});

test('appends of one client keep their order, however they are written', async (t) => {
  const { log, url } = await start(t);
  const client = await talk(t, socketUrl(url));
  const writing = [JSON.stringify, (value) => JSON.stringify(value, null, 1)];
  for (let n = 0; n < 200; n += 1) {
    const params = { instanceId: 'a', eventType: 't', payload: { n } };
    const type = n % 5 === 0 ? 'eventLog.appendEvents' : 'eventLog.appendEvent';
    const { instanceId, ...one } = params;
    const given = n % 5 === 0 ? { instanceId, events: [one] } : params;
    client.send(writing[n % 2]({ type, requestId: n, params: given }));
  }
  const responses = [];
  for (let n = 0; n < 200; n += 1) responses.push(await client.message());
  t.true(responses.every(({ success }) => success));
  const { data } = await log.queryEvents({ from: { instance: 'a' } });
  t.deepEqual(
    data.result.events.map(({ payload }) => payload.n),
    Array.from({ length: 200 }, (_, n) => n),
  );
});
