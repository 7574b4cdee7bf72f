/// <reference lib="esnext.disposable" />

// @ts-ignore: without the types of Node.js, a stream is `any`.
import type { Readable } from 'node:stream';

/**
 * What kind of failure a response or an {@link EventLogError} reports.
 *
 * - `INVALID_ARGUMENT`: an argument is missing, mistyped or contradictory, or cannot be JSON.
 * - `LIMIT_EXCEEDED`: an identifier, event, batch or result is over a documented limit.
 * - `INSTANCE_NOT_FOUND`: no instance has the given id or name.
 * - `INSTANCE_EXISTS`: another instance has the given name as its id or name.
 * - `SEQUENCE_CONFLICT`: a stream does not stand where `expectedSequence` says; `conflict` says where.
 * - `CONDITION_FAILED`: an event matches what `failIf` says; `conflict` says which.
 * - `CONSUMER_NOT_FOUND`: the instance has no consumer of the given name.
 * - `CHECKPOINT_CONFLICT`: a consumer is past the position of a `checkpoint` already, or was reset; `conflict`
 *   says where it stands.
 * - `IDEMPOTENCY_MISMATCH`: the call has the `idempotencyKey` of a call with other content.
 * - `APPLY_FAILED`: `decide` has stored its events, and `apply` has thrown on one of them; of an {@link EventLogError}
 *   alone, whose `decision` has the events.
 * - `IMPORT_CONFLICT`: what is imported and what the log has in its place differ.
 * - `CLOSED`: the log was closed.
 * - `ABORTED`: a query, a reading, or one of the methods that take a whole log, was called off by its `AbortSignal`.
 * - `OVERLOADED`: more bytes are queued than `queuedBytesMax`; wait for earlier calls, then retry.
 * - `LOCKED`: another process holds the file in a way that excludes this one, has not let go of it within
 *   `lockWaitMs`, or reads from a log that is to be compacted; nothing of the call was stored.
 * - `STORAGE_FAILED`: the disk refused (full, I/O error), or the file was moved, deleted or replaced; nothing of the
 *   call was stored.
 * - `OUTCOME_UNKNOWN`: the disk failed during the commit and the truth could not be read back.
 * - `CORRUPTED`: the file is damaged, is not a log, or was cut off or overwritten while it was open.
 * - `UNSUPPORTED_FORMAT`: a newer version of this package wrote the file.
 * - `INTERNAL`: a fault of this package, and not of the call or of the file; nothing of the call was stored. Please
 *   report it.
 */
export type EventLogErrorCode =
  | 'INVALID_ARGUMENT'
  | 'LIMIT_EXCEEDED'
  | 'INSTANCE_NOT_FOUND'
  | 'INSTANCE_EXISTS'
  | 'SEQUENCE_CONFLICT'
  | 'CONDITION_FAILED'
  | 'CONSUMER_NOT_FOUND'
  | 'CHECKPOINT_CONFLICT'
  | 'IDEMPOTENCY_MISMATCH'
  | 'APPLY_FAILED'
  | 'IMPORT_CONFLICT'
  | 'CLOSED'
  | 'ABORTED'
  | 'OVERLOADED'
  | 'LOCKED'
  | 'STORAGE_FAILED'
  | 'OUTCOME_UNKNOWN'
  | 'CORRUPTED'
  | 'UNSUPPORTED_FORMAT'
  | 'INTERNAL';

/**
 * What `EventLog.open`, `close`, `project` and `decide` reject with, what readers throw, and what destroys
 * a stream of `exportEvents`. The other methods never reject. Its `stack` has the place where the call was made.
 */
export declare class EventLogError extends Error {
  /**
   * @param code - What kind of failure it is.
   * @param message - What was wrong, what was expected, what was found.
   * @param options - What has led to it.
   */
  constructor(code: EventLogErrorCode, message: string, options?: { cause?: unknown });
  /** What kind of failure it is. */
  code: EventLogErrorCode;
  /** What code of the program has thrown, or the signal was aborted with, if that is the reason. */
  cause?: unknown | undefined;
  /**
   * What stands in the way: with `SEQUENCE_CONFLICT` the keys of an {@link EventLogSequenceConflict}, with `CONDITION_FAILED`
   * those of an {@link EventLogConditionConflict}, with `CHECKPOINT_CONFLICT` those of an
   * {@link EventLogCheckpointConflict}. Only with these.
   */
  conflict?:
    | Partial<EventLogSequenceConflict & EventLogConditionConflict & EventLogCheckpointConflict>
    | undefined;
  /** Of `project` and `decide`: the state that was computed, where only keeping the snapshot has failed. */
  projection?: EventLogProjection<any> | undefined;
  /** With `APPLY_FAILED`: what `decide` has stored, without the state. Only with this. */
  decision?: Omit<EventLogDecision<any>, 'state'> | undefined;
}

/** How `EventLog.open` opens a file. An unknown or mistyped option is `INVALID_ARGUMENT`. */
export interface EventLogOptions {
  /**
   * Whether this process takes the file for itself. Default `false`: other processes can open the
   * same file and append to it. `true` makes an append that waits for the one before it faster, and
   * opening the file elsewhere fails with `LOCKED`.
   */
  exclusive?: boolean | undefined;
  /**
   * Memory for pages of the file, in bytes. Default 33,554,432 (32 MiB), at least 1,048,576 (1 MiB).
   */
  cacheBytes?: number | undefined;
  /**
   * The largest event accepted: its stream, type, payload and metadata together, in bytes of
   * UTF-8. Default 16,777,216 (16 MiB), at most 134,217,728 (128 MiB). A larger event is
   * `LIMIT_EXCEEDED`.
   */
  eventBytesMax?: number | undefined;
  /**
   * How many bytes of appends may wait for the disk. Default 268,435,456 (256 MiB). A call beyond
   * that is `OVERLOADED` and stores nothing.
   */
  queuedBytesMax?: number | undefined;
  /** Whether the file is only read. Default `false`. The file must exist already. */
  readOnly?: boolean | undefined;
  /**
   * How long a call, or the opening itself, waits for another process that is at work in the file, in
   * milliseconds from when it was made. Default 10,000; a whole number from 0 (try only) to 2,147,483,647.
   * Processes hold up each other for the time of a commit; only one that was stopped, or is busy for very long,
   * does for longer. Then the answer is `LOCKED`, and nothing was stored.
   */
  lockWaitMs?: number | undefined;
  /**
   * Whether an append to an instance that is not there makes it, unless the append has an `autoCreateInstance` of its own.
   * Default: what the environment variable `CODEBOLT_EVENTLOG_AUTO_CREATE` says, `1` or `0`; else `false`, and for the
   * default log `true`.
   */
  autoCreateInstances?: boolean | undefined;
  /**
   * The time, in epoch milliseconds, in the place of the system clock: for tests. It is called at each call of a method,
   * and says when what the call stores was made. A call fails with `INVALID_ARGUMENT` if it throws or gives no time.
   */
  clock?: (() => number) | undefined;
}

/** A log within the file: its streams and their events, under one id and one name. */
export interface EventLogInstance {
  /** A UUID, or the `instanceId` of the append that created the instance. */
  id: string;
  /** The name. Wherever an `instanceId` is asked for, the name does as well. */
  name: string;
  /** What the instance is for. Absent when none was given. */
  description?: string | undefined;
  /** When it was created: ISO 8601, UTC, milliseconds. */
  createdAt: string;
  /** When it was last updated or appended to: ISO 8601, UTC, milliseconds. */
  updatedAt: string;
}

/** A stored event. It never changes. */
export interface EventLogEntry<Payload = Record<string, any>, Metadata = Record<string, any>> {
  /** A UUIDv7, made by the log; that of an imported event is the one that it had. */
  id: string;
  /** The id of the instance that holds the event. */
  instanceId: string;
  /** The stream that the event belongs to. */
  stream_id: string;
  /** What happened. */
  event_type: string;
  /** The event's data, equal to the JSON value that was appended. */
  payload: Payload;
  /** The event's context, equal to the JSON value that was appended. */
  metadata: Metadata;
  /** When it happened: ISO 8601, UTC, milliseconds. */
  timestamp: string;
  /** The event's number within its stream: 1, 2, 3 … without gaps or repeats. */
  sequence_number: number;
}

/** A stored event, with its place in the instance. */
export interface EventLogPositionedEntry<
  Payload = Record<string, any>,
  Metadata = Record<string, any>,
> extends EventLogEntry<Payload, Metadata> {
  /**
   * Which event of the instance it is, in the order in which they were appended: 1, 2, 3 … without gaps or
   * repeats, over all streams.
   */
  position: number;
}

/**
 * A JSON object or array, as `payload` and `metadata` take it. It is stored as
 * `JSON.parse(JSON.stringify(value))` would give it. What is an object to JavaScript and no such
 * object to JSON (a function, a `Date`, a `Map`, a promise not awaited) does not compile.
 *
 * An error, at any depth and as the value itself, is stored by its `name`, `message`, `stack` and `cause`, and its own
 * enumerable fields. Of what JSON does not keep within the value, the response names the place in `message`.
 */
export type EventLogJson = (Record<string, any> | readonly any[]) & {
  readonly [Symbol.hasInstance]?: never;
  readonly [Symbol.toPrimitive]?: never;
  readonly [Symbol.toStringTag]?: never;
};

/**
 * One event to append: its type, which is required under one of its two spellings, and the rest, which has defaults.
 * Every identifier is limited to 1,024 bytes of UTF-8. `stream_id` and `event_type` are other spellings of
 * `streamId` and `eventType`; both spellings with different values are `INVALID_ARGUMENT`.
 */
export interface EventLogEvent {
  /** The stream to append to. Default `'default'`. */
  streamId?: string | undefined;
  /** The stream to append to. Default `'default'`. */
  stream_id?: string | undefined;
  /** What happened. */
  eventType?: string | undefined;
  /** What happened. */
  event_type?: string | undefined;
  /** The event's data. Default `{}`. */
  payload?: EventLogJson | undefined;
  /** The event's context. Default `{}`. */
  metadata?: EventLogJson | undefined;
  /**
   * When it happened: an ISO 8601 string, a `Date`, or milliseconds since 1970. Default: now, and
   * never earlier than the log's last own timestamp in the instance.
   */
  timestamp?: string | number | Date | undefined;
}

/** That an event has its type, under one of the two spellings. */
export type EventLogEventTyped = { eventType: string } | { event_type: string };

