// A program that was written for the SDK changes its import line and nothing else. It uses the
// default log, whose file the environment names; here the program does that for itself.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import codebolt from 'codebolt-eventlog';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-default-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

// The file is looked up when the log is opened, which is at the first call.
const path = join(folder, 'state', 'log.redb');
process.env.CODEBOLT_EVENTLOG_PATH = path;

await codebolt.waitForConnection();
assert.equal(existsSync(path), true);

const result = await codebolt.eventLog.appendEvent({
  instanceId: 'new-instance',
  streamId: 'events',
  eventType: 'test_event',
  payload: { data: 'test' },
  autoCreateInstance: true,
});
assert.equal(result.success, true, result.error);
console.log('Event logged, sequence:', result.data.event.sequence_number);

await codebolt.eventLog.close();
