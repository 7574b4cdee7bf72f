// JSON Lines become the log that they were written from, wherever they are cut, and whatever is there
// already.

import { writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import test from 'ava';
import fc from 'fast-check';

import { appended, eventsOf, queried, succeeded } from './support/response.mjs';
import { openLog, temporaryFolder } from './support/temporary.mjs';
import { exportText, imported, longExport, smallExport } from './support/transfer.mjs';

const some = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), 5);

const anEvent = fc.record(
  {
    streamId: fc.constantFrom('a', 'b', ...some),
    eventType: fc.constantFrom('t', 'u'),
    payload: fc.oneof(fc.object({ withNullPrototype: false }), fc.array(fc.jsonValue())),
    metadata: fc.dictionary(fc.string(), fc.jsonValue()),
    timestamp: fc.integer({ min: -1000, max: 1000 }),
  },
  { requiredKeys: ['eventType'] },
);

const aLog = fc.array(
  fc.record({ instance: fc.integer({ min: 0, max: 3 }), events: fc.array(anEvent) }),
  { maxLength: 6 },
);

/** What a log answers to questions of all kinds. */
async function answers(t, log) {
  const found = [];
  const { instances } = succeeded(t, await log.listInstances(), 'listInstances');
  for (const { id } of instances) {
    const from = { instance: id };
    found.push(
      succeeded(t, await log.getInstanceStats(id), 'getInstanceStats'),
      await queried(t, log, { from }),
      await queried(t, log, { from: { ...from, stream: 'a' } }),
      await queried(t, log, { from, orderBy: { field: 'timestamp', direction: 'desc' }, limit: 3 }),
      await queried(t, log, {
        from,
        where: [{ field: 'timestamp', operator: 'gte', value: 0 }],
        reduce: { type: 'count', groupBy: ['stream_id', 'event_type'] },
      }),
    );
  }
  return { instances, found };
}

test('a random log is imported as it was, in chunks of any size', async (t) => {
  await fc.assert(
    fc.asyncProperty(aLog, fc.integer({ min: 1, max: 5000 }), async (steps, size) => {
      const source = await openLog(t);
      for (const { instance, events } of steps) {
        const params = { instanceId: `i${instance}`, autoCreateInstance: true, events };
        succeeded(t, await source.appendEvents(params), 'appendEvents');
      }
      const text = await exportText(source);
      const bytes = Buffer.from(text);
      const chunks = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      const target = await openLog(t);
      await imported(t, target, chunks);
      t.is(await exportText(target), text);
      t.deepEqual(await answers(t, target), await answers(t, source));
      await source.close();
      await target.close();
    }),
    { numRuns: 15 },
  );
});

test('values that are easily lost are kept to the last digit', async (t) => {
  const source = await openLog(t);
  const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);
  const values = [
    { zero: -0, lone: '\ud800', pair: '😀', nul: '\0', separators: '\u2028\u2029' },
    JSON.parse('{"__proto__":{"a":1},"toString":1,"":2}'),
    [1e21, 5e-324, Number.MAX_SAFE_INTEGER, 0.1 + 0.2],
    { deep },
  ];
  for (const payload of values) {
    await appended(t, source, {
      instanceId: 'i"\n',
      streamId: '\u0001"\\',
      eventType: '\u007f',
      payload,
      metadata: payload,
      autoCreateInstance: true,
    });
  }
  const text = await exportText(source);
  const target = await openLog(t);
  await imported(t, target, [text]);
  t.is(await exportText(target), text);
  const [found, expected] = [await eventsOf(t, target, 'i"\n'), await eventsOf(t, source, 'i"\n')];
  t.deepEqual(found.slice(0, 3), expected.slice(0, 3));
  t.is(JSON.stringify(found[3]), JSON.stringify(expected[3]));
});

test('it makes no difference where bytes or strings are cut', async (t) => {
  const text = await smallExport(t);
  const bytes = Buffer.from(text);
  const log = await openLog(t);
  await imported(t, log, [text]);
  const counts = { instances: 0, events: 0, skippedInstances: 2, skippedEvents: 5 };
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const parts = [bytes.subarray(0, cut), bytes.subarray(cut)];
    t.deepEqual(await imported(t, log, parts), counts, `byte ${cut}`);
  }
  for (let cut = 0; cut <= text.length; cut += 1) {
    const parts = [text.slice(0, cut), text.slice(cut)];
    t.deepEqual(await imported(t, log, parts), counts, `code unit ${cut}`);
  }
  t.is(await exportText(log), text);
});

test('the source is anything that gives strings or bytes', async (t) => {
  const text = await smallExport(t);
  const bytes = Buffer.from(text);
  const folder = await temporaryFolder(t);
  const file = join(folder, 'events.jsonl');
  await writeFile(file, text);
  const one = new Uint8Array(1);
  const sources = {
    'a list of strings': () => [...text],
    'a set of strings': () => new Set([text]),
    'a list of bytes': () => [new Uint8Array(bytes)],
    'a generator': function* strings() {
      yield text.slice(0, 9);
      yield text.slice(9);
    },
    'an async generator': async function* mixed() {
      yield bytes.subarray(0, 100);
      yield '';
      yield bytes.subarray(100);
    },
    'memory that is used again': function* reused() {
      for (const byte of bytes) {
        one[0] = byte;
        yield one;
      }
    },
    'a stream of a file': () => createReadStream(file, { highWaterMark: 7 }),
    'a stream of text': () => Readable.from([text]),
    'a stream that decodes': () => createReadStream(file, { encoding: 'utf8', highWaterMark: 7 }),
    'a web stream': () => new Blob([text]).stream(),
  };
  for (const [name, source] of Object.entries(sources)) {
    const log = await openLog(t);
    await imported(t, log, source());
    t.is(await exportText(log), text, name);
  }
  // Lines may end as Windows ends them, the last one need not end, and a mark may stand before all.
  const log = await openLog(t);
  await imported(t, log, [`\ufeff${text.trimEnd().replaceAll('\n', '\r\n')}`]);
  t.is(await exportText(log), text);
});

