// The same package in a CommonJS program.

'use strict';

const assert = require('node:assert/strict');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const { EventLog } = require('codebolt-eventlog');

const folder = mkdtempSync(join(tmpdir(), 'eventlog-commonjs-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

async function main() {
  const log = await EventLog.open(join(folder, 'log.redb'));
  const response = await log.appendEvent({
    instanceId: 'notes',
    eventType: 'written',
    payload: { text: 'hello' },
    autoCreateInstance: true,
  });
  assert.equal(response.success, true, response.error);
  assert.deepEqual(response.data.event.payload, { text: 'hello' });
  console.log(`stored ${response.data.event.id}`);
  await log.close();
}

main();
