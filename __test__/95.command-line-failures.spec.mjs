// What the program ends with: an exit code for each failure, and signals and closed pipes.

import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { addon } from './support/child.mjs';
import {
  printed,
  refusedBy,
  runProgram,
  shopLog,
  startProgram,
  untilPrinted,
} from './support/command-line.mjs';
import { succeeded } from './support/response.mjs';
import { CAN_STOP, stoppedHolder } from './support/stopped.mjs';
import { openAt, temporaryFolder, temporaryPath } from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const { EXIT_CODES } = require('../lib/command-line/exit-codes.js');

test('each code of the documented errors has an exit code of its own, and the page of the program has all', (t) => {
  const errors = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const documented = [...errors.matchAll(/^\| \[`([A-Z_]+)`\]/gm)].map(([, code]) => code);
  t.true(documented.length > 15);
  t.deepEqual(
    documented.filter((code) => !Object.hasOwn(EXIT_CODES, code)),
    [],
  );
  const numbers = Object.values(EXIT_CODES);
  t.is(new Set(numbers).size, numbers.length);
  const page = readFileSync(new URL('../docs/command-line.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (\d+) +\| `([A-Z_]+)`/gm)].map(([, number, code]) => [
    code,
    Number(number),
  ]);
  t.deepEqual(Object.fromEntries(rows), EXIT_CODES);
});

test.serial('a failure ends with its exit code', async (t) => {
  const path = await shopLog(t);
  const folder = dirname(path);
  const letter = join(folder, 'letter.txt');
  writeFileSync(letter, 'This is a letter, not a log.\n');
  const newer = join(folder, 'newer.redb');
  const bytes = readFileSync(path);
  bytes[16] = 200;
  writeFileSync(newer, bytes);
  const empty = join(folder, 'empty.redb');
  writeFileSync(empty, '');
  const cases = [
    [['ls', join(folder, 'none.redb')], 3, /LOG_NOT_FOUND: there is no log at .*none\.redb/],
    [['ls', join(letter, 'log.redb')], 3, /LOG_NOT_FOUND/],
    [['ls', ':memory:'], 2, /a log of one process alone/],
    [['ls', ''], 2, /an empty text/],
    [['ls', folder], 2, /INVALID_ARGUMENT: .*directory/],
    [
      ['tail', path, 'none'],
      4,
      /INSTANCE_NOT_FOUND: instanceId: no instance has the id or name "none"/,
    ],
    [['tail', '-f', path, 'none'], 4, /INSTANCE_NOT_FOUND/],
    [['append', path, 'none', '--type', 'x'], 4, /INSTANCE_NOT_FOUND/],
    [['show', path, 'shop', '8'], 5, /EVENT_NOT_FOUND: instance "shop" has no event 8/],
    [['show', path, 'shop', '3', '--stream', 'order-1'], 5, /EVENT_NOT_FOUND/],
    [['show', path, 'shop', '0190a5d0-1111-7000-8000-00000000ffff'], 5, /EVENT_NOT_FOUND/],
    [['create', path, 'x'.repeat(2000)], 8, /LIMIT_EXCEEDED/],
    [['create', join(letter, 'log.redb'), 'x'], 11, /STORAGE_FAILED/],
    [['ls', letter], 13, /CORRUPTED: .*not a log/],
    [['create', letter, 'x'], 13, /CORRUPTED/],
    [['ls', empty], 13, /CORRUPTED/],
    [['verify', newer], 14, /UNSUPPORTED_FORMAT: .*200/],
  ];
  for (const [args, exitCode, pattern] of cases) await refusedBy(t, args, exitCode, pattern);
  t.is(readFileSync(letter, 'utf8'), 'This is a letter, not a log.\n');
});