/** Which instance an append goes to. */
export interface EventLogTarget {
  /** The id or the name of the instance, at most 1,024 bytes of UTF-8. */
  instanceId: string;
  /**
   * Whether to create the instance when there is none, with `instanceId` as its id and name. Default: what the log was
   * opened with as `autoCreateInstances`, which is `true` for the default log. With `false`, an unknown instance is
   * `INSTANCE_NOT_FOUND`.
   */
  autoCreateInstance?: boolean | undefined;
}

/** What `appendEvent` takes. */
export interface AppendEventParams extends EventLogTarget, EventLogEvent {
  /**
   * Where the event's stream is expected to stand. If it does not, nothing is stored and the call
   * fails with `SEQUENCE_CONFLICT`. Default: anywhere.
   */
  expectedSequence?: EventLogExpectedSequence | undefined;
  /**
   * By what the call is known when it is made again: 1 to 256 bytes of UTF-8, which no other call of
   * the instance has, of both methods. The call that has been stored is then answered with what was
   * stored, and `duplicate: true`; one that differs from it fails with `IDEMPOTENCY_MISMATCH`.
   */
  idempotencyKey?: string | undefined;
  /**
   * Events that must not be there: if there is one, nothing is stored and the call fails with
   * `CONDITION_FAILED`. Of several conditions, at most 100, none may be met.
   */
  failIf?: EventLogFailIf | readonly EventLogFailIf[] | undefined;
  /**
   * Has a consumer be done with an event, in the same commit. A consumer that is past it already has
   * `CHECKPOINT_CONFLICT`, and nothing is stored: so each event leads to one result, whoever handles it how
   * often. A call that was stored before, by its `idempotencyKey`, is answered as such in any case.
   */
  checkpoint?: EventLogCheckpoint | undefined;
}

/** What `appendEvents` takes. */
export interface AppendEventsParams extends EventLogTarget {
  /** The events, at most 100,000, in the order in which they are appended: all are stored, or none. */
  events: EventLogEvent[];
  /**
   * Where streams of the instance are expected to stand before the call, by their ids; at most
   * 100,000, of which the call need not append to any. If one of them does not, nothing is stored and
   * the call fails with `SEQUENCE_CONFLICT`. Default: anywhere.
   */
  expectedSequences?: { readonly [streamId: string]: EventLogExpectedSequence };
  /**
   * By what the call is known when it is made again: 1 to 256 bytes of UTF-8, which no other call of
   * the instance has, of both methods. The call that has been stored is then answered with what was
   * stored, and `duplicate: true`; one that differs from it fails with `IDEMPOTENCY_MISMATCH`. A call
   * with a key has at least one event.
   */
  idempotencyKey?: string | undefined;
  /**
   * Events that must not be there before the call: if there is one, nothing is stored and the call fails
   * with `CONDITION_FAILED`. Of several conditions, at most 100, none may be met.
   */
  failIf?: EventLogFailIf | readonly EventLogFailIf[] | undefined;
  /**
   * Has a consumer be done with an event, in the same commit. A consumer that is past it already has
   * `CHECKPOINT_CONFLICT`, and nothing is stored: so each event leads to one result, whoever handles it how
   * often. A call that was stored before, by its `idempotencyKey`, is answered as such in any case.
   */
  checkpoint?: EventLogCheckpoint | undefined;
}

/** Events that must not be there for an append. */
export interface EventLogFailIf {
  /** What the events match, as in a query: all of these conditions. `[]`: any event. */
  where: readonly EventLogCondition[];
  /**
   * The position of the last event that the caller knows, a whole number: those up to it do not count.
   * Default 0: all events count. The events of an instance have the positions 1, 2, 3 … in the order in
   * which they were appended. A position after the instance's last event is `INVALID_ARGUMENT`.
   */
  afterPosition?: number | undefined;
}

/**
 * Where a stream is expected to stand: the `sequence_number` of its last event, 0 for a stream without
 * events, or `'exists'` for one that has any. It is compared within the commit that stores the
 * events, so that it holds whoever else appends: other calls, threads or processes.
 */
export type EventLogExpectedSequence = number | 'exists';

/** A stream that did not stand where it was expected to. */
export interface EventLogSequenceConflict {
  /** The stream. */
  streamId: string;
  /** What was expected of it. */
  expected: EventLogExpectedSequence;
  /** The `sequence_number` of its last event; 0 if it has none. */
  actual: number;
}

/** An event that was not to be there. */
export interface EventLogConditionConflict {
  /** The position of the first event that matches the condition, after `afterPosition`. */
  position: number;
}

/** What `createInstance` takes, as one object. */
export interface CreateEventLogInstanceParams {
  /** The name: no other instance has it as its id or name. At most 1,024 bytes of UTF-8. */
  name: string;
  /** What the instance is for. At most 65,536 bytes of UTF-8. */
  description?: string | undefined;
}

/** What `createInstance` takes beside the name and the description. */
export interface CreateEventLogInstanceOptions {
  /**
   * What to do if an instance has the name as its id or name: fail with `INSTANCE_EXISTS`, or give that instance as it
   * is. Default `'fail'`.
   */
  ifExists?: 'fail' | 'get' | undefined;
}

/** What `updateInstance` changes. What is not given stays as it is. */
export interface UpdateEventLogInstanceParams {
  /** The new name: no other instance has it as its id or name. At most 1,024 bytes of UTF-8. */
  name?: string | undefined;
  /** The new description. At most 65,536 bytes of UTF-8. */
  description?: string | undefined;
}

/** What a condition demands of a field. */
export type EventLogOperator = EventLogExactCondition['operator'];

/**
 * A condition on one field. Values of different types are not equal and have no order; a field that
 * is not there reads as `null`. What its value has to be depends on its operator, see {@link EventLogExactCondition}.
 */
export interface EventLogCondition {
  /**
   * `id`, `instanceId`, `stream_id`, `event_type`, `timestamp`, `sequence_number` (also in
   * camelCase) or `position`, a path such as `payload.items.0.price`, or a JSON Pointer such as `/payload/a.b`.
   * Any other bare name means `payload.<name>`, unless it is one of these but for case and underscores, or looks like a
   * function.
   */
  field: string;
  /** What is demanded of it. */
  operator: EventLogOperator;
  /** What to compare with. */
  value: any;
}

/** A condition with the value that its operator takes, which is checked where a query is written out. */
export type EventLogExactCondition = {
  /** As in {@link EventLogCondition}. */
  field: string;
} & (
  | {
      /** Equal, or not equal. */
      operator: 'eq' | 'neq';
      /** What to compare with. */
      value: EventLogValue;
    }
  | {
      /** Greater, greater or equal, less, less or equal. */
      operator: 'gt' | 'gte' | 'lt' | 'lte';
      /** What to compare with. */
      value: string | number | boolean | Date;
    }
  | {
      /** A part of a string, or an element of an array. */
      operator: 'contains';
      /** What to look for. */
      value: EventLogValue;
    }
  | {
      /** Equal to one of several values. */
      operator: 'in';
      /** The values, at most 10,000. */
      value: readonly EventLogValue[];
    }
  | {
      /** Between two values, both included. */
      operator: 'between';
      /** The lowest and the highest value. */
      value: readonly [
        low: string | number | boolean | Date,
        high: string | number | boolean | Date,
      ];
    }
);

/** A JSON value to compare a field with, or a `Date` to compare `timestamp` with. */
export type EventLogValue = string | number | boolean | null | Date | EventLogJson;

/** How values become one. */
export type EventLogReduceType = EventLogExactReduce['type'];

/** What to compute from the events that match a query, in the place of returning them. */
export interface EventLogReduce {
  /** How values become one, see {@link EventLogExactReduce}. */
  type: EventLogReduceType;
  /** The field whose values are taken. */
  field?: string | undefined;
  /**
   * The fields that make a group. Without it there is one result; with it, one row per group, such as
   * `{ event_type: 'login', count: 3 }`.
   */
  groupBy?: string | string[] | undefined;
}

/** A reduction with the field that its type needs, which is checked where a query is written out. */
export type EventLogExactReduce = {
  /** As in {@link EventLogReduce}. */
  groupBy?: string | readonly string[] | undefined;
} & (
  | {
      /**
       * How many events there are, or have the field; `collect` is the array of the values of the field, or of the
       * events themselves.
       */
      type: 'count' | 'collect';
      /** The field whose values are taken. Default: the events count, or are collected. */
      field?: string | undefined;
    }
  | {
      /** `sum` and `avg` pass over what is no number; `avg`, `min` and `max` of nothing are `null`. */
      type: 'sum' | 'avg' | 'min' | 'max';
      /** The field whose values are taken. */
      field: string;
    }
);

/** A query over the events of one instance. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogDSL {
  /** Where to look. */
  from: {
    /** The id or the name of the instance. */
    instance: string;
    /** Only this stream. Default: every stream. */
    stream?: string | undefined;
  };
  /** Conditions, at most 100, all of which must hold. Default: every event. */
  where?: EventLogCondition[] | undefined;
  /**
   * The fields to keep of each event, at most 100; a path keeps its nesting. Default, and `[]`: every field. With
   * `reduce` it is passed over, but for `collect` without `field` and `groupBy`.
   */
  select?: string[] | undefined;
  /**
   * The order. Default: the order in which the events were appended. What it cannot act on, such as the one value of a
   * `reduce`, it is passed over for, and the response's `message` says so.
   */
  orderBy?:
    | {
        /** The field to order by, written as in a condition. */
        field: string;
        /** Lowest or highest first. Default `'asc'`. */
        direction?: 'asc' | 'desc' | undefined;
      }
    | undefined;
  /** How many events, or rows of groups, to return: a whole number from 0. Default: all. */
  limit?: number | undefined;
  /** How many events, or rows of groups, to leave out first: a whole number from 0. Default 0. */
  offset?: number | undefined;
  /** What to compute in the place of returning events. */
  reduce?: EventLogReduce | undefined;
  /** Whether the result says how the query was answered, as its `plan`. Default `false`. */
  explain?: boolean | undefined;
}

/** A query that is written out where it is made: its conditions and its reduction are checked. */
export interface EventLogExactQuery extends Omit<EventLogDSL, 'where' | 'select' | 'reduce'> {
  /** As in {@link EventLogDSL}. */
  where?: readonly EventLogExactCondition[] | undefined;
  /** As in {@link EventLogDSL}. */
  select?: readonly string[] | undefined;
  /** As in {@link EventLogDSL}. */
  reduce?: EventLogExactReduce | undefined;
}

/** The type of one of the parts of a query; `undefined` if the query has none. */
type PartOf<Query, Key extends string> = Query extends { [Name in Key]?: infer Part }
  ? unknown extends Part
    ? undefined
    : Exclude<Part, undefined>
  : undefined;

