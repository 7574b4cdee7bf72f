// Spans, metrics, trace context, and log records as events, with the SDK of OpenTelemetry.

import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  createTraceState,
  trace,
} from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import test from 'ava';
import { EventLog } from 'codebolt-eventlog';
import {
  EventLogRecordExporter,
  eventOfLogRecord,
  instrument,
  keptAttributes,
  logRecordOf,
  processEvent,
  spanContextOf,
  withTraceContext,
} from 'codebolt-eventlog-opentelemetry';

async function openLog(t) {
  const log = await EventLog.open(':memory:', { autoCreateInstances: true });
  t.teardown(() => log.close());
  return log;
}

/** Who makes spans, and the spans that have ended. */
function tracing(t) {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  t.teardown(() => tracerProvider.shutdown());
  return { tracerProvider, spans: () => exporter.getFinishedSpans() };
}

test.serial('calls have spans and metrics, and none once that was ended', async (t) => {
  const log = await openLog(t);
  const { tracerProvider, spans } = tracing(t);
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  t.teardown(() => meterProvider.shutdown());
  const end = instrument({ tracerProvider, meterProvider });
  const events = [{ eventType: 'a' }, { eventType: 'b' }];
  await log.appendEvents({ instanceId: 'shop', events });
  await log.queryEvents({ from: { instance: 'shop' } });
  for await (const event of log.readAll({ instance: 'shop' })) t.truthy(event.id);
  await log.appendEvent({ instanceId: 'shop', eventType: 'c', expectedSequence: 9 });
  const found = spans().map(({ name, kind, status }) => [name, kind, status.code]);
  t.deepEqual(found.slice(0, 2), [
    ['appendEvents shop', SpanKind.PRODUCER, SpanStatusCode.UNSET],
    ['queryEvents shop', SpanKind.CLIENT, SpanStatusCode.UNSET],
  ]);
  t.deepEqual(found.at(-1), ['appendEvent shop', SpanKind.PRODUCER, SpanStatusCode.ERROR]);
  t.is(spans()[0].attributes['messaging.batch.message_count'], 2);
  t.is(spans().at(-1).attributes['error.type'], 'SEQUENCE_CONFLICT');

  await reader.forceFlush();
  const points = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ descriptor, dataPoints }) => dataPoints.map((point) => [descriptor.name, point]));
  const sums = (name) =>
    points.filter(([found_]) => found_ === name).reduce((sum, [, { value }]) => sum + value, 0);
  t.is(sums('messaging.client.sent.messages'), 3);
  t.is(sums('messaging.client.consumed.messages'), 4);
  const durations = points.filter(([name]) => name === 'messaging.client.operation.duration');
  t.is(
    durations.reduce((sum, [, { value }]) => sum + value.count, 0),
    spans().length,
  );

  const before = spans().length;
  end();
  await log.appendEvent({ instanceId: 'shop', eventType: 'd' });
  t.is(spans().length, before);
});

test.serial(
  'the context of a span goes into metadata, and whoever consumes the event is linked to it',
  async (t) => {
    const log = await openLog(t);
    const { tracerProvider, spans } = tracing(t);
    const span = tracerProvider.getTracer('t').startSpan('request');
    const given = trace.setSpan(ROOT_CONTEXT, span);
    const metadata = withTraceContext({ by: 'x' }, given);
    t.is(metadata.by, 'x');
    const { data } = await log.appendEvent({ instanceId: 'shop', eventType: 'a', metadata });
    const { traceId, spanId } = span.spanContext();
    t.like(spanContextOf(data.event), { traceId, spanId, isRemote: true });
    const result = await processEvent(data.event, ({ event_type: type }) => type, {
      tracerProvider,
    });
    t.is(result, 'a');
    const [processed] = spans();
    t.is(processed.kind, SpanKind.CONSUMER);
    t.is(processed.links[0].context.traceId, traceId);
    t.is(processed.links[0].context.spanId, spanId);
    t.is(processed.attributes['messaging.message.id'], data.event.id);
    const failing = processEvent(data.event, () => Promise.reject(new TypeError('no')), {
      tracerProvider,
    });
    await t.throwsAsync(failing, { message: 'no' });
    t.is(spans().at(-1).status.code, SpanStatusCode.ERROR);
  },
);

