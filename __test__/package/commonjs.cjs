// The installed package as a CommonJS module, in the log that the ES module left behind.
const assert = require('node:assert/strict');
const codebolt = require('codebolt-eventlog');
const { Codebolt, eventLog, EventLog, waitForReady } = require('codebolt-eventlog');

async function main() {
  assert.equal(codebolt.eventLog, eventLog);
  assert.equal(new Codebolt().eventLog, eventLog);
  await waitForReady();

  const appended = await eventLog.appendEvent({
    instanceId: 'installed',
    streamId: 'commonjs',
    eventType: 'checked',
    payload: { by: 'commonjs' },
  });
  assert.equal(appended.error, undefined);

  const found = await eventLog.queryEvents({ from: { instance: 'installed' } });
  assert.equal(found.error, undefined);
  assert.deepEqual(
    found.data.result.events.map((event) => event.payload.by),
    ['esm', 'commonjs'],
  );

  const log = await EventLog.open('named.redb');
  await log.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
