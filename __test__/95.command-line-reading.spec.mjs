// What the commands that read print, in each format, beside files with what they have to print.

import { writeFile } from 'node:fs/promises';

import test from 'ava';

import { isGolden, printed, refusedBy, shopLog } from './support/command-line.mjs';

const FORMATS = ['table', 'json', 'jsonl', 'csv'];

/** Calls of commands that are tried in each format. */
const IN_EACH_FORMAT = [
  'ls',
  'streams',
  'tail',
  'show',
  'query-select',
  'query-groups',
  'query-none',
];

/** Calls of commands, by the name of their files. */
const CALLS = {
  ls: ['ls'],
  'ls-upstream': ['eventlog', 'list'],
  streams: ['streams', 'shop'],
  'streams-some': ['streams', 'shop', '--prefix', 'order-', '-n', '1'],
  'streams-after': ['streams', 'shop', '--after', 'order-1'],
  'streams-none': ['streams', '--', '-empty'],
  tail: ['tail', 'shop'],
  'tail-some': ['tail', 'shop', '-n', '2'],
  'tail-zero': ['tail', 'shop', '-n', '0'],
  'tail-stream': ['tail', 'shop', '--stream', 'order-1', '-n', 'all'],
  'tail-dash': ['tail', 'shop', '--stream=-dash'],
  'tail-filtered': ['tail', 'shop', '--type', 'OrderPlaced', '--type', 'OrderPaid', '-n', '1'],
  'tail-none': ['tail', '--', '-empty'],
  show: ['show', 'shop', '2'],
  'show-id': ['show', 'shop', '0190A5D0-1111-7000-8000-000000000004'],
  'show-sequence': ['show', 'shop', '2', '--stream', 'order-1'],
  query: ['query', 'shop', '--where', 'payload.total >= 9'],
  'query-related': ['query', 'shop', '--correlation', 'c-1', '--causation', 'e-1'],
  'query-times': [
    'query',
    'shop',
    '--since',
    '2026-01-31 12:02',
    '--until',
    '2026-01-31T13:04+01:00',
  ],
  'query-order': [
    'query',
    '-q',
    'shop',
    '--order',
    'payload.total:desc',
    '-n',
    '2',
    '--offset',
    '1',
  ],
  'query-backwards': ['query', 'shop', '--order', 'position:desc', '--offset', '5'],
  'query-select': [
    'query',
    'shop',
    '--select',
    'position,streamId',
    '--select',
    '/payload/customer/name',
  ],
  'query-count': ['query', 'shop', '--count'],
  'query-sum': ['query', 'shop', '--sum', 'payload.total'],
  'query-groups': ['query', 'shop', '--group-by', 'event_type', '--order', 'count:desc'],
  'query-no-groups': ['query', 'shop', '--type', 'none', '--group-by', 'event_type,stream_id'],
  'query-collect': ['query', 'shop', '--collect', 'payload.total', '--stream', 'order-2'],
  'query-none': ['query', 'shop', '--stream', 'none'],
  'query-json': [
    'query',
    '--json',
    '{"from":{"instance":"shop"},"where":[{"field":"sequence_number","operator":"eq","value":2}]}',
  ],
};

for (const [name, args] of Object.entries(CALLS)) {
  const formats = IN_EACH_FORMAT.includes(name) ? FORMATS : ['table'];

  test.serial(`${name} prints what it has to as ${formats.join(', ')}`, async (t) => {
    const path = await shopLog(t);
    for (const format of formats) {
      const text = await printed(t, ['--log', path, '-o', format, ...args]);
      isGolden(t, `${name}.${format}`, text);
      if (format === 'json') t.notThrows(() => JSON.parse(text));
    }
  });
}