test('metadata without a valid context has none', (t) => {
  t.deepEqual(withTraceContext({ a: 1 }, ROOT_CONTEXT), { a: 1 });
  for (const traceparent of [
    undefined,
    7,
    '',
    '00-zz',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
  ]) {
    t.is(spanContextOf({ metadata: { traceparent } }), undefined);
  }
  t.is(spanContextOf({ metadata: [] }), undefined);
});

/** A logger whose records go to an instance `logs`. */
function loggerOf(t, log) {
  const exporter = new EventLogRecordExporter(log, 'logs');
  const processor = new SimpleLogRecordProcessor({ exporter });
  const provider = new LoggerProvider({ processors: [processor] });
  return { exporter, provider, logger: provider.getLogger('scope', '1.2.3') };
}

async function storedOf(log) {
  const stored = [];
  for await (const event of log.readAll({ instance: 'logs' })) stored.push(event);
  return stored;
}

test('a burst of 5,000 records is stored whole, in its order, also where the provider is shut down at once', async (t) => {
  const log = await openLog(t);
  const { provider, logger } = loggerOf(t, log);
  for (let n = 0; n < 5000; n += 1) logger.emit({ body: n, severityNumber: SeverityNumber.INFO });
  await provider.shutdown();
  const stored = await storedOf(log);
  t.is(stored.length, 5000);
  t.true(stored.every(({ payload }, index) => payload.body === index));
});

test('a record that is emitted during a flush is stored before the shutdown ends', async (t) => {
  const log = await openLog(t);
  const { exporter, provider, logger } = loggerOf(t, log);
  for (let n = 0; n < 1500; n += 1) logger.emit({ body: n });
  const flushing = exporter.forceFlush();
  for (let n = 1500; n < 3000; n += 1) logger.emit({ body: n });
  await Promise.all([flushing, provider.shutdown()]);
  t.is((await storedOf(log)).length, 3000);
});

test('a record is the same one again', async (t) => {
  const log = await openLog(t);
  const record = {
    hrTime: [1_769_857_200, 123_456_789],
    hrTimeObserved: [1_769_857_201, 1],
    spanContext: {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags: 1,
      traceState: createTraceState('vendor=1,other=x'),
    },
    severityNumber: SeverityNumber.WARN,
    severityText: 'WARN',
    body: { n: 1n, nan: Number.NaN, low: -Infinity, bytes: Uint8Array.of(1, 2), $bigint: 'x' },
    attributes: {
      list: ['a', 1, null],
      only: { $bigint: '7' },
      zero: 0,
      low: -0,
      no: false,
      empty: '',
    },
    droppedAttributesCount: 2,
    resource: { attributes: { 'service.name': 'shop' }, schemaUrl: 'https://example.com/1' },
    instrumentationScope: {
      name: 'scope',
      version: '1',
      schemaUrl: undefined,
      attributes: { part: 'cart', n: 1n },
      droppedAttributesCount: 1,
    },
  };
  const event = eventOfLogRecord(record);
  t.like(event, { streamId: 'shop', eventType: 'WARN', timestamp: '2026-01-31T11:00:00.123Z' });
  const { data } = await log.appendEvent({ instanceId: 'logs', ...event });
  // JSON has no member that is undefined.
  delete record.instrumentationScope.schemaUrl;
  t.deepEqual(logRecordOf(data.event), record);
  t.is(spanContextOf(data.event).traceState.get('other'), 'x');
  const named = eventOfLogRecord({ ...record, eventName: 'user.login' }, { stream: 'none' });
  t.like(named, { streamId: 'default', eventType: 'user.login' });
});

