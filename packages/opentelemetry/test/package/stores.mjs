// Runs the installed package: a log record becomes an event, and an event a log record.

import { EventLog } from 'codebolt-eventlog';
import { EventLogRecordExporter, instrument, logRecordOf } from 'codebolt-eventlog-opentelemetry';

const end = instrument();
const log = await EventLog.open('observed.redb');
const exporter = new EventLogRecordExporter(log, 'logs');
const record = {
  hrTime: [1, 5],
  hrTimeObserved: [1, 5],
  body: 'hello',
  attributes: {},
  droppedAttributesCount: 0,
  resource: { attributes: {} },
  instrumentationScope: { name: 'scope' },
};
const { code } = await new Promise((resolve) => exporter.export([record], resolve));
const { data } = await log.queryEvents({ from: { instance: 'logs' } });
const { body } = logRecordOf(data.result.events[0]);
if (code !== 0 || body !== 'hello') throw new Error(`expected hello, found ${body} (${code})`);
end();
await log.close();
console.log('codebolt-eventlog-opentelemetry: stored');
