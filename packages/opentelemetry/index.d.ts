// OpenTelemetry for codebolt-eventlog.

import type {
  Attributes,
  Context,
  MeterProvider,
  SpanContext,
  TracerProvider,
} from '@opentelemetry/api';
import type { EventLog, EventLogEntry, EventLogPositionedEntry } from 'codebolt-eventlog';

/**
 * Makes spans and metrics of what all logs of this process do, from their channels: a span for each call that appends (kind
 * `PRODUCER`), queries or reads a page (kind `CLIENT`), and `messaging.client.operation.duration`,
 * `messaging.client.sent.messages` and `messaging.client.consumed.messages`. Nothing of a payload is in them.
 *
 * @param options Who makes spans and instruments. Default: the global providers.
 * @returns What ends that.
 */
export declare function instrument(options?: {
  tracerProvider?: TracerProvider | undefined;
  meterProvider?: MeterProvider | undefined;
}): () => void;

/**
 * Does something with an event within a span of the kind `CONSUMER`, which is linked to the span in whose context the event was
 * appended, if its metadata has that.
 *
 * @param event The event.
 * @param work What is done, with the span active.
 * @returns What `work` returns. What it throws is thrown, and noted in the span.
 */
export declare function processEvent<Event extends EventLogEntry<any, any>, Result>(
  event: Event,
  work: (event: Event) => Result | Promise<Result>,
  options?: { tracerProvider?: TracerProvider | undefined },
): Promise<Result>;

/**
 * Metadata with the context of the active span, or of a given context, as `traceparent` and `tracestate`. Without a span it is
 * what was given.
 */
export declare function withTraceContext(
  metadata?: Record<string, any>,
  context?: Context,
): Record<string, any>;

/** The context that the metadata of an event has; `undefined` if it has none, or none that is valid. */
export declare function spanContextOf(event: { metadata: unknown }): SpanContext | undefined;

/**
 * Attributes as the SDK keeps them: a `bigint` as a number, or as text if it is no safe integer; a `Date` as ISO 8601; `NaN` and
 * the infinities as text.
 */
export declare function keptAttributes(attributes: Record<string, unknown>): Attributes;

/** A log record as the SDK exports it, as far as it is used here. */
export interface ExportedLogRecord {
  readonly hrTime: [number, number];
  readonly hrTimeObserved: [number, number];
  readonly spanContext?: SpanContext;
  readonly severityText?: string;
  readonly severityNumber?: number;
  readonly body?: any;
  readonly eventName?: string;
  readonly resource: { readonly attributes: Record<string, any>; readonly schemaUrl?: string };
  readonly instrumentationScope: {
    readonly name: string;
    readonly version?: string;
    readonly schemaUrl?: string;
    readonly attributes?: Record<string, any>;
    readonly droppedAttributesCount?: number;
  };
  readonly attributes: Record<string, any>;
  readonly droppedAttributesCount: number;
}

/** The stream of a log record: the value of an attribute of its resource. Default: `service.name`. */
export interface LogRecordOptions {
  stream?: string | undefined;
}

/** The event of a log record, as `appendEvents` takes it: its type is the event's name, else the severity, else `log`. */
export declare function eventOfLogRecord(
  record: ExportedLogRecord,
  options?: LogRecordOptions,
): { streamId: string; eventType: string; timestamp: string; payload: any; metadata: any };

/** The log record that an event of `eventOfLogRecord` was. */
export declare function logRecordOf(
  event: EventLogEntry<any, any> | EventLogPositionedEntry<any, any>,
): ExportedLogRecord;

/**
 * A `LogRecordExporter` that stores log records as events of an instance. Records that come at the same time are appended
 * together. It answers with success once they are on disk. Of records of which one cannot be stored, the others are, and the
 * answer is a failure with the reason of the first.
 */
export declare class EventLogRecordExporter {
  /**
   * @param log The log.
   * @param instanceId The id or the name of the instance, which is created if it is missing.
   */
  constructor(log: EventLog, instanceId: string, options?: LogRecordOptions);
  export(
    records: ExportedLogRecord[],
    resultCallback: (result: { code: number; error?: Error }) => void,
  ): void;
  /** Resolves once everything that was exported before is on disk, or was told to have failed. */
  forceFlush(): Promise<void>;
  /** Takes nothing more, and resolves as `forceFlush` does. */
  shutdown(): Promise<void>;
}