test('attributes are kept that the SDK would drop', async (t) => {
  const log = await openLog(t);
  const { provider, logger } = loggerOf(t, log);
  const attributes = { n: 5n, big: 2n ** 60n, at: new Date(0), no: Number.NaN, deep: { m: [1n] } };
  logger.emit({ attributes: keptAttributes(attributes) });
  await provider.shutdown();
  const [{ payload }] = await storedOf(log);
  t.deepEqual(payload.attributes, {
    n: 5,
    big: '1152921504606846976',
    at: '1970-01-01T00:00:00.000Z',
    no: 'NaN',
    deep: { m: [1] },
  });
});

/** Records of which each has its number as its body, with what is said of some of them. */
function recordsOf(count, special = {}) {
  return Array.from({ length: count }, (_, n) => ({
    hrTime: [n, 0],
    hrTimeObserved: [n, 0],
    body: n,
    attributes: {},
    droppedAttributesCount: 0,
    resource: { attributes: {} },
    instrumentationScope: { name: 's' },
    ...special[n],
  }));
}

/** What a log can never store, and what it is refused with. */
const UNSTORABLE = {
  'a name that is too long': [{ eventName: 'x'.repeat(1025) }, 'LIMIT_EXCEEDED'],
  'a name that is no Unicode': [{ eventName: '\ud800' }, 'INVALID_ARGUMENT'],
  'a service with a name that is too long': [
    { resource: { attributes: { 'service.name': 'x'.repeat(1025) } } },
    'LIMIT_EXCEEDED',
  ],
  'a body that is too large': [{ body: 'x'.repeat(1000) }, 'LIMIT_EXCEEDED'],
  'a time that the log does not have': [{ hrTime: [400_000_000_000, 0] }, 'INVALID_ARGUMENT'],
  'a time that is none': [{ hrTime: [Number.NaN, 0] }, undefined],
};

for (const [what, [special, code]] of Object.entries(UNSTORABLE)) {
  test(`a record with ${what} fails alone`, async (t) => {
    const log = await EventLog.open(':memory:', { eventBytesMax: 1000 });
    t.teardown(() => log.close());
    const exporter = new EventLogRecordExporter(log, 'logs');
    const records = recordsOf(9, { 4: special });
    const told = [];
    for (const record of records) exporter.export([record], (result) => told.push(result));
    await exporter.forceFlush();
    t.is(told.length, 9);
    const [failed, ...others] = told.filter(({ code: result }) => result !== 0);
    t.deepEqual(others, []);
    t.is(failed.error.code, code);
    const expected = [0, 1, 2, 3, 5, 6, 7, 8];
    t.deepEqual(
      (await storedOf(log)).map(({ payload }) => payload.body),
      expected,
    );
    // The same records in one export: it has failed, and what could be stored is stored.
    const result = await new Promise((resolve) => exporter.export(records, resolve));
    t.is(result.code, 1);
    t.is(result.error.code, code);
    t.deepEqual(
      (await storedOf(log)).map(({ payload }) => payload.body),
      [...expected, ...expected],
    );
  });
}

test('records that are too much for one call are stored by several', async (t) => {
  const log = await EventLog.open(':memory:', { queuedBytesMax: 4000 });
  t.teardown(() => log.close());
  const exporter = new EventLogRecordExporter(log, 'logs');
  const result = await new Promise((resolve) => exporter.export(recordsOf(100), resolve));
  t.deepEqual(result, { code: 0 });
  const bodies = (await storedOf(log)).map(({ payload }) => payload.body);
  t.deepEqual(bodies, [...recordsOf(100).keys()]);
});

test('an export of no records succeeds', async (t) => {
  const exporter = new EventLogRecordExporter(await openLog(t), 'logs');
  t.deepEqual(await new Promise((resolve) => exporter.export([], resolve)), { code: 0 });
});

test('what cannot be stored is told as failed, and nothing is taken after a shutdown', async (t) => {
  const log = await openLog(t);
  const exporter = new EventLogRecordExporter(log, 'x'.repeat(2000));
  const [record] = recordsOf(1);
  const told = await new Promise((resolve) => exporter.export([record], resolve));
  t.is(told.code, 1);
  t.is(told.error.code, 'LIMIT_EXCEEDED');
  await exporter.shutdown();
  const late = await new Promise((resolve) => exporter.export([record], resolve));
  t.is(late.code, 1);
});