/** Whether conditions are right as they are, or of a type that leaves it to the program. */
type AreConditions<Where> = [Where] extends [readonly EventLogExactCondition[] | undefined]
  ? true
  : Where extends readonly { operator: infer Operator }[]
    ? EventLogOperator extends Operator
      ? true
      : false
    : false;

/** Whether a reduction is right as it is, or of a type that leaves it to the program. */
type IsReduction<Reduce> = [Reduce] extends [EventLogExactReduce | undefined]
  ? true
  : Reduce extends { type: infer Type }
    ? EventLogReduceType extends Type
      ? true
      : false
    : false;

/**
 * A query of parts that have types of their own, such as conditions that were gathered in an array of
 * {@link EventLogCondition}; `never` for any other.
 */
export type EventLogDeclaredQuery<Query extends EventLogDSL> =
  Exclude<
    keyof Query | `from.${string & keyof PartOf<Query, 'from'>}`,
    keyof EventLogDSL | `from.${keyof EventLogDSL['from']}`
  > extends never
    ? [AreConditions<PartOf<Query, 'where'>>, IsReduction<PartOf<Query, 'reduce'>>] extends [
        true,
        true,
      ]
      ? Query
      : never
    : never;

/** Whether a key may be there, and may be left out, by the type of an object. */
type MayLack<Given, Key extends string> = Key extends keyof Given
  ? Given[Key] extends undefined
    ? false
    : undefined extends Given[Key]
      ? true
      : false
  : false;

/** An event whose own type says that its event type may be left out; `never` for one that is written out without it. */
export type EventLogDeclaredEvent<Event extends EventLogEvent> = Event extends unknown
  ? true extends MayLack<Event, 'eventType'> | MayLack<Event, 'event_type'>
    ? Event
    : never
  : never;

/** What `queryEvents` takes beside the query. */
export interface EventLogQueryOptions {
  /**
   * Calls the query off once it is aborted: the promise then resolves at once, with the code
   * `ABORTED`, and the log stops working on the query.
   */
  signal?: AbortSignal | undefined;
}

/** Which events of a stream `readStream` reads. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogReadStreamOptions {
  /** The id or the name of the instance. */
  instance: string;
  /** The stream. One that is not there has no events. */
  stream: string;
  /**
   * The `sequence_number` of the event to begin with: a whole number from 0 to the one that the stream gives next.
   * Default: the first event; with `direction: 'backward'`, the last one.
   */
  fromSequence?: number | undefined;
  /** Oldest or newest event first. Default `'forward'`: oldest first. */
  direction?: 'forward' | 'backward' | undefined;
  /** How many events to read at the most: a whole number from 0. Default: all. */
  limit?: number | undefined;
  /** Calls the reading off: the step that waits, or else the next one, throws `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/** Which events of an instance `readAll` reads. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogReadAllOptions {
  /** The id or the name of the instance. */
  instance: string;
  /**
   * The `position` of the event after which to begin, in the direction of reading: that of the last
   * event that was read before. A whole number from 0 to the position of the last event. Default: the beginning; with
   * `direction: 'backward'`, the end.
   */
  afterPosition?: number | undefined;
  /** Oldest or newest event first. Default `'forward'`: oldest first. */
  direction?: 'forward' | 'backward' | undefined;
  /** Conditions, at most 100, all of which must hold, as in a query. Default: every event. */
  where?: readonly EventLogCondition[] | undefined;
  /** Only events with this string as their `metadata.correlationId`. */
  correlationId?: string | undefined;
  /** Only events with this string as their `metadata.causationId`. */
  causationId?: string | undefined;
  /** How many events to read at the most: a whole number from 0. Default: all. */
  limit?: number | undefined;
  /** Calls the reading off: the step that waits, or else the next one, throws `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/**
 * Events being read, for one `for await`. Nothing is read before the first step. Leaving the loop, or
 * calling `return`, lets go of everything; what is left alone is let go of as well.
 */
export interface EventLogReader<Entry> extends AsyncIterable<Entry> {
  /** The next event. Rejects with an {@link EventLogError} if reading fails; then it has ended. */
  next(): Promise<IteratorResult<Entry, undefined>>;
  /** Ends the reading. */
  return(): Promise<IteratorResult<Entry, undefined>>;
  /** Ends the reading, and rejects with `error`. */
  throw(error?: unknown): Promise<IteratorResult<Entry, undefined>>;
  [Symbol.asyncIterator](): EventLogReader<Entry>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Which events `subscribe` follows. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogSubscribeOptions {
  /** The id or the name of the instance. */
  instance: string;
  /** Only the events of this stream, which need not be there yet. Default: every stream. */
  stream?: string | undefined;
  /** Conditions, at most 100, all of which must hold, as in a query. Default: every event. */
  where?: readonly EventLogCondition[] | undefined;
  /**
   * The `position` of the event after which to begin: that of the last event that was handled before. A
   * whole number from 0, or `'end'` for only what is appended after `next()` was first called. Default 0: every event.
   */
  afterPosition?: number | 'end' | undefined;
  /** Ends the subscription: the step that waits, or else the next one, throws `ABORTED`. */
  signal?: AbortSignal | undefined;
  /** Whether to wait for the instance, if it is not there when the first event is asked for. Default `false`. */
  awaitInstance?: boolean | undefined;
  /** With the name of a consumer, see {@link EventLogConsumeOptions}. */
  consumer?: undefined;
}

/** Which events `subscribe` gives to a consumer. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogConsumeOptions extends Omit<
  EventLogSubscribeOptions,
  'consumer' | 'afterPosition'
> {
  /**
   * The name of the consumer, 1 to 256 bytes of UTF-8. Where it stands is kept in the log: a subscription begins
   * after what was acknowledged last, in whatever process. The first subscription makes it.
   */
  consumer: string;
  /**
   * Where a new consumer begins: after the event with that `position`, at most that of the last event, or at
   * the `'end'`. Default 0. It does not matter to one that is there.
   */
  afterPosition?: number | 'end' | undefined;
}

/**
 * An event as `subscribe` gives it where the program alone knows whether there is a consumer. With one it has
 * `ack` and `checkpoint`: `await event.ack?.()`.
 */
export interface EventLogFollowedEntry<
  Payload = Record<string, any>,
  Metadata = Record<string, any>,
>
  extends
    EventLogPositionedEntry<Payload, Metadata>,
    Partial<Pick<EventLogConsumedEntry, 'ack' | 'checkpoint'>> {}

/**
 * Which events `subscribe` gives, where it depends on the program's own options whether it is to a consumer. An
 * unknown key is `INVALID_ARGUMENT`.
 */
export interface EventLogFollowOptions extends Omit<EventLogSubscribeOptions, 'consumer'> {
  /** The name of the consumer, if there is one, see {@link EventLogConsumeOptions}. */
  consumer?: string | undefined;
}

/** An event as a consumer gets it. */
export interface EventLogConsumedEntry<
  Payload = Record<string, any>,
  Metadata = Record<string, any>,
> extends EventLogPositionedEntry<Payload, Metadata> {
  /**
   * Says that this event, and every one before it, is done. Resolves once that is on disk; then no later
   * subscription gets them. It never moves the consumer back, and many that are called at once share a
   * commit.
   *
   * Rejects with an {@link EventLogError}: `CHECKPOINT_CONFLICT` if the consumer was reset since the subscription
   * has begun, `CONSUMER_NOT_FOUND` if it was deleted, `CLOSED`, or `STORAGE_FAILED`. It can be called again.
   */
  ack(): Promise<void>;
  /**
   * Says the same with an append: the `checkpoint` of a call that stores what was made of this event. It can be
   * kept as JSON, and given to another process.
   */
  checkpoint: { [Key in keyof EventLogCheckpoint]-?: NonNullable<EventLogCheckpoint[Key]> };
}

export interface EventLog {
  /**
   * Follows an instance as a consumer, whose place is kept in the log: it goes on after what was
   * {@link EventLogConsumedEntry.ack | acknowledged}, also in another process and after a crash.
   *
   * An event that was not acknowledged is given again to the next subscription. Under a filter, the consumer is moved
   * over events that do not match once all that were given out are acknowledged, in steps of about a thousand.
   *
   * @param options Which consumer, which instance, and which events of it.
   * @returns The events, as from `subscribe` without a consumer, each with `ack` and `checkpoint`. The first step
   * throws what registering the consumer fails with, such as `STORAGE_FAILED`. A consumer that is reset or deleted
   * ends its subscriptions: the step that waits, or else the next one after the events that were read by then,
   * throws `CHECKPOINT_CONFLICT` or `CONSUMER_NOT_FOUND`.
   */
  subscribe<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogConsumeOptions,
  ): EventLogSubscription<EventLogConsumedEntry<Payload, Metadata>>;
  /**
   * Follows an instance, as a consumer if one is named.
   *
   * @param options Which instance, which events of it, and perhaps which consumer.
   * @returns The events, which have `ack` and `checkpoint` if there is a consumer.
   */
  subscribe<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogFollowOptions,
  ): EventLogSubscription<EventLogFollowedEntry<Payload, Metadata>>;
}

/** Of which events `project` computes something, and what is kept. */
export interface EventLogProjectRange {
  /** The id or the name of the instance. */
  instance: string;
  /** Only the events of this stream, which need not be there. Default: every stream. */
  stream?: string | undefined;
  /** Conditions, at most 100, or 99 with a `stream`, all of which must hold, as in a query. Default: every event. */
  where?: readonly EventLogCondition[] | undefined;
  /**
   * By what snapshots of this projection are found, 1 to 256 bytes of UTF-8 without U+0000. With a `stream`, each
   * stream has a snapshot of its own. Default: none is looked for.
   */
  name?: string | undefined;
  /** A snapshot that was made with another version is ignored: change it when `apply` changes. */
  version?: string | number | undefined;
  /**
   * Each time a run has taken so many events, a whole number from 1, the state is kept in the log, in the place of
   * the snapshot before; and at its end, if it has taken so many. A run that ends early leaves the last one. The state
   * must be what JSON keeps as it is, at most 16,777,216 bytes (16 MiB) of text. Default: none is kept.
   */
  snapshotEvery?: number | undefined;
  /** Calls it off: the promise rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
  /** Whether to wait for the instance, if it is not there. Default `false`. */
  awaitInstance?: boolean | undefined;
}

