// Log records of OpenTelemetry as events, and back.

import { fromJson, toJson } from './values.js';

/** What an exporter answers, by number. */
const SUCCESS = 0;
const FAILED = 1;

/** How many events one append has at most. */
const EVENTS_MAX = 1000;

/** Nanoseconds since 1970 of a time of OpenTelemetry: seconds and nanoseconds. */
const nanosecondsOf = ([seconds, nanoseconds]) =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);

const hrTimeOf = (nanoseconds) => [
  Number(BigInt(nanoseconds) / 1_000_000_000n),
  Number(BigInt(nanoseconds) % 1_000_000_000n),
];

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
      scope: { name: scope?.name, version: scope?.version, schemaUrl: scope?.schemaUrl },
      ...(record.droppedAttributesCount > 0 && {
        droppedAttributesCount: record.droppedAttributesCount,
      }),
      ...(spanContext !== undefined && {
        traceparent: `00-${spanContext.traceId}-${spanContext.spanId}-${spanContext.traceFlags.toString(16).padStart(2, '0')}`,
      }),
    },
  };
}

/** The log record that an event of `eventOfLogRecord` is. */
export function logRecordOf({ payload, metadata }) {
  const [, traceId, spanId, flags] = (metadata.traceparent ?? '').split('-');
  return {
    hrTime: hrTimeOf(metadata.timeUnixNano),
    hrTimeObserved: hrTimeOf(metadata.observedTimeUnixNano),
    ...(spanId !== undefined && {
      spanContext: { traceId, spanId, traceFlags: Number.parseInt(flags, 16) },
    }),
    ...(payload.severityNumber !== undefined && { severityNumber: payload.severityNumber }),
    ...(payload.severityText !== undefined && { severityText: payload.severityText }),
    ...(payload.eventName !== undefined && { eventName: payload.eventName }),
    ...('body' in payload && { body: fromJson(payload.body) }),
    attributes: fromJson(payload.attributes),
    droppedAttributesCount: metadata.droppedAttributesCount ?? 0,
    resource: { attributes: fromJson(metadata.resource) },
    instrumentationScope: metadata.scope,
  };
}

/** Stores log records as events. See `index.d.ts`. */
export class EventLogRecordExporter {
  #log;
  #instanceId;
  #options;
  /** What waits to be appended: events, and who is told of them. */
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
      tell({ code: FAILED, error: new Error('the exporter was shut down') });
      return;
    }
    try {
      const events = records.map((record) => eventOfLogRecord(record, this.#options));
      this.#waiting.push({ events, tell });
    } catch (error) {
      tell({ code: FAILED, error });
      return;
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
    while (this.#waiting.length > 0) {
      const taken = this.#take();
      const events = taken.flatMap((waiting) => waiting.events);
      const { success, code, error } = await this.#log.appendEvents({
        instanceId: this.#instanceId,
        autoCreateInstance: true,
        events,
      });
      const result = success
        ? { code: SUCCESS }
        : { code: FAILED, error: Object.assign(new Error(error), { code }) };
      for (const { tell } of taken) tell(result);
    }
    this.#appending = undefined;
  }

  #take() {
    let count = 0;
    let end = 0;
    do {
      count += this.#waiting[end].events.length;
      end += 1;
    } while (end < this.#waiting.length && count + this.#waiting[end].events.length <= EVENTS_MAX);
    return this.#waiting.splice(0, end);
  }
}
