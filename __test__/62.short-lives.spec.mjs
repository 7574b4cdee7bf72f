// Logs that are opened for one event at a time, by this process and by others.

import { stat } from 'node:fs/promises';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { addon, run } from './support/child.mjs';
import { appended, assertGapless, eventsOf, succeeded } from './support/response.mjs';
import { openAt, temporaryPath, testOfFiles } from './support/temporary.mjs';

const event = { instanceId: 'orders', eventType: 'made', autoCreateInstance: true };

/** Opens the log, appends events and closes it. */
async function live(t, path, count = 1) {
  const log = await EventLog.open(path);
  for (let n = 0; n < count; n += 1) await appended(t, log, event);
  await log.close();
}

test('a log that is closed after each event has all of them', async (t) => {
  const path = await temporaryPath(t);
  // Enough for what they leave to be brought into the tables on the way.
  for (let life = 1; life <= 400; life += 1) {
    await live(t, path);
    if (life % 50 > 0) continue;
    const reader = await openAt(t, path, { readOnly: true });
    const events = await eventsOf(t, reader, 'orders');
    assertGapless(t, events);
    t.is(events.length, life);
    t.true(succeeded(t, await reader.verify(), 'verify').intact);
    await reader.close();
  }
});

test('other processes add to what short ones have left, whether they close the log or not', async (t) => {
  const path = await temporaryPath(t);
  const append = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv[1]);
    await log.appendEvent(${JSON.stringify(event)});
  `;
  const long = await openAt(t, path);
  for (const end of [
    'await log.close();',
    '',
    'process.exit();',
    'process.kill(process.pid, 9);',
  ]) {
    await live(t, path);
    await run(t, append + end, { args: [path] });
    await appended(t, long, event);
  }
  const events = await eventsOf(t, long, 'orders');
  assertGapless(t, events);
  t.is(events.length, 12);
});

testOfFiles('a short life makes a file no larger than its event does', async (t) => {
  if (process.platform !== 'linux') return t.pass('only there is room given back');
  const path = await temporaryPath(t);
  await live(t, path);
  const room = async () => (await stat(path)).blocks * 512;
  const first = await room();
  for (let life = 0; life < 200; life += 1) await live(t, path);
  // The events themselves, and what a few changes of the tables leave free.
  t.true((await room()) < first + 512 * 1024, `${first} ${await room()}`);
  // What is more than a short life takes is given back.
  await live(t, path, 600);
  t.true((await room()) < first + 2_048 * 1024, `${first} ${await room()}`);
  return undefined;
});