/** What `project` computes, and of which events. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogProjectOptions<
  State,
  Payload = Record<string, any>,
  Metadata = Record<string, any>,
> extends EventLogProjectRange {
  /**
   * The state before the first event: a value, which is copied with `structuredClone` for each run, or a
   * function that makes it.
   */
  initial: State | (() => State);
  /**
   * The state after an event. It may alter the state that it is given, and return it. What it throws or
   * rejects with rejects the promise.
   */
  apply: (
    state: State,
    event: EventLogPositionedEntry<Payload, Metadata>,
  ) => State | Promise<State>;
}

/** What a projection has come to. */
export interface EventLogProjection<State> {
  /** The state after all events. */
  state: State;
  /** Up to where the events of the instance were looked at; 0 if there were none. */
  position: number;
  /**
   * Of a `stream` without `where`: the number of its last event, which is what `expectedSequence` takes; 0 if it
   * has none.
   */
  sequence?: number | undefined;
}

export interface EventLog {
  /**
   * Computes a state from events, one after the other: those that were acknowledged before the call.
   *
   * With a `name` it begins with the snapshot that was kept of an earlier run, if that was of the same `version`,
   * `stream` and `where`. Events are read in pages, so that memory is bounded but for the state.
   *
   * @param options Of which events, from what, how, and what is kept.
   * @returns The state, and up to where it was computed. Rejects with an {@link EventLogError}:
   * `INVALID_ARGUMENT` names an option that is not understood; `INSTANCE_NOT_FOUND`; `ABORTED`; `CLOSED`;
   * `CORRUPTED`. Where only keeping the last snapshot has failed, the error has the `projection`, and the snapshot before
   * stays: `INVALID_ARGUMENT` for a state that JSON does not keep as it is, `LIMIT_EXCEEDED`,
   * `STORAGE_FAILED`, and the like.
   */
  project<State, Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogProjectOptions<State, Payload, Metadata> & {
      stream: string;
      where?: undefined;
    },
  ): Promise<EventLogProjection<State> & { sequence: number }>;
  project<State, Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogProjectOptions<State, Payload, Metadata>,
  ): Promise<EventLogProjection<State>>;
}

/** An event as `decide` gives it: as one that is appended, but for its instance and its stream. */
export interface EventLogDecidedEvent extends Omit<EventLogEvent, 'streamId' | 'stream_id'> {
  /** Not given: it is appended to the stream that is decided on. */
  streamId?: undefined;
  /** Not given: it is appended to the stream that is decided on. */
  stream_id?: undefined;
}

/** What is decided: an event, several of them, which are stored together, or nothing. */
export type EventLogDecided<Event> = Event | readonly Event[] | null | undefined | void;

/** On which stream `decide` decides, and how. */
export interface EventLogDecideTarget {
  /** The id or the name of the instance. */
  instance: string;
  /** The id of the stream, which need not be there. */
  stream: string;
  /**
   * By what the call is known when it is made again: 1 to 256 bytes of UTF-8, which no other call of the instance has, of
   * `appendEvent` and `appendEvents` too. What was stored is then the result, with `duplicate: true`, and nothing is
   * decided again. A call that has stored nothing is not known again. Default: none.
   */
  idempotencyKey?: string | undefined;
  /**
   * How often it is decided again where somebody else has appended to the stream meanwhile: a whole number from 0. Then it
   * fails with `SEQUENCE_CONFLICT`, and nothing is stored. Default 100.
   */
  retries?: number | undefined;
  /** Whether to make the instance if it is not there, see {@link EventLogTarget}. Before, it has no events. */
  autoCreateInstance?: boolean | undefined;
  /** As in {@link EventLogProjectRange}. `project` and `decide` share the snapshots of a name, version and stream. */
  name?: string | undefined;
  /** As in {@link EventLogProjectRange}. */
  version?: string | number | undefined;
  /** As in {@link EventLogProjectRange}. The state is kept before it is decided. */
  snapshotEvery?: number | undefined;
  /**
   * Calls it off, as long as nothing is on its way to be stored: the promise rejects with `ABORTED`, also while a promise
   * of `decide` is waited for.
   */
  signal?: AbortSignal | undefined;
}

/** What `decide` decides, and on what. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogDecideOptions<
  State,
  Payload = Record<string, any>,
  Metadata = Record<string, any>,
> extends EventLogDecideTarget {
  /** The state of a stream without events, as in {@link EventLogProjectOptions}. */
  initial: State | (() => State);
  /** The state after an event, as in {@link EventLogProjectOptions}. It gets the events that are stored as well. */
  apply: (
    state: State,
    event: EventLogPositionedEntry<Payload, Metadata>,
  ) => State | Promise<State>;
  /**
   * The events that are to be stored in that state, which it must not alter. It is called again after a conflict, with the
   * state after what others have appended. What it throws or rejects with rejects the promise, and nothing is stored.
   */
  decide: (
    state: State,
  ) =>
    | EventLogDecided<EventLogDecidedEvent & EventLogEventTyped>
    | Promise<EventLogDecided<EventLogDecidedEvent & EventLogEventTyped>>;
}

/** What `decide` has come to. */
export interface EventLogDecision<
  State,
  Entry = EventLogPositionedEntry,
> extends EventLogProjection<State> {
  /**
   * The state after the events that were stored. With `duplicate`, it is that of the stream as it is now, which others may
   * have appended to since.
   */
  state: State;
  /** The number of the last event of the state; 0 if there is none. */
  sequence: number;
  /** The events that were stored, in their order, with their positions; none if nothing was decided. */
  events: Entry[];
  /** How often `decide` was called; 0 if an earlier call with the key was found at once. */
  attempts: number;
  /** Whether the events were stored by an earlier call with the same `idempotencyKey`. Absent otherwise. */
  duplicate?: true;
  /** A remark for a person, such as the name of a key of an event that was not understood. Absent if there is none. */
  message?: string;
}

export interface EventLog {
  /**
   * Reads the state of a stream, has `decide` say which events follow from it, and stores them after the last event that the
   * state is of. Where somebody else has appended meanwhile, it takes in what is new and decides again.
   *
   * All events of a decision are stored, or none, and never on another state than the one that they were decided on. Once they
   * are on their way to be stored, the call is not called off any more.
   *
   * @param options On which stream, from what, how it is decided.
   * @returns The state, and what was stored. Rejects with an {@link EventLogError}, and nothing is stored:
   * `INVALID_ARGUMENT` names an option, or the place of an event; `LIMIT_EXCEEDED`; `INSTANCE_NOT_FOUND`;
   * `SEQUENCE_CONFLICT` once all `retries` were in vain, with the `conflict`; `IDEMPOTENCY_MISMATCH` if the key belongs to
   * a call on another stream; `ABORTED`; `CLOSED`; what else appends and `project` fail with. What `decide` and `apply` throw
   * rejects as it is; but if `apply` throws on an event that this call has stored, that is `APPLY_FAILED`, with what was
   * thrown as `cause` and what was stored as `decision`.
   */
  decide<State, Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogDecideOptions<State, Payload, Metadata>,
  ): Promise<EventLogDecision<State, EventLogPositionedEntry<Payload, Metadata>>>;
}

/** Which snapshots `deleteSnapshots` deletes. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogDeleteSnapshotsOptions {
  /** The id or the name of the instance. */
  instance: string;
  /** The name of the projection. Default: every projection. */
  name?: string | undefined;
}

/** Which consumers `listConsumers` lists. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogListConsumersOptions {
  /** The id or the name of the instance. */
  instance: string;
  /** The name after which to begin: the last one of the page before. Default: the beginning. */
  after?: string | undefined;
  /** How many consumers to list at the most: a whole number from 0 to 10,000. Default 1,000. */
  limit?: number | undefined;
}

/** Which consumer `deleteConsumer` deletes. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogDeleteConsumerOptions {
  /** The id or the name of the instance. */
  instance: string;
  /** The name of the consumer. */
  consumer: string;
}

/** Which consumer `resetConsumer` puts where. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogResetConsumerOptions extends EventLogDeleteConsumerOptions {
  /**
   * The position of the event after which it is to go on: a whole number from 0 to that of the last event,
   * or `'end'` for that of the last event.
   */
  position: number | 'end';
}

/** A consumer, and where it stands. */
export interface EventLogConsumer {
  /** Its name. */
  consumer: string;
  /** The position up to which every event is done. */
  position: number;
  /** How many events the instance has after that. */
  behind: number;
  /** When it was moved last: ISO 8601, UTC, milliseconds. */
  timestamp: string;
}

/**
 * That a consumer is done with an event, stored together with what it has made of it. A subscription gives each event
 * with {@link EventLogConsumedEntry.checkpoint | its own}.
 */
export interface EventLogCheckpoint {
  /** The name of the consumer, which must be there. */
  consumer: string;
  /** The position of the event, and of every one before it. */
  position: number;
  /** The id or the name of the instance that the consumer reads. Default: the one that is appended to. */
  instance?: string | undefined;
  /**
   * A number from the {@link EventLogConsumedEntry.checkpoint | `checkpoint` of an event}. If the consumer was
   * reset since the subscription began which the event is from, that is a `CHECKPOINT_CONFLICT`. Default: it
   * does not matter whether it was.
   */
  generation?: number | undefined;
}

/** A consumer that is past the position of a checkpoint, or was reset. */
export interface EventLogCheckpointConflict {
  /** Its name. */
  consumer: string;
  /** The position that it was to be moved to. */
  position: number;
  /** Where it stands. */
  actual: number;
}

/** Events being followed, for one `for await`. */
export interface EventLogSubscription<Entry> extends EventLogReader<Entry> {
  /**
   * Whether the program has got all events that were there when the log was last looked at. It is `true` once
   * the last of them was given out, and `false` again with the first of those that come after.
   */
  readonly caughtUp: boolean;
  /** Resolves when `caughtUp` is `true` for the first time, or the subscription has ended. */
  readonly untilCaughtUp: Promise<void>;
  [Symbol.asyncIterator](): EventLogSubscription<Entry>;
}

/** Which streams `listStreams` lists. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogListStreamsOptions {
  /** The id or the name of the instance. */
  instance: string;
  /** What the ids of the streams begin with. Default `''`: every stream. */
  prefix?: string | undefined;
  /** The id after which to begin: the last one of the page before. Default: the beginning. */
  after?: string | undefined;
  /** How many streams to list at the most: a whole number from 0 to 10,000. Default 1,000. */
  limit?: number | undefined;
}

/** A stream, and what its last event has. */
export interface EventLogStream {
  /** The stream. */
  stream_id: string;
  /** The number of its last event, which is how many events it has. */
  sequence_number: number;
  /** Where its last event stands in the instance. */
  position: number;
  /** The timestamp of its last event: ISO 8601, UTC, milliseconds. */
  timestamp: string;
}

