// The commands about evidence and keys: checkpoints, proofs, what verifies them, and what is forgotten. Most calls are made
// within this process: to start one takes longer than all that the command does.

import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import test from 'ava';

import { readProof, verifyCheckpoint } from '../evidence.mjs';
import { EventLog } from '../index.mjs';
import { printed, refusedBy, shopLog } from './support/command-line.mjs';
import { SIGNING_KEY, VERIFIER_KEY } from './support/evidence.mjs';
import { openAt, temporaryFolder, temporaryPath } from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const { COMMANDS } = require('../lib/command-line/commands.js');
const { exitCodeOf } = require('../lib/command-line/exit-codes.js');
const { optionsOf, readArguments } = require('../lib/command-line/options.js');

/** Runs a command as the program does, on a log that is open. Resolves with what it prints, and with its notes. */
async function ran(log, [name, ...args]) {
  const command = COMMANDS[name]();
  const { values, positionals: words } = readArguments(args, optionsOf(command));
  const parts = { text: '', value: undefined, notes: [] };
  const output = {
    format: values.output ?? 'table',
    text: async (text) => (parts.text += text),
    one: async (value) => (parts.value = value),
    all: async () => {},
    note: (text) => parts.notes.push(text),
  };
  const settings = { output: output.format, quiet: true };
  const { signal } = new AbortController();
  await command.run({ open: async () => log, output, values, words, settings, signal });
  return parts;
}

/** Runs a command that must be refused with that exit code. */
async function refused(t, log, args, exitCode, pattern) {
  const error = await t.throwsAsync(ran(log, args), undefined, args.join(' '));
  t.is(exitCodeOf(error), exitCode, error.message);
  t.regex(error.message, pattern);
  return error.message;
}

/** The shop's log, the keys of an auditor, and the notes of its seven events, and of those and one more. */
async function signedShop(t) {
  const path = await shopLog(t);
  const log = await openAt(t, path);
  const at = (name) => join(dirname(path), name);
  await writeFile(at('shop.key'), `${SIGNING_KEY}\n`);
  await writeFile(at('shop.pub'), `${VERIFIER_KEY}\n`);
  const sign = ['checkpoint', 'shop', '--signing-key', at('shop.key')];
  const { text: monday } = await ran(log, sign);
  await writeFile(at('monday.note'), monday);
  await log.strict.appendEvent({ instanceId: 'shop', eventType: 'late', payload: { n: 1 } });
  t.is((await ran(log, [...sign, '--to', at('tuesday.note')])).text, '');
  return { path, log, at, sign, monday, key: ['--verifier-key', `@${at('shop.pub')}`] };
}

/** A log with as many events of an instance with the id of the shop, which are others. */
async function otherHistory(t, shop) {
  const { id } = (await shop.strict.getInstance('shop')).instance;
  const log = await openAt(t, await temporaryPath(t));
  const made = Array.from({ length: 8 }, () => ({ eventType: 'made' }));
  await log.strict.appendEvents({ instanceId: id, autoCreateInstance: true, events: made });
  return { log, id };
}

test('keys makes a pair, and shows the public one of a signing key', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'shop.key');
  const make = ['keys', 'example.com/shop', '--to', file];
  const { text: verifierKey } = await ran(undefined, make);
  t.regex(verifierKey, /^example\.com\/shop\+[\da-f]{8}\+[\w+/=]+\n$/);
  t.regex(await readFile(file, 'utf8'), /^PRIVATE\+KEY\+example\.com\/shop\+[^\n]+\n$/);
  if (process.platform !== 'win32') t.is((await stat(file)).mode & 0o777, 0o600);
  t.is((await ran(undefined, ['keys', '--of', file])).text, verifierKey);
  const { value } = await ran(undefined, ['keys', '--of', file, '-o', 'json']);
  t.deepEqual(value, { verifierKey: verifierKey.trim() });

  await writeFile(`${file}.pub`, verifierKey);
  for (const [args, pattern] of [
    [make.slice(1), /--to: .* exists/],
    [['example.com/shop'], /expected --to/],
    [[], /expected NAME/],
    [['a b', '--to', `${file}2`], /expected the name of a key/],
    [['a', '--of', file], /expected --of by itself/],
    [['--of', `${file}.pub`], /^--of: expected a signing key, which begins/],
  ]) {
    await refused(t, undefined, ['keys', ...args], 2, pattern);
  }
});

