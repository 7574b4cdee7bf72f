// Lines that are not what they have to be, and a log in which something else stands in their place.

import { createReadStream } from 'node:fs';
import { join } from 'node:path';

import test from 'ava';

import { appended, created, succeeded } from './support/response.mjs';
import { openLog, temporaryFolder } from './support/temporary.mjs';
import {
  exportText,
  imported,
  linesOf,
  refused,
  smallExport,
  withLine,
} from './support/transfer.mjs';

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
    [{ instances: 'a' }, /^options: unknown option "instances": did you mean "instance"\?/],
    [{ signal: 1 }, /^options\.signal: expected an AbortSignal, found a number/],
    [{ onProgress: {} }, /^options\.onProgress: expected a function, found another object/],
  ]) {
    await refused(t, log, [], 'INVALID_ARGUMENT', pattern, options);
  }
  t.deepEqual(await log.listInstances().then(({ data }) => data.instances), []);
});

// In the export of `smallExport`: the header, an instance, three events, an instance, two events, the
// end. Each with what is done to the line of that number.
const BAD_LINES = [
  [1, () => '', /^line 1: expected an object, found an empty line/],
  [1, () => '[]', /^line 1: expected an object, found an array/],
  [1, () => 'hello, world', /^line 1: expected JSON text, found "hello, world" at column 1/],
  [1, () => '\0\0\0', /^line 1: expected JSON text, found "(?:\\0){3}" at column 1/],
  [1, () => '[{"eventType":"a"},', /^line 1: expected an object, found an array/],
  [1, () => 'null', /^line 1: expected an object, found null/],
  [
    1,
    () => '{"orderId":7}',
    /^line 1: expected the header of an export, found an object with the unknown key "orderId"/,
  ],
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
  [3, () => 'x', /^line 3: expected JSON text, found "x" at column 1 \(expected value\)/],
  [
    3,
    (line) => line.slice(0, 60),
    /^line 3: expected JSON .* found EOF while parsing .* at column 60/,
  ],
  [
    3,
    (line) => `${line}}`,
    /^line 3: expected JSON .* found "}" at column \d+ \(trailing characters\)/,
  ],
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
    /^line 3: stream_id: expected a string, found 7/,
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