/** How far something that takes long has come. */
export interface EventLogProgress {
  /** How many events are done. */
  done: number;
  /** How many there are to do, where that is known. */
  total?: number | undefined;
}

/** What `exportEvents` takes. */
export interface EventLogExportOptions {
  /** The id or the name of the one instance to export. Default: all of them, oldest first. */
  instance?: string | undefined;
  /** Destroys the stream once it is aborted, with an {@link EventLogError} of the code `ABORTED`. */
  signal?: AbortSignal | undefined;
  /**
   * Called as events are read, ten times a second at the most, and at the end. If it throws, the stream
   * is destroyed with `INVALID_ARGUMENT`.
   */
  onProgress?: ((progress: EventLogProgress) => void) | undefined;
}

/**
 * What `importEvents` reads: a `Readable`, or any iterable or async iterable of strings or of bytes. It
 * may be cut anywhere, in the middle of a line or of a character.
 */
export type EventLogImportSource =
  AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** What `importEvents` takes beside its source. */
export interface EventLogImportOptions {
  /**
   * Calls the import off once it is aborted: the promise resolves with the code `ABORTED` as soon as
   * the batch that is being written is on disk, and the source is destroyed.
   */
  signal?: AbortSignal | undefined;
  /**
   * Called as events are stored or skipped, ten times a second at the most, and at the end; `total` is
   * what the first line says. If it throws, the import ends with `INVALID_ARGUMENT`.
   */
  onProgress?: ((progress: EventLogProgress) => void) | undefined;
}

/** What `verify` and `backup` take. */
export interface EventLogOperationOptions {
  /**
   * Calls it off once it is aborted: the promise resolves with the code `ABORTED` as soon as nothing of
   * it is left.
   */
  signal?: AbortSignal | undefined;
  /**
   * Called as events are done, ten times a second at the most, and at the end. A backup counts each event
   * twice: it is copied, and then checked. If it throws, the call ends with `INVALID_ARGUMENT`.
   */
  onProgress?: ((progress: EventLogProgress) => void) | undefined;
}

/** What `compact` takes. */
export interface EventLogCompactOptions {
  /** Calls it off if it is aborted before the compaction has begun. */
  signal?: AbortSignal | undefined;
}

/** How much of a log was checked or copied. */
export interface EventLogCounts {
  /** How many instances there are. */
  instances: number;
  /** How many streams they have. */
  streams: number;
  /** How many events they have. */
  events: number;
  /** How many bytes of storage the events take: the sum of the `storedBytes` of all instances. */
  bytes: number;
}

/** Something in a log that is not as it has to be. */
export interface EventLogProblem {
  /** The id of the instance that it concerns, if it is one. */
  instanceId?: string | undefined;
  /** The event that it concerns, if it is one: 1 for the first event of the instance, and so on. */
  position?: number | undefined;
  /** What was expected there and what was found, for a person. */
  what: string;
}

/** What a check has found. What cannot be read is not counted. */
export interface EventLogReport extends EventLogCounts {
  /** Whether there are no problems. */
  intact: boolean;
  /** How many problems there are. */
  problemCount: number;
  /** The problems, in the order in which they were found; the first 100 if there are more. */
  problems: EventLogProblem[];
}

/** How a query was answered, for those who ask with `explain`. */
export interface EventLogQueryPlan {
  /**
   * The way that was chosen: `'stream'` walked the chain of the stream's events, `'blocks'` went by
   * the summaries of blocks of events, `'positions'` went straight to the places of the events,
   * `'none'` answered from counts alone.
   */
  path: 'stream' | 'blocks' | 'positions' | 'none';
  /** The same in words, for a person. */
  description: string;
  /** What became of the blocks that the instance's events are kept in. */
  blocks: {
    /** How many there are. */
    total: number;
    /** How many were passed over, because nothing in them can match or all that counts is known. */
    skipped: number;
    /** How many were looked into. */
    read: number;
    /** How many of those have no summary in the file yet. */
    unsealed: number;
  };
  /** How many events were tested, by their summaries or by themselves. */
  eventsExamined: number;
  /** How many events were read for that. Those of the result are read once more, and not counted. */
  eventsRead: number;
  /** How many threads have worked on it. */
  threads: number;
  /** How long the query took, without its way to the program. */
  milliseconds: number;
}

/** What a query found. */
export interface EventLogQueryResult {
  /**
   * The events. A query with `reduce` has `aggregation` in their place: which of the two is there
   * depends on nothing but the query. With `select`, an event has the selected fields only.
   */
  events: EventLogEntry[];
  /** The value that `reduce` computed, or its rows with `groupBy`. Absent without `reduce`. */
  aggregation?: any;
  /** How many events matched, before `limit` and `offset`. */
  total: number;
  /** The query's `limit`, when it had one. */
  limit?: number | undefined;
  /** The query's `offset`, when it had one. */
  offset?: number | undefined;
  /** How the query was answered, when it had `explain`. */
  plan?: EventLogQueryPlan | undefined;
}

/** The counts and sizes of an instance. */
export interface EventLogStats {
  /** The instance's id. */
  instanceId: string;
  /** The instance's name. */
  name: string;
  /** How many events it holds. */
  eventCount: number;
  /** How many streams they are in. */
  streamCount: number;
  /** How many bytes the stored events take. */
  storedBytes: number;
  /** When it was created: ISO 8601, UTC, milliseconds. */
  createdAt: string;
  /** When it was last updated or appended to: ISO 8601, UTC, milliseconds. */
  updatedAt: string;
}

/** What every response has, whatever the method and whether or not it succeeded. */
export interface EventLogBaseResponse {
  /** `'eventLog.'` and the name of the method. */
  type: string;
  /** Whether the call did what was asked. */
  success: boolean;
  /** What the method returns. Absent when it failed. */
  data?: any;
  /** A remark for a person, such as the name of a parameter that was not understood. */
  message?: string | undefined;
  /** What was wrong, what was expected and what was found. Only when it failed. */
  error?: string | undefined;
  /** What kind of failure it is. Only when it failed. */
  code?: EventLogErrorCode | undefined;
  /**
   * What stands in the way: with `SEQUENCE_CONFLICT`, which stream did not stand where it was expected
   * to; with `CONDITION_FAILED`, which event was not to be there; with `CHECKPOINT_CONFLICT`, where the
   * consumer stands. Only with these.
   */
  conflict?:
    EventLogSequenceConflict | EventLogConditionConflict | EventLogCheckpointConflict | undefined;
  /** When the response was made: ISO 8601, UTC, milliseconds. */
  timestamp: string;
  /** A UUID, new for each call. */
  requestId: string;
}

/** The response to a call that did what was asked. */
export interface EventLogSuccess<Method extends string, Data> extends EventLogBaseResponse {
  type: `eventLog.${Method}`;
  success: true;
  data: Data;
  error?: undefined;
  code?: undefined;
  conflict?: undefined;
}

/** The response to a call that failed with one of these codes, and what stood in its way. */
export interface EventLogFailureWith<
  Method extends string,
  Code extends EventLogErrorCode,
  Conflict extends EventLogBaseResponse['conflict'],
> extends EventLogBaseResponse {
  type: `eventLog.${Method}`;
  success: false;
  /** Absent: there is no `data` to read here. */
  data?: undefined;
  error: string;
  code: Code;
  conflict?: Conflict | undefined;
}

/** The response to a call that failed with any other code. */
export interface EventLogPlainFailure<Method extends string> extends EventLogBaseResponse {
  type: `eventLog.${Method}`;
  success: false;
  /** Absent: there is no `data` to read here. */
  data?: undefined;
  error: string;
  /** The log always gives one; a stand-in for it in a test need not. */
  code?: Exclude<
    EventLogErrorCode,
    'SEQUENCE_CONFLICT' | 'CONDITION_FAILED' | 'CHECKPOINT_CONFLICT'
  >;
  conflict?: undefined;
}

/** The response to a call that failed: its `code` tells what `conflict` is. */
export type EventLogFailure<Method extends string> =
  | EventLogFailureWith<Method, 'SEQUENCE_CONFLICT', EventLogSequenceConflict>
  | EventLogFailureWith<Method, 'CONDITION_FAILED', EventLogConditionConflict>
  | EventLogFailureWith<Method, 'CHECKPOINT_CONFLICT', EventLogCheckpointConflict>
  | EventLogPlainFailure<Method>;

/**
 * The response to a call: after `if (response.success)` it is known to be an {@link EventLogSuccess}, and otherwise an
 * {@link EventLogFailure}, which has no `data`. Without that check, `response.data` may be `undefined`.
 */
export type EventLogResponse<Method extends string, Data> =
  EventLogSuccess<Method, Data> | EventLogFailure<Method>;

/** What `createInstance`, `getInstance`, `updateInstance` and `deleteInstance` resolve with. */
export type EventLogInstanceResponse = EventLogResponse<
  'createInstance' | 'getInstance' | 'updateInstance' | 'deleteInstance',
  {
    /** The instance; after `deleteInstance`, the one that is gone. */
    instance: EventLogInstance;
  }
>;

/** What `listInstances` resolves with. */
export type EventLogInstanceListResponse = EventLogResponse<
  'listInstances',
  {
    /** All instances, oldest first. */
    instances: EventLogInstance[];
  }
>;

/** What `appendEvent` resolves with, once the event is on disk. */
export type EventLogAppendResponse = EventLogResponse<
  'appendEvent',
  {
    /** The event as it was stored. */
    event: EventLogEntry;
    /** Whether it was stored by an earlier call with the same `idempotencyKey`. Absent otherwise. */
    duplicate?: true;
  }
>;

/** What `appendEvents` resolves with, once the events are on disk. */
export type EventLogAppendMultipleResponse = EventLogResponse<
  'appendEvents',
  {
    /** The events as they were stored, in the order given. */
    events: EventLogEntry[];
    /** How many there are. */
    count: number;
    /** Whether they were stored by an earlier call with the same `idempotencyKey`. Absent otherwise. */
    duplicate?: true;
  }
>;

/** What `queryEvents` resolves with. */
export type EventLogQueryResponse = EventLogResponse<
  'queryEvents',
  {
    /** What the query found. */
    result: EventLogQueryResult;
  }
>;

/** What `getInstanceStats` resolves with. */
export type EventLogStatsResponse = EventLogResponse<'getInstanceStats', EventLogStats>;

/** What `listStreams` resolves with. */
export type EventLogStreamListResponse = EventLogResponse<
  'listStreams',
  {
    /** The streams, in the order of the UTF-8 bytes of their ids. */
    streams: EventLogStream[];
    /** Whether there are more of them, after the last one of these. */
    hasMore: boolean;
  }
