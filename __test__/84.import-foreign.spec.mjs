// Imports of what other programs have written, as JSON Lines of any shape by a mapping.

import { Readable } from 'node:stream';

import test from 'ava';

import { openLog } from './support/temporary.mjs';
import { eventsOf, exportText, imported, refused } from './support/transfer.mjs';

const MAP = { stream: '$.orderId', type: '$.kind', time: '$.ts' };
const LINES = [
  '{"orderId":7,"kind":"made","ts":"2026-01-31T12:00:00+01:00","big":9007199254740993}',
  '',
  '{"orderId":"b","kind":"paid","ts":1700000000000,"n":1.0}',
  '{"orderId":7,"kind":"sent","ts":"2026-01-31T12:00:00Z"}',
].join('\n');

const ORDERS = { format: 'json-lines', instance: 'orders', map: MAP };

test('lines of any shape become events by a mapping', async (t) => {
  const log = await openLog(t);
  t.deepEqual(await imported(t, log, [LINES], ORDERS), {
    instances: 1,
    events: 3,
    skippedInstances: 0,
    skippedEvents: 0,
  });
  const events = await eventsOf(log, 'orders');
  t.deepEqual(
    events.map((event) => [
      event.stream_id,
      event.event_type,
      event.timestamp,
      event.sequence_number,
    ]),
    [
      ['7', 'made', '2026-01-31T11:00:00.000Z', 1],
      ['b', 'paid', '2023-11-14T22:13:20.000Z', 1],
      ['7', 'sent', '2026-01-31T12:00:00.000Z', 2],
    ],
  );
  t.is(events[0].payload, LINES.split('\n')[0]);
  t.is(events[1].payload, '{"orderId":"b","kind":"paid","ts":1700000000000,"n":1}');
});

test('each part of a mapping can be a path or a text', async (t) => {
  const log = await openLog(t);
  const lines = `${JSON.stringify({
    'a b': { "it's": ['x', 'y'] },
    data: [1],
    context: { user: 1 },
    at: 1700000000.123,
    ref: '0192F000-0000-7000-8000-000000000001',
  })}\n`;
  const map = {
    stream: `$['a b']["it's"][1]`,
    type: 'visited',
    time: '$.at',
    timeUnit: 's',
    payload: '$.data',
    metadata: '$.context',
    id: '$.ref',
  };
  await imported(t, log, [lines], { format: 'json-lines', instance: 'visits', map });
  const [event] = await eventsOf(log, 'visits');
  t.like(event, {
    id: '0192f000-0000-7000-8000-000000000001',
    stream_id: 'y',
    event_type: 'visited',
    payload: '[1]',
    metadata: { user: 1 },
    timestamp: '2023-11-14T22:13:20.123Z',
  });
});

test('times are whole milliseconds, cut, in each unit', async (t) => {
  const log = await openLog(t);
  for (const [n, [timeUnit, time, expected]] of Object.entries([
    ['ms', '1700000000123.9', '2023-11-14T22:13:20.123Z'],
    ['us', '1700000000123999', '2023-11-14T22:13:20.123Z'],
    ['us', '"1700000000123999"', '2023-11-14T22:13:20.123Z'],
    ['ns', '1700000000123999999', '2023-11-14T22:13:20.123Z'],
    ['s', '-1', '1969-12-31T23:59:59.000Z'],
    ['us', '-1', '1969-12-31T23:59:59.999Z'],
    ['s', '1e9', '2001-09-09T01:46:40.000Z'],
  ])) {
    const map = { type: 't', time: '$.t', timeUnit };
    await imported(t, log, [`{"t":${time}}`], { format: 'json-lines', instance: `i${n}`, map });
    t.is((await eventsOf(log, `i${n}`))[0].timestamp, expected);
  }
});

