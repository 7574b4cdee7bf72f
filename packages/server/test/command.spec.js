// The command, as a process of its own: what it prints, how it ends, and what is left after it was killed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import test from 'ava';
import { EventLog } from 'codebolt-eventlog';
import { connect, unwrap } from 'codebolt-eventlog-server/client';

import { TOKEN, socketUrl, talk, temporaryFolder } from './support/server.js';

const command = fileURLToPath(new URL('../bin/codebolt-eventlog-server.js', import.meta.url));

/** Runs the command. `line` is the first one that it prints; `ended` tells how it has ended. */
function launch(t, args, env = {}) {
  const inherited = { ...process.env };
  for (const name of Object.keys(inherited)) if (/^CODEBOLT_/.test(name)) delete inherited[name];
  const child = spawn(process.execPath, [command, ...args], { env: { ...inherited, ...env } });
  t.teardown(() => child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }));
  const first = once(createInterface(child.stdout), 'line').then(([line]) => line);
  const early = ended.then(({ stderr: text }) => {
    throw new Error(`the command ended before it listened: ${text}`);
  });
  early.catch(() => {});
  return { child, ended, line: Promise.race([first, early]) };
}

/** Runs the command until it listens. */
async function listening(t, args, env) {
  const path = join(await temporaryFolder(t), 'log.redb');
  const server = launch(t, ['--log', path, '--port', '0', ...args], env);
  const line = await server.line;
  return { ...server, line: await server.line, path, address: line.split(' ').at(-1) };
}

test('it prints one line with a link that lets in, and ends well on a signal', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    const { child, ended, line, address, path } = await listening(t, []);
    t.regex(
      line,
      /^codebolt-eventlog-server listens at http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/,
    );
    const client = await connect(address);
    unwrap(await client.appendEvent({ instanceId: 'a', eventType: 't' }));
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    await client.close();
    t.deepEqual([code, stderr, stdout], [0, '', `${line}\n`]);
    const log = await EventLog.open(path);
    t.is((await log.getInstanceStats('a')).data.eventCount, 1);
    await log.close();
  }
});

test('a token of the environment serves both sides, and is in no output', async (t) => {
  const env = { CODEBOLT_EVENTLOG_TOKEN: TOKEN };
  const { child, ended, address } = await listening(t, [], env);
  const query = new URLSearchParams({ HOME: '/root', ...env, SECRET: 'very-secret' });
  const client = await talk(t, `${socketUrl(address)}?${query}`);
  await client.request('eventLog.explode', { SECRET: 'very-secret' });
  client.send('{"SECRET":"very-secret"');
  await client.message();
  t.is((await fetch(`${address}eventlog/${TOKEN}?token=${TOKEN}`)).status, 404);
  t.is((await fetch(`${address}?token=wrong-${TOKEN}`)).status, 401);
  child.kill('SIGTERM');
  const { stdout, stderr } = await ended;
  t.notRegex(`${stdout}${stderr}`, /a-token-of-tests|very-secret/);
});

test('options of the command are those of the server', async (t) => {
  const { address, path, child, ended } = await listening(t, [
    '--no-token',
    '--instances',
    'a, b',
    '--instances',
    'c',
    '--no-auto-create',
    '--body-bytes-max',
    '2000',
  ]);
  t.notRegex(address, /token/);
  const client = await talk(t, socketUrl(address));
  t.true((await client.request('eventLog.createInstance', { name: 'c' })).success);
  t.true((await client.request('eventLog.createInstance', { name: 'b' })).success);
  t.is((await client.request('eventLog.createInstance', { name: 'd' })).code, 'FORBIDDEN');
  t.is(
    (await client.request('eventLog.appendEvent', { instanceId: 'a', eventType: 't' })).code,
    'INSTANCE_NOT_FOUND',
  );
  child.kill('SIGTERM');
  t.is((await ended).code, 0);

  const readOnly = launch(t, ['--log', path, '--port', '0', '--no-token', '--read-only']);
  const reader = await talk(t, socketUrl((await readOnly.line).split(' ').at(-1)));
  t.is((await reader.request('eventLog.listInstances')).data.instances.length, 2);
  t.is((await reader.request('eventLog.deleteInstance', { instanceId: 'c' })).code, 'FORBIDDEN');
});