>;

/** What `listConsumers` resolves with. */
export type EventLogConsumerListResponse = EventLogResponse<
  'listConsumers',
  {
    /** The consumers, in the order of the UTF-8 bytes of their names. */
    consumers: EventLogConsumer[];
    /** Whether there are more of them, after the last one of these. */
    hasMore: boolean;
  }
>;

/** What `resetConsumer` and `deleteConsumer` resolve with, once it is on disk. */
export type EventLogConsumerResponse = EventLogResponse<
  'resetConsumer' | 'deleteConsumer',
  {
    /** The consumer; after `deleteConsumer`, the one that is gone. */
    consumer: EventLogConsumer;
  }
>;

/** What `deleteSnapshots` resolves with, once it is on disk. */
export type EventLogDeleteSnapshotsResponse = EventLogResponse<
  'deleteSnapshots',
  {
    /** How many snapshots there were. */
    count: number;
  }
>;

/** What `importEvents` resolves with, once everything is on disk. */
export type EventLogImportResponse = EventLogResponse<
  'importEvents',
  {
    /** How many instances were made. */
    instances: number;
    /** How many events were stored. */
    events: number;
    /** How many instances were there already. */
    skippedInstances: number;
    /** How many events were there already. */
    skippedEvents: number;
  }
>;

/** What `verify` resolves with. */
export type EventLogVerifyResponse = EventLogResponse<'verify', EventLogReport>;

/** What `backup` resolves with, once the copy is on disk. */
export type EventLogBackupResponse = EventLogResponse<
  'backup',
  EventLogCounts & {
    /** Where the copy is. */
    path: string;
  }
>;

/** What `compact` resolves with. */
export type EventLogCompactResponse = EventLogResponse<
  'compact',
  {
    /** How long the file was, in bytes. */
    bytesBefore: number;
    /** How long it is now, in bytes. */
    bytesAfter: number;
  }
>;

/** The responses that a method can resolve with, as one that did what was asked. */
type DataOf<Response> = Response extends { success: true; data: infer Data } ? Data : never;

/**
 * The `data` of a response that did what was asked.
 *
 * @param response - A response.
 * @returns Its `data`.
 * @throws An {@link EventLogError} with the `code`, the text and the `conflict` of a response that failed;
 * `INVALID_ARGUMENT` for what is no response.
 */
export declare function unwrap<Response extends EventLogBaseResponse>(
  response: Response,
): DataOf<Response>;

/**
 * The methods of a log for those who prefer exceptions: where the log's own resolve with a response, these resolve with its
 * `data`, and reject with an {@link EventLogError} for a failure. The other methods are the log's.
 */
export type EventLogStrict<Log> = {
  [Name in keyof Log as Name extends 'strict' | 'typed' ? never : Name]: Log[Name] extends (
    ...given: infer Given
  ) => Promise<infer Response>
    ? [Response] extends [EventLogBaseResponse]
      ? (...given: Given) => Promise<DataOf<Response>>
      : Log[Name]
    : Log[Name];
};

/** Events of one type, with their own payload. */
type OfType<Entry, Type extends string, Payload> = Omit<Entry, 'event_type' | 'payload'> & {
  /** What happened. */
  event_type: Type;
  /** The event's data, of the type that the map has for it. */
  payload: Payload;
};

/** The events that a map has, as they are stored: a union that narrows on `event_type`. */
export type EventLogTypedEntry<Events, Entry = EventLogEntry> = {
  [Type in keyof Events & string]: OfType<Entry, Type, Events[Type]>;
}[keyof Events & string];

/** A payload, which may be left out if all of it may. */
type TypedPayload<Payload> = {} extends Payload
  ? {
      /** The event's data. */
      payload?: Payload | undefined;
    }
  : {
      /** The event's data. */
      payload: Payload;
    };

/** The events that a map has, as they are appended. */
export type EventLogTypedEvent<Events, Base = EventLogEvent> = {
  [Type in keyof Events & string]: Omit<Base, 'eventType' | 'event_type' | 'payload'> &
    TypedPayload<Events[Type]> &
    (
      | {
          /** What happened. */
          eventType: Type;
          /** What happened. */
          event_type?: Type | undefined;
        }
      | {
          /** What happened. */
          eventType?: undefined;
          /** What happened. */
          event_type: Type;
        }
    );
}[keyof Events & string];

/**
 * A log whose events have the types and payloads of a map, such as
 * `type Events = { OrderCreated: { total: number }; OrderPaid: { amount: number } }`. It is the log itself: nothing is
 * checked at run time, and what others have stored may be anything.
 */
export interface EventLogTyped<Events> extends Omit<
  EventLog,
  | 'appendEvent'
  | 'appendEvents'
  | 'queryEvents'
  | 'readStream'
  | 'readAll'
  | 'subscribe'
  | 'project'
  | 'decide'
  | 'strict'
> {
  /** As {@link EventLog.appendEvent}, for the pairs of the map. */
  appendEvent(params: EventLogTypedEvent<Events, AppendEventParams>): Promise<
    EventLogResponse<
      'appendEvent',
      {
        /** The event as it was stored. */
        event: EventLogTypedEntry<Events>;
        /** Whether it was stored by an earlier call with the same `idempotencyKey`. Absent otherwise. */
        duplicate?: true;
      }
    >
  >;
  /** As {@link EventLog.appendEvents}, for the pairs of the map. */
  appendEvents(
    params: Omit<AppendEventsParams, 'events'> & {
      /** The events. */
      events: readonly EventLogTypedEvent<Events>[];
    },
  ): Promise<
    EventLogResponse<
      'appendEvents',
      {
        /** The events as they were stored, in the order given. */
        events: EventLogTypedEntry<Events>[];
        /** How many there are. */
        count: number;
        /** Whether they were stored by an earlier call with the same `idempotencyKey`. Absent otherwise. */
        duplicate?: true;
      }
    >
  >;
  /** As {@link EventLog.queryEvents}. With `select`, an event has the selected fields only. */
  queryEvents<Query extends EventLogDSL>(
    query: Query & EventLogDeclaredQuery<Query>,
    options?: EventLogQueryOptions | AbortSignal,
  ): Promise<EventLogTypedQueryResponse<Events>>;
  queryEvents(
    query: EventLogExactQuery,
    options?: EventLogQueryOptions | AbortSignal,
  ): Promise<EventLogTypedQueryResponse<Events>>;
  /** As {@link EventLog.readStream}. */
  readStream(
    options: EventLogReadStreamOptions,
  ): EventLogReader<EventLogTypedEntry<Events, EventLogPositionedEntry>>;
  /** As {@link EventLog.readAll}. */
  readAll(
    options: EventLogReadAllOptions,
  ): EventLogReader<EventLogTypedEntry<Events, EventLogPositionedEntry>>;
  /** As {@link EventLog.subscribe}. */
  subscribe(
    options: EventLogConsumeOptions,
  ): EventLogSubscription<EventLogTypedEntry<Events, EventLogConsumedEntry>>;
  subscribe(
    options: EventLogSubscribeOptions,
  ): EventLogSubscription<EventLogTypedEntry<Events, EventLogPositionedEntry>>;
  subscribe(
    options: EventLogFollowOptions,
  ): EventLogSubscription<EventLogTypedEntry<Events, EventLogFollowedEntry>>;
  /** As {@link EventLog.project}. */
  project<State>(
    options: EventLogTypedProjectOptions<Events, State> & { stream: string; where?: undefined },
  ): Promise<EventLogProjection<State> & { sequence: number }>;
  project<State>(
    options: EventLogTypedProjectOptions<Events, State>,
  ): Promise<EventLogProjection<State>>;
  /** As {@link EventLog.decide}, for the pairs of the map. */
  decide<State>(
    options: EventLogTypedDecideOptions<Events, State>,
  ): Promise<EventLogDecision<State, EventLogTypedEntry<Events, EventLogPositionedEntry>>>;
  /** As {@link EventLog.strict}. */
  readonly strict: EventLogStrict<EventLogTyped<Events>>;
}

/** What `queryEvents` of a log with a map of events resolves with. */
export type EventLogTypedQueryResponse<Events> = EventLogResponse<
  'queryEvents',
  {
    /** What the query found. */
    result: Omit<EventLogQueryResult, 'events'> & {
      /** The events, as {@link EventLogQueryResult.events}. */
      events: EventLogTypedEntry<Events>[];
    };
  }
>;

/** What `project` of a log with a map of events takes. */
export interface EventLogTypedProjectOptions<Events, State> extends EventLogProjectRange {
  /** As in {@link EventLogProjectOptions}. */
  initial: State | (() => State);
  /** As in {@link EventLogProjectOptions}. */
  apply: (
    state: State,
    event: EventLogTypedEntry<Events, EventLogPositionedEntry>,
  ) => State | Promise<State>;
}

/** What `decide` of a log with a map of events takes. */
export interface EventLogTypedDecideOptions<Events, State> extends EventLogDecideTarget {
  /** As in {@link EventLogDecideOptions}. */
  initial: State | (() => State);
  /** As in {@link EventLogDecideOptions}. */
  apply: (
    state: State,
    event: EventLogTypedEntry<Events, EventLogPositionedEntry>,
  ) => State | Promise<State>;
  /** As in {@link EventLogDecideOptions}, for the pairs of the map. */
  decide: (
    state: State,
  ) =>
    | EventLogDecided<EventLogTypedEvent<Events, EventLogDecidedEvent>>
    | Promise<EventLogDecided<EventLogTypedEvent<Events, EventLogDecidedEvent>>>;
}

/**
 * The methods that the SDK's own `codebolt.eventLog` has, with parameters as wide as its own: those of an
 * {@link EventLog} check more of a call that is written out. A stand-in for the module in a test has these nine. The object
 * has all others of an {@link EventLog}, as which it is exported under the name {@link eventLog}.
 */
export interface CodeboltEventLog {
  /** As {@link EventLog.createInstance}. */
  createInstance(
    name: string,
    description?: string,
    options?: CreateEventLogInstanceOptions,
  ): Promise<EventLogInstanceResponse>;
  /** As {@link EventLog.getInstance}. */
  getInstance(instanceId: string): Promise<EventLogInstanceResponse>;
  /** As {@link EventLog.listInstances}. */
  listInstances(): Promise<EventLogInstanceListResponse>;
  /** As {@link EventLog.updateInstance}. */
  updateInstance(
    instanceId: string,
    updates: UpdateEventLogInstanceParams,
  ): Promise<EventLogInstanceResponse>;
  /** As {@link EventLog.deleteInstance}. */
  deleteInstance(instanceId: string): Promise<EventLogInstanceResponse>;
  /** As {@link EventLog.appendEvent}. */
  appendEvent(params: AppendEventParams): Promise<EventLogAppendResponse>;
  /** As {@link EventLog.appendEvents}. */
  appendEvents(params: AppendEventsParams): Promise<EventLogAppendMultipleResponse>;
  /** As {@link EventLog.queryEvents}. */
  queryEvents(
    query: EventLogDSL,
    options?: EventLogQueryOptions | AbortSignal,
  ): Promise<EventLogQueryResponse>;
  /** As {@link EventLog.getInstanceStats}. */
  getInstanceStats(instanceId: string): Promise<EventLogStatsResponse>;
}

