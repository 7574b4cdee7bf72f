// Runs the installed package: by the name of a format, and as the format itself.

import { EventLog } from 'codebolt-eventlog';
import { arrow, parquet } from 'codebolt-eventlog-analysis';

const log = await EventLog.open('analysed.redb', { autoCreateInstances: true });
await log.appendEvent({ instanceId: 'installed', eventType: 'ran', payload: { n: 1 } });
for (const format of ['parquet', 'arrow', parquet(), arrow()]) {
  let bytes = 0;
  for await (const chunk of log.exportEvents({ format })) bytes += chunk.length;
  if (bytes === 0) throw new Error('expected a file, found nothing');
}
await log.close();
console.log('codebolt-eventlog-analysis: exported');
