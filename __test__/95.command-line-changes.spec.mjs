// The commands that change a log, or copy it.

import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import test from 'ava';

import {
  events,
  printed,
  refusedBy,
  runProgram,
  shopLog,
  startProgram,
} from './support/command-line.mjs';
import { openAt, temporaryFolder, temporaryPath } from './support/temporary.mjs';

const types = async (t, path, instance) =>
  (await events(t, path, instance)).map(({ event_type }) => event_type);

const jsonl = (...values) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

const made = (...names) => names.map((eventType) => ({ eventType }));

/** A new log with the instance `orders`. */
async function ordersLog(t) {
  const path = await temporaryPath(t);
  await printed(t, ['create', path, 'orders']);
  return path;
}

test.serial('create makes the log and an instance, once', async (t) => {
  const path = join(await temporaryFolder(t), 'new', 'log.redb');
  const args = ['create', path, 'orders', '--description', 'What happened'];
  const first = JSON.parse(await printed(t, [...args, '-o', 'json']));
  t.is(first.name, 'orders');
  t.is(first.description, 'What happened');
  await refusedBy(t, args, 7, /INSTANCE_EXISTS/);
  const again = JSON.parse(await printed(t, [...args, '--if-missing', '-o', 'json']));
  t.is(again.id, first.id);
  const got = await printed(t, ['eventlog', 'get', path, 'orders', '-o', 'json']);
  t.deepEqual(JSON.parse(got), first);
});

test.serial('append stores one event from its options', async (t) => {
  const path = await ordersLog(t);
  const options = ['--stream', 's', '--metadata', '{"by":"me"}', '--timestamp', '2026-01-31'];
  const args = ['append', path, 'orders', '--type', 'Paid', ...options];
  const payload = ['--payload', '{"amount":5}'];
  const event = JSON.parse(await printed(t, [...args, ...payload, '-o', 'json']));
  t.is(event.event_type, 'Paid');
  t.is(event.stream_id, 's');
  t.deepEqual(event.payload, { amount: 5 });
  t.deepEqual(event.metadata, { by: 'me' });
  t.is(event.timestamp, '2026-01-31T00:00:00.000Z');
  t.is(event.sequence_number, 1);
  const [stored] = await events(t, path, 'orders');
  t.deepEqual(stored, { ...event, position: 1 });

  await printed(t, [...args, '--payload', '-', '--expected-sequence', '1'], { input: '[1]' });
  await refusedBy(t, [...args, '--expected-sequence', '1'], 15, /SEQUENCE_CONFLICT/);
  await refusedBy(t, [...args, '--expected-sequence', 'x'], 2, /--expected-sequence/);
  await refusedBy(t, [...args, '--payload', '{"a":1e999}'], 2, /numbers that JavaScript keeps/);
  await refusedBy(t, [...args, '--payload', '5'], 2, /payload: expected an object/);
  await refusedBy(t, [...args, '--from', 'lines.jsonl'], 2, /--from: expected no --type/);
  await refusedBy(t, ['append', path, 'orders', ...options], 2, /--metadata: expected --type/);
  t.deepEqual(
    (await events(t, path, 'orders')).map((each) => each.payload),
    [{ amount: 5 }, [1]],
  );
});

test.serial("the SDK's words and names of parameters do the same", async (t) => {
  const path = await temporaryPath(t);
  const log = ['--log', path];
  await printed(t, ['eventlog', 'create', 'orders', ...log]);
  const other = ['eventlog', 'create', '--name', 'other', '--description', 'of it', '-o', 'json'];
  t.is(JSON.parse(await printed(t, [...other, ...log])).name, 'other');
  await refusedBy(t, [...other, path, 'third'], 2, /expected at most 1 arg/);
  const named = ['--instanceId', 'orders', '--streamId', 's', '--eventType', 'Paid'];
  const args = ['eventlog', 'append', ...log, ...named, '--payload', '{"n":1}', '-o', 'json'];
  const event = JSON.parse(await printed(t, args));
  t.is(event.stream_id, 's');
  const queried = ['eventlog', 'query', path, '--instance', 'orders', '--event-type', 'Paid'];
  t.is(await printed(t, [...queried, '--count', '-o', 'json']), '1\n');
  const created = [
    'append',
    ...log,
    '--instance-id',
    'new',
    '--type',
    'x',
    '--auto-create-instance',
  ];
  await printed(t, created);
  t.deepEqual(await types(t, path, 'new'), ['x']);
  await refusedBy(t, [...created, '--event-type', 'y'], 2, /--type and --event-type, found both/);
  await refusedBy(t, ['tail', path, 'a', 'b', '--instance', 'c'], 2, /expected at most 1 arg/);
  await refusedBy(t, ['ls', path, '--instance', 'c'], 2, /unknown option --instance/);
});