test('an import can be repeated, and continued with a file that has grown', async (t) => {
  const log = await openLog(t);
  await imported(t, log, [LINES], ORDERS);
  const before = await exportText(log);
  t.like(await imported(t, log, [LINES], ORDERS), { events: 0, skippedEvents: 3 });
  t.is(await exportText(log), before);
  const more = `${LINES}\n{"orderId":"c","kind":"made","ts":1}\n`;
  t.like(await imported(t, log, [more], ORDERS), { events: 1, skippedEvents: 3 });
  const other = '{"orderId":"d","kind":"made","ts":1}\n';
  await refused(t, log, [other], 'IMPORT_CONFLICT', /^line 1: instance "orders"/, ORDERS);
});

test('an event without a time has that of its instance, each time', async (t) => {
  const log = await openLog(t);
  const options = { format: 'json-lines', instance: 'a', map: { type: 't' } };
  await imported(t, log, ['{}\n'], options);
  t.like(await imported(t, log, ['{}\n{}\n'], options), { events: 1, skippedEvents: 1 });
  const { data } = await log.getInstance('a');
  for (const { timestamp } of await eventsOf(log, 'a')) t.is(timestamp, data.instance.createdAt);
});

test('a description that an instance has stays', async (t) => {
  const log = await openLog(t);
  await log.createInstance('orders', 'of the shop');
  t.like(await imported(t, log, [LINES], ORDERS), { instances: 0, events: 3 });
});

const GOOD = '{"orderId":"a","kind":"made","ts":1}';
const BAD_LINES = [
  ['nonsense', /^line 3: expected JSON: /],
  ['7', /^line 3: \$\.orderId: expected a text or a number|^line 3: \$\.kind/],
  ['{"orderId":"a","ts":1}', /^line 3: \$\.kind: expected a text or a number, found nothing/],
  ['{"orderId":"a","kind":"","ts":1}', /^line 3: \$\.kind: .* found ""/],
  ['{"orderId":"a","kind":{},"ts":1}', /^line 3: \$\.kind: .* found \{\}/],
  ['{"orderId":"a","kind":"t","ts":"noon"}', /^line 3: \$\.ts: expected a time of RFC 3339/],
  ['{"orderId":"a","kind":"t","ts":null}', /^line 3: \$\.ts: .* found null/],
  ['{"orderId":"a","kind":"t","ts":1e300}', /^line 3: \$\.ts/],
  ['{"orderId":"\\ud800","kind":"t","ts":1}', /^line 3: expected the stream .* well-formed/],
  [
    `{"orderId":"a","kind":"${'x'.repeat(1025)}","ts":1}`,
    /^line 3: expected a type of at most 1024 bytes, found 1025/,
  ],
];

test('a bad line is named, and a batch with one is not stored', async (t) => {
  const log = await openLog(t);
  for (const [line, pattern] of BAD_LINES) {
    const error = await refused(
      t,
      log,
      [`${GOOD}\n\n${line}\n${GOOD}`],
      'INVALID_ARGUMENT',
      pattern,
      ORDERS,
    );
    t.regex(error, /; nothing was stored$/);
  }
  const bytes = Buffer.concat([Buffer.from(`${GOOD}\n`), Buffer.from([0x22, 0xff, 0x22])]);
  await refused(t, log, [bytes], 'INVALID_ARGUMENT', /^line 2: expected UTF-8/, ORDERS);
  t.deepEqual((await log.listInstances()).data.instances, []);
});

test('a bad line after many leaves what is stored, and says up to where', async (t) => {
  const log = await openLog(t);
  const many = `${GOOD}\n\n`.repeat(20_000);
  const error = await refused(
    t,
    log,
    [`${many}nonsense`],
    'INVALID_ARGUMENT',
    /^line 40001: expected JSON/,
    ORDERS,
  );
  const [, stored] = /all that stands up to line (\d+) is stored$/.exec(error);
  const { data } = await log.getInstanceStats('orders');
  t.is(data.eventCount, (Number(stored) + 1) / 2);
  t.true(data.eventCount > 0 && data.eventCount < 20_000);
  t.like(await imported(t, log, [many], ORDERS), {
    skippedEvents: data.eventCount,
    events: 20_000 - data.eventCount,
  });
});

