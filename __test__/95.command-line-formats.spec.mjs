// Formats other than the log's own, through the command line.

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { printed, refusedBy, runProgram, shopLog } from './support/command-line.mjs';
import { openAt, temporaryFolder } from './support/temporary.mjs';

const INVALID = 2;

test('an export can have another format, with columns', async (t) => {
  const path = await shopLog(t);
  const csv = await printed(t, [
    ...['export', path, 'shop', '--format', 'csv'],
    ...['--column', 'n=payload.n:int64', '--column', 'all=payload'],
  ]);
  const [head, first] = csv.split('\r\n');
  t.true(head.endsWith(',payload,metadata,n,all'));
  t.is(first.split(',')[0], '1');
  const lines = await printed(t, ['export', path, 'shop', '--format', 'cloudevents']);
  for (const line of lines.trimEnd().split('\n')) t.is(JSON.parse(line).specversion, '1.0');

  const folder = await temporaryFolder(t);
  const file = join(folder, 'shop.json');
  await printed(t, ['export', path, 'shop', '--format', 'cloudevents-batch', '--to', file]);
  t.deepEqual(
    JSON.parse(await readFile(file, 'utf8')),
    lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  for (const [args, pattern] of [
    [['--format', 'xml'], /--format: expected one of eventlog, cloudevents/],
    [
      ['--format', 'csv', '--column', 'payload.n'],
      /--column: expected NAME=FIELD or NAME=FIELD:TYPE/,
    ],
    [['--format', 'csv', '--column', 'n=payload.n:int'], /columns\["n"\]\.type: expected one of/],
    [['--column', 'n=payload.n'], /columns: expected them with a format that has columns/],
  ]) {
    await refusedBy(t, ['export', path, 'shop', ...args], INVALID, pattern);
  }
});

test('JSON Lines of any shape are imported, after a dry run', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'orders.jsonl');
  const path = join(folder, 'log.redb');
  await writeFile(file, '{"id":7,"kind":"made","ts":1}\n{"id":8,"kind":"made","ts":2}\n');
  const args = [
    ...['import', path, file, '--instance', 'orders', '-o', 'json'],
    ...['--stream', '$.id', '--type', '$.kind', '--time', '$.ts', '--time-unit', 's'],
  ];
  const told = JSON.parse(await printed(t, [...args, '--dry-run']));
  t.like(told, { dryRun: true, events: 2, streams: 2, types: { made: 2 } });
  t.false(existsSync(path));
  t.like(JSON.parse(await printed(t, args)), { events: 2, skippedEvents: 0 });
  t.like(JSON.parse(await printed(t, args)), { events: 0, skippedEvents: 2 });
  t.like(JSON.parse(await printed(t, [...args, '--dry-run'])), { exists: true });
  const log = await openAt(t, path);
  const { data } = await log.queryEvents({ from: { instance: 'orders' } });
  t.deepEqual(
    data.result.events.map(({ stream_id: stream, timestamp }) => [stream, timestamp]),
    [
      ['7', '1970-01-01T00:00:01.000Z'],
      ['8', '1970-01-01T00:00:02.000Z'],
    ],
  );
});

test('other formats come from standard input, and the log can be an option', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  const args = ['import', '--log', path, '--format', 'pino', '--instance', 'app'];
  const { stdout } = await runProgram(t, args, { input: '{"level":30,"time":1}\n' });
  t.regex(stdout, /events +1/);
  await refusedBy(t, args, INVALID, /line 1: expected JSON/, { input: 'x' });
  await refusedBy(t, args.slice(0, -2), INVALID, /options\.instance: expected/, { input: '' });
});
