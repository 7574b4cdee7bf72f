// The entry of the package: spans and metrics of a log, trace context in metadata, and log records as events.

export { instrument, processEvent } from './lib/instrument.js';
export { EventLogRecordExporter, eventOfLogRecord, logRecordOf } from './lib/log-exporter.js';
export { spanContextOf, withTraceContext } from './lib/trace-context.js';
export { keptAttributes } from './lib/values.js';
