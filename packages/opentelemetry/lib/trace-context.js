// The context of a trace in the metadata of events, as `traceparent` and `tracestate` of W3C.

import { TraceFlags, context, createTraceState, trace } from '@opentelemetry/api';

const TRACE_PARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-|$)/;

/** The metadata of an event with the context of the span that is active, or of a given one. */
export function withTraceContext(metadata = {}, given = context.active()) {
  const span = trace.getSpanContext(given);
  if (span === undefined || !/[^0]/.test(span.traceId)) return metadata;
  const flags = (span.traceFlags ?? TraceFlags.NONE).toString(16).padStart(2, '0');
  const traceparent = `00-${span.traceId}-${span.spanId}-${flags}`;
  const tracestate = span.traceState?.serialize() ?? '';
  return { ...metadata, traceparent, ...(tracestate !== '' && { tracestate }) };
}

/** The context that an event's metadata has; `undefined` if it has none, or no valid one. */
export function spanContextOf({ metadata }) {
  const { traceparent, tracestate } = metadata ?? {};
  const [, traceId, spanId, flags] = TRACE_PARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || !/[^0]/.test(traceId) || !/[^0]/.test(spanId)) return undefined;
  const traceState = typeof tracestate === 'string' ? createTraceState(tracestate) : undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), traceState, isRemote: true };
}
