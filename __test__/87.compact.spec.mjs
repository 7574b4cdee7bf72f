// Giving the space of deleted instances back, while others use the log.

import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';

import test from 'ava';

import { addon, start } from './support/child.mjs';
import { appended, eventsOf, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

/** Appends `count` events of about 4 KiB. */
async function fill(t, log, instanceId, count) {
  // Of random letters, so that it takes as many bytes in the file.
  const payload = { text: randomBytes(3000).toString('base64url') };
  const events = new Array(count).fill({ eventType: 'made', payload });
  const params = { instanceId, autoCreateInstance: true, events };
  succeeded(t, await log.appendEvents(params), 'appendEvents');
}

/** Makes a log of which most is deleted. */
async function emptied(t, log) {
  for (let round = 0; round < 10; round += 1) {
    await fill(t, log, 'gone', 1000);
    await fill(t, log, 'kept', 10);
  }
  succeeded(t, await log.deleteInstance('gone'), 'deleteInstance');
}

async function compacted(t, log, options) {
  return succeeded(t, await log.compact(options), 'compact');
}

test('the space of a deleted instance is given back, and the rest stays', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await emptied(t, log);
  const kept = await eventsOf(t, log, 'kept');
  const { size } = await stat(path);
  const data = await compacted(t, log);
  t.is(data.bytesBefore, size);
  t.is(data.bytesAfter, (await stat(path)).size);
  t.true(data.bytesAfter < data.bytesBefore - 5_000_000, JSON.stringify(data));
  t.deepEqual(await eventsOf(t, log, 'kept'), kept);
  t.true((await log.verify()).data.intact);
  await appended(t, log, { instanceId: 'kept', eventType: 'made' });
  await log.close();
  t.is((await eventsOf(t, await openAt(t, path), 'kept')).length, 101);
});

test('calls that are made meanwhile, and checks and backups, are answered', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await emptied(t, log);
  const event = { instanceId: 'kept', eventType: 'made' };
  const responses = await Promise.all([
    log.verify(),
    log.backup(`${path}.copy`),
    log.compact(),
    ...Array.from({ length: 50 }, () => log.appendEvent(event)),
    ...Array.from({ length: 50 }, () => log.queryEvents({ from: { instance: 'kept' } })),
    log.compact(),
    log.verify(),
  ]);
  for (const { success, error } of responses) t.true(success, error);
  t.true((await log.verify()).data.intact);
  t.is((await log.getInstanceStats('kept')).data.eventCount, 150);
});

test('another process that appends goes on', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await emptied(t, log);
  const { child, message, ended } = start(
    t,
    `import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv.at(-1));
    let going = true;
    process.once('message', () => (going = false));
    let count = 0;
    while (going) {
      const response = await log.appendEvent({ instanceId: 'kept', eventType: 'late' });
      if (!response.success) throw new Error(response.error);
      count += 1;
      if (count % 50 === 0) process.send(count);
    }
    await log.close();
    process.send({ count });
    process.disconnect();`,
    { args: [path] },
  );
  let shorter = 0;
  for (let round = 0; round < 5; round += 1) {
    await message();
    const response = await log.compact();
    // It may read from the tables at this moment.
    if (response.success) shorter += response.data.bytesBefore - response.data.bytesAfter;
    else failed(t, response, 'compact', 'LOCKED', /another process reads from the log/);
  }
  child.send('enough');
  let last = await message();
  while (typeof last === 'number') last = await message();
  t.is((await ended).code, 0);
  t.is((await log.getInstanceStats('kept')).data.eventCount, 100 + last.count);
  const after = await compacted(t, log);
  t.true(shorter + after.bytesBefore - after.bytesAfter > 5_000_000);
  t.true((await log.verify()).data.intact);
});

test('a reader, a closed log and options that are not understood are refused', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(t, log, 'kept', 10);
  const onProgress = () => {};
  const unknown = /^options: unknown option "onProgress": expected one of signal$/;
  failed(t, await log.compact({ onProgress }), 'compact', 'INVALID_ARGUMENT', unknown);
  const signal = AbortSignal.abort('enough');
  const text = /^the compaction was called off by its signal: enough$/;
  failed(t, await log.compact({ signal }), 'compact', 'ABORTED', text);
  await log.close();
  failed(t, await log.compact(), 'compact', 'CLOSED');
  const reader = await openAt(t, path, { readOnly: true });
  failed(t, await reader.compact(), 'compact', 'INVALID_ARGUMENT', /readOnly/);
});

test('closing waits for it', async (t) => {
  const log = await openLog(t);
  await emptied(t, log);
  const running = log.compact();
  await log.close();
  succeeded(t, await running, 'compact');
});