test('a checkpoint is a note that an auditor verifies', async (t) => {
  const { log, at, sign, monday, key } = await signedShop(t);
  const { size, root } = await verifyCheckpoint(monday, VERIFIER_KEY);
  t.is(size, 7);
  const { value: signed } = await ran(log, [...sign, '-o', 'json']);
  t.deepEqual([signed.size, signed.note], [8, await readFile(at('tuesday.note'), 'utf8')]);
  const audit = ['audit', at('monday.note')];
  t.like((await ran(log, [...audit, ...key])).value, { size, root, signers: ['PeterNeumann'] });

  const { text } = await ran(log, ['keys', 'o', '--to', at('other.key')]);
  const other = ['--verifier-key', text];
  t.is((await ran(log, [...audit, ...other, ...key])).value.size, 7);
  await writeFile(at('altered.note'), monday.replace('\n7\n', '\n6\n'));
  for (const [args, exitCode, pattern] of [
    [[at('monday.note'), ...other], 28, /^FILE: expected a signature of o with/],
    [[at('altered.note'), ...key], 28, /^FILE: .* found a wrong one/],
    [[at('monday.note'), ...key, '--origin', 'x'], 28, /the origin x/],
    [[at('shop.pub'), ...key], 28, /^FILE: expected a text, an empty line/],
    [[at('none'), ...key], 2, /^FILE: cannot read .*none/],
    [[at('monday.note')], 2, /^expected --verifier-key/],
    [[at('monday.note'), '--verifier-key', 'x'], 2, /^--verifier-key: expected/],
    [[at('monday.note'), ...key, '--older', at('monday.note')], 2, /^--older: expected nothing/],
  ]) {
    await refused(t, log, ['audit', ...args], exitCode, pattern);
  }

  await refused(t, log, ['checkpoint', 'shop'], 2, /^expected --signing-key/);
  const wrong = ['checkpoint', 'shop', '--signing-key', at('shop.pub')];
  const told = await refused(t, log, wrong, 2, /^--signing-key: expected a signing key/);
  t.false(told.includes(VERIFIER_KEY));
  await refused(t, log, [...sign, '--origin', 'a\nb'], 2, /^--origin: expected a line/);
  await refused(t, log, [...sign, '--to', at('monday.note')], 2, /exists/);
  await refused(t, log, sign.with(1, 'none'), 4, /none/);
});

test('an event is proven by one text, or by JSON beside a note', async (t) => {
  const { log, at, monday, key } = await signedShop(t);
  const prove = ['prove', 'shop', '--position', '2'];
  await log.strict.createInstance('untouched');
  const { value: event } = await log.readAll({ instance: 'shop', afterPosition: 1 }).next();
  const note = ['--checkpoint', at('monday.note')];
  const { text } = await ran(log, [...prove, ...note]);
  t.is(readProof(text).note, monday);
  await writeFile(at('2.tlog-proof'), text);
  const audit = async (name, ...args) =>
    (await ran(log, ['audit', at(name), ...key, ...args])).value;
  const proven = await audit('2.tlog-proof');
  t.like(proven, { size: 7, position: 2, id: event.id, event_type: event.event_type });
  t.deepEqual(JSON.parse(proven.payload), event.payload);

  // That of the last checkpoint.
  t.is((await ran(log, [...prove, '--to', at('2.json')])).text, '');
  t.like(await audit('2.json', '--checkpoint', at('tuesday.note')), { size: 8, position: 2 });
  const { text: alone } = await ran(log, [...prove, ...note, '-o', 'json']);
  await writeFile(at('alone.json'), alone);
  t.like(await audit('alone.json', ...note), { size: 7 });

  await writeFile(at('altered.json'), alone.replace('"event_type":"', '"event_type":"x'));
  await writeFile(at('none.json'), '{}');
  await writeFile(at('cut.json'), '{');
  for (const [name, args, exitCode, pattern] of [
    ['altered.json', note, 28, /root/],
    ['2.json', note, 28, /size/],
    ['none.json', note, 28, /expected/],
    ['cut.json', note, 28, /^FILE: expected a signed note, /],
    ['2.json', [], 2, /^--checkpoint: expected a file/],
    ['2.tlog-proof', note, 2, /^--checkpoint: expected nothing/],
  ]) {
    await refused(t, log, ['audit', at(name), ...key, ...args], exitCode, pattern);
  }
  for (const [args, pattern] of [
    [['shop'], /--position or --older, found neither/],
    [[...prove.slice(1), '--older', at('monday.note')], /--position or --older, found both/],
    [['shop', '--position', '9'], /position from 1 to 8, found 9/],
    [['shop', '--position', '0'], /^--position: /],
    [[...prove.slice(1), '-o', 'csv'], /^--output: /],
    [[...prove.slice(1), '--checkpoint', at('shop.pub')], /^--checkpoint: expected a signed note/],
    [['untouched', '--position', '1'], /no tree yet/],
  ]) {
    await refused(t, log, ['prove', ...args], 2, pattern);
  }
});

