// The program as a process: how it begins, what it writes where, and how it ends.

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import test from 'ava';
import { EventLog } from 'codebolt-eventlog';
import { connect, run, start, startHttp, token, usual } from './support/clients.js';
import { openOrders, temporaryPath } from './support/logs.js';

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'tests', version: '1' },
  },
};

test('a log that does not exist is an error, and is not made', async (t) => {
  const path = await temporaryPath(t);
  const { code, stdout, stderr } = await run(t, ['--log', path]);
  t.is(code, 1);
  t.is(stdout, '');
  t.is(
    stderr,
    `codebolt-eventlog-mcp: there is no log at ${path}: give the path of one, or --write to make it\n`,
  );
  t.false(existsSync(path));
});

test('with --write, a log that does not exist is made', async (t) => {
  const path = await temporaryPath(t);
  const { client, call } = await connect(t, usual, path, ['--write']);
  const event = { instanceId: 'agent', eventType: 'began', autoCreateInstance: true };
  t.is((await call('eventlog_append_event', event)).isError, undefined);
  await client.close();
  const log = await EventLog.open(path, { readOnly: true });
  t.teardown(() => log.close());
  t.is((await log.getInstanceStats('agent')).data.eventCount, 1);
});

test('a file that is no log is an error', async (t) => {
  const path = await temporaryPath(t);
  await writeFile(path, 'a letter');
  const { code, stderr } = await run(t, ['--log', path]);
  t.is(code, 1);
  t.regex(stderr, /is not a log/);
  t.is(await readFile(path, 'utf8'), 'a letter');
});

test('without --write, an empty file is not made a log', async (t) => {
  const path = await temporaryPath(t);
  await writeFile(path, '');
  const { code, stderr } = await run(t, ['--log', path]);
  t.is(code, 1);
  t.regex(stderr, /log/);
  t.is(await readFile(path, 'utf8'), '');
});

test('without --write, the log is opened for reading, beside a program that writes', async (t) => {
  const { path, log } = await openOrders(t);
  const { call } = await connect(t, usual, path);
  const count = async () =>
    (await call('eventlog_get_instance_stats', { instanceId: 'orders' })).structuredContent
      .eventCount;
  t.is(await count(), 20);
  await log.appendEvent({ instanceId: 'orders', eventType: 'a' });
  t.is(await count(), 21);
});

test('the environment names the log too', async (t) => {
  const { path } = await openOrders(t);
  const child = start(t, [], { env: { ...process.env, CODEBOLT_EVENTLOG_PATH: path } });
  child.stdin.write(`${JSON.stringify(initialize)}\n`);
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  t.is(JSON.parse(line).result.serverInfo.name, 'codebolt-eventlog-mcp');
});

test('it ends when its input does, and has written nothing but the protocol', async (t) => {
  const { path } = await openOrders(t);
  const child = start(t, ['--log', path]);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.stdin.write(`${JSON.stringify(initialize)}\n`);
  await once(child.stdout, 'data');
  child.stdin.end();
  const [code] = await once(child, 'close');
  t.is(code, 0);
  t.is(stderr, '');
  for (const line of stdout.trimEnd().split('\n')) t.is(JSON.parse(line).jsonrpc, '2.0');
});

