// Puts a log's methods onto the SDK's own `codebolt.eventLog`: the rest of the program, and the SDK's tools, go on
// calling it, and are answered within the process.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { attach, EventLog } from 'codebolt-eventlog';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-attach-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

// Stands for `import codebolt from '@codebolt/codeboltjs'`.
const codebolt = {
  chat: { sendMessage: (text) => console.log(text) },
  eventLog: {
    appendEvent: () => 'this would have gone to a server',
  },
};
// The SDK's tools hold the object itself.
const heldByTool = codebolt.eventLog;

const log = await EventLog.open(join(folder, 'log.redb'));
const detach = attach(codebolt, log);
const event = { instanceId: 'agent', eventType: 'started', autoCreateInstance: true };
for (const eventLog of [codebolt.eventLog, heldByTool]) {
  const response = await eventLog.appendEvent(event);
  assert.equal(response.success, true, response.error);
  codebolt.chat.sendMessage(`event ${response.data.event.sequence_number} is on disk`);
}

detach();
assert.equal(codebolt.eventLog.appendEvent(event), 'this would have gone to a server');
await log.close();
