// Exports in other formats than the log's own: CloudEvents and CSV, and columns of fields.

import { getEventListeners } from 'node:events';

import test from 'ava';

import { toCloudEvent } from '../index.mjs';
import { appended, created, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';
import { exportText, failsWith, imported, longExport } from './support/transfer.mjs';

/** A log with an event that has what is easily lost, and one of another stream. */
async function logOfTwo(t) {
  const log = await openLog(t);
  await created(t, log, 'a');
  // The text of a payload reaches a log unaltered by an import alone.
  const payload =
    '{"big":9007199254740993,"price":1.50,"text":"a \\"b\\"\\r\\n,c","deep":[{"n":-1}]}';
  const lines = [
    '{"format":"codebolt-eventlog","version":1}',
    '{"instance":{"id":"shop","name":"shop","createdAt":"2026-01-31T12:00:00Z"}}',
    `{"id":"0192f000-0000-7000-8000-000000000001","instanceId":"shop","stream_id":"s \\"1\\"","event_type":"t","payload":${payload},"metadata":{"big":18446744073709551616},"timestamp":"2026-01-31T12:00:00.001Z","sequence_number":1}`,
    '{"id":"0192f000-0000-7000-8000-000000000002","instanceId":"shop","stream_id":"s2","event_type":"=t","payload":[],"metadata":{},"timestamp":"2026-01-31T12:00:01Z","sequence_number":1}',
    '{"end":{"instances":1,"events":2}}',
  ];
  await imported(t, log, [lines.join('\n')]);
  return { log, payload };
}

/** An import of what another program has written, into a new log. */
async function importedInto(t, text, options) {
  const log = await openLog(t);
  await imported(t, log, [text], options);
  return log;
}

test('CloudEvents are the ones that toCloudEvent makes, one a line or in one array', async (t) => {
  const { log } = await logOfTwo(t);
  const { data } = await log.queryEvents({ from: { instance: 'shop' } });
  const lines = await exportText(log, { format: 'cloudevents', instance: 'shop' });
  const parsed = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const withoutText = ({ eventlogmetadata: _, ...rest }) => rest;
  t.deepEqual(
    parsed.map(withoutText),
    data.result.events.map((event) => withoutText(toCloudEvent(event))),
  );
  const batch = await exportText(log, { format: 'cloudevents-batch', instance: 'shop' });
  t.deepEqual(JSON.parse(batch), parsed);
  t.is(await exportText(log, { format: 'cloudevents', instance: 'a' }), '');
  t.is(await exportText(log, { format: 'cloudevents-batch', instance: 'a' }), '[]\n');
});

for (const format of ['cloudevents', 'cloudevents-batch']) {
  test(`${format}: an export and its import keep numbers as they are written`, async (t) => {
    const { log, payload } = await logOfTwo(t);
    const text = await exportText(log, { format, instance: 'shop' });
    t.true(text.includes(`"data":${payload}`));
    const copy = await importedInto(t, text, { format, instance: 'shop' });
    const events = async (from) =>
      (await exportText(from, { instance: 'shop' })).split('\n').slice(2, 4);
    t.deepEqual(await events(copy), await events(log));
    t.is(await exportText(copy, { format, instance: 'shop' }), text);
  });
}

test('CSV has a record for each event, exactly', async (t) => {
  const { log, payload } = await logOfTwo(t);
  const text = await exportText(log, { format: 'csv', instance: 'shop' });
  t.deepEqual(text.split('\r\n'), [
    'position,instanceId,stream_id,sequence_number,event_type,timestamp,id,payload,metadata',
    `1,shop,"s ""1""",1,t,2026-01-31T12:00:00.001Z,0192f000-0000-7000-8000-000000000001,"${payload.replaceAll('"', '""')}","{""big"":18446744073709551616}"`,
    '2,shop,s2,1,=t,2026-01-31T12:00:01.000Z,0192f000-0000-7000-8000-000000000002,[],{}',
    '',
  ]);
  t.is((await exportText(log, { format: 'csv', instance: 'a' })).split('\r\n').length, 2);
});

test('columns have the values of fields, each of its type', async (t) => {
  const log = await openLog(t);
  const when = '2026-01-31T12:00:00.1234+01:00';
  await appended(t, log, {
    instanceId: 'a',
    autoCreateInstance: true,
    eventType: 't',
    payload: { n: 1e3, d: 0.5, s: '', b: false, t: when, o: { 'a.b': [null, { x: 1 }] } },
    metadata: { ms: 1 },
  });
  await appended(t, log, { instanceId: 'a', eventType: 't', payload: [], metadata: { ms: null } });
  const columns = {
    n: { field: 'payload.n', type: 'int64' },
    d: { field: 'payload.d', type: 'double' },
    s: { field: 'payload.s', type: 'string' },
    b: { field: 'payload.b', type: 'boolean' },
    t: { field: 'payload.t', type: 'timestamp' },
    ms: { field: 'metadata.ms', type: 'timestamp' },
    x: { field: '/payload/o/a.b/1/x', type: 'double' },
    o: 'payload.o',
    none: { field: 'payload.o.1', type: 'string' },
  };
  const text = await exportText(log, { format: 'csv', columns });
  // Behind the metadata, which is the last column of every event.
  const [head, first, second] = text
    .split('\r\n')
    .map((line) => line.split(/metadata,|"\{""ms"":(?:1|null)\}",/).at(-1));
  t.is(head, 'n,d,s,b,t,ms,x,o,none');
  t.is(
    first,
    '1000,0.5,"",false,2026-01-31T11:00:00.123Z,1970-01-01T00:00:00.001Z,1,"{""a.b"":[null,{""x"":1}]}",',
  );
  t.is(second, ',,,,,,,,');
});

test('a value that is of another type than its column ends the export', async (t) => {
  const log = await openLog(t);
  const params = { instanceId: 'a', autoCreateInstance: true, streamId: 's', eventType: 't' };
  await appended(t, log, { ...params, payload: { v: 9.5, s: 'x', i: 1e30, late: 8.7e15 } });
  for (const [field, type] of [
    ['payload.v', 'int64'],
    ['payload.i', 'int64'],
    ['payload.v', 'string'],
    ['payload.s', 'double'],
    ['payload.s', 'boolean'],
    ['payload.s', 'timestamp'],
    ['payload.v', 'timestamp'],
    ['payload.late', 'timestamp'],
  ]) {
    const stream = log.exportEvents({ format: 'csv', columns: { c: { field, type } } });
    await failsWith(
      t,
      stream,
      'INVALID_ARGUMENT',
      /columns\["c"\]: expected .* found .* event 1 of the stream "s"/,
    );
  }
});

test('options that are not understood are told by the stream', async (t) => {
  const log = await openLog(t);
  for (const [options, pattern] of [
    [{ format: 'xml' }, /options\.format: expected one of eventlog, cloudevents, .* found "xml"/],
    [{ format: 7 }, /options\.format: .* found 7/],
    [{ columns: {} }, /options\.columns: expected them with a format that has columns/],
    [{ format: ['csv'] }, /options\.format: .* found an array/],
    [
      { format: 'cloudevents', columns: { a: 'payload.a' } },
      /options\.columns: expected them with a format that has columns, found cloudevents/,
    ],
    [{ format: 'csv', columns: new Map() }, /options\.columns: expected an object/],
    [{ format: 'csv', columns: [] }, /options\.columns: expected an object, found an array/],
    [{ format: 'csv', columns: { a: 'timestamp' } }, /columns\["a"\]: expected a path that begins/],
    [{ format: 'csv', columns: { a: 7 } }, /columns\["a"\]: expected a path, or/],
    [{ format: 'csv', columns: { a: { field: 'payload.a', kind: 1 } } }, /the key "kind"/],
    [
      { format: 'csv', columns: { a: { field: 'payload.a', type: 'int' } } },
      /\.type: expected one of string, int64/,
    ],
    [{ format: 'csv', instance: 7 }, /options\.instance/],
    [{ format: 'csv', formats: 1 }, /unknown option "formats"/],
  ]) {
    await failsWith(t, log.exportEvents(options), 'INVALID_ARGUMENT', pattern);
  }
  const missing = log.exportEvents({ format: 'csv', instance: 'nowhere' });
  await failsWith(t, missing, 'INSTANCE_NOT_FOUND', /nowhere/);
});

test('the format of its own can be named', async (t) => {
  const { log } = await logOfTwo(t);
  t.is(await exportText(log, { format: 'eventlog' }), await exportText(log));
});

test('a format can be one of the program', async (t) => {
  const { log } = await logOfTwo(t);
  const seen = [];
  const format = {
    name: 'own',
    begin: ({ columns }) => ({
      write(events) {
        seen.push(...events);
        return '';
      },
      end: async () => Buffer.from(JSON.stringify(columns)),
    }),
  };
  const columns = { big: { field: 'payload.big', type: 'int64' } };
  t.is(await exportText(log, { format, columns }), '[{"name":"big","type":"int64"}]');
  t.deepEqual(
    seen.map(({ position, stream_id: stream, columns: own }) => [position, stream, own]),
    [
      [1, 's "1"', [9007199254740993n]],
      [2, 's2', [null]],
    ],
  );
});

test('an export in another format is of its call, tells its progress, and can be left', async (t) => {
  const log = await openLog(t);
  await imported(t, log, [await longExport(t, 3000)]);
  const seen = [];
  const stream = log.exportEvents({ format: 'csv', onProgress: (progress) => seen.push(progress) });
  await appended(t, log, { instanceId: 'long', eventType: 'later' });
  let text = '';
  for await (const chunk of stream) text += chunk;
  t.is(text.trimEnd().split('\r\n').length, 3001);
  t.deepEqual(seen.at(-1), { done: 3000, total: 3000 });

  const controller = new AbortController();
  const { signal } = controller;
  const left = log.exportEvents({ format: 'csv', signal });
  for await (const chunk of left) {
    t.truthy(chunk.length);
    break;
  }
  t.true(left.destroyed);
  t.is(getEventListeners(signal, 'abort').length, 0);
  const aborted = log.exportEvents({ format: 'csv', signal });
  controller.abort();
  await failsWith(t, aborted, 'ABORTED', /export/);
  succeeded(t, await log.getInstanceStats('long'), 'getInstanceStats');
});
