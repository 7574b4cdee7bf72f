// What a CommonJS program imports: each has to compile.
import codebolt from 'codebolt-eventlog';
import { attach, eventLog, EventLog, waitForConnection } from 'codebolt-eventlog';
import required = require('codebolt-eventlog');

async function main(): Promise<void> {
  await waitForConnection();
  await codebolt.waitForConnection();
  const result = await codebolt.eventLog.appendEvent({ instanceId: 'i', eventType: 't' });
  console.log(result.data?.event.sequence_number);
  await required.default.waitForConnection();
  const log: EventLog = await required.EventLog.open('./log.redb');
  const detach: () => void = attach({ eventLog }, log);
  detach();
  await new required.Codebolt().waitForReady();
  await log.close();
}

void main();
