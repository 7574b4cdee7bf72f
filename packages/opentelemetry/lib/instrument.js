// Spans and metrics of what a log does, from its channels, by the semantic conventions for messaging.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { SpanKind, SpanStatusCode, metrics, trace } from '@opentelemetry/api';

import { spanContextOf } from './trace-context.js';

const NAME = 'codebolt-eventlog';
const SYSTEM = 'codebolt_eventlog';

/** What each channel's calls are: the kind of their spans, and the type of their operation. */
const OPERATIONS = {
  append: { kind: SpanKind.PRODUCER, type: 'send' },
  query: { kind: SpanKind.CLIENT, type: 'receive' },
  read: { kind: SpanKind.CLIENT, type: 'receive' },
  subscribe: { kind: SpanKind.CLIENT, type: 'receive' },
};

/** The buckets that the conventions ask for, in seconds. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** What a span and a measurement have of a call. */
function attributesOf(name, { method, instance }) {
  const operation = method ?? name;
  return {
    'messaging.system': SYSTEM,
    'messaging.operation.name': operation,
    'messaging.operation.type': OPERATIONS[name].type,
    ...(typeof instance === 'string' && { 'messaging.destination.name': instance }),
  };
}

/** The instruments of a meter. */
function instrumentsOf(meter) {
  return {
    duration: meter.createHistogram('messaging.client.operation.duration', {
      description: 'How long calls of the log took',
      unit: 's',
      advice: { explicitBucketBoundaries: SECONDS },
    }),
    sent: meter.createCounter('messaging.client.sent.messages', {
      description: 'How many events were appended, or were to be',
      unit: '{message}',
    }),
    consumed: meter.createCounter('messaging.client.consumed.messages', {
      description: 'How many events were read',
      unit: '{message}',
    }),
  };
}

/** Ends the span of a call, and measures it. */
function ended(name, { span, began, attributes }, told, { duration, sent, consumed }) {
  const failed = told.code !== undefined && told.code !== 'OK';
  const measured = failed ? { ...attributes, 'error.type': told.code } : attributes;
  if (told.events !== undefined) span.setAttribute('messaging.batch.message_count', told.events);
  if (failed) {
    span.setAttribute('error.type', told.code);
    span.setStatus({ code: SpanStatusCode.ERROR, message: told.error?.message });
  }
  span.end();
  duration.record((performance.now() - began) / 1000, measured);
  if (name === 'append') sent.add(failed ? 1 : (told.events ?? 1), measured);
  else if (!failed && told.events > 0) consumed.add(told.events, measured);
}

/**
 * Makes spans and metrics of all logs of the process. See `index.d.ts`.
 *
 * @returns {() => void} Ends that.
 */
export function instrument({ tracerProvider = trace, meterProvider = metrics } = {}) {
  const tracer = tracerProvider.getTracer(NAME);
  const instruments = instrumentsOf(meterProvider.getMeter(NAME));
  /** The calls that are under way, by what the channels tell of each. */
  const calls = new WeakMap();
  const listeners = [];
  const listen = (channel, listener) => {
    subscribe(channel, listener);
    listeners.push([channel, listener]);
  };
  for (const [name, { kind }] of Object.entries(OPERATIONS)) {
    const channel = `tracing:${NAME}:${name}`;
    listen(`${channel}:start`, (told) => {
      const attributes = attributesOf(name, told);
      const destination = attributes['messaging.destination.name'];
      const operation = attributes['messaging.operation.name'];
      const spanName = destination === undefined ? operation : `${operation} ${destination}`;
      const span = tracer.startSpan(spanName, { kind, attributes });
      calls.set(told, { span, began: performance.now(), attributes });
    });
    listen(`${channel}:asyncEnd`, (told) => {
      const call = calls.get(told);
      // One that began before anybody listened has no span.
      if (call === undefined) return;
      calls.delete(told);
      ended(name, call, told, instruments);
    });
  }
  return () => {
    for (const [channel, listener] of listeners.splice(0)) unsubscribe(channel, listener);
  };
}

/** Does something with an event, within a span that is linked to the one in which the event was appended. */
export async function processEvent(event, work, { tracerProvider = trace } = {}) {
  const linked = spanContextOf(event);
  const attributes = {
    'messaging.system': SYSTEM,
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': event.instanceId,
    'messaging.message.id': event.id,
  };
  const links = linked === undefined ? [] : [{ context: linked }];
  const options = { kind: SpanKind.CONSUMER, attributes, links };
  const tracer = tracerProvider.getTracer(NAME);
  return tracer.startActiveSpan(`process ${event.instanceId}`, options, async (span) => {
    try {
      return await work(event);
    } catch (error) {
      span.recordException(error);
      span.setAttribute('error.type', error?.code ?? error?.name ?? '_OTHER');
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error?.message ?? error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
