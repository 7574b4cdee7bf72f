// Puts a log in the place of `codebolt.eventLog` on an SDK object: the rest of the program goes on
// calling `codebolt.eventLog`, and is answered within the process.

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
    appendEvent: () => {
      throw new Error('this would have gone to a server');
    },
  },
};

const log = await EventLog.open(join(folder, 'log.redb'));
const attached = attach(codebolt, log);
assert.equal(attached, codebolt);
assert.equal(codebolt.eventLog, log);

const response = await codebolt.eventLog.appendEvent({
  instanceId: 'agent',
  eventType: 'started',
  autoCreateInstance: true,
});
assert.equal(response.success, true, response.error);
codebolt.chat.sendMessage(`event ${response.data.event.sequence_number} is on disk`);

await log.close();