/** `await using log = await EventLog.open(path)` closes the log at the end of the block. */
export interface EventLog {
  /** Closes the log, as {@link EventLog.close} does. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The default log. It opens at the first call, in the file that the environment variable
 * `CODEBOLT_EVENTLOG_PATH` names, else in `.codebolt/eventlog.redb` under the working directory.
 * Folders on the way are made; they and the file are private to the user (0700, 0600).
 */
export declare const eventLog: EventLog;

/**
 * Resolves once the default log is open, opening it if need be. Nothing else needs it: calls wait for the file by
 * themselves.
 *
 * @returns Nothing. The promise rejects with an {@link EventLogError} when the log cannot be opened, or was closed.
 */
export declare function waitForReady(): Promise<void>;

/** An older name of {@link waitForReady}. */
export declare function waitForConnection(): Promise<void>;

/** Whether the default log is open: `false` before its first call, and once it is closed. */
export declare let ready: boolean;

/**
 * Calls back once the default log is open, opening it if need be.
 *
 * @param callback - What to call, without arguments. What it throws or rejects with, and what the log cannot be
 * opened for, is a rejection that nobody handles: it ends the program, unless that listens for it.
 */
export declare function onReady(callback: () => unknown): void;

/**
 * Never calls back: messages come from the SDK's server. The first call warns of that. A program that needs messages
 * keeps the SDK, and {@link attach | attaches} this log to it.
 *
 * @param callback - What the SDK would call with each message.
 */
export declare function onMessage(callback: (message: any) => unknown): void;

/**
 * Never resolves: messages come from the SDK's server. The first call warns of that, as for {@link onMessage}. A
 * promise does not keep the process alive.
 */
export declare function getMessage(): Promise<any>;

/**
 * Puts a log onto an SDK object: the log's methods take the places of those that `codebolt.eventLog` has, on that same
 * object, so that whoever holds it uses this log, the SDK's own tools included. Where there is no such object, one is
 * made. Of several logs that are attached to one object, the last one shows.
 *
 * @param codebolt - The SDK object.
 * @param log - The log. Default: {@link eventLog}.
 * @returns A function that takes the methods off again: what was there before is back. Calling it again does no harm.
 */
export declare function attach(
  codebolt: { eventLog?: unknown },
  log?: EventLog | EventLogTyped<any>,
): () => void;

/**
 * The object that the SDK's programs make or import: the default log, and as much of the rest as programs call around
 * it. Every object has the same log.
 */
export declare class Codebolt {
  /** The default log, as {@link eventLog}, with the methods that the SDK's has. */
  eventLog: CodeboltEventLog;
  /** Resolves once the default log is open, as {@link waitForReady}. */
  waitForReady: typeof waitForReady;
  /** An older name of `waitForReady`. */
  waitForConnection: typeof waitForReady;
  /** Whether the default log is open, as {@link ready}. */
  get ready(): boolean;
  /** Calls back once the default log is open, as {@link onReady}. */
  onReady: typeof onReady;
  /** Never calls back, as {@link onMessage}. */
  onMessage: typeof onMessage;
  /** Never resolves, as {@link getMessage}. */
  getMessage: typeof getMessage;
}

/** What programs import as `codebolt`: the default log, and the wait for it to be open. */
declare const codebolt: Codebolt;
export default codebolt;

/**
 * An event log in a file, opened with {@link EventLog.open}.
 *
 * Its nine methods return promises that resolve with a response, for failures as well: they never
 * throw and never reject. A response has `success`; on success `data`, otherwise `error` (what was
 * wrong, what was expected, what was found) and `code`. A method that changes the log resolves
 * with `success` only once the change is on disk, where it survives power loss.
 *
 * An open log that has nothing to do does not keep the process alive. Calls that were made are
 * finished before the process ends by itself, and changes among them are stored even where
 * `process.exit()` or an exception that nobody catches ends it.
 */
export declare class EventLog {
  private constructor();
  /**
   * Opens the log in the file at `path`, making the file and its folders if they are not there,
   * private to the user (modes 0600 and 0700).
   *
   * Opening one file twice in one process, in any thread, shares one engine: then `cacheBytes`,
   * `eventBytesMax`, `queuedBytesMax` and `lockWaitMs` of the first opening hold. Other processes may have the
   * file open at the same time unless one of them opened it with `exclusive`.
   *
   * @param path The file, as a path or a `file:` URL. A relative path starts at the working
   * directory. `':memory:'` is a new log without a file, which is gone once it is closed.
   * @param options How to open it; every option has a default.
   * @returns The open log. The promise rejects with an {@link EventLogError}: `INVALID_ARGUMENT`
   * for an unknown or mistyped option, or a directory; `LOCKED` if the file is open elsewhere in
   * a way that excludes this one, or another process is at work in it and does not let go within `lockWaitMs`; `CORRUPTED` or `UNSUPPORTED_FORMAT` if it is not a log that
   * can be read; `STORAGE_FAILED` if the system refuses. A file that was made by then stays.
   */
  static open(path: string | URL, options?: EventLogOptions): Promise<EventLog>;
  /**
   * Opens a log as above, whose events have the types and payloads of a map, as {@link EventLog.typed} says.
   *
   * @param path The file, as above.
   * @param options How to open it; every option has a default.
   * @returns The open log. The promise rejects as above.
   */
  static open<Events extends { [Type in keyof Events]: EventLogJson }>(
    path: string | URL,
    options?: EventLogOptions,
  ): Promise<EventLogTyped<Events>>;
  /**
   * This log, whose events have the types and payloads of a map, such as
   * `log.typed<{ OrderCreated: { total: number }; OrderPaid: { amount: number } }>()`. Nothing is checked at run time.
   *
   * @returns This log.
   */
  typed<Events extends { [Type in keyof Events]: EventLogJson }>(): EventLogTyped<Events>;
  /**
   * The same methods for those who prefer exceptions: they resolve with the `data` of a response, and reject with an
   * {@link EventLogError} for a failure.
   */
  readonly strict: EventLogStrict<EventLog>;
  /**
   * Closes the log: takes no more calls, waits until all earlier ones are answered, and releases
   * the file. It does not wait for other processes: what they keep from being tidied up stays, and harms
   * nobody.
   *
   * Calls made from now on answer `CLOSED`. Other logs that have the same file open go on.
   * Closing again waits for the same and does no harm.
   *
   * @returns Nothing. The promise rejects with an {@link EventLogError} if the file could not be
   * closed cleanly; what was acknowledged is on disk all the same.
   */
  close(): Promise<void>;
  /**
   * Makes an instance: a container of streams.
   *
   * @param name Its name, 1 to 1,024 bytes of UTF-8. No other instance may have it as its id or
   * name.
   * @param description A remark for people, at most 65,536 bytes of UTF-8.
   * @param options What to do if the name is taken.
   * @returns The instance, with a new UUID as its id. `INSTANCE_EXISTS` if the name is taken.
   */
  createInstance(
    name: string,
    description?: string,
    options?: CreateEventLogInstanceOptions,
  ): Promise<EventLogInstanceResponse>;
  /**
   * Reads one instance.
   *
   * @param instanceId Its id or its name.
   * @returns The instance. `INSTANCE_NOT_FOUND` if there is none.
   */
  getInstance(instanceId: string): Promise<EventLogInstanceResponse>;
  /**
   * Reads all instances.
   *
   * @returns The instances, oldest first.
   */
  listInstances(): Promise<EventLogInstanceListResponse>;
  /**
   * Changes an instance's name or description. Its id and its events stay as they are.
   *
   * @param instanceId Its id or its name.
   * @param updates What to change; what is not named stays.
   * @returns The instance as it is now. `INSTANCE_NOT_FOUND` if there is none; `INSTANCE_EXISTS`
   * if the name is another instance's id or name, and then nothing is changed.
   */
  updateInstance(
    instanceId: string,
    updates: UpdateEventLogInstanceParams,
  ): Promise<EventLogInstanceResponse>;
  /**
   * Deletes an instance with all its events. There is no way back.
   *
   * @param instanceId Its id or its name.
   * @returns The instance that is gone. `INSTANCE_NOT_FOUND` if there was none.
   */
  deleteInstance(instanceId: string): Promise<EventLogInstanceResponse>;
  /**
   * Appends one event to a stream.
   *
   * The event gets the next sequence number of its stream: 1, 2, 3 … without gaps or repeats,
   * whoever appends at the same time. A failed append uses no number and leaves nothing behind.
   *
   * @param params The event and where it goes. A key that is not known is ignored, and named in
   * the response's `message`.
   * @returns The event as it was stored, once it is on disk. `INSTANCE_NOT_FOUND` if there is no
   * such instance and neither the call nor the log makes it; `SEQUENCE_CONFLICT` if the stream does not
   * stand at `expectedSequence`; `CONDITION_FAILED` if an event matches `failIf`; `CHECKPOINT_CONFLICT` if
   * the consumer of the `checkpoint` is past it, and `CONSUMER_NOT_FOUND` if there is none;
   * `IDEMPOTENCY_MISMATCH` if another call has had the `idempotencyKey`; `LIMIT_EXCEEDED` if the event is larger than `eventBytesMax`;
   * `OVERLOADED` if more than `queuedBytesMax` waits to be written.
   */
  appendEvent<Params extends AppendEventParams>(
    params: Params & EventLogDeclaredEvent<Params>,
  ): Promise<EventLogAppendResponse>;
  appendEvent(params: AppendEventParams & EventLogEventTyped): Promise<EventLogAppendResponse>;
  /**
   * Appends events to one or many streams of an instance: all of them, or none.
   *
   * @param params The events, at most 100,000, and the instance they go to.
   * @returns The events as they were stored, in the order given, once they are on disk. Fails as
   * `appendEvent` does; `error` names the event at fault, as in `events[3].payload`.
   */
  appendEvents<Event extends EventLogEvent>(
    params: Omit<AppendEventsParams, 'events'> & {
      events: readonly (Event & EventLogDeclaredEvent<Event>)[];
    },
  ): Promise<EventLogAppendMultipleResponse>;
  appendEvents(
    params: Omit<AppendEventsParams, 'events'> & {
      events: readonly (EventLogEvent & EventLogEventTyped)[];
    },
  ): Promise<EventLogAppendMultipleResponse>;
  /**
   * Finds events of an instance, or computes a value from them.
   *
   * The query sees one state of the log: every event that was acknowledged before the call, and
   * none whose append is called after it.
   *
   * @param query Where to look, which events, in what order, and what to return of them.
   * @param options An `AbortSignal` to call the query off with, as `{ signal }` or by itself.
   * @returns The result. `INVALID_ARGUMENT` names the place in the query that was not
   * understood; `LIMIT_EXCEEDED` if the result is over 268,435,456 bytes (256 MiB) of JSON text;
   * `ABORTED` once the signal is aborted.
   */
  queryEvents<Query extends EventLogDSL>(
    query: Query & EventLogDeclaredQuery<Query>,
    options?: EventLogQueryOptions | AbortSignal,
  ): Promise<EventLogQueryResponse>;
  queryEvents(
    query: EventLogExactQuery,
    options?: EventLogQueryOptions | AbortSignal,
  ): Promise<EventLogQueryResponse>;
  /**
   * Counts what an instance holds, without reading its events.
   *
   * @param instanceId Its id or its name.
   * @returns The counts. `INSTANCE_NOT_FOUND` if there is no such instance.
   */
  getInstanceStats(instanceId: string): Promise<EventLogStatsResponse>;
  /**
   * Lists streams of an instance, with the last event of each.
   *
   * @param options Which instance, which streams of it, and how many.
   * @returns The streams, in the order of the UTF-8 bytes of their ids, and whether there are more:
   * the next page comes after the last id of this one. `INSTANCE_NOT_FOUND` if there is no such
   * instance; `INVALID_ARGUMENT` names an option that is not understood.
   */
  listStreams(options: EventLogListStreamsOptions): Promise<EventLogStreamListResponse>;
  /**
   * Reads the events of one stream, oldest or newest first.
   *
   * It is one state of the log: what was acknowledged before `next()` was first called, and nothing whose
   * append was called after it. Events are read a page at a time, and at most one page ahead: memory is
   * bounded however long the stream is, nothing is held open in between, and neither an open log nor a
   * reader that is left alone keeps the process alive or `close` waiting.
   *
   * @param options Which stream, from where on, in which direction, and how many events.
   * @returns The events, for one `for await`. What goes wrong is thrown as an {@link EventLogError}
   * by the step that meets it, the first one for bad options: `INVALID_ARGUMENT` names the option;
   * `INSTANCE_NOT_FOUND` if there is no such instance, or it was deleted meanwhile; `ABORTED` once the
   * signal is aborted; `CLOSED`. A stream that is not there has no events.
   */
  readStream<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogReadStreamOptions,
  ): EventLogReader<EventLogPositionedEntry<Payload, Metadata>>;
  /**
   * Reads the events of all streams of an instance in the order in which they were appended, or in
   * the opposite one; with conditions, those that match.
   *
   * It is one state of the log, read in pages, as {@link EventLog.readStream} reads it.
   *
   * @param options Which instance, from where on, in which direction, which events, and how many.
   * @returns The events, as {@link EventLog.readStream} returns them.
   */
  readAll<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogReadAllOptions,
  ): EventLogReader<EventLogPositionedEntry<Payload, Metadata>>;
  /**
   * Follows an instance or one of its streams: first the events that are there, then each further one as
   * it is committed, by whatever thread or process, in the order of positions, without a gap or a
   * repeat.
   *
   * Events are read when they are asked for, a page at a time: a program that is slow falls behind
   * without memory growing. While a step waits for an event it keeps the process alive, as a server
   * does; otherwise it does not. Closing the log ends the subscription.
   *
   * @param options Which instance, which events of it, and after which position.
   * @returns The events, for one `for await`. What goes wrong is thrown as by
   * {@link EventLog.readAll}.
   */
  subscribe<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogSubscribeOptions,
  ): EventLogSubscription<EventLogPositionedEntry<Payload, Metadata>>;
  /**
   * Lists the consumers of an instance: those that {@link EventLog.subscribe} was given by name.
   *
   * @param options Which instance, and how many consumers.
   * @returns The consumers, in the order of the UTF-8 bytes of their names, and whether there are more:
   * the next page comes after the last name of this one. `INSTANCE_NOT_FOUND` if there is no such
   * instance; `INVALID_ARGUMENT` names an option that is not understood.
   */
  listConsumers(options: EventLogListConsumersOptions): Promise<EventLogConsumerListResponse>;
  /**
   * Puts a consumer somewhere else: back, to handle events again, or forward, to leave some out.
   *
   * The subscriptions that it has end with `CHECKPOINT_CONFLICT`, as does what they acknowledge from then on;
   * those that begin after this start there.
   *
   * @param options Which consumer of which instance, and the position of the event after which it is to
   * go on.
   * @returns The consumer as it is now, once that is on disk. `CONSUMER_NOT_FOUND` or
   * `INSTANCE_NOT_FOUND` if there is none; `INVALID_ARGUMENT` if the position is past the last event.
   */
  resetConsumer(options: EventLogResetConsumerOptions): Promise<EventLogConsumerResponse>;
  /**
   * Deletes a consumer. What it has read stays where it is; the subscriptions that it has end with
   * `CONSUMER_NOT_FOUND`, as does what they acknowledge from then on.
   *
   * @param options Which consumer of which instance.
   * @returns The consumer that is gone, once that is on disk. `CONSUMER_NOT_FOUND` or
   * `INSTANCE_NOT_FOUND` if there was none.
   */
  deleteConsumer(options: EventLogDeleteConsumerOptions): Promise<EventLogConsumerResponse>;
  /**
   * Deletes the snapshots that projections have kept in an instance: the next run of each begins with the
   * first event.
   *
   * @param options Which instance, and of which projection.
   * @returns How many there were, once they are gone from the disk. `INSTANCE_NOT_FOUND` if there is no such
   * instance; `INVALID_ARGUMENT` names an option that is not understood.
   */
  deleteSnapshots(
    options: EventLogDeleteSnapshotsOptions,
  ): Promise<EventLogDeleteSnapshotsResponse>;
  /**
   * Writes the log, or one instance of it, as JSON Lines: a stream of bytes, one line for each
   * instance and each event.
   *
   * It is one state of the log: everything that was acknowledged before the call, and nothing that
   * is appended or changed by a later call. The log is read as fast as the stream is, a page at a time,
   * and nothing is held open in between: memory is bounded, and neither an open log nor a stream
   * that nobody reads keeps the process alive or `close` waiting.
   *
   * @param options Which instance, what to call the export off with, and who hears how far it is.
   * @returns A `Readable`. What goes wrong destroys it with an {@link EventLogError}:
   * `INSTANCE_NOT_FOUND` if there is no such instance, or one of those to export was deleted
   * meanwhile; `ABORTED` once the signal is aborted; `CLOSED`; `INVALID_ARGUMENT` for an option that
   * is not understood. A stream that nobody reads yet fails when it is first read.
   */
  exportEvents(options?: EventLogExportOptions): Readable;
  /**
   * Stores what `exportEvents` has written: instances with their ids, names and times, and events
   * with their ids, sequence numbers and timestamps, in their order.
   *
   * It can be repeated: what is there already and equal is skipped, event by event, in the order of
   * each instance. So an import that was cut off is run again, and ends with the same log. What is
   * there and differs is `IMPORT_CONFLICT`. Lines are stored in batches of about 1 MiB, each of them
   * durable, and whole or not at all; those before a failure stay, and `error` says up to which line.
   *
   * @param source The lines, as a `Readable`, or any iterable or async iterable of strings or of
   * bytes, cut anywhere. It is read as fast as the disk takes it.
   * @param options What to call the import off with, and who hears how far it is.
   * @returns How much was stored, once all of it is on disk. `INVALID_ARGUMENT` names the line that
   * is not what it has to be; `LIMIT_EXCEEDED` if an event is larger than `eventBytesMax`;
   * `UNSUPPORTED_FORMAT` if a newer version wrote the lines; `ABORTED` once the signal is aborted.
   */
  importEvents(
    source: EventLogImportSource,
    options?: EventLogImportOptions,
  ): Promise<EventLogImportResponse>;
  /**
   * Checks the whole log: that everything in it can be read, and that its parts agree with each other.
   *
   * It runs beside all else, on a thread of its own, and sees one state of the log: everything that was
   * acknowledged before the call. Damage is no failure of the call: the report says what is wrong, and
   * one damaged event hides no other.
   *
   * @param options What to call the check off with, and who hears how far it is.
   * @returns The report. `ABORTED` once the signal is aborted; `STORAGE_FAILED` if the disk refuses to be
   * read; `CORRUPTED` if not even the list of instances can be read.
   */
  verify(options?: EventLogOperationOptions): Promise<EventLogVerifyResponse>;
  /**
   * Copies the log to a file while it is in use, by this process and others: one state of it, with
   * everything that was acknowledged before the call.
   *
   * The copy is a log of its own, with the same ids, sequence numbers, timestamps and names, and without
   * the space that deleted instances have left. It is made under another name beside `path`, synced, and
   * checked as `verify` does; only then it gets its name. A call that fails leaves nothing behind.
   *
   * @param path Where to, as a path or a `file:` URL. A relative path starts at the working directory.
   * There must be nothing yet, and a folder that holds it.
   * @param options What to call the backup off with, and who hears how far it is.
   * @returns What was copied, once the copy is on disk. `INVALID_ARGUMENT` if there is something at `path`;
   * `ABORTED` once the signal is aborted; `CORRUPTED` if the log is damaged, so that its copy would be;
   * `STORAGE_FAILED` if the copy cannot be written.
   */
  backup(path: string | URL, options?: EventLogOperationOptions): Promise<EventLogBackupResponse>;
  /**
   * Gives the space of deleted instances back to the file system: what is left is moved together, and the
   * file is cut off after it.
   *
   * Whatever this process reads or changes meanwhile, and what others change, waits until it is done. It
   * waits itself for what is being read by this process, checks and backups included.
   *
   * @param options What to call it off with before it has begun.
   * @returns How long the file was and is. `LOCKED` if another process reads from the log at this moment;
   * `ABORTED` if the signal was aborted before it has begun.
   */
  compact(options?: EventLogCompactOptions): Promise<EventLogCompactResponse>;
}
