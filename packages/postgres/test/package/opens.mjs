// What an app has that has installed both packages: logs in PostgreSQL are opened, as far as there is a server.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import { EventLog } from 'codebolt-eventlog';

const url = 'postgres://me:secret@127.0.0.1:1/log?sslmode=disable';
const opening = EventLog.open(url, { serverWaitMs: 0 });
await assert.rejects(opening, ({ code, message }) => {
  assert.equal(code, 'STORAGE_FAILED');
  // Of nobody who listens there: the engine is there.
  assert.match(
    message,
    /^the database cannot be reached, or the connection to it was lost: error connecting to server/,
  );
  assert.doesNotMatch(message, /secret/);
  return true;
});

// Logs in files are there beside them.
const log = await EventLog.open(':memory:');
assert.equal((await log.createInstance('orders')).success, true);
await log.close();

const { load } = createRequire(import.meta.url)('codebolt-eventlog-postgres');
assert.equal(load('plan9'), undefined);
