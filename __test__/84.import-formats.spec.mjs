// Imports of formats that other programs have: pino's lines, systemd's journal, CloudEvents.

import test from 'ava';

import { openLog } from './support/temporary.mjs';
import { eventsOf, imported, refused } from './support/transfer.mjs';

test("pino's lines", async (t) => {
  const log = await openLog(t);
  const lines = [
    '{"level":30,"time":1531171074631,"pid":657,"hostname":"h","name":"app","msg":"hello"}',
    '{"level":35,"time":"2026-01-31T12:00:00Z","msg":"of a level of its own","msg":"twice"}',
    '{"level":"error","time":1531171074632,"err":{"type":"Error","stack":"at"}}',
    '{"time":1531171074633}',
  ];
  await imported(t, log, [lines.join('\r\n')], { format: 'pino', instance: 'app' });
  t.deepEqual(
    (await eventsOf(log, 'app')).map((event) => [
      event.stream_id,
      event.event_type,
      event.timestamp,
    ]),
    [
      ['app', 'info', '2018-07-09T21:17:54.631Z'],
      ['default', '35', '2026-01-31T12:00:00.000Z'],
      ['default', 'error', '2018-07-09T21:17:54.632Z'],
      ['default', 'log', '2018-07-09T21:17:54.633Z'],
    ],
  );
  t.regex((await eventsOf(log, 'app'))[1].payload, /^\{"level":35,"time":"[^"]+","msg":"twice"\}$/);
});

/** A field of a journal with its length before it. */
function binaryField(name, value) {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')]);
}

const JOURNAL = Buffer.concat([
  Buffer.from(
    '__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1700000000123456\n_SYSTEMD_UNIT=web.service\n',
  ),
  Buffer.from('PRIORITY=3\nMESSAGE=a=b\nTAG=x\nTAG=y\n'),
  binaryField('STACK', 'one\n\ntwo=2\n'),
  binaryField('BYTES', [0xff, 0x0a, 0x00]),
  Buffer.from('\n\n__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1700000000999999\nMESSAGE=\n'),
]);

test("systemd's journal, cut anywhere", async (t) => {
  const options = { format: 'journal', instance: 'web' };
  let expected;
  for (const size of [JOURNAL.length, 1, 7, 64]) {
    const log = await openLog(t);
    const pieces = [];
    for (let at = 0; at < JOURNAL.length; at += size) pieces.push(JOURNAL.subarray(at, at + size));
    await imported(t, log, pieces, options);
    const events = await eventsOf(log, 'web');
    expected ??= events;
    t.deepEqual(events, expected);
  }
  const [first, second] = expected;
  t.like(first, {
    stream_id: 'web.service',
    event_type: 'err',
    timestamp: '2023-11-14T22:13:20.123Z',
    metadata: { journal: { __CURSOR: 's=1;i=1', __REALTIME_TIMESTAMP: '1700000000123456' } },
  });
  t.deepEqual(JSON.parse(first.payload), {
    _SYSTEMD_UNIT: 'web.service',
    PRIORITY: '3',
    MESSAGE: 'a=b',
    TAG: ['x', 'y'],
    STACK: 'one\n\ntwo=2\n',
    BYTES: { base64: '/woA' },
  });
  t.like(second, {
    stream_id: 'default',
    event_type: 'log',
    timestamp: '2023-11-14T22:13:20.999Z',
  });
});

test("what is no export of systemd's journal is refused", async (t) => {
  const log = await openLog(t);
  const options = { format: 'journal', instance: 'web' };
  for (const [bytes, pattern] of [
    ['message=x\n', /^line 1: expected the name of a field/],
    // What journalctl writes for people, and as JSON.
    ['Jan 31 11:00:00 web: one\nJan 31 11:00:01 web: two\n', /^line 1: expected the name of a fi/],
    ['{"MESSAGE":"x"}\n{"MESSAGE":"y"}\n', /^line 1: expected the name .* -o export writes it/],
    [JOURNAL.subarray(0, -1), /the source ends in the middle of a field/],
    ['\nMESSAGE=x\n', /^the entry at line 2: \$\.__REALTIME_TIMESTAMP: expected/],
    [
      Buffer.concat([Buffer.from('A\n'), Buffer.alloc(8, 0xff), Buffer.from('\n')]),
      /expected an entry of at most/,
    ],
    [
      Buffer.concat([binaryField('A', 'x').subarray(0, -1), Buffer.from('y\n')]),
      /expected a line feed/,
    ],
  ]) {
    await refused(t, log, [bytes], 'INVALID_ARGUMENT', pattern, options);
  }
  t.deepEqual((await log.listInstances()).data.instances, []);
});

test('an array of CloudEvents, cut anywhere, and what is none', async (t) => {
  const event = (id, data) => ({ specversion: '1.0', id, source: '/s', type: 't', data });
  const text = `\ufeff [ ${JSON.stringify(event('1', { a: ['}]"\\', '\\"'] }))} ,\n${JSON.stringify(event('2', 'x,]'))}]\n`;
  const options = { format: 'cloudevents-batch', instance: 'a' };
  for (const size of [text.length, 1, 5]) {
    const log = await openLog(t);
    const bytes = Buffer.from(text);
    const pieces = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    await imported(t, log, pieces, options);
    t.deepEqual(
      (await eventsOf(log, 'a')).map(({ payload }) => payload),
      [JSON.stringify({ a: ['}]"\\', '\\"'] }), '{"data":"x,]"}'],
    );
  }
  const log = await openLog(t);
  t.like(await imported(t, log, ['[]'], { format: 'cloudevents-batch', instance: 'none' }), {
    events: 0,
  });
  for (const [bad, pattern] of [
    ['', /expected an array of CloudEvents, found nothing/],
    ['{}', /expected an array of CloudEvents, found "\{"/],
    ['[', /element 1: the array ends in the middle of it/],
    ['[7]', /element 1: expected an object, found a number/],
    ['[{]', /element 1: /],
    ['[}', /element 1: expected JSON/],
    [`[${JSON.stringify(event('1'))},]`, /element 2: expected a value/],
    [`[${JSON.stringify(event('1'))}] x`, /expected nothing behind the array/],
    [`[${JSON.stringify(event('1'))},{"specversion":"0.9"}]`, /element 2\.specversion/],
  ]) {
    await refused(t, log, [bad], 'INVALID_ARGUMENT', pattern, options);
  }
});

test('an array of CloudEvents may be printed for people', async (t) => {
  const log = await openLog(t);
  const event = {
    specversion: '1.0',
    id: '1',
    source: '/s',
    type: 't',
    data: { a: ['x  y', { b: 1 }] },
  };
  const ours = { ...event, id: '2', eventlogmetadata: '{\n "n": 1\n}' };
  const text = JSON.stringify([event, ours], null, 2).replace(
    '"b": 1',
    '"b": 1.50, "big": 9007199254740993',
  );
  await imported(t, log, [text], { format: 'cloudevents-batch', instance: 'a' });
  const [first, second] = await eventsOf(log, 'a');
  t.is(first.payload, '{"a":["x  y",{"b":1.50,"big":9007199254740993}]}');
  t.is(second.metadata.n, 1);
});

test('CloudEvents go to the stream that a path leads to, and a level that is no number is a name', async (t) => {
  const log = await openLog(t);
  const event = { specversion: '1.0', id: '1', source: '/s', type: 't', tenant: 'x' };
  const options = { format: 'cloudevents', instance: 'a', map: { stream: '$.tenant' } };
  await imported(t, log, [JSON.stringify(event)], options);
  t.is((await eventsOf(log, 'a'))[0].stream_id, 'x');
  const missing = { ...options, map: { stream: '$.nothing' } };
  await refused(t, log, [JSON.stringify(event)], 'INVALID_ARGUMENT', /^line 1: expected/, missing);
  await refused(t, log, [''], 'INVALID_ARGUMENT', /^options\.map: expected an object/, {
    ...options,
    map: 5,
  });
  const lines = '{"level":"constructor","time":1}';
  await imported(t, log, [lines], { format: 'pino', instance: 'app' });
  t.is((await eventsOf(log, 'app'))[0].event_type, 'constructor');
});

test('an entry of a journal without an end is refused before it fills memory', async (t) => {
  const log = await openLog(t);
  const field = Buffer.from(`A=${'x'.repeat(1 << 20)}\n`);
  function* endless() {
    for (let n = 0; n < 200; n += 1) yield field;
  }
  const options = { format: 'journal', instance: 'web' };
  await refused(t, log, endless(), 'INVALID_ARGUMENT', /expected an entry of at most/, options);
});

test('what a format says by itself need not be in each line, and can be taken away', async (t) => {
  const log = await openLog(t);
  const readInto = async (instance, lines, options) => {
    await imported(t, log, lines, { instance, ...options });
    const { data } = await log.queryEvents({ from: { instance } });
    const { createdAt } = (await log.getInstance(instance)).data.instance;
    return data.result.events.map(({ event_type: type, timestamp }) => [
      type,
      timestamp === createdAt,
    ]);
  };
  const untimed = ['{"level":30,"msg":"x"}\n{"level":30,"time":null}\n'];
  const info = ['info', true];
  t.deepEqual(await readInto('untimed', untimed, { format: 'pino' }), [info, info]);
  const odd = ['{"level":30,"time":"soon"}\n'];
  t.deepEqual(await readInto('odd', odd, { format: 'pino', map: { time: null } }), [info]);
  const pino = { format: 'pino', instance: 'none' };
  await refused(t, log, odd, 'INVALID_ARGUMENT', /^line 1: \$\.time: expected a time/, pino);
  // A path of the caller's own has to lead to something.
  const map = { time: '$.time' };
  const own = { ...pino, map };
  await refused(t, log, untimed, 'INVALID_ARGUMENT', /^line 1: \$\.time: expected a time/, own);
  const entry =
    'PRIORITY=3\nPRIORITY=4\n__REALTIME_TIMESTAMP=1769857200000000\n__CURSOR=c\nMESSAGE=hi\n\n';
  t.deepEqual(await readInto('twice', [entry], { format: 'journal' }), [['log', false]]);
});
