// Log records of OpenTelemetry as events, and back.

import { createTraceState } from '@opentelemetry/api';

import { fromJson, toJson } from './values.js';

/** What an exporter answers, by number. */
const SUCCESS = 0;
const FAILED = 1;

/** How many events one append has at most. */
const EVENTS_MAX = 1000;

/** The codes of a refusal that is for what one of the events is, or for how much all of them are together. */
const OF_EVENTS = new Set(['INVALID_ARGUMENT', 'LIMIT_EXCEEDED']);

/** Nanoseconds since 1970 of a time of OpenTelemetry: seconds and nanoseconds. */
const nanosecondsOf = ([seconds, nanoseconds]) =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);

const hrTimeOf = (nanoseconds) => [
  Number(BigInt(nanoseconds) / 1_000_000_000n),
  Number(BigInt(nanoseconds) % 1_000_000_000n),
];

/** The scope of a record as JSON: the name of who emitted it, and what else is known of that. */
function scopeToJson({
  name,
  version,
  schemaUrl,
  attributes,
  droppedAttributesCount: dropped,
} = {}) {
  return {
    name,
    version,
    schemaUrl,
    ...(attributes !== undefined && { attributes: toJson(attributes) }),
    ...(dropped > 0 && { droppedAttributesCount: dropped }),
  };
}

const scopeFromJson = ({ attributes, ...scope }) =>
  attributes === undefined ? scope : { ...scope, attributes: fromJson(attributes) };

/** The context of the span in which a record was emitted, as W3C writes it. */
function traceOf({ traceId, spanId, traceFlags, traceState }) {
  const tracestate = traceState?.serialize() ?? '';
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    ...(tracestate !== '' && { tracestate }),
  };
}

/** The event of a log record. */
export function eventOfLogRecord(record, { stream = 'service.name' } = {}) {
  const { resource, instrumentationScope: scope, spanContext, severityText, eventName } = record;
  const resourceAttributes = resource?.attributes ?? {};
  const nanoseconds = nanosecondsOf(record.hrTime);
  const observed = nanosecondsOf(record.hrTimeObserved ?? record.hrTime);
  const name = resourceAttributes[stream];
  return {
    streamId: typeof name === 'string' && name !== '' ? name : 'default',
    eventType: eventName || severityText || 'log',
    timestamp: new Date(Number(nanoseconds / 1_000_000n)).toISOString(),
    payload: {
      ...(record.body !== undefined && { body: toJson(record.body) }),
      attributes: toJson(record.attributes ?? {}),
      ...(record.severityNumber !== undefined && { severityNumber: record.severityNumber }),
      ...(severityText !== undefined && { severityText }),
      ...(eventName !== undefined && { eventName }),
    },
    metadata: {
      timeUnixNano: String(nanoseconds),
      observedTimeUnixNano: String(observed),
      resource: toJson(resourceAttributes),
      ...(resource?.schemaUrl !== undefined && { resourceSchemaUrl: resource.schemaUrl }),
      scope: scopeToJson(scope),
      ...(record.droppedAttributesCount > 0 && {
        droppedAttributesCount: record.droppedAttributesCount,
      }),
      ...(spanContext !== undefined && traceOf(spanContext)),
    },
  };
}

/** The log record that an event of `eventOfLogRecord` is. */
export function logRecordOf({ payload, metadata }) {
  const [, traceId, spanId, flags] = (metadata.traceparent ?? '').split('-');
  const { tracestate, resourceSchemaUrl: schemaUrl } = metadata;
  return {
    hrTime: hrTimeOf(metadata.timeUnixNano),
    hrTimeObserved: hrTimeOf(metadata.observedTimeUnixNano),
    ...(spanId !== undefined && {
      spanContext: {
        traceId,
        spanId,
        traceFlags: Number.parseInt(flags, 16),
        ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
      },
    }),
    ...(payload.severityNumber !== undefined && { severityNumber: payload.severityNumber }),
    ...(payload.severityText !== undefined && { severityText: payload.severityText }),
    ...(payload.eventName !== undefined && { eventName: payload.eventName }),
    ...('body' in payload && { body: fromJson(payload.body) }),
    attributes: fromJson(payload.attributes),
    droppedAttributesCount: metadata.droppedAttributesCount ?? 0,
    resource: {
      attributes: fromJson(metadata.resource),
      ...(schemaUrl !== undefined && { schemaUrl }),
    },
    instrumentationScope: scopeFromJson(metadata.scope),
  };
}

/** What an exporter tells of an error. */
const failedBy = (error) => ({ code: FAILED, error });

/** Stores log records as events. See `index.d.ts`. */
export class EventLogRecordExporter {
  #log;
  #instanceId;
  #options;
  /** The events that wait to be appended, each with the export that it came by. */
  #waiting = [];
  #appending;
  #isShutDown = false;

  constructor(log, instanceId, options = {}) {
    this.#log = log;
    this.#instanceId = instanceId;
    this.#options = options;
  }

  export(records, tell) {
    if (this.#isShutDown) {
      tell(failedBy(new Error('the exporter was shut down')));
      return;
    }
    /** What is told once the last event was appended or refused: of several that were refused, the first. */
    const exported = { tell, left: records.length, result: { code: SUCCESS } };
    if (records.length === 0) tell(exported.result);
    for (const record of records) {
      try {
        this.#waiting.push({ event: eventOfLogRecord(record, this.#options), exported });
      } catch (error) {
        settle(exported, error);
      }
    }
    this.#appending ??= this.#append();
  }

  /** Resolves once everything that was exported before is on disk, or was told to have failed. */
  async forceFlush() {
    await this.#appending;
  }

  async shutdown() {
    this.#isShutDown = true;
    await this.forceFlush();
  }

  /** Appends what waits, as many together as there are: each record of a burst is exported by itself. */
  async #append() {
    // All that one turn exports is waited for.
    await undefined;
    while (this.#waiting.length > 0) await this.#appendAll(this.#waiting.splice(0, EVENTS_MAX));
    this.#appending = undefined;
  }

  /** Appends some events together. If one of them cannot be stored, the others are, in their order. */
  async #appendAll(waiting) {
    const { success, code, error } = await this.#log.appendEvents({
      instanceId: this.#instanceId,
      autoCreateInstance: true,
      events: waiting.map(({ event }) => event),
    });
    if (!success && OF_EVENTS.has(code) && waiting.length > 1) {
      const middle = waiting.length >> 1;
      await this.#appendAll(waiting.slice(0, middle));
      await this.#appendAll(waiting.slice(middle));
      return;
    }
    const refusal = success ? undefined : Object.assign(new Error(error), { code });
    for (const { exported } of waiting) settle(exported, refusal);
  }
}

/** Counts one record of an export, which is stored or has failed, and tells the result with the last one. */
function settle(exported, error) {
  if (error !== undefined && exported.result.code === SUCCESS) exported.result = failedBy(error);
  exported.left -= 1;
  if (exported.left === 0) exported.tell(exported.result);
}