test.serial('a key stores one event once, and refuses another', async (t) => {
  const path = await ordersLog(t);
  const args = ['append', path, 'orders', '--type', 'Paid', '--idempotency-key', 'k', '--payload'];
  const first = JSON.parse(await printed(t, [...args, '{"n":1}', '-o', 'json']));
  const again = await runProgram(t, [...args, '{"n":1}', '-o', 'json']);
  t.is(again.code, 0);
  t.deepEqual(JSON.parse(again.stdout), first);
  t.regex(again.stderr, /^note: an earlier call/);
  await refusedBy(t, [...args, '{"n":2}'], 18, /IDEMPOTENCY_MISMATCH/);
});

test.serial('append stores JSON Lines in their order, in batches', async (t) => {
  const path = await ordersLog(t);
  const count = 2500;
  const input = jsonl(
    ...Array.from({ length: count }, (_, n) => ({ eventType: 't', payload: { n } })),
  );
  const args = ['append', path, 'orders', '-o', 'json', '--stream', 's', '--batch', '300'];
  t.deepEqual(JSON.parse(await printed(t, args, { input })), { events: count, duplicates: 0 });
  const stored = await events(t, path, 'orders');
  t.deepEqual(
    stored.map(({ payload }) => payload.n),
    Array.from({ length: count }, (_, n) => n),
  );
  t.true(stored.every(({ stream_id }) => stream_id === 's'));
});

test.serial(
  'lines may be empty, end with CRLF, begin with a mark of the byte order, lack the last end',
  async (t) => {
    const path = await ordersLog(t);
    const input =
      '\ufeff{"eventType":"a"}\r\n\r\n  \n{"event_type":"b","streamId":"x"}\n{"eventType":"c"}';
    const counts = JSON.parse(
      await printed(t, ['append', path, 'orders', '-o', 'json'], { input }),
    );
    t.deepEqual(counts, { events: 3, duplicates: 0 });
    t.deepEqual(await types(t, path, 'orders'), ['a', 'b', 'c']);
    const none = await printed(t, ['append', path, 'orders', '-o', 'json'], { input: '' });
    t.deepEqual(JSON.parse(none), { events: 0, duplicates: 0 });
  },
);

test.serial('what stands before a wrong line is stored, and nothing from it on', async (t) => {
  const wrong = [
    ['{"eventType":"x"', /line 3: expected JSON/],
    ['[]', /line 3: expected an object/],
    ['{"streamId":"x"}', /line 3: eventType: expected a string, found nothing/],
    ['{"eventType":"x","playload":{}}', /line 3: playload: unknown key; did you mean payload/],
    ['{"eventType":"x","payload":{"id":12345678901234567890}}', /line 3: .*12345678901234567890/],
    [Buffer.from('{"eventType":"\xff"}', 'latin1'), /line 3: expected UTF-8/],
  ];
  for (const [line, pattern] of wrong) {
    const path = await ordersLog(t);
    const before = Buffer.from(jsonl(...made('a', 'b')));
    const after = Buffer.from(`\n${jsonl(...made('c'))}`);
    const input = Buffer.concat([before, Buffer.from(line), after]);
    const text = await refusedBy(t, ['append', path, 'orders'], 2, pattern, { input });
    t.regex(text, /lines 1 to 2 are stored \(2 events\)/);
    t.deepEqual(await types(t, path, 'orders'), ['a', 'b']);
  }
});

test.serial('an input that ends in the middle of a line is told', async (t) => {
  const path = await ordersLog(t);
  const input = `${jsonl(...made('a'))}{"eventType":"b","pay`;
  const text = await refusedBy(t, ['append', path, 'orders'], 2, /ends in the middle/, { input });
  t.regex(text, /line 2: .*lines 1 to 1 are stored/);
  t.deepEqual(await types(t, path, 'orders'), ['a']);
  const first = await refusedBy(t, ['append', path, 'orders'], 2, /line 1/, { input: '{' });
  t.regex(first, /nothing is stored/);
});