test('what the log refuses is named by its line in the source', async (t) => {
  const log = await openLog(t, { eventBytesMax: 1024 });
  const long = `{"orderId":"a","kind":"t","ts":1,"text":"${'x'.repeat(2000)}"}`;
  await refused(t, log, [`${GOOD}\n\n${long}\n`], 'LIMIT_EXCEEDED', /^line 3: /, ORDERS);
  const years = '{"orderId":"a","kind":"t","ts":253402300800000}';
  await refused(t, log, [`${GOOD}\n${years}\n`], 'INVALID_ARGUMENT', /^line 2: /, ORDERS);
});

test('a dry run says what would be stored, and stores nothing', async (t) => {
  const log = await openLog(t);
  const data = await imported(t, log, [LINES], { ...ORDERS, dryRun: true });
  t.like(data, {
    dryRun: true,
    instance: 'orders',
    exists: false,
    events: 3,
    streams: 2,
    types: { made: 1, paid: 1, sent: 1 },
  });
  t.like(data.first[1], { stream_id: 'b', event_type: 'paid', sequence_number: 1 });
  t.deepEqual((await log.listInstances()).data.instances, []);
  await refused(t, log, ['{}'], 'INVALID_ARGUMENT', /^line 1: /, { ...ORDERS, dryRun: true });
  await imported(t, log, [LINES], ORDERS);
  t.like(await imported(t, log, [LINES], { ...ORDERS, dryRun: true }), { exists: true });
});

test('options that are not understood are refused', async (t) => {
  const log = await openLog(t);
  for (const [options, pattern] of [
    [{ format: 'xml', instance: 'a' }, /^options\.format: expected one of eventlog, json-lines/],
    [{ format: 7, instance: 'a' }, /^options\.format: .* found a number/],
    [{ format: 'pino' }, /^options\.instance: expected the name of an instance, found nothing/],
    [{ format: 'pino', instance: '' }, /^options\.instance: /],
    [{ instance: 'a' }, /^options\.instance: expected it with a format other than eventlog/],
    [{ dryRun: true }, /^options\.dryRun: expected it with a format other than eventlog/],
    [{ ...ORDERS, map: 7 }, /^options\.map: expected an object, found a number/],
    [{ ...ORDERS, map: {} }, /^options\.map\.type: expected a path/],
    [{ ...ORDERS, map: { type: '' } }, /^options\.map\.type: .* found an empty text/],
    [{ ...ORDERS, map: { type: '$.a..b' } }, /^options\.map\.type: expected a path such as/],
    [{ ...ORDERS, map: { type: '$.a[' } }, /^options\.map\.type: expected a path such as/],
    [
      { ...ORDERS, map: { ...MAP, streams: '$' } },
      /^options\.map: unknown option "streams".*did you mean "stream"/,
    ],
    [
      { ...ORDERS, map: { ...MAP, timeUnit: 'h' } },
      /^options\.map\.timeUnit: expected one of s, ms, us, ns/,
    ],
    [
      { format: 'cloudevents', instance: 'a', map: { type: 't' } },
      /^options\.map: expected nothing but a stream/,
    ],
    [{ ...ORDERS, other: 1 }, /^options: unknown option "other"/],
  ]) {
    await refused(t, log, [GOOD], 'INVALID_ARGUMENT', pattern, options);
  }
  await refused(t, log, 'file.jsonl', 'INVALID_ARGUMENT', /^source: expected a Readable/, ORDERS);
  t.deepEqual((await log.listInstances()).data.instances, []);
});

