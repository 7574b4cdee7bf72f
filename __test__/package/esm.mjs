// The installed package as an ES module: default and named imports, an append and a query in the
// default log, and the addon loaded from the platform's own package.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import codebolt, { Codebolt, eventLog, EventLog, ready, waitForReady } from 'codebolt-eventlog';

assert.equal(codebolt.eventLog, eventLog);
assert.equal(codebolt.waitForReady, waitForReady);
assert.equal(new Codebolt().eventLog, eventLog);
assert.equal(ready, false);
await codebolt.waitForReady();
assert.equal(ready, true);

const appended = await codebolt.eventLog.appendEvent({
  instanceId: 'installed',
  streamId: 'esm',
  eventType: 'checked',
  payload: { by: 'esm' },
  autoCreateInstance: true,
});
assert.equal(appended.error, undefined);
assert.equal(appended.data.event.sequence_number, 1);

const found = await eventLog.queryEvents({ from: { instance: 'installed', stream: 'esm' } });
assert.equal(found.error, undefined);
assert.deepEqual(found.data.result.events, [appended.data.event]);

const log = await EventLog.open('named.redb');
assert.deepEqual((await log.listInstances()).data.instances, []);
await log.close();

const addons = Object.keys(createRequire(import.meta.url).cache).filter((path) =>
  path.endsWith('.node'),
);
assert.equal(addons.length, 1);
assert.ok(addons[0].includes(`${sep}node_modules${sep}codebolt-eventlog-`), addons[0]);