test.serial(
  'the log is an argument before the others, --log, or what the environment names',
  async (t) => {
    const path = await shopLog(t);
    const expected = await printed(t, ['tail', 'shop', '--log', path]);
    t.is(await printed(t, ['tail', path, 'shop']), expected);
    t.is(await printed(t, ['tail', 'shop'], { env: { CODEBOLT_EVENTLOG_PATH: path } }), expected);
    t.is(await printed(t, [`--log=${path}`, 'eventlog', 'query', 'shop']), expected);
    await refusedBy(t, ['tail', path, 'shop', '--log', path], 2, /the log once/);
  },
);

test.serial('a query in JSON comes from an argument, a file or standard input', async (t) => {
  const path = await shopLog(t);
  const query = JSON.stringify({ reduce: { type: 'count' } });
  const file = `${path}.json`;
  await writeFile(file, query);
  const args = ['query', path, 'shop', '-o', 'json', '--json'];
  t.is(await printed(t, [...args, query]), '7\n');
  t.is(await printed(t, [...args, `@${file}`]), '7\n');
  t.is(await printed(t, [...args, '-'], { input: query }), '7\n');
  const own = ['query', '--log', path, '-o', 'json', '--json'];
  await refusedBy(t, [...own, query], 2, /from/);
  await refusedBy(t, [...args, '{"from":{"instance":"other"}}'], 2, /from\.instance/);
  await refusedBy(t, [...args, query, '--type', 'x'], 2, /no --type beside it/);
  await refusedBy(t, [...args, '{'], 2, /expected JSON/);
  await refusedBy(t, [...args, '[]'], 2, /expected an object/);
  await refusedBy(t, [...args, `@${file}.none`], 2, /cannot read .*ENOENT/);
  await refusedBy(t, [...args, '-'], 2, /expected UTF-8/, { input: Buffer.from([0x22, 0xff]) });
});

test.serial(
  'trees, aggregates and spans of a query in JSON are printed by their names',
  async (t) => {
    const path = await shopLog(t);
    const ask = async (format, query) =>
      printed(t, ['query', path, 'shop', '-o', format, '--json', JSON.stringify(query)]);
    const aggregates = {
      n: { type: 'count' },
      totals: { type: 'countDistinct', field: 'payload.total' },
    };
    const where = { any: [{ field: 'stream_id', operator: 'startsWith', value: 'order-' }] };
    t.is(await ask('csv', { where, reduce: { aggregates } }), 'n,totals\r\n4,2\r\n');
    const groupBy = [{ field: 'timestamp', every: '1d' }, 'stream_id'];
    const rows = await ask('csv', { where, reduce: { aggregates, groupBy }, limit: 1 });
    t.regex(rows, /^timestamp,stream_id,n,totals\r\n\d{4}-\d\d-\d\dT00:00:00\.000Z,order-1,/);
  },
);

test.serial('a value of a condition is JSON, or else a text', async (t) => {
  const path = await shopLog(t);
  const count = async (...conditions) => {
    const where = conditions.flatMap((condition) => ['--where', condition]);
    return JSON.parse(await printed(t, ['query', path, 'shop', '--count', '-o', 'json', ...where]));
  };
  t.is(await count('payload.customer.name=Ann'), 1);
  t.is(await count('payload.customer.name = "Ann"'), 1);
  t.is(await count('"/payload/customer/name" = Ann'), 1);
  t.is(await count('payload.total = 9'), 1);
  t.is(await count('payload.total = "9"'), 0);
  t.is(await count('payload.total != 9', 'payload.total < 0'), 1);
  t.is(await count('payload.total>8', 'payload.total<=9'), 1);
  t.is(await count('stream_id ~ order'), 4);
  t.is(await count('stream_id in ["note","-dash"]'), 2);
  t.is(await count('stream_id startsWith order'), 4);
  t.is(await count('payload.total exists true', 'stream_id notIn ["note"]'), 3);
  t.is(await count('sequence_number between [2,3]'), 2);
  t.is(await count('payload.total eq null'), 4);
  t.is(await count('payload.customer.name = =1+1'), 1);
});