test.serial(
  'lines with a key can be appended again after a failure, and are stored once',
  async (t) => {
    const path = await ordersLog(t);
    const args = [
      'append',
      path,
      'orders',
      '-o',
      'json',
      '--batch',
      '2',
      '--idempotency-key',
      'file-7',
    ];
    const right = made('a', 'b', 'c', 'd', 'e');
    const broken = `${jsonl(...right.slice(0, 3))}{"streamId":"no type"}\n`;
    const text = await refusedBy(t, args, 2, /line 4: eventType/, { input: broken });
    t.regex(text, /lines 1 to 2 are stored/);
    t.deepEqual(await types(t, path, 'orders'), ['a', 'b']);
    const again = await printed(t, args, { input: jsonl(...right) });
    t.deepEqual(JSON.parse(again), { events: 3, duplicates: 2 });
    const third = await printed(t, args, { input: jsonl(...right) });
    t.deepEqual(JSON.parse(third), { events: 0, duplicates: 5 });
    t.deepEqual(await types(t, path, 'orders'), ['a', 'b', 'c', 'd', 'e']);
    await refusedBy(t, args, 18, /lines 1 to 2: .*"file-7\/1"/, {
      input: jsonl(...made('z', 'b')),
    });
  },
);

test.serial('what is printed can be appended to another log', async (t) => {
  const path = await shopLog(t);
  const lines = await printed(t, ['tail', '-n', 'all', path, 'shop', '-o', 'jsonl']);
  const copy = await temporaryPath(t);
  const source = `${copy}.jsonl`;
  await writeFile(source, lines);
  await printed(t, ['append', copy, 'shop', '--create', '--from', source]);
  const kept = (found) =>
    found.map((event) => ({ ...event, id: undefined, instanceId: undefined }));
  t.deepEqual(kept(await events(t, copy, 'shop')), kept(await events(t, path, 'shop')));
  await refusedBy(t, ['append', copy, 'shop', '--from', `${source}.none`], 2, /ENOENT/);
});

test.serial('a huge event goes in and comes out', async (t) => {
  const path = await ordersLog(t);
  const text = 'ä'.repeat(3 * 1024 * 1024);
  const input = jsonl({ eventType: 'huge', payload: { text } });
  await printed(t, ['append', path, 'orders'], { input });
  const [event] = await events(t, path, 'orders');
  t.true(event.payload.text === text);
  const tooLarge = jsonl({ eventType: 'huge', payload: { text: 'x'.repeat(17 * 1024 * 1024) } });
  await refusedBy(t, ['append', path, 'orders'], 8, /line 1: .*nothing is stored/, {
    input: tooLarge,
  });
});

test.serial('events are stored as they come, without a wait for a whole batch', async (t) => {
  const path = await ordersLog(t);
  const { child, ended } = startProgram(t, ['append', path, 'orders'], { stdin: 'pipe' });
  const log = await openAt(t, path, { readOnly: true });
  child.stdin.write(jsonl(...made('first')));
  for await (const event of log.subscribe({ instance: 'orders' })) {
    t.is(event.event_type, 'first');
    break;
  }
  child.stdin.end();
  t.is((await ended).code, 0);
});

test.serial('stats counts an instance, and the log', async (t) => {
  const path = await shopLog(t);
  const log = await openAt(t, path, { readOnly: true });
  const { data } = await log.getInstanceStats('shop');
  t.deepEqual(
    JSON.parse(await printed(t, ['eventlog', 'stats', path, 'shop', '-o', 'json'])),
    data,
  );
  const all = JSON.parse(await printed(t, ['stats', '--log', path, '-o', 'json']));
  t.is(all.instanceCount, 2);
  t.is(all.eventCount, 7);
  t.is(all.streamCount, 5);
  t.is(all.storedBytes, data.storedBytes);
  t.is(all.path, path);
});