test.serial(
  'a command that waits for what never comes, or has a fault, does not look like a success',
  async (t) => {
    const path = await shopLog(t);
    const command = fileURLToPath(new URL('../lib/command-line/commands/ls.js', import.meta.url));
    const withRun = (run) => {
      const hook = `${path}.cjs`;
      writeFileSync(hook, `require(${JSON.stringify(command)}).run = ${run};`);
      return { env: { NODE_OPTIONS: `--require ${hook}` } };
    };
    const endless = withRun('() => new Promise(() => {})');
    await refusedBy(t, ['ls', path], 1, /INTERNAL: .*nothing to wait for/, endless);
    const faulty = withRun('() => undefined.x');
    await refusedBy(t, ['ls', path], 1, /INTERNAL: TypeError/, faulty);
    const late = withRun('() => new Promise(() => setTimeout(() => undefined.x, 0))');
    await refusedBy(t, ['ls', path], 1, /INTERNAL: TypeError/, late);
  },
);

test.serial('without the addon, only what needs it fails', async (t) => {
  const path = await shopLog(t);
  const env = { CODEBOLT_EVENTLOG_ADDON: `${path}.node` };
  await refusedBy(t, ['ls', path], 23, /ADDON_NOT_LOADED/, { env });
  await refusedBy(t, ['tial', path], 2, /unknown command "tial"/, { env });
  await refusedBy(t, ['tail', '--folow'], 2, /unknown option --folow/, { env });
  t.regex(await printed(t, ['help', 'tail'], { env }), /--follow/);
});

test.serial('a name that is a file is probably the log', async (t) => {
  const path = await shopLog(t);
  const cwd = dirname(path);
  await refusedBy(t, ['tail', 'log.redb'], 3, /log\.redb is a file: .*--log/, { cwd });
  await refusedBy(t, ['stats', 'log.redb', '--log', path], 4, /log\.redb is a file/, { cwd });
});

test.serial('a log that another process has for itself is LOCKED', async (t) => {
  const path = await shopLog(t);
  await openAt(t, path, { exclusive: true });
  await refusedBy(t, ['ls', path, '--lock-wait', '0'], 10, /LOCKED/);
});

if (CAN_STOP) {
  test.serial(
    'a change that waits for a stopped process is LOCKED with its number, and reading goes on',
    async (t) => {
      const path = await shopLog(t);
      const source = `
      import { EventLog } from '${addon}';
      const log = await EventLog.open(process.argv.at(-1));
      process.send('open');
      for (;;) await log.appendEvent({ instanceId: 'shop', eventType: 'more' });`;
      const holder = await stoppedHolder(t, source, path);
      const args = ['append', path, 'shop', '--type', 'x', '--lock-wait', '1'];
      const text = await refusedBy(t, args, 10, /LOCKED/);
      t.true(text.includes(String(holder.child.pid)), text);
      t.is((await runProgram(t, ['tail', path, 'shop', '-n', '1'])).code, 0);
      const found = JSON.parse(await printed(t, ['doctor', path, '-o', 'json']));
      const own = found.holders.find(({ pid }) => pid === holder.child.pid);
      t.like(own, { isStopped: true, locks: ['journal'] });
      t.regex(found.remarks.join(), /kill -CONT/);
      holder.child.kill('SIGKILL');
    },
  );
}

test.serial('doctor tells of a log, and of a file that cannot be opened', async (t) => {
  const path = await shopLog(t);
  const doctor = async (file) => {
    const { code, stdout } = await runProgram(t, ['doctor', file, '-o', 'json']);
    return { code, found: JSON.parse(stdout) };
  };
  const { code, found } = await doctor(path);
  t.is(code, 0);
  t.like(found, { path, kind: 'a log', opens: { success: true }, instanceCount: 2 });
  t.is(found.lengthBytes, statSync(path).size);
  t.true(found.journal.lastCommit > 0);
  t.true(found.freeBytes > 0);
  if (process.platform !== 'win32') {
    t.like(found, { mode: '0600', remarks: [] });
    chmodSync(path, 0o644);
    t.regex((await doctor(path)).found.remarks.join(), /chmod 600/);
  }
  const letter = `${path}.txt`;
  writeFileSync(letter, 'This is a letter, not a log.\n');
  const other = await doctor(letter);
  t.is(other.code, 13);
  t.like(other.found, { kind: 'no log', opens: { success: false, code: 'CORRUPTED' } });
  const cut = `${path}.cut`;
  writeFileSync(cut, readFileSync(path).subarray(0, 1000));
  t.like((await doctor(cut)).found, { kind: 'a log that was cut off' });
  const newer = readFileSync(path);
  newer[16] = 200;
  writeFileSync(cut, newer);
  const unknown = await doctor(cut);
  t.is(unknown.code, 14);
  t.like(unknown.found, { kind: 'a log', format: 200, journal: undefined });
  await refusedBy(t, ['doctor', dirname(path)], 2, /expected a file/);
});