test('requests that are piped in are all answered, before it ends', async (t) => {
  const { path } = await openOrders(t);
  const child = start(t, ['--log', path, '--write']);
  const event = { instanceId: 'orders', eventType: 'piped' };
  const calls = Array.from({ length: 50 }, (_, index) => ({
    jsonrpc: '2.0',
    id: index + 2,
    method: 'tools/call',
    params: { name: 'eventlog_append_event', arguments: event },
  }));
  const messages = [initialize, { jsonrpc: '2.0', method: 'notifications/initialized' }, ...calls];
  child.stdin.end(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  let stdout = '';
  for await (const text of child.stdout.setEncoding('utf8')) stdout += text;
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(
    answers.map(({ id }) => id).toSorted((left, right) => left - right),
    [1, ...calls.map(({ id }) => id)],
  );
  t.true(answers.every(({ result }) => result !== undefined && !result.isError));
});

test('it ends when its input does, even with subscriptions', async (t) => {
  const { path } = await openOrders(t);
  const child = start(t, ['--log', path]);
  const lines = child.stdout.setEncoding('utf8');
  const subscribe = {
    method: 'resources/subscribe',
    params: { uri: 'eventlog://instances/orders' },
  };
  child.stdin.write(`${JSON.stringify(initialize)}\n`);
  await once(lines, 'data');
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 2, ...subscribe })}\n`);
  t.deepEqual(JSON.parse((await once(lines, 'data'))[0]), { jsonrpc: '2.0', id: 2, result: {} });
  child.stdin.end();
  t.is((await once(child, 'close'))[0], 0);
});

if (process.platform !== 'win32') {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    test(`${signal} ends it, over either transport`, async (t) => {
      const { path } = await openOrders(t);
      const child = start(t, ['--log', path]);
      child.stdin.write(`${JSON.stringify(initialize)}\n`);
      await once(child.stdout, 'data');
      child.kill(signal);
      t.deepEqual(await once(child, 'close'), [0, null]);

      const http = await startHttp(t, ['--log', path, '--token', token]);
      http.child.kill(signal);
      t.deepEqual(await once(http.child, 'close'), [0, null]);
    });
  }
}

test('a command line that is wrong says what was expected', async (t) => {
  const wrong = [
    [[], /expected --log PATH/],
    [['--lgo', 'x'], /unknown option --lgo; did you mean "--log"\?/],
    [['x.redb'], /expected options only, found "x\.redb"/],
    ...[['postgres://me:secret@h/d'], ['--', 'postgres://me:secret@h/d']].map((words) => [
      words,
      /expected options only, found a URL \(--log takes/,
    ]),
    [['--log', 'x', '--instances', 'postgres://me:secret@h,'], /--instances: .* found a URL/],
    [['--log', 'x', '--http', 'postgres://me:secret@h'], /--http: .* found a URL/],
    [['--log', 'x', '--http', '0', '--host', 'postgres://me:secret@h'], /--host: .* found a URL/],
    [['--log'], /--log/],
    [['--log', 'x', '--http', 'y'], /--http: expected a whole number from 0 to 65535, found "y"/],
    [
      ['--log', 'x', '--max-characters', '5'],
      /--max-characters: expected a whole number from 1000/,
    ],
    ...['', ' ', 'a,,b', 'a,'].map((list) => [
      ['--log', 'x', '--instances', list],
      /--instances: expected names or ids with commas between them, found "/,
    ]),
    [['--log', 'x', '--token', token], /--token: expected it beside --http/],
    [['--log', 'x', '--http', '0', '--token', 'short'], /the token: expected 16 to 1024/],
    [
      ['--log', 'x', '--http', '0', '--token', token, '--no-token'],
      /expected one of --token and --no-token/,
    ],
    [['--log', 'x', '--http', '0', '--origin', 'localhost'], /--origin: expected an origin/],
  ];
  const env = { ...process.env, CODEBOLT_EVENTLOG_PATH: '' };
  for (const [parameters, expected] of wrong) {
    const { code, stdout, stderr } = await run(t, parameters, { env });
    t.is(code, 2, parameters.join(' '));
    t.is(stdout, '');
    t.regex(stderr, expected);
    t.regex(stderr, /Try --help\.\n$/);
    t.notRegex(stderr, /secret/);
  }
});

test('a port that is taken is an error', async (t) => {
  const { path } = await openOrders(t);
  const { url } = await startHttp(t, ['--log', path, '--no-token']);
  const { code, stderr } = await run(t, ['--log', path, '--no-token', '--http', url.port]);
  t.is(code, 1);
  t.regex(stderr, /EADDRINUSE/);
});

test('help and version', async (t) => {
  const { version } = JSON.parse(
    await readFile(new URL('../package.json', import.meta.url), 'utf8'),
  );
  t.is((await run(t, ['--version'])).stdout, `${version}\n`);
  const help = await run(t, ['--help']);
  t.is(help.code, 0);
  t.regex(help.stdout, /^Usage: codebolt-eventlog-mcp --log PATH/);
});