test('an import of another format can be called off, also while its source gives nothing', async (t) => {
  const log = await openLog(t);
  for (const dryRun of [false, true]) {
    const controller = new AbortController();
    const source = new Readable({ read() {} });
    source.push(`${GOOD}\n`);
    const running = log.importEvents(source, { ...ORDERS, dryRun, signal: controller.signal });
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    t.is((await running).code, 'ABORTED');
    t.true(source.destroyed);
  }
});

test('`close` ends an import of another format whose source gives nothing', async (t) => {
  for (const dryRun of [false, true]) {
    const log = await openLog(t);
    const source = new Readable({ read() {} });
    source.push(`${GOOD}\n`);
    const running = log.importEvents(source, { ...ORDERS, dryRun });
    await new Promise((resolve) => setImmediate(resolve));
    await log.close();
    t.is((await running).code, 'CLOSED');
    t.true(source.destroyed);
    // And so does one that is closed already.
    const response = await log.importEvents([LINES], { ...ORDERS, dryRun });
    t.is(response.code, 'CLOSED');
    t.regex(response.error, /^the log was closed/);
  }
});

test('a source is let go when a line is wrong', async (t) => {
  const log = await openLog(t);
  const source = new Readable({ read() {} });
  source.push('nonsense\n'.repeat(200_000));
  await refused(t, log, source, 'INVALID_ARGUMENT', /^line 1: /, ORDERS);
  t.true(source.destroyed);
});

test('decimals that JavaScript would alter stay as they are written', async (t) => {
  const log = await openLog(t);
  const map = { type: 't' };
  const kept =
    '{"a":0.1234567890123456789,"b":12345678901234567.5,"c":1e-400,"d":1234567890.1234567890123}';
  const same = '{"a":0.1,"b":1.5e300,"c":0.30000000000000004,"d":100,"e":-0.0,"f":1E3}';
  await imported(t, log, [`${kept}\n${same}`], { format: 'json-lines', instance: 'a', map });
  const [first, second] = await eventsOf(log, 'a');
  t.is(first.payload, kept);
  t.is(second.payload, JSON.stringify(JSON.parse(same)));
});

test('a dry run is refused where the import would be', async (t) => {
  const log = await openLog(t);
  const dry = { ...ORDERS, dryRun: true };
  const late = '{"orderId":"a","kind":"t","ts":1769857200000000}';
  await refused(t, log, [late], 'INVALID_ARGUMENT', /^line 1: \$\.ts: expected a time/, dry);
  await imported(t, log, [LINES], ORDERS);
  t.like(await imported(t, log, [LINES], dry), { events: 3, skippedEvents: 3 });
  await refused(
    t,
    log,
    [GOOD],
    'IMPORT_CONFLICT',
    /^line 1: expected the event that the log has/,
    dry,
  );
  for (const dryRun of ['no', 0, {}]) {
    await refused(t, log, [LINES], 'INVALID_ARGUMENT', /^options\.dryRun/, { ...ORDERS, dryRun });
  }
});

test('texts of a mapping that are no JSON, and JSON of too many levels, are refused', async (t) => {
  const log = await openLog(t);
  const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  for (const [map, lines, pattern] of [
    [{ payload: '{bad' }, '{}', /^options\.map\.payload: expected a path .* found "\{bad"/],
    [{ metadata: 'x' }, '{}', /^options\.map\.metadata: expected a path .* found "x"/],
    [{ metadata: '7' }, '{}', /^options\.map\.metadata: expected a path .* found "7"/],
    [{}, `{}\n${deep}`, /^line 2: expected JSON with fewer levels/],
  ]) {
    const options = { format: 'json-lines', instance: 'a', map: { type: 't', ...map } };
    await refused(t, log, [lines], 'INVALID_ARGUMENT', pattern, options);
  }
  const map = { type: 't', payload: '{"n": 1}', metadata: '[2]' };
  await imported(t, log, ['{}\n'], { format: 'json-lines', instance: 'b', map });
  const { data } = await log.queryEvents({ from: { instance: 'b' } });
  t.like(data.result.events[0], { payload: { n: 1 }, metadata: [2] });
});