test.serial(
  'consumers lists, moves and deletes consumers, and what they have parked',
  async (t) => {
    const path = await shopLog(t);
    const log = await openAt(t, path);
    const options = { instance: 'shop', consumer: 'mailer', onFailed: 'park' };
    let taken = 0;
    for await (const event of log.subscribe(options)) {
      taken += 1;
      if (taken === 1) await event.nack(new Error('cannot\u001b[2J'));
      else await event.ack();
      if (taken === 2) break;
    }
    const json = ['-o', 'json'];
    const consumers = async (...args) =>
      JSON.parse(await printed(t, ['consumers', path, 'shop', ...args, ...json]));
    const [row] = await consumers();
    t.like(row, { consumer: 'mailer', position: 2, behind: 5, parked: 1 });
    const [parked] = await consumers('--parked', 'mailer');
    t.like(parked, { position: 1, error: 'Error: cannot\u001b[2J', attempts: 1 });
    t.regex(
      await printed(t, ['consumers', path, 'shop', '--parked', 'mailer']),
      /cannot\\u001b\[2J$/m,
    );
    t.deepEqual(await consumers('--retry-parked', 'mailer'), { count: 1 });
    t.deepEqual(await consumers('--discard-parked', 'mailer'), { count: 1 });
    t.like(await consumers('--reset', 'mailer', '--to', '6'), { position: 6, behind: 1 });
    t.like(await consumers('--reset', 'mailer', '--to', 'end'), { position: 7, behind: 0 });
    t.like(await consumers('--delete', 'mailer'), { consumer: 'mailer' });
    t.deepEqual(await consumers(), []);
    const args = ['consumers', path, 'shop'];
    await refusedBy(t, [...args, '--delete', 'mailer'], 6, /CONSUMER_NOT_FOUND/);
    await refusedBy(t, [...args, '--reset', 'mailer'], 2, /--reset and --to together/);
    await refusedBy(t, [...args, '--delete', 'a', '--parked', 'b'], 2, /found both/);
  },
);

test.serial('a command that reads does not change the file, and makes none', async (t) => {
  const path = await shopLog(t);
  const before = readFileSync(path);
  for (const args of [
    ['ls'],
    ['tail', 'shop'],
    ['query', 'shop'],
    ['verify'],
    ['doctor'],
    ['stats'],
  ]) {
    await printed(t, [...args, '--log', path]);
  }
  t.true(before.equals(readFileSync(path)));

  const none = join(dirname(path), 'none', 'log.redb');
  const calls = [
    ...[['ls'], ['tail', 'shop'], ['verify'], ['doctor'], ['compact'], ['export'], ['stats']],
    ...[
      ['consumers', 'shop', '--delete', 'x'],
      ['append', 'shop', '--type', 'x'],
      ['backup', 'b.redb'],
    ],
  ];
  for (const args of calls) {
    await refusedBy(t, [...args, '--log', none], 3, /LOG_NOT_FOUND: there is no log at/);
  }
  t.false(existsSync(dirname(none)));
});

test.serial('trim trims an instance, or a stream of it', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const given = ['a', 'b', 'a', 'b'].map((streamId) => ({ streamId, eventType: 'made' }));
  await log.strict.appendEvents({ instanceId: 'log', autoCreateInstance: true, events: given });
  await log.close();
  const trim = async (...args) =>
    JSON.parse(await printed(t, ['trim', path, 'log', ...args, '-o', 'json']));
  t.like(await trim('--stream', 'b', '--before', '2'), { firstSequence: 2, events: 1 });
  t.like(await trim('--before', '2'), { firstPosition: 3, events: 1 });
  await refusedBy(t, ['trim', path, 'log', '--stream', 'b'], 2, /--before with a number/);
  await refusedBy(t, ['trim', path, 'log'], 2, /--before with a position/);
});

test.serial('retention sets a rule, prints it, and applies it', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const many = (instanceId) => ({
    instanceId,
    autoCreateInstance: true,
    events: made('a', 'b', 'c'),
  });
  for (const name of ['one', 'two']) await log.strict.appendEvents(many(name));
  await log.close();
  const rule = async (...args) =>
    JSON.parse(await printed(t, ['retention', path, ...args, '-o', 'json']));
  t.is((await rule('one')).maxEvents, undefined);
  const age = ['--max-age', '30d', '--max-bytes', '5000', '--archive', `${path}.d`];
  t.like(await rule('one', ...age), {
    instanceId: 'one',
    maxAgeMs: 2_592_000_000,
    maxBytes: 5000,
    archive: `${path}.d`,
  });
  t.like(await rule('one', '--max-events', '2', '--force'), { maxEvents: 2, force: true });
  t.like(await rule('one'), { maxEvents: 2, force: true });
  await printed(t, ['retention', path, 'two', '--max-events', '1']);
  t.like(await rule('two', '--apply'), [{ instanceId: 'two', firstPosition: 3 }]);
  const all = JSON.parse(await printed(t, ['retention', '--apply', '--log', path, '-o', 'json']));
  t.deepEqual(
    all.map(({ instanceId, firstPosition }) => [instanceId, firstPosition]),
    [
      ['one', 2],
      ['two', 3],
    ],
  );
  t.is((await rule('one', '--none')).maxEvents, undefined);
  const at = ['retention', path, 'one'];
  await refusedBy(t, [...at, '--none', '--force'], 2, /--none or a rule/);
  await refusedBy(t, [...at, '--max-age', 'old'], 2, /--max-age: expected a time such as/);
  await refusedBy(t, [...at, '--max-events', '0'], 2, /--max-events: expected a whole number/);
  await refusedBy(t, ['retention', '--log', path], 2, /expected an INSTANCE, or --apply alone/);
});