if (CAN_STOP) {
  test.serial('doctor names the processes that have the log open', async (t) => {
    const path = await shopLog(t);
    const log = await openAt(t, path);
    const found = JSON.parse(await printed(t, ['doctor', path, '-o', 'json']));
    t.like(
      found.holders.find(({ pid }) => pid === process.pid),
      { isStopped: false },
    );
    await log.close();
    const after = JSON.parse(await printed(t, ['doctor', path, '-o', 'json']));
    t.false(after.holders.some(({ pid }) => pid === process.pid));
  });
}

test.serial('damage that verify finds is CORRUPTED, with a report', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const events = [{ eventType: 'unmistakable', payload: { text: 'unmistakable' } }];
  const params = { instanceId: 'a', autoCreateInstance: true, events };
  succeeded(t, await log.appendEvents(params), 'appendEvents');
  await log.close();
  const bytes = readFileSync(path);
  const at = bytes.lastIndexOf('unmistakable');
  t.true(at > 0);
  bytes[at] ^= 1;
  writeFileSync(path, bytes);
  const { code, stdout, stderr } = await runProgram(t, ['verify', path, '-o', 'json']);
  t.is(code, 13, stderr);
  t.is(JSON.parse(stdout).intact, false);
  t.regex(stderr, /CORRUPTED: the log has \d+ problem/);
  const table = await runProgram(t, ['verify', path]);
  t.regex(table.stdout, /^intact +false$[^]*^INSTANCE +POSITION +PROBLEM$/m);
});

/** A log with so many events that a pipe does not hold them. */
async function longLog(t, count = 5000) {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const events = Array.from({ length: count }, (_, n) => ({
    eventType: 'made',
    payload: { n, text: 'x'.repeat(300) },
  }));
  const params = { instanceId: 'a', autoCreateInstance: true, events };
  succeeded(t, await log.appendEvents(params), 'appendEvents');
  return { path, log };
}

test.serial('an output that is closed early is no failure', async (t) => {
  const { path } = await longLog(t);
  const calls = [
    ['tail', '-n', 'all', path, 'a'],
    ['query', path, 'a', '-o', 'csv'],
    ['query', path, 'a', '--select', 'payload', '-o', 'json'],
    ['export', '--log', path],
    ['tail', '-f', '-n', 'all', path, 'a'],
    ['completion', 'zsh'],
    ['--help'],
  ];
  for (const args of calls) {
    const { child, ended } = startProgram(t, args);
    // What is short is closed before it comes.
    if (args.length < 3) child.stdout.destroy();
    else child.stdout.once('data', () => child.stdout.destroy());
    const { code, signal, stderr } = await ended;
    t.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' }, args.join(' '));
  }
});

if (process.platform === 'linux') {
  test.serial('an output that cannot be written is a failure', async (t) => {
    const { path } = await longLog(t);
    const { openSync, closeSync } = await import('node:fs');
    const { spawnSync } = await import('node:child_process');
    const { program } = await import('./support/command-line.mjs');
    const full = openSync('/dev/full', 'w');
    for (const args of [
      ['tail', '-n', 'all', path, 'a'],
      ['ls', path],
      ['export', '--log', path],
    ]) {
      const stdio = ['ignore', full, 'pipe'];
      const { status, stderr } = spawnSync(process.execPath, [program, ...args], { stdio });
      t.is(status, 24, String(stderr));
      t.regex(String(stderr), /OUTPUT_FAILED: standard output: ENOSPC/);
    }
    closeSync(full);
  });
}

/** On Windows, a process cannot send another one Ctrl-C alone: a signal kills it. */
const signalled = process.platform === 'win32' ? test.skip : test.serial;

const hasLine = (text) => /"n":1\b/.test(text);

