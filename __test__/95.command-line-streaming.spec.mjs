// Many events through the command line: in windows and batches, of which nobody sees the edges.

import { createRequire } from 'node:module';

import test from 'ava';

import { printed, refusedBy } from './support/command-line.mjs';
import { succeeded } from './support/response.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const { Appending } = require('../lib/command-line/appending.js');
const { canStream, matching } = require('../lib/command-line/matching.js');

const COUNT = 40_000;

const never = new AbortController().signal;

/** A log whose events have the numbers from 1 on, every fourth one in the stream `fourth`. */
async function longLog(t) {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const events = Array.from({ length: COUNT }, (_, at) => ({
    eventType: 'made',
    streamId: (at + 1) % 4 === 0 ? 'fourth' : 'other',
    payload: { n: at + 1 },
  }));
  const params = { instanceId: 'a', autoCreateInstance: true, events };
  succeeded(t, await log.appendEvents(params), 'appendEvents');
  return { path, log };
}

const from = (first, count, step = 1) =>
  Array.from({ length: count }, (_, at) => first + at * step);

test.serial('what tail and query print of many events is what is asked for', async (t) => {
  const { path } = await longLog(t);
  const numbers = async (...args) => {
    const text = await printed(t, [args[0], path, 'a', ...args.slice(1), '-o', 'jsonl']);
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).payload.n);
  };
  const fourth = ['--stream', 'fourth'];
  const selected = ['--select', 'payload.n'];
  const backwards = ['--order', 'position:desc'];
  t.deepEqual(await numbers('tail', '-n', 'all'), from(1, COUNT));
  t.deepEqual(await numbers('tail', '-n', '2500'), from(COUNT - 2499, 2500));
  t.deepEqual(await numbers('tail', '-n', '11', ...fourth), from(COUNT - 40, 11, 4));
  t.deepEqual(
    await numbers('tail', '-n', '1500', '--where', 'payload.n <= 20000'),
    from(18_501, 1500),
  );
  t.deepEqual(await numbers('query'), from(1, COUNT));
  t.deepEqual(await numbers('query', ...fourth, '--offset', '9000'), from(36_004, 1000, 4));
  t.deepEqual(await numbers('query', ...backwards, '-n', '2000'), from(COUNT, 2000, -1));
  t.deepEqual(await numbers('query', '--offset', '100', '-n', '1500'), from(101, 1500));
  t.deepEqual(await numbers('query', ...selected), from(1, COUNT));
  t.deepEqual(await numbers('query', ...selected, ...backwards), from(COUNT, COUNT, -1));
  t.deepEqual(
    await numbers('query', ...selected, '--offset', '20000', '-n', '15000'),
    from(20_001, 15_000),
  );
  t.deepEqual(await numbers('query', ...selected, ...fourth), from(4, COUNT / 4, 4));
});

test.serial('rows of a table keep their columns, also where later ones are wider', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const events = Array.from({ length: 500 }, (_, at) => ({
    eventType: at < 400 ? 'é' : '日本語の出来事',
    streamId: 's'.repeat(1 + at / 100),
  }));
  const params = { instanceId: 'a', autoCreateInstance: true, events };
  succeeded(t, await log.appendEvents(params), 'appendEvents');
  const text = await printed(t, ['tail', '-n', 'all', path, 'a']);
  const lines = text.trimEnd().split('\n');
  t.is(lines.length, 501);
  t.true(lines.every((line) => /^POSITION|^ *\d+  \S+  s+ *  +\d+  \S+ *  \{\}$/.test(line)));
  t.true(lines[500].endsWith('日本語の出来事  {}'));
});

test('a cell that is very long moves its own row alone, and the last one is cut to the terminal', async (t) => {
  const { Table } = require('../lib/command-line/output/table.js');
  const columns = [
    { key: 'a', title: 'A' },
    { key: 'b', title: 'B', align: 'right' },
    { key: 'c', title: 'C' },
  ];
  const rows = [
    { a: 'x', b: 1, c: 'short' },
    { a: 'y'.repeat(60), b: 2, c: 'after it' },
    { a: '日本', b: 333, c: 'z'.repeat(60) },
    { a: 'x', b: 4, c: '日'.repeat(30) },
  ];
  const text = async (terminal) => {
    const table = new Table(columns, { paint: (_, cell) => cell, terminal });
    let written = table.start();
    for (const row of rows) written += await table.row(row);
    return (written + (await table.end())).split('\n');
  };
  const pad = ' '.repeat(47);
  const begins = [
    `A${pad}    B  `,
    `x${pad}    1  `,
    `${'y'.repeat(60)}    2  `,
    `日本${' '.repeat(44)}  333  `,
    `x${pad}    4  `,
  ];
  const ends = ['C', 'short', 'after it', 'z'.repeat(60), '日'.repeat(30), ''];
  const whole = ends.map((end, at) => (begins[at] ?? '') + end);
  t.deepEqual(await text({}), whole);
  const narrow = await text({ columns: 80 });
  // 55 columns come before, and 25 are left.
  t.is(narrow[3], `${begins[3]}${'z'.repeat(24)}…`);
  t.is(narrow[4], `${begins[4]}${'日'.repeat(12)}…`);
  t.is(narrow[2], whole[2]);
  const [, , , line] = await text({ columns: 80, ascii: true });
  t.regex(line, /^\\u65e5\\u672c +333  z{22}\.{3}$/);
});