test('a wrong call says what is wrong, and ends with 2; what cannot be opened ends with 1', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  for (const [args, code, pattern] of [
    [[], 2, /expected --log PATH/],
    [['--lgo', 'x'], 2, /--lgo/],
    [['x.redb'], 2, /expected options only, found "x\.redb"/],
    [['postgres://me:secret@h/d'], 2, /expected options only, found a URL \(--log takes/],
    [['--port', '1', '--', 'postgres://me:secret@h/d'], 2, /expected options only, found a URL/],
    [['--log', path, '--port', 'postgres://me:secret@h/d'], 2, /--port: .* found a URL/],
    [['--log', path, '--instances', 'postgres://me:secret@h,'], 2, /--instances: .* found a URL/],
    [['--log', path, '--port', 'x'], 2, /--port: expected a whole number/],
    [['--log', path, '--port', '70000'], 2, /port: expected a whole number from 0 to 65535/],
    [['--log', path, '--token', TOKEN, '--no-token'], 2, /found both/],
    [
      ['--log', path, '--token', 'short'],
      2,
      /^codebolt-eventlog-server: token: expected .*found a string$/m,
    ],
    [['--log', path, '--tls-cert', 'x'], 2, /found one of them/],
    [['--log', path, '--tls-cert', 'x', '--tls-key', 'x'], 2, /tls: /],
    [['--log', path, '--no-token', '--host', '0.0.0.0'], 2, /token: /],
    ...['', ' ', 'a,,b', 'a,'].map((list) => [
      ['--log', path, '--instances', list],
      2,
      /--instances: expected names or ids with commas between them, found "/,
    ]),
    [['--log', folder], 2, /directory/],
    [['--log', join(folder, 'none.redb'), '--read-only'], 1, /none\.redb/],
  ]) {
    const { ended, line } = launch(t, args);
    await t.throwsAsync(line);
    const found = await ended;
    t.is(found.code, code, `${args.join(' ')}: ${found.stderr}`);
    t.regex(found.stderr, pattern);
    t.notRegex(found.stderr, /secret/);
    t.is(found.stdout, '');
  }
  const help = await launch(t, ['--help']).ended;
  t.is(help.code, 0);
  t.regex(help.stdout, /^Usage: /);
  t.regex((await launch(t, ['--version']).ended).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('a server that is killed under load has lost nothing that it acknowledged', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  const acknowledged = new Map();
  const unknown = new Set();
  for (let round = 0; round < 3; round += 1) {
    const args = ['--log', path, '--port', '0', '--no-token'];
    const { child, ended, line } = launch(t, args);
    const address = (await line).split(' ').at(-1);
    const clients = await Promise.all(Array.from({ length: 8 }, () => talk(t, socketUrl(address))));
    let answered = 0;
    await Promise.all(
      clients.map(async (client, number) => {
        for (let n = 0; ; n += 1) {
          const key = `${round}-${number}-${n}`;
          const params = {
            instanceId: 'a',
            streamId: `s${number}`,
            eventType: 't',
            payload: { key },
          };
          // It rejects if the socket is closed before the response.
          const response = await client
            .request('eventLog.appendEvent', params)
            .catch(() => undefined);
          if (response === undefined) {
            unknown.add(key);
            return;
          }
          t.true(response.success, response.error);
          acknowledged.set(key, response.data.event.sequence_number);
          answered += 1;
          if (answered === 300) child.kill('SIGKILL');
        }
      }),
    );
    t.is((await ended).signal, 'SIGKILL');
  }
  const log = await EventLog.open(path);
  t.teardown(() => log.close());
  const stored = new Map();
  for await (const { payload, sequence_number: number } of log.readAll({ instance: 'a' })) {
    t.false(stored.has(payload.key));
    stored.set(payload.key, number);
  }
  for (const [key, number] of acknowledged) t.is(stored.get(key), number, key);
  for (const key of stored.keys()) t.true(acknowledged.has(key) || unknown.has(key), key);
  t.true(acknowledged.size >= 900);
});

test('a client goes on with a server that was killed and started again', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  const args = ['--log', path, '--no-token', '--port'];
  const first = launch(t, [...args, '0']);
  const address = (await first.line).split(' ').at(-1);
  const client = await connect(address, { retryDelayMs: 1 });
  t.teardown(() => client.close());
  const append = (n) =>
    client.appendEvent({
      instanceId: 'a',
      eventType: 't',
      idempotencyKey: `k${n}`,
      payload: { n },
    });
  unwrap(await append(1));
  const subscription = client.subscribe({ instance: 'a' });
  t.is((await subscription.next()).value.payload.n, 1);
  const calls = Array.from({ length: 50 }, (_, n) => append(n + 2));
  first.child.kill('SIGKILL');
  await first.ended;
  const second = launch(t, [...args, new URL(address).port]);
  await second.line;
  for (const response of await Promise.all(calls)) t.true(response.success, response.error);
  const found = [];
  for (let n = 0; n < 50; n += 1) found.push((await subscription.next()).value.payload.n);
  t.deepEqual(
    found.sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, n) => n + 2),
  );
});