test('what other programs may write differently is taken', async (t) => {
  const log = await openLog(t);
  const lines = [
    ' { "version" : 1, "format" : "codebolt-eventlog", "by" : "hand" } ',
    '{"instance":{"createdAt":"2026-01-01","name":"n","id":"i"}}',
    '{"sequence_number":1,"timestamp":"2026-01-01T01:00:00+01:00","metadata":[ ],"payload":{ "a" : 1.0 },' +
      '"event_type":"t","stream_id":"s","instanceId":"i","id":"F47AC10B-58CC-4372-A567-0E02B2C3D479"}',
    '{"end":{"events":1,"instances":1}}',
  ];
  const before = Date.now();
  await imported(t, log, [lines.join('\n')]);
  const [event] = await eventsOf(t, log, 'n');
  t.deepEqual(event, {
    id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    instanceId: 'i',
    stream_id: 's',
    event_type: 't',
    payload: { a: 1 },
    metadata: [],
    timestamp: '2026-01-01T00:00:00.000Z',
    sequence_number: 1,
  });
  t.true((await exportText(log)).includes('"payload":{ "a" : 1.0 },"metadata":[ ]'));
  const { instance } = succeeded(t, await log.getInstance('i'), 'getInstance');
  t.is(instance.createdAt, '2026-01-01T00:00:00.000Z');
  // Without a time of the last change, it is the time of the import.
  t.true(Date.parse(instance.updatedAt) >= before);
});

test('a log may have other instances, and more events after those that are imported', async (t) => {
  const small = await smallExport(t);
  const log = await openLog(t);
  await appended(t, log, { instanceId: 'other', eventType: 't', autoCreateInstance: true });
  const counts = { instances: 2, events: 5, skippedInstances: 0, skippedEvents: 0 };
  t.deepEqual(await imported(t, log, [small]), counts);
  const event = await appended(t, log, { instanceId: 'own', eventType: 'more' });
  t.is(event.sequence_number, 3);
  t.deepEqual(await imported(t, log, [small]), {
    instances: 0,
    events: 0,
    skippedInstances: 2,
    skippedEvents: 5,
  });
  t.is((await eventsOf(t, log, 'own')).length, 3);
});

test('what a log has got since it was imported is added by the next import', async (t) => {
  const [source, copy] = [await openLog(t), await openLog(t)];
  for (let round = 1; round <= 3; round += 1) {
    const params = { instanceId: `new ${round}`, eventType: 't', autoCreateInstance: true };
    for (const instanceId of ['grows', params.instanceId]) {
      await appended(t, source, { ...params, instanceId });
    }
    const counts = await imported(t, copy, source.exportEvents());
    const before = round - 1;
    t.deepEqual(counts, {
      instances: round === 1 ? 2 : 1,
      events: 2,
      skippedInstances: round === 1 ? 0 : round,
      skippedEvents: 2 * before,
    });
    t.is(await exportText(copy), await exportText(source));
  }
});

test('a time that the log gives follows those that were imported', async (t) => {
  const log = await openLog(t);
  const text = [
    '{"format":"codebolt-eventlog","version":1}',
    '{"instance":{"id":"i","name":"i","createdAt":"2026-01-01","updatedAt":"9000-01-01"}}',
    '{"end":{"instances":1,"events":0}}',
  ].join('\n');
  await imported(t, log, [text]);
  const { timestamp } = await appended(t, log, { instanceId: 'i', eventType: 't' });
  t.is(timestamp, '9000-01-01T00:00:00.000Z');
});

test('events of any size that the log takes are imported', async (t) => {
  const source = await openLog(t);
  const sizes = [1, 3_000_000, 10, 5_000_000, 2_000_000, 10];
  for (const size of sizes) {
    await appended(t, source, {
      instanceId: 'i',
      eventType: 't',
      payload: { text: 'é'.repeat(size) },
      autoCreateInstance: true,
    });
  }
  const log = await openLog(t);
  await imported(t, log, source.exportEvents());
  t.true((await exportText(log)) === (await exportText(source)));
});

test('a log is imported from the stream of another one', async (t) => {
  const text = await longExport(t, 2000);
  const [first, second] = [await openLog(t), await openLog(t)];
  const told = [];
  await imported(t, first, [text], { onProgress: (progress) => told.push(progress) });
  await imported(t, second, first.exportEvents());
  t.true((await exportText(second)) === text);
  t.deepEqual(told.at(-1), { done: 2000, total: 2000 });
  t.true(told.length > 1 && told.every(({ total }) => total === 2000));
});
