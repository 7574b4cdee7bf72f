// The installed package: it serves a log of the installed log, and its client calls it.

import assert from 'node:assert/strict';

import { EventLog } from 'codebolt-eventlog';
import { serve } from 'codebolt-eventlog-server';
import { connect } from 'codebolt-eventlog-server/client';

const log = await EventLog.open(':memory:');
const server = await serve(log, { port: 0 });
const client = await connect(server.link);
const appended = await client.appendEvent({
  instanceId: 'served',
  eventType: 'checked',
  autoCreateInstance: true,
});
assert.equal(appended.error, undefined);
const found = await log.queryEvents({ from: { instance: 'served' } });
assert.deepEqual(found.data.result.events, [appended.data.event]);
await client.close();
await server.close();
await log.close();
