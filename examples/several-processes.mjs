// Appends from several processes to one file at the same time. Nothing has to be set up for it: a
// log is shared between processes unless it is opened with `exclusive: true`.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { EventLog } from 'codebolt-eventlog';

const PROCESSES = 3;
const EVENTS = 20;

/** What each process does. */
async function append(path, name) {
  const log = await EventLog.open(path);
  for (let n = 0; n < EVENTS; n += 1) {
    const response = await log.appendEvent({
      instanceId: 'jobs',
      streamId: 'shared',
      eventType: 'done',
      payload: { name, n },
      autoCreateInstance: true,
    });
    assert.equal(response.success, true, response.error);
  }
  await log.close();
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'eventlog-processes-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'log.redb');
  const log = await EventLog.open(path);

  const self = fileURLToPath(import.meta.url);
  const children = Array.from({ length: PROCESSES }, (_, n) => fork(self, [path, `process ${n}`]));
  const codes = await Promise.all(children.map((child) => once(child, 'exit')));
  assert.deepEqual(
    codes.map(([code]) => code),
    [0, 0, 0],
  );

  // This process has had the file open all the time, and sees what the others have stored.
  const { data } = await log.queryEvents({ from: { instance: 'jobs', stream: 'shared' } });
  const { events } = data.result;
  assert.equal(events.length, PROCESSES * EVENTS);
  events.forEach((event, index) => assert.equal(event.sequence_number, index + 1));
  console.log(
    `${PROCESSES} processes appended ${events.length} events to one stream, without gaps`,
  );

  // A process that wants the file for itself is told that it cannot have it now.
  await assert.rejects(EventLog.open(path, { exclusive: true }), { code: 'LOCKED' });
  await log.close();
}

const [path, name] = process.argv.slice(2);
await (path === undefined ? main() : append(path, name));
