// The commands that make something of a whole log: exports, copies, backups, and checks of it.

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import test from 'ava';

import { events, printed, refusedBy, shopLog, startProgram } from './support/command-line.mjs';
import { openAt } from './support/temporary.mjs';
import { exportText } from './support/transfer.mjs';

test.serial('export and import carry a log over, to the last byte', async (t) => {
  const path = await shopLog(t);
  const log = await openAt(t, path, { readOnly: true });
  const text = await exportText(log);
  t.is(await printed(t, ['export', '--log', path]), text);
  const file = join(dirname(path), 'all.jsonl');
  t.is(await printed(t, ['export', '--log', path, '--to', file]), '');
  t.is(readFileSync(file, 'utf8'), text);
  await refusedBy(t, ['export', '--log', path, '--to', file], 2, /exists/);
  await refusedBy(t, ['export', '--log', path, '--to', join(file, 'x')], 24, /ENOTDIR/);
  t.false(readdirSync(dirname(path)).some((name) => name.endsWith('.partial')));
  t.is(await printed(t, ['export', path, 'shop']), await exportText(log, { instance: 'shop' }));

  const copy = join(dirname(path), 'copy.redb');
  const counts = { instances: 2, events: 7, skippedInstances: 0, skippedEvents: 0 };
  const first = await printed(t, ['import', copy, file, '-o', 'json']);
  t.deepEqual(JSON.parse(first), counts);
  const second = await printed(t, ['import', '--log', copy, '-o', 'json'], { input: text });
  const skipped = { instances: 0, events: 0, skippedInstances: 2, skippedEvents: 7 };
  t.deepEqual(JSON.parse(second), skipped);
  t.is(await printed(t, ['export', '--log', copy]), text);

  const cut = text.slice(0, text.length / 2);
  await refusedBy(t, ['import', '--log', copy], 2, /INVALID_ARGUMENT: .*line/, { input: cut });
  const other = text.replace('"amount":59.98', '"amount":60');
  await refusedBy(t, ['import', '--log', copy], 19, /IMPORT_CONFLICT/, { input: other });
  await refusedBy(t, ['import', copy, join(dirname(path), 'none.jsonl')], 2, /ENOENT/);
});

test.serial('copy takes a log over, goes on where it was, and follows until Ctrl-C', async (t) => {
  const path = await shopLog(t);
  const other = join(dirname(path), 'other.redb');
  const copy = async (...args) => JSON.parse(await printed(t, ['copy', path, other, ...args]));
  const counts = { instances: 2, events: 7, skippedInstances: 0, skippedEvents: 0 };
  t.deepEqual(await copy('-o', 'json'), counts);
  const again = { instances: 0, events: 0, skippedInstances: 2, skippedEvents: 7 };
  t.deepEqual(await copy('-o', 'json'), again);
  const text = await printed(t, ['export', '--log', path]);
  t.is(await printed(t, ['export', '--log', other]), text);

  const log = await openAt(t, path);
  const following = startProgram(t, ['copy', path, other, '--follow', '-o', 'json']);
  const copies = await openAt(t, other);
  await log.strict.appendEvent({ instanceId: 'shop', eventType: 'late' });
  const late = { from: { instance: 'shop' }, where: [] };
  late.where.push({ field: 'event_type', operator: 'eq', value: 'late' });
  const countOf = async () => (await copies.strict.queryEvents(late)).result.total;
  const { total } = (await copies.strict.queryEvents({ from: { instance: 'shop' } })).result;
  const options = { instance: 'shop', afterPosition: total - 1 };
  if ((await countOf()) === 0) {
    for await (const event of copies.subscribe(options)) if (event.event_type === 'late') break;
  }
  t.is(await countOf(), 1);
  following.child.kill('SIGINT');
  const { code, stdout, stderr } = await following.ended;
  t.is(code, process.platform === 'win32' ? code : 0, stderr);
  if (process.platform !== 'win32') {
    t.is(JSON.parse(stdout).events, 1);
    t.regex(stderr, /all [78] events are there; the copy goes on with what follows/);
  }

  await copies.strict.appendEvent({ instanceId: 'shop', eventType: 'own' });
  await refusedBy(
    t,
    ['copy', path, other],
    19,
    /IMPORT_CONFLICT: the other log: .* appended since/,
  );
  await refusedBy(t, ['copy', path], 2, /expected TO, found nothing/);
  await refusedBy(t, ['copy', `${path}.none`, other], 3, /there is no log at .* \(FROM\)/);
  await refusedBy(t, ['copy', path, other, '--log', path], 2, /found --log/);
  await refusedBy(t, ['copy', path, path], 2, /found the same file/);
});

test.serial('verify, backup and compact do so', async (t) => {
  const path = await shopLog(t);
  const report = JSON.parse(await printed(t, ['verify', path, '-o', 'json']));
  t.true(report.intact);
  t.is(report.events, 7);
  t.regex(await printed(t, ['verify', path]), /^intact +true$/m);

  const copy = join(dirname(path), 'copy.redb');
  const copied = JSON.parse(await printed(t, ['backup', path, copy, '-o', 'json']));
  t.is(copied.events, 7);
  t.is(await printed(t, ['export', '--log', copy]), await printed(t, ['export', '--log', path]));
  await refusedBy(t, ['backup', path, copy], 2, /INVALID_ARGUMENT/);

  const sizes = JSON.parse(await printed(t, ['compact', path, '-o', 'json']));
  t.true(sizes.bytesAfter <= sizes.bytesBefore);
  t.is((await events(t, path, 'shop')).length, 7);
});