test('a checkpoint is proven to continue an older one', async (t) => {
  const { log, at, sign, key } = await signedShop(t);
  const notes = ['--older', at('monday.note'), '--checkpoint', at('tuesday.note')];
  await ran(log, ['prove', 'shop', ...notes, '--to', at('continued.json')]);
  const audit = ['audit', at('continued.json'), ...key];
  t.like((await ran(log, [...audit, ...notes])).value, { oldSize: 7, newSize: 8 });
  const turned = ['--older', at('tuesday.note'), '--checkpoint', at('monday.note')];
  await refused(t, log, [...audit, ...turned], 28, /./);
  await refused(t, log, ['prove', 'shop', ...turned], 2, /oldSize: expected .* 0 to 7, found 8/);
  await refused(t, log, [...audit, ...notes.slice(2)], 2, /^--older: expected a file/);

  // What is proven of another history is not of these notes.
  const { log: other, id } = await otherHistory(t, log);
  await ran(other, sign.with(1, id));
  const prove = ['prove', id];
  await refused(t, other, [...prove, ...notes], 28, /^--older: expected the root of 7 events/);
  const event = [...prove, '--position', '1', ...notes.slice(2)];
  await refused(t, other, event, 28, /^--checkpoint: expected the root of 8 events/);
});

test('verify compares an instance with its checkpoints', async (t) => {
  const { log, at, key } = await signedShop(t);
  const notes = ['--checkpoint', at('monday.note'), '--checkpoint', at('tuesday.note')];
  const verify = ['verify', '--instance', 'shop', ...notes];
  t.true((await ran(log, [...verify, ...key])).value.intact);
  const { log: other, id } = await otherHistory(t, log);
  await refused(t, other, [...verify.with(2, id), ...key], 13, /^the log has \d+ problems/);

  const { text } = await ran(log, ['keys', 'o', '--to', at('o.key')]);
  for (const [args, pattern] of [
    [verify, /^expected --verifier-key/],
    [['verify', ...notes, ...key], /^--checkpoint: expected --instance/],
    [['verify', '--instance', 'shop'], /^--instance: expected it with/],
    [['verify', ...key], /^--verifier-key: expected it with --checkpoint/],
    [[...verify, '--verifier-key', text], /^--checkpoint .*monday\.note: note: expected/],
  ]) {
    await refused(t, log, args, 2, pattern);
  }
});

test.serial(
  'the program itself audits its standard input, and tells what is not proven',
  async (t) => {
    const { at, monday } = await signedShop(t);
    const audit = ['audit', '-', '--verifier-key', `@${at('shop.pub')}`];
    t.regex(await printed(t, audit, { input: monday }), /^size +7$/m);
    const input = monday.replace('\n7\n', '\n6\n');
    await refusedBy(t, audit, 28, /NOT_PROVEN: FILE: .*found a wrong one/, { input });
  },
);

test.serial(
  'events are encrypted, the key of the log is changed, and a subject is forgotten',
  async (t) => {
    const path = await temporaryPath(t);
    const at = (name) => join(dirname(path), name);
    const keys = [randomBytes(32), randomBytes(32).toString('base64')];
    await writeFile(at('old.key'), keys[0]);
    await writeFile(at('new.key'), `${keys[1]}\n`);
    const env = { CODEBOLT_EVENTLOG_KEY_FILE: at('old.key') };
    const append = ['append', path, 'orders', '--create', '--encrypt', 'customer-7'];
    const mine = ['--type', 'made', '--payload', '{"name":"Ada"}'];
    await refusedBy(t, [...append, ...mine], 26, /KEY_UNAVAILABLE/);
    const appended = await printed(t, [...append, ...mine, '-o', 'json'], { env });
    t.deepEqual(JSON.parse(appended).payload, { name: 'Ada' });
    const lines = [{ eventType: 'a' }, { eventType: 'b', encrypt: { subject: 'customer-8' } }];
    await printed(t, append, { input: lines.map((line) => JSON.stringify(line)).join('\n'), env });

    const read = async (key) => {
      const log = await EventLog.open(path, { key });
      const response = await log.queryEvents({ from: { instance: 'orders' } });
      await log.close();
      return response.data?.result.events ?? response.code;
    };
    t.is(await read(), 'KEY_UNAVAILABLE');
    t.is((await read(keys[0]))[0].payload.name, 'Ada');
    const rotate = ['rotate-key', path, '-o', 'json', '--new-key-file', at('new.key')];
    t.deepEqual(JSON.parse(await printed(t, rotate, { env })), { keys: 2 });
    await refusedBy(t, ['tail', path, 'orders'], 26, /KEY_UNAVAILABLE/, { env });
    await refused(t, undefined, ['rotate-key'], 2, /^expected --new-key-file/);
    await refused(t, undefined, ['rotate-key', '--new-key-file', at('x')], 2, /^--new-key-file: /);

    const forget = ['forget', path, 'customer-7', '-o', 'json'];
    const { forgottenAt, ...rest } = JSON.parse(await printed(t, forget));
    t.deepEqual(rest, { subject: 'customer-7' });
    const log = await openAt(t, path, { key: keys[1] });
    t.is((await ran(log, ['forget', 'customer-7'])).value.forgottenAt, forgottenAt);
    const { notes } = await ran(log, ['forget', 'nobody']);
    t.deepEqual(notes, ['the keyring has never had a key of this subject']);
    const gone = { payload: {}, metadata: {}, forgotten: { subject: 'customer-7' } };
    const found = await read(keys[1]);
    t.like(found, [gone, gone, { event_type: 'b', payload: {} }]);
    t.false('forgotten' in found[2]);
  },
);