test('windows become smaller where events are large, and miss none', async (t) => {
  const asked = [];
  const log = {
    getInstanceStats: async () => ({ success: true, data: { instanceId: 'id', eventCount: 1000 } }),
    queryEvents: async ({ from: { instance }, where }) => {
      const [first, last] = where.at(-1).value;
      asked.push([first, last]);
      t.is(instance, 'id');
      if (last - first >= 100) return { success: false, code: 'LIMIT_EXCEEDED', error: 'large' };
      return { success: true, data: { result: { events: from(first, last - first + 1) } } };
    },
  };
  for (const direction of ['asc', 'desc']) {
    const query = {
      from: { instance: 'a' },
      select: ['id'],
      orderBy: { field: 'position', direction },
    };
    const found = [];
    for await (const event of matching(log, query, never)) found.push(event);
    t.deepEqual(
      found.toSorted((a, b) => a - b),
      from(1, 1000),
    );
  }
  t.true(asked.length > 20);
  const alwaysLarge = {
    ...log,
    queryEvents: async () => ({
      success: false,
      code: 'LIMIT_EXCEEDED',
      error: 'one is too large',
    }),
  };
  const query = { from: { instance: 'a' }, select: ['id'] };
  const reading = matching(alwaysLarge, query, never).next();
  await t.throwsAsync(reading, { code: 'LIMIT_EXCEEDED', message: 'one is too large' });
});

test('a query that is not as it should be is left to the log, which says so', (t) => {
  const sound = { from: { instance: 'a' } };
  const streamed = [
    {},
    { from: { instance: 'a', stream: 's' } },
    { where: [], select: ['id'], limit: 1001, offset: 5, reduce: null, explain: false },
    { orderBy: { field: 'position', direction: 'desc' }, where: null, limit: null },
  ];
  for (const parts of streamed) t.true(canStream({ ...sound, ...parts }), JSON.stringify(parts));
  const left = [
    { from: undefined },
    { from: { instance: 5 } },
    { from: { instance: 'a', stream: 5 } },
    { from: { instance: 'a', streams: ['s'] } },
    { orderby: {} },
    { orderBy: { field: 'position', direction: 'down' } },
    { orderBy: { field: 'position', order: 'desc' } },
    { orderBy: { field: 'payload.n' } },
    { where: {} },
    { select: 'id' },
    { limit: 10 },
    { limit: 1001.5 },
    { limit: '5000' },
    { offset: -1 },
    { reduce: { type: 'count' } },
    { explain: true },
    { explain: 'yes' },
  ];
  for (const parts of left) t.false(canStream({ ...sound, ...parts }), JSON.stringify(parts));
});

test.serial(
  'a query in JSON that is wrong is refused, and not answered with something else',
  async (t) => {
    const { path } = await longLog(t);
    const wrong = [
      { orderBy: { field: 'position', direction: 'down' } },
      { limit: 1000.5 },
      { offset: -1 },
      { from: { instance: 'a', stream: 5 } },
      { where: [{ field: 'payload.n', operator: 'like', value: 1 }] },
    ];
    for (const parts of wrong) {
      const query = JSON.stringify({ from: { instance: 'a' }, ...parts });
      await refusedBy(t, ['query', '--log', path, '--json', query], 2, /INVALID_ARGUMENT/);
    }
  },
);

/** Lines of an input, in chunks of that size. */
function* chunksOf(text, size) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('with a key, batches are the same ones however the input comes', async (t) => {
  const text = from(1, 25)
    .map((n) => `{"eventType":"é","payload":{"n":${n}}}\n`)
    .join('');
  const batchesOf = async (size, key) => {
    const batches = [];
    const log = {
      appendEvents: async ({ events, idempotencyKey }) => {
        batches.push([idempotencyKey, events.map(({ payload }) => payload.n)]);
        return { success: true, data: { count: events.length } };
      },
    };
    const note = (remark) => t.fail(remark);
    const appending = new Appending(log, {}, { key, batchEvents: 10, defaults: {}, note });
    const counts = await appending.run(chunksOf(text, size), never);
    t.deepEqual(counts, { events: 25, duplicates: 0 });
    return batches;
  };
  const expected = [
    ['k/1', from(1, 10)],
    ['k/11', from(11, 10)],
    ['k/21', from(21, 5)],
  ];
  for (const size of [1, 7, 100, 10_000]) t.deepEqual(await batchesOf(size, 'k'), expected);
  const without = await batchesOf(100, undefined);
  t.true(without.length > 3);
  t.deepEqual(
    without.flatMap(([, numbers]) => numbers),
    from(1, 25),
  );
});

test('an outcome that is not known is told, with what is stored before', async (t) => {
  let calls = 0;
  const log = {
    appendEvents: async ({ events }) => {
      calls += 1;
      if (calls === 1) return { success: true, data: { count: events.length } };
      return { success: false, code: 'OUTCOME_UNKNOWN', error: 'the commit failed' };
    },
  };
  const appending = new Appending(log, {}, { batchEvents: 2, defaults: {}, note: () => {} });
  const lines = from(1, 4)
    .map(() => '{"eventType":"t"}\n')
    .join('');
  await t.throwsAsync(appending.run([Buffer.from(lines)], never), {
    code: 'OUTCOME_UNKNOWN',
    message:
      'lines 3 to 4: the commit failed; these may be stored or not; lines 1 to 2 are stored (2 events)',
  });
});

test('an input that fails is told, with what is stored', async (t) => {
  const log = {
    appendEvents: async ({ events }) => ({ success: true, data: { count: events.length } }),
  };
  async function* failing() {
    yield Buffer.from('{"eventType":"t"}\n{"event');
    throw Object.assign(new Error('gone'), { code: 'EIO' });
  }
  const appending = new Appending(log, {}, { defaults: {}, note: () => {} });
  await t.throwsAsync(appending.run(failing(), never), {
    code: 'INVALID_ARGUMENT',
    message: 'the input cannot be read: EIO; lines 1 to 1 are stored (1 events)',
  });
});
