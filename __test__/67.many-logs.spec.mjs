// What an open log takes of the system while it has nothing to do.

import { existsSync } from 'node:fs';

import test from 'ava';

import { addon, runForJson } from './support/child.mjs';
import { temporaryFolder } from './support/temporary.mjs';

const LOGS = 40;

/** Opens logs, uses them, and prints what they have taken at each point. */
const source = `
  import { readdirSync } from 'node:fs';
  import { join } from 'node:path';
  import { setImmediate } from 'node:timers/promises';
  import { EventLog } from '${addon}';

  const taken = () => ({
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
  });
  const folder = process.argv[1];
  const path = (n) => join(folder, n + '.redb');
  const numbers = Array.from({ length: ${LOGS} }, (_, n) => n);
  // What the process takes once, for opening and closing.
  await (await EventLog.open(path('first'))).close();
  const before = taken();
  const until = async (isSo) => {
    while (!isSo()) await setImmediate();
  };

  const logs = [];
  for (const n of numbers) logs.push(await EventLog.open(path(n)));
  const joined = [];
  for (const n of numbers) joined.push(await EventLog.open(path(n)));
  // A thread that opens a log ends a moment after its answer.
  await until(() => taken().threads <= before.threads);
  const opened = taken();

  const use = async () => {
    const answers = await Promise.all(
      logs.map(async (log) => {
        const appended = await log.appendEvent({ instanceId: 'a', eventType: 'made', autoCreateInstance: true });
        const subscription = log.subscribe({ instance: 'a', afterPosition: 0 });
        const { value } = await subscription.next();
        await subscription.return();
        const verified = await log.verify();
        return appended.success && value.position === 1 && verified.success;
      }),
    );
    return answers.every(Boolean);
  };
  const isUsed = [await use()];
  await until(() => taken().threads <= before.threads);
  const idle = taken();
  isUsed.push(await use());
  for (const log of [...logs, ...joined]) await log.close();
  const closed = taken();
  console.log(JSON.stringify({ before, opened, idle, closed, isUsed }));
`;

const onLinux = existsSync('/proc/self/task') ? test : test.skip;

onLinux('an open log takes three descriptors, and a thread only while it works', async (t) => {
  const folder = await temporaryFolder(t);
  const { before, opened, idle, closed, isUsed } = await runForJson(t, source, { args: [folder] });
  t.deepEqual(isUsed, [true, true]);
  for (const taken of [opened, idle]) {
    t.true(taken.descriptors - before.descriptors <= 3 * LOGS, JSON.stringify({ before, taken }));
  }
  t.true(closed.descriptors <= before.descriptors, JSON.stringify({ before, closed }));
});