test.serial('how a result was found is told in words, and by the names of the API', async (t) => {
  const path = await shopLog(t);
  const explained = (format) => printed(t, ['query', path, 'shop', '--explain', '-o', format]);
  const table = await explained('table');
  for (const title of ['path', 'events examined', 'blocks total']) {
    t.regex(table, new RegExp(`^${title} +\\S`, 'm'));
  }
  t.regex(await explained('csv'), /^total,path,.*eventsExamined.*blocks\.total/);
  t.is(typeof JSON.parse(await explained('json')).plan.eventsExamined, 'number');
});

test.serial('what is asked for wrongly is refused, with what was expected', async (t) => {
  const path = await shopLog(t);
  const cases = [
    [['tail'], /expected INSTANCE, found nothing/],
    [['tail', path, 'shop', 'more'], /expected at most 2 arguments/],
    [
      ['query', path, 'shop', '--where', 'payload.a', '=', '1'],
      /expected at most 2 arguments, found ".*", "shop", "=", "1"; what has blanks in it, such as a condition of --where, needs quotes/,
    ],
    [['query', '--log', path], /expected INSTANCE or --json/],
    [['query', path, 'shop', '--where', 'payload.total'], /expected FIELD OP VALUE/],
    [['query', path, 'shop', '--where', 'event_type like x'], /expected FIELD OP VALUE/],
    // What is near to an operator is no part of the value after one.
    ...['>>', '=>', '<>', '===', '!', '=~', '!=='].map((operator) => [
      ['tail', path, 'shop', '--where', `payload.n ${operator} 5`],
      new RegExp(`found ${operator} \\(a text that begins so is written in double quotes\\)`),
    ]),
    ...['=', '>', '~', 'eq ', 'contains\t'].map((operator) => [
      ['query', path, 'shop', '--where', `payload.n ${operator} `, '--count'],
      /expected a value after \S+, found nothing/,
    ]),
    [['query', path, 'shop', '--where', 'payload.n = 12345678901234567890'], /JavaScript keeps/],
    ...['DESC', 'Asc', 'descending', 'down', 'up'].map((direction) => [
      ['query', path, 'shop', '--order', `payload.n:${direction}`],
      new RegExp(`--order: expected :asc or :desc after the field, found ":${direction}"`),
    ]),
    ...['type', 'correlation', 'causation'].map((name) => [
      ['tail', path, 'shop', `--${name}=`],
      new RegExp(`--${name}: expected a text, found an empty one`),
    ]),
    [['show', path, 'shop', '1', '--stream='], /--stream: expected the id of a stream/],
    [['query', path, 'shop', '--since', 'yesterday'], /--since: expected an ISO 8601/],
    [['query', path, 'shop', '--since', '2026-13-01'], /--since: expected an ISO 8601/],
    [['query', path, 'shop', '-n', '1.5'], /--limit: expected a whole number/],
    [['query', path, 'shop', '-n', '-1'], /-n/],
    [['query', path, 'shop', '--sum', 'a', '--avg', 'b'], /--sum and --avg/],
    [['query', path, 'shop', '--order', 'eventtype'], /eventtype/],
    [['tail', path, 'shop', '-n', 'many'], /--limit: expected a whole number/],
    [['tail', path, 'shop', '-o', 'xml'], /--output: expected one of table, json, jsonl, csv/],
    [['tail', path, 'shop', '--folow'], /unknown option --folow; did you mean --follow\?/],
    [['tial', path, 'shop'], /unknown command "tial".*did you mean tail\?/],
    [['eventlog', 'made', path], /unknown word after eventlog/],
    [['help', 'eventlog'], /expected one of .* after eventlog/],
    [['show', path, 'shop', 'x'], /EVENT: expected a whole number/],
  ];
  for (const [args, pattern] of cases) await refusedBy(t, args, 2, pattern);
});