signalled(
  'tail -f prints what another process stores, once and in order, until a signal ends it',
  async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    const append = async (n) =>
      succeeded(
        t,
        await log.appendEvent({
          instanceId: 'a',
          eventType: 't',
          payload: { n },
          autoCreateInstance: true,
        }),
        'appendEvent',
      );
    await append(0);
    const following = startProgram(t, ['tail', '-f', path, 'a', '-o', 'jsonl']);
    await untilPrinted(following, (text) => text.includes('\n'));
    await append(1);
    await untilPrinted(following, hasLine);
    for (let n = 2; n < 50; n += 1) await append(n);
    await untilPrinted(following, (text) => /"n":49\b/.test(text));
    following.child.kill('SIGINT');
    const { code, signal, stdout, stderr } = await following.ended;
    t.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
    const numbers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).payload.n);
    t.deepEqual(
      numbers,
      Array.from({ length: 50 }, (_, n) => n),
    );
  },
);

signalled('tail -f with conditions goes on after the last match, and ends its JSON', async (t) => {
  const path = await shopLog(t);
  const log = await openAt(t, path);
  const args = ['tail', '-f', path, 'shop', '--type', 'OrderPaid', '-o', 'json'];
  const following = startProgram(t, args);
  await untilPrinted(following, (text) => text.includes('59.98'));
  const append = (eventType, payload) =>
    log.appendEvent({ instanceId: 'shop', eventType, payload });
  await append('Noted', { text: 'not this one' });
  await append('OrderPaid', { amount: 7 });
  await untilPrinted(following, (text) => text.includes('"amount":7'));
  following.child.kill('SIGTERM');
  const { code, stdout } = await following.ended;
  t.is(code, 0);
  t.deepEqual(
    JSON.parse(stdout).map(({ payload }) => payload.amount),
    [59.98, 7],
  );
});

signalled(
  'a signal calls an import off, which says what is stored, and can be run again',
  async (t) => {
    const { path, log } = await longLog(t);
    const text = await printed(t, ['export', '--log', path]);
    const copy = join(dirname(path), 'copy.redb');
    const importing = startProgram(t, ['import', '--log', copy], { stdin: 'pipe' });
    importing.child.stdin.on('error', () => {});
    importing.child.stdin.write(text.slice(0, text.length - 1000));
    const other = await openAt(t, copy);
    // More than half of it is there: the import is under way.
    for await (const event of other.subscribe({ instance: 'a', awaitInstance: true })) {
      if (event.position > 2500) break;
    }
    importing.child.kill('SIGINT');
    const { code, stdout, stderr } = await importing.ended;
    t.is(code, 130, stderr);
    t.is(stdout, '');
    t.regex(stderr, /ABORTED: .*SIGINT/);
    await printed(t, ['import', '--log', copy], { input: text });
    t.is(await printed(t, ['export', '--log', copy]), text);
    await log.close();
  },
);

signalled('a signal ends append, which says what is stored', async (t) => {
  const path = await shopLog(t);
  const log = await openAt(t, path, { readOnly: true });
  const appending = startProgram(t, ['append', path, 'shop'], { stdin: 'pipe' });
  appending.child.stdin.on('error', () => {});
  appending.child.stdin.write('{"eventType":"a"}\n{"eventType":"b"}\n{"eventType":');
  for await (const event of log.subscribe({ instance: 'shop', afterPosition: 7 })) {
    if (event.event_type === 'b') break;
  }
  appending.child.kill('SIGTERM');
  const { code, stderr } = await appending.ended;
  t.is(code, 143, stderr);
  t.regex(stderr, /ABORTED: called off: SIGTERM; lines 1 to 2 are stored \(2 events\)/);
  t.is((await log.getInstanceStats('shop')).data.eventCount, 9);
});

test.serial('an export to a file that fails leaves no file', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await shopLog(t);
  const file = join(folder, 'out.jsonl');
  await refusedBy(t, ['export', path, 'none', '--to', file], 4, /INSTANCE_NOT_FOUND/);
  const { readdirSync } = await import('node:fs');
  t.deepEqual(readdirSync(folder), []);
});
