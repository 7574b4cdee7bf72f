// A file of each format that there was is read as it is: with all that is in it, and to be appended to.

import { readFile, writeFile } from 'node:fs/promises';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { contentsOf, formatFile, formatNames, formatOf } from './support/formats.mjs';
import { failed, succeeded } from './support/response.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

/** Puts the file where it can be opened. */
async function placed(t, name) {
  const path = await temporaryPath(t);
  const { bytes, contents } = formatFile(name);
  await writeFile(path, bytes);
  return { path, contents, format: formatOf(bytes) };
}

for (const name of formatNames()) {
  test(`${name}: all that is in the file is there`, async (t) => {
    const { path, contents } = await placed(t, name);
    const log = await openAt(t, path);
    t.deepEqual(JSON.parse(JSON.stringify(await contentsOf(log))), contents);
  });

  test(`${name}: it is there for a reader as well`, async (t) => {
    const { path, contents } = await placed(t, name);
    const log = await openAt(t, path, { readOnly: true });
    t.deepEqual(JSON.parse(JSON.stringify(await contentsOf(log))), contents);
  });

  test(`${name}: the file is written to, and stays of its format`, async (t) => {
    const { path, contents, format } = await placed(t, name);
    const log = await openAt(t, path);
    const params = { instanceId: 'shop', eventType: 'later', streamId: 'till' };
    const again = { instanceId: 'shop', eventType: 'odd', idempotencyKey: 'odd' };
    failed(t, await log.appendEvent(again), 'appendEvent', 'IDEMPOTENCY_MISMATCH');
    const { event } = succeeded(t, await log.appendEvent(params), 'appendEvent');
    t.is(event.sequence_number, contents.count.sequence + 1);
    succeeded(t, await log.deleteInstance('empty'), 'deleteInstance');
    for (const { consumer, position, parked } of contents.consumers.consumers) {
      // What was put back comes before what follows.
      const putBack = parked?.parked.find(({ retrying }) => retrying);
      for await (const entry of log.subscribe({ instance: 'shop', consumer })) {
        t.is(entry.position, putBack?.position ?? position + 1);
        break;
      }
    }
    await log.close();
    const reopened = await openAt(t, path);
    const { data } = await reopened.verify();
    t.deepEqual([data.intact, data.events], [true, contents.report.events + 1]);
    await reopened.close();
    t.is(formatOf(await readFile(path)), format);
  });
}

test('a file of format 3 gets the newest format by a compaction, and nothing in it is another', async (t) => {
  const { path, contents, format } = await placed(t, 'format-3');
  t.is(format, 3);
  const log = await openAt(t, path);
  const { bytesBefore, bytesAfter } = succeeded(t, await log.compact(), 'compact');
  t.true(bytesAfter < bytesBefore, `${bytesBefore} before, ${bytesAfter} after`);
  t.deepEqual(JSON.parse(JSON.stringify(await contentsOf(log))), contents);
  await log.close();
  t.is(formatOf(await readFile(path)), 5);
  const reopened = await openAt(t, path);
  t.deepEqual(JSON.parse(JSON.stringify(await contentsOf(reopened))), contents);
});

test('the format that is written is one of those that are kept', async (t) => {
  const path = await temporaryPath(t);
  await (await openAt(t, path)).close();
  const kept = formatNames().map((name) => formatOf(formatFile(name).bytes));
  t.true(kept.includes(formatOf(await readFile(path))));
});

test('a log that has another format names both numbers', async (t) => {
  const path = await temporaryPath(t);
  await (await openAt(t, path)).close();
  const bytes = await readFile(path);
  const written = formatOf(bytes);
  for (const other of [1, 2, written + 1].filter((format) => format !== written)) {
    bytes.writeUInt32LE(other, 16);
    await writeFile(path, bytes);
    const error = await t.throwsAsync(EventLog.open(path), { code: 'UNSUPPORTED_FORMAT' });
    t.true(error.message.includes(`format ${other}, expected ${written}`), error.message);
    t.true(bytes.equals(await readFile(path)));
  }
});
