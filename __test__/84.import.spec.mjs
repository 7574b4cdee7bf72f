// JSON Lines become the log that they were written from, wherever they are cut, and whatever is there
// already.

import { open, readFile, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import test from 'ava';
import fc from 'fast-check';

import { addon, run, start } from './support/child.mjs';
import { appended, created, eventsOf, queried, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryFolder, temporaryPath } from './support/temporary.mjs';
import { exportText, imported, linesOf, refused } from './support/transfer.mjs';

/** The lines of a log with two instances and five events. */
async function smallExport(t) {
  const log = await openLog(t);
  await created(t, log, 'orders 😀', 'what was "ördered"');
  for (const [streamId, n] of [
    ['a', 1],
    ['b é', 2],
    ['a', 3],
  ]) {
    await appended(t, log, {
      instanceId: 'orders 😀',
      streamId,
      eventType: 'made',
      payload: { n, text: '😀\ud800é' },
    });
  }
  const events = [{ eventType: 't' }, { eventType: 'u', timestamp: 0 }];
  const params = { instanceId: 'own', autoCreateInstance: true, events };
  succeeded(t, await log.appendEvents(params), 'appendEvents');
  return exportText(log);
}

/** The text of an export of one instance with `count` events of about a kilobyte. */
async function longExport(t, count = 5000) {
  const log = await openLog(t);
  await created(t, log, 'long');
  const payload = { text: 'x'.repeat(1000) };
  for (let n = 0; n < count; n += 1000) {
    const events = Array.from({ length: 1000 }, (_, i) => ({
      streamId: `stream ${i % 7}`,
      eventType: 'made',
      payload,
    }));
    succeeded(t, await log.appendEvents({ instanceId: 'long', events }), 'appendEvents');
  }
  return exportText(log);
}

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

const BAD_SOURCES = [
  [undefined, /^source: expected a Readable, .* found nothing; nothing was stored$/],
  [null, /found null/],
  [7, /found a number/],
  ['events.jsonl', /found a string: give createReadStream\(path\) for a file, or \[text\]/],
  [Buffer.from('{}'), /found bytes: give \[bytes\]/],
  [{}, /found another object/],
  [[7], /^source: expected strings or Uint8Arrays, found a number/],
  [[{ id: 1 }], /found another object/],
  [['{"a":"\ud800"}'], /well-formed Unicode, found a lone surrogate/],
  [['\ud83d', Buffer.from('a')], /found a lone surrogate/],
  [['{\ud83d'], /found a lone surrogate/],
  [
    {
      get [Symbol.iterator]() {
        throw new Error('no');
      },
    },
    /^source: no/,
  ],
  [
    {
      [Symbol.iterator]: () => ({
        next() {
          throw new Error('it broke');
        },
      }),
    },
    /^source: it failed: it broke; nothing was stored$/,
  ],
];

test('what is no source is refused', async (t) => {
  const log = await openLog(t);
  for (const [source, pattern] of BAD_SOURCES) {
    await refused(t, log, source, 'INVALID_ARGUMENT', pattern);
  }
  const nowhere = createReadStream(join(await temporaryFolder(t), 'nowhere'));
  await refused(t, log, nowhere, 'INVALID_ARGUMENT', /^source: it failed: ENOENT/);
  for (const [options, pattern] of [
    [7, /^options: expected an object, found a number/],
    [{ instance: 'a' }, /^options: unknown option "instance": expected one of signal, onProgress/],
    [{ signal: 1 }, /^options\.signal: expected an AbortSignal, found a number/],
    [{ onProgress: {} }, /^options\.onProgress: expected a function, found another object/],
  ]) {
    await refused(t, log, [], 'INVALID_ARGUMENT', pattern, options);
  }
  t.deepEqual(await log.listInstances().then(({ data }) => data.instances), []);
});

/** The text with line `number` made another one; without a new one it is left out. */
function withLine(text, number, line) {
  const lines = linesOf(text);
  lines.splice(number - 1, 1, ...(line === undefined ? [] : [line]));
  return `${lines.join('\n')}\n`;
}

// In the export of `smallExport`: the header, an instance, three events, an instance, two events, the
// end. Each with what is done to the line of that number.
const BAD_LINES = [
  [1, () => '', /^line 1: expected an object, found an empty line/],
  [1, () => '[]', /^line 1: expected an object, found an array/],
  [1, undefined, /^line 1: expected the header of an export, found an instance/],
  [
    1,
    () => '{"format":"csv","version":1}',
    /^line 1: format: expected "codebolt-eventlog", found "csv"/,
  ],
  [1, () => '{"version":1}', /^line 1: format: expected a string, found nothing/],
  [
    1,
    () => '{"format":"codebolt-eventlog"}',
    /^line 1: version: expected a whole number, found nothing/,
  ],
  [1, () => '{"format":"codebolt-eventlog","version":0}', /^line 1: version: .* from 1, found 0/],
  [
    1,
    (line) => line.replace(':1,', ':1.5,'),
    /^line 1: version: expected a whole number, found 1\.5/,
  ],
  [
    1,
    (line) => line.replace(':1,', ':2,'),
    /^line 1: version: expected at most 1, found 2: .* newer version/,
    'UNSUPPORTED_FORMAT',
  ],
  [2, undefined, /^line 2: expected the line of an instance, found an event/],
  [2, () => '{"instance":7}', /^line 2: instance: expected an object, found a number/],
  [2, (line) => line.replace('"id"', '"ID"'), /^line 2: instance: unknown key "ID"/],
  [
    2,
    (line) => line.replace('"name"', '"name":7,"name"').replace('"orders 😀"', '""'),
    /^line 2: instance\.name: expected a string that is not empty/,
  ],
  [
    2,
    (line) => line.replace(/"createdAt":"[^"]*",/, ''),
    /^line 2: instance\.createdAt: expected .*, found nothing/,
  ],
  [
    2,
    (line) => line.replace(/"createdAt":"[^"]*"/, '"createdAt":"9000-01-01"'),
    /^line 2: instance\.updatedAt: expected a time that is not before createdAt/,
  ],
  [
    2,
    (line) => line.replace(/"createdAt":"[^"]*"/, '"createdAt":"yesterday"'),
    /^line 2: instance\.createdAt: .* found "yesterday"/,
  ],
  [
    2,
    (line) => line.replace('what', 'w'.repeat(70_000)),
    /^line 2: instance\.description: expected at most 65536 bytes/,
    'LIMIT_EXCEEDED',
  ],
  [3, () => 'x', /^line 3: expected an object, found/],
  [
    3,
    (line) => line.slice(0, 60),
    /^line 3: expected JSON .* found EOF while parsing .* at column 60/,
  ],
  [3, (line) => `${line}}`, /^line 3: expected JSON .* found trailing characters/],
  [3, (line) => `${line} ${line}`, /^line 3: expected JSON/],
  [3, (line) => line.replace('"id"', '"iD"'), /^line 3: unknown key "iD"/],
  [3, (line) => line.replace('{', '{"end":{},'), /^line 3: unknown key "end"/],
  [3, (line) => line.replace(/"id":"[^"]*",/, ''), /^line 3: id: expected a UUID, found nothing/],
  [
    3,
    (line) => line.replace(/"id":"[^"]*"/, '"id":"1"'),
    /^line 3: id: expected a UUID .* found "1"/,
  ],
  [
    3,
    (line) => line.replace(/"instanceId":"[^"]*"/, '"instanceId":"other"'),
    /^line 3: instanceId: expected ".*", the instance before it, found "other"/,
  ],
  [
    3,
    (line) => line.replace('"stream_id":"a"', '"stream_id":7'),
    /^line 3: stream_id: expected a string, found a number/,
  ],
  [
    3,
    (line) => line.replace('"stream_id":"a"', `"stream_id":"${'a'.repeat(1025)}"`),
    /^line 3: stream_id: expected at most 1024 bytes/,
    'LIMIT_EXCEEDED',
  ],
  [
    3,
    (line) => line.replace('"event_type":"made"', '"event_type":"\\ud800"'),
    /^line 3: event_type: .* a lone surrogate/,
  ],
  [
    3,
    (line) => line.replace('"metadata":{}', '"metadata":null'),
    /^line 3: metadata: expected an object or an array, found null/,
  ],
  [
    3,
    (line) => line.replace('"metadata":{},', ''),
    /^line 3: metadata: expected an object or an array, found nothing/,
  ],
  [
    3,
    (line) => line.replace(/"timestamp":"[^"]*"/, '"timestamp":0'),
    /^line 3: timestamp: expected an ISO 8601 .* found 0/,
  ],
  [
    3,
    (line) => line.replace(/"timestamp":"[^"]*"/, '"timestamp":"2026-01-01T00:00:00.0001Z"'),
    /^line 3: timestamp: expected a time in whole milliseconds/,
  ],
  [
    3,
    (line) => line.replace('"sequence_number":1', '"sequence_number":-1'),
    /^line 3: sequence_number: expected a whole number, found -1/,
  ],
  [
    3,
    (line) => line.replace('"sequence_number":1', '"sequence_number":2'),
    /^line 3: sequence_number: expected 1, the next one of the stream "a", found 2/,
  ],
  [
    3,
    undefined,
    /^line 8: expected the end after 2 instances and 4 events, found one after 2 and 5/,
  ],
  [
    5,
    (line) => line.replace('"sequence_number":2', '"sequence_number":3'),
    /^line 5: sequence_number: expected 2, the next one/,
  ],
  [
    5,
    (line) => `${line}\n${line}`,
    /^line 10: expected the end after 2 instances and 6 events, found one after 2 and 5/,
  ],
  [5, (line) => `${line}\n`, /^line 6: expected an object, found an empty line/],
  [6, undefined, /^line 6: instanceId: expected ".*", the instance before it, found "own"/],
  [
    8,
    undefined,
    /^line 8: expected the end after 2 instances and 4 events, found one after 2 and 5: lines are missing or added/,
  ],
  [9, undefined, /^line 9: expected more, up to a line with "end", found the end: it was cut off/],
  [
    9,
    () => '{"end":{"instances":2}}',
    /^line 9: end\.events: expected a whole number, found nothing/,
  ],
  [
    9,
    () => '{"end":{"instances":2,"events":6}}',
    /^line 9: expected the end after 2 instances and 5 events/,
  ],
  [9, (line) => `${line}\n${line}`, /^line 10: expected nothing after the end, found an end/],
  [
    9,
    (line) => `${line}\n{"format":"codebolt-eventlog","version":1}`,
    /^line 10: expected nothing after the end, found a header/,
  ],
  [9, (line) => `${line}\n\n`, /^line 10: expected an object, found an empty line/],
];

test('a line that is not what it has to be is refused, and nothing of its batch is stored', async (t) => {
  const text = await smallExport(t);
  const log = await openLog(t);
  for (const [number, change, pattern, code = 'INVALID_ARGUMENT'] of BAD_LINES) {
    const line = linesOf(text)[number - 1];
    const changed = change?.(line);
    t.not(changed, line, `${pattern}`);
    await refused(t, log, [withLine(text, number, changed)], code, pattern);
  }
  const bytes = Buffer.from(text);
  bytes[bytes.indexOf('made')] = 0xff;
  await refused(t, log, [bytes], 'INVALID_ARGUMENT', /^line 3: expected UTF-8, found a byte/);
  const nothing = /^line 1: expected the header of an export, found the end: it was cut off/;
  await refused(t, log, [], 'INVALID_ARGUMENT', nothing);
  t.deepEqual((await log.listInstances()).data.instances, []);
});

test('an export that was cut anywhere is noticed', async (t) => {
  const text = Buffer.from(await smallExport(t));
  const log = await openLog(t);
  // Without the end of the last line it is whole.
  for (let length = 0; length < text.length - 1; length += 1) {
    await refused(t, log, [text.subarray(0, length)], 'INVALID_ARGUMENT', /^line \d+: expected /);
  }
  t.deepEqual((await log.listInstances()).data.instances, []);
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

// Each with what is in the log before, and the code and text of the refusal. `small` is the export that
// is imported; the second instance of it has the id and name `own`.
const CONFLICTS = {
  'an instance has the name as its own': async (t, log) => {
    await created(t, log, 'own');
    return /^line 6: instance "own": expected an id and a name \("own"\) that no other instance has/;
  },
  'an instance has the name as its id': async (t, log, small) => {
    const id = JSON.parse(linesOf(small)[1]).instance.id;
    await created(t, log, id);
    return /^line 2: instance ".*": expected an id and a name/;
  },
  'the instance has another name': async (t, log, small) => {
    await imported(t, log, [small]);
    succeeded(t, await log.updateInstance('own', { name: 'renamed' }), 'updateInstance');
    return /^line 6: instance "own": expected the name that it has in the log, "renamed", found another/;
  },
  'the instance has another description': async (t, log, small) => {
    await imported(t, log, [small]);
    succeeded(t, await log.updateInstance('own', { description: 'd' }), 'updateInstance');
    return /^line 6: instance "own": expected the description that it has in the log, "d"/;
  },
  'the instance was made at another time': async (t, log) => {
    await appended(t, log, { instanceId: 'own', eventType: 't', autoCreateInstance: true });
    return /^line 6: instance "own": expected the createdAt that it has in the log/;
  },
  'another event is in the place': async (t, log, small) => {
    const [header, , , , , instance, first] = linesOf(small);
    const end = '{"end":{"instances":1,"events":1}}';
    await imported(t, log, [[header, instance, first, end].join('\n')]);
    await appended(t, log, { instanceId: 'own', eventType: 'u' });
    return /^line 8: instance "own", stream "default", sequence 2: .* found another event/;
  },
};

for (const [key, value] of [
  ['event_type', '"z"'],
  ['payload', '{"n":3.0,"text":"x"}'],
  ['metadata', '[]'],
  ['timestamp', '"2026-01-01T00:00:00.000Z"'],
]) {
  CONFLICTS[`the ${key} differs`] = async (t, log, small) => {
    const line = linesOf(small)[4].replace(
      new RegExp(`"${key}":("[^"]*"|{[^}]*})`),
      `"${key}":${value}`,
    );
    await imported(t, log, [withLine(small, 5, line)]);
    return new RegExp(
      '^line 5: instance "[^"]*", stream "a", sequence 2: expected the event that the log has in ' +
        `this place, found one whose ${key} differs; nothing was stored$`,
    );
  };
}

for (const [name, prepare] of Object.entries(CONFLICTS)) {
  test(`it is a conflict, and nothing of the batch is stored, when ${name}`, async (t) => {
    const small = await smallExport(t);
    const log = await openLog(t);
    const pattern = await prepare(t, log, small);
    const before = await exportText(log);
    await refused(t, log, [small], 'IMPORT_CONFLICT', pattern);
    t.is(await exportText(log), before);
  });
}

test('names that two instances of the lines share are a conflict', async (t) => {
  const small = await smallExport(t);
  const log = await openLog(t);
  const line = '{"instance":{"id":"x","name":"orders 😀","createdAt":"2026-01-01"}}';
  const longer = withLine(small, 6, `${line}\n${linesOf(small)[5]}`);
  const text = withLine(longer, 10, '{"end":{"instances":3,"events":5}}');
  await refused(
    t,
    log,
    [text],
    'IMPORT_CONFLICT',
    /^line 6: instance "x": expected an id and a name/,
  );
  t.deepEqual((await log.listInstances()).data.instances, []);
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

test('batches before a failure stay, and the import is run again once its cause is gone', async (t) => {
  const text = await longExport(t);
  const lines = linesOf(text);
  const broken = withLine(text, 4000, lines[3999].replace('"metadata":{}', '"metadata":7'));
  const log = await openLog(t);
  const error = await refused(
    t,
    log,
    [broken],
    'INVALID_ARGUMENT',
    /^line 4000: metadata: expected/,
  );
  const stored = Number(/; all that stands up to line (\d+) is stored$/.exec(error)[1]);
  t.true(stored > 1000 && stored < 4000);
  t.deepEqual(linesOf(await exportText(log)).slice(1, -1), lines.slice(1, stored));
  const { events, skippedEvents } = await imported(t, log, [text]);
  t.deepEqual([skippedEvents, events], [stored - 2, 5000 + 2 - stored]);
  t.is(await exportText(log), text);
});

test('an event that is larger than the log takes is refused, and so is a line without an end', async (t) => {
  const small = await smallExport(t);
  const log = await openLog(t, { eventBytesMax: 30 });
  const pattern =
    /^line 3: expected an event of at most 30 bytes of UTF-8 \(eventBytesMax\), found \d+/;
  await refused(t, log, [small], 'LIMIT_EXCEEDED', pattern);
  let released = false;
  function* endless() {
    try {
      for (;;) yield 'x'.repeat(10_000);
    } finally {
      released = true;
    }
  }
  const long =
    /^line 1: expected a line of at most 1048606 bytes .* found a longer one; nothing was/;
  await refused(t, log, endless(), 'LIMIT_EXCEEDED', long);
  t.true(released);
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

test('it is called off by its signal: before, while it waits, and between batches', async (t) => {
  const text = await longExport(t);
  const log = await openLog(t);
  const pattern = /^the import was called off by its signal: enough; nothing was stored$/;
  await refused(t, log, [text], 'ABORTED', pattern, { signal: AbortSignal.abort('enough') });

  // Sources that never go on. Each is let go.
  const waiting = new AbortController();
  const stream = new Readable({ read() {} });
  const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
  const imports = [stream, silent].map((source) =>
    refused(t, log, source, 'ABORTED', pattern, { signal: waiting.signal }),
  );
  waiting.abort('enough');
  await Promise.all(imports);
  t.true(stream.destroyed);

  const between = new AbortController();
  const onProgress = () => between.abort('enough');
  const source = Readable.from([text]);
  const error = await refused(
    t,
    log,
    source,
    'ABORTED',
    /; all that stands up to line \d+ is stored$/,
    {
      signal: between.signal,
      onProgress,
    },
  );
  t.true(source.destroyed);
  const stored = Number(/line (\d+)/.exec(error)[1]);
  t.is(linesOf(await exportText(log)).length, stored + 1);
  const { skippedEvents } = await imported(t, log, [text]);
  t.is(skippedEvents, stored - 2);
  t.true((await exportText(log)) === text);
});

test('a source that fails in between, and progress that throws, end the import', async (t) => {
  const text = await longExport(t);
  const log = await openLog(t);
  async function* fails() {
    yield text.slice(0, 3_000_000);
    throw new Error('the wire was cut');
  }
  const stored =
    /^source: it failed: the wire was cut; all that stands up to line \d{4} is stored$/;
  await refused(t, log, fails(), 'INVALID_ARGUMENT', stored);
  const threw = /^options\.onProgress: it threw: no; all that stands up to line \d{3} is stored$/;
  await refused(t, log, [text], 'INVALID_ARGUMENT', threw, {
    onProgress() {
      throw new Error('no');
    },
  });
  await imported(t, log, [text]);
  t.true((await exportText(log)) === text);
});

test('a log that is closed or only read imports nothing', async (t) => {
  const small = await smallExport(t);
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await log.close();
  await refused(t, log, [small], 'CLOSED', /^the log was closed.*; nothing was stored$/);
  const reader = await openAt(t, path, { readOnly: true });
  await refused(t, reader, [small], 'INVALID_ARGUMENT', /readOnly/);
});

test('closing the log between batches ends the import', async (t) => {
  const text = await longExport(t);
  const log = await openLog(t);
  const onProgress = () => void log.close();
  const stored = /^the log was closed.*; all that stands up to line \d+ is stored$/;
  await refused(t, log, [text], 'CLOSED', stored, { onProgress });
});

test('an instance that is deleted meanwhile is not mixed up with its successor', async (t) => {
  const text = await longExport(t);
  for (const again of [false, true]) {
    const log = await openLog(t);
    const lines = linesOf(text);
    async function* deleting() {
      yield text.slice(0, 3_000_000);
      succeeded(t, await log.deleteInstance('long'), 'deleteInstance');
      if (again) {
        const whole = [...lines.slice(0, 2), '{"end":{"instances":1,"events":0}}'];
        await imported(t, log, [whole.join('\n')]);
      }
      yield text.slice(3_000_000);
    }
    const pattern = /^line \d+: the instance with the id ".*" was deleted while it was imported; /;
    await refused(t, log, deleting(), 'INSTANCE_NOT_FOUND', pattern);
  }
});

test('appends beside an import go on, and into its own instance they are a conflict', async (t) => {
  const text = await longExport(t);
  const log = await openLog(t);
  async function* beside() {
    for (let at = 0; at < text.length; at += 1_500_000) {
      await appended(t, log, { instanceId: 'other', eventType: 't', autoCreateInstance: true });
      yield text.slice(at, at + 1_500_000);
    }
  }
  await imported(t, log, beside());
  const { id } = (await log.getInstance('long')).data.instance;
  t.true((await exportText(log, { instance: id })).includes(linesOf(text).at(-2)));

  const second = await openLog(t);
  async function* within() {
    yield text.slice(0, 3_000_000);
    await appended(t, second, { instanceId: 'long', eventType: 't' });
    yield text.slice(3_000_000);
  }
  const pattern =
    /^line \d+: instance ".*", stream ".*", sequence \d+: .* found another event; all/;
  await refused(t, second, within(), 'IMPORT_CONFLICT', pattern);
});

test('imports of the same lines at once, by this process and another one, end in one log', async (t) => {
  const text = await longExport(t);
  const folder = await temporaryFolder(t);
  const [path, file] = [join(folder, 'log.redb'), join(folder, 'events.jsonl')];
  await writeFile(file, text);
  const log = await openAt(t, path);
  const source = `
    import { createReadStream } from 'node:fs';
    import { EventLog } from '${addon}';
    const [path, file] = process.argv.slice(-2);
    const log = await EventLog.open(path);
    const { success, data, error } = await log.importEvents(createReadStream(file));
    console.log(success ? data.events + data.skippedEvents : error);`;
  const other = run(t, source, { args: [path, file] });
  const own = [imported(t, log, [text]), imported(t, log, createReadStream(file))];
  for (const { events, skippedEvents } of await Promise.all(own))
    t.is(events + skippedEvents, 5000);
  const { stdout, stderr } = await other;
  t.is(stdout, '5000\n', stderr);
  t.true((await exportText(log)) === text);
});

test('an import whose process is killed is run again, and ends with the same log', async (t) => {
  const text = await longExport(t, 10_000);
  const folder = await temporaryFolder(t);
  const [path, file] = [join(folder, 'log.redb'), join(folder, 'events.jsonl')];
  await writeFile(file, text);
  const source = `
    import { createReadStream } from 'node:fs';
    import { EventLog } from '${addon}';
    const [path, file] = process.argv.slice(-2);
    const log = await EventLog.open(path);
    // A listener keeps the process alive.
    process.on('message', () => {});
    async function* batches() {
      let bytes = 0;
      for await (const chunk of createReadStream(file)) {
        yield chunk;
        const before = bytes >> 20;
        bytes += chunk.length;
        if (bytes >> 20 > before) process.send(bytes >> 20);
        // However late the kill comes, the import is not done by then.
        if (bytes >> 20 === 10) await new Promise(() => {});
      }
    }
    await log.importEvents(batches());`;
  // At each start what is there is passed over first, so that the kill comes later and later.
  for (const mebibytes of [2, 4, 7]) {
    const { child, message, ended } = start(t, source, { args: [path, file] });
    while ((await message()) < mebibytes);
    child.kill('SIGKILL');
    t.is((await ended).signal, 'SIGKILL');
  }
  const log = await openAt(t, path);
  const before = await exportText(log);
  t.true(before.length > 3_000_000 && before.length < text.length);
  const { skippedEvents, events } = await imported(t, log, createReadStream(file));
  t.is(skippedEvents, linesOf(before).length - 3);
  t.is(events, 10_000 - skippedEvents);
  t.true((await exportText(log)) === (await readFile(file, 'utf8')));
  const handle = await open(file);
  t.deepEqual(await imported(t, log, handle.createReadStream()), {
    instances: 0,
    events: 0,
    skippedInstances: 1,
    skippedEvents: 10_000,
  });
});
