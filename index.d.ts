/// <reference lib="esnext.disposable" />

// @ts-ignore: without the types of Node.js, a buffer is `any`.
import type { Buffer } from 'node:buffer';
// @ts-ignore: without the types of Node.js, a stream is `any`.
import type { Readable } from 'node:stream';

import type { ConsistencyProof, InclusionProof } from './evidence.js';

/**
 * What kind of failure a response or an {@link EventLogError} reports.
 *
 * - `INVALID_ARGUMENT`: an argument is missing, mistyped or contradictory, or cannot be JSON.
 * - `LIMIT_EXCEEDED`: an identifier, event, batch or result is over a documented limit.
 * - `INSTANCE_NOT_FOUND`: no instance has the given id or name.
 * - `INSTANCE_EXISTS`: another instance has the given name as its id or name.
 * - `SEQUENCE_CONFLICT`: a stream does not end where `expectedSequence` says; `conflict` says where
 *   it ends.
 * - `CONDITION_FAILED`: an event matches what `failIf` says; `conflict` says which.
 * - `CONSUMER_NOT_FOUND`: the instance has no consumer of the given name.
 * - `CHECKPOINT_CONFLICT`: a consumer is already past the position of a `checkpoint`, was reset, or is
 *   not done with events that are to be trimmed; `conflict` has its position.
 * - `EVENT_FAILED`: the program could not handle an event, and its subscription ends. Only an
 *   {@link EventLogError} has this code.
 * - `INVALID_EVENT`: a stored event does not fit the schema of its type, or cannot be made one of the
 *   newest version. Only an {@link EventLogError} has this code.
 * - `IDEMPOTENCY_MISMATCH`: the call has the `idempotencyKey` of a call with other content.
 * - `APPLY_FAILED`: `decide` has stored its events, and `apply` threw on one of them, or was not
 *   waited for any more. Only an {@link EventLogError} has this code. Its `decision` has the events.
 * - `TRIMMED`: what is asked for begins before the first event that is left, since others were trimmed;
 *   `conflict` says where the log begins.
 * - `IMPORT_CONFLICT`: the lines to import and the log differ in the same place.
 * - `KEY_UNAVAILABLE`: an event is encrypted, or is to be, and the log was opened without `key`, with
 *   another one, or without the keyring that has the key of the event. Nothing of the call was stored.
 * - `CLOSED`: the log was closed.
 * - `ABORTED`: the `AbortSignal` of a query, a reading, or a method on the whole log was aborted.
 * - `OVERLOADED`: more bytes are queued than `queuedBytesMax`; wait for earlier calls, then retry.
 * - `LOCKED`: another process has the file in a way that excludes this one, has not released it
 *   within `lockWaitMs`, or reads from a log that is to be compacted. Nothing of the call was
 *   stored.
 * - `STORAGE_FAILED`: the disk refused (full, I/O error), or the file was moved, deleted or
 *   replaced. Nothing of the call was stored.
 * - `OUTCOME_UNKNOWN`: the disk failed during the commit, and the log could not read back the
 *   result.
 * - `CORRUPTED`: the file is damaged, is not a log, or was cut off or overwritten while it was
 *   open.
 * - `UNSUPPORTED_FORMAT`: a newer version of this package wrote the file.
 * - `INTERNAL`: a fault of this package, and not of the call or of the file. Nothing of the call
 *   was stored. Please report it.
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
  | 'EVENT_FAILED'
  | 'INVALID_EVENT'
  | 'IDEMPOTENCY_MISMATCH'
  | 'APPLY_FAILED'
  | 'TRIMMED'
  | 'IMPORT_CONFLICT'
  | 'KEY_UNAVAILABLE'
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
 * An error of this package. `EventLog.open`, `close`, `project` and `decide` reject with it, readers
 * throw it, and it destroys a stream of `exportEvents`. The other methods never reject. Its `stack`
 * has the place of the call.
 */
export declare class EventLogError extends Error {
  /**
   * @param code - What kind of failure it is.
   * @param message - What was wrong, what was expected, what was found.
   * @param options - The cause.
   */
  constructor(code: EventLogErrorCode, message: string, options?: { cause?: unknown });
  /** What kind of failure it is. */
  code: EventLogErrorCode;
  /**
   * What code of the program threw, or the reason of the aborted signal, if that caused the
   * failure.
   */
  cause?: unknown | undefined;
  /**
   * With `SEQUENCE_CONFLICT`, the keys of an {@link EventLogSequenceConflict}; with
   * `CONDITION_FAILED`, those of an {@link EventLogConditionConflict}; with `CHECKPOINT_CONFLICT`,
   * those of an {@link EventLogCheckpointConflict}. Only with these.
   */
  conflict?:
    | Partial<EventLogSequenceConflict & EventLogConditionConflict & EventLogCheckpointConflict>
    | undefined;
  /** The state that `project` or `decide` computed, if only keeping its snapshot failed. */
  projection?: EventLogProjection<any> | undefined;
  /** Only with `APPLY_FAILED`: what `decide` has stored, without the state. */
  decision?: Omit<EventLogDecision<any>, 'state'> | undefined;
  /** Only with `EVENT_FAILED` and `INVALID_EVENT`: the position of the event. */
  position?: number | undefined;
  /** Only with `EVENT_FAILED`: how many times the subscription gave out the event. */
  attempts?: number | undefined;
  /** Only with `INVALID_EVENT`: the type of the event. */
  eventType?: string | undefined;
}

/**
 * A schema of payloads: any that follows [Standard Schema](https://standardschema.dev), version 1.
 * Those of zod (3.24 and later), valibot (1.0 and later) and arktype (2.0 and later) do.
 */
export interface EventLogSchema<Input = any, Output = any> {
  /** What the specification has every schema have. */
  readonly '~standard': {
    /** The version of the specification. */
    readonly version: 1;
    /** Whose schema it is. */
    readonly vendor: string;
    /** Says whether a value fits: it does unless there are `issues`. */
    readonly validate: (value: unknown) => EventLogSchemaResult | Promise<EventLogSchemaResult>;
    /** The types of what the schema takes and gives. It is not there at run time. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value. */
export interface EventLogSchemaResult {
  /** What is wrong with the value, and where. Without it, the value fits. */
  readonly issues?:
    | readonly {
        /** What is wrong. */
        readonly message: string;
        /** Where: keys, from the outermost to the innermost. */
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[]
    | undefined;
}

/** Schemas of payloads, by the types of events. */
export interface EventLogSchemas {
  readonly [eventType: string]: EventLogSchema;
}

/** The map of events that schemas describe: what each one takes, which is what is stored. */
export type EventLogEventsOf<Schemas> = {
  [Type in keyof Schemas & string]: Schemas[Type] extends EventLogSchema<infer Input, any>
    ? Input
    : never;
};

/** Makes payloads of one version of a type of events into those of a later one. */
export interface EventLogUpcaster {
  /** The version of the payloads that it takes, from 1. */
  from: number;
  /** The version of the payloads that it gives: a higher one. */
  to: number;
  /**
   * Makes the payload. If it throws, rejects, or gives anything but an object or an array, whoever
   * reads the event gets `INVALID_EVENT`.
   *
   * @param payload - The payload of the version `from`. The function may change it.
   * @param event - The event as it is stored.
   * @returns The payload of the version `to`.
   */
  up: (payload: any, event: EventLogPositionedEntry) => EventLogJson | Promise<EventLogJson>;
}

/**
 * What a program declares of its types of events. It holds for the log object that is given it, and
 * leaves nothing in the file but the versions in metadata. Other programs may append what they like.
 */
export interface EventLogTypesOptions {
  /**
   * Schemas of payloads, by the types of events, in a plain object. A payload that does not fit is `INVALID_ARGUMENT`,
   * and the call stores nothing. The schema gets the payload as JSON has it, and what is stored is
   * that: what a schema makes of a value is not used. A schema that answers by a promise holds up
   * the later changes of this log.
   */
  events?: EventLogSchemas | undefined;
  /**
   * What to do with an event whose type is neither in `events` nor in `upcasters` when it is
   * appended: `'store'` it, or `'refuse'` it with `INVALID_ARGUMENT`. Default `'store'`. It needs
   * `events`.
   */
  unknownEvents?: 'store' | 'refuse' | undefined;
  /**
   * Whether readers, subscriptions, `project` and `decide` check each event that they read against
   * the schema of its type, after its upcasters. One that does not fit is `INVALID_EVENT`. Default
   * `false`. It needs `events`.
   */
  validateReads?: boolean | undefined;
  /**
   * How payloads of earlier versions become those of the newest one, by the types of events: for
   * each version below the newest, one step. Readers, subscriptions, `project` and `decide` apply
   * them; queries and exports do not. An append of such a type notes the newest version in its
   * metadata, as `schemaVersion`. An event without it has the version 1.
   */
  upcasters?: { readonly [eventType: string]: readonly EventLogUpcaster[] } | undefined;
}

/** How `EventLog.open` opens a file. An unknown or mistyped option is `INVALID_ARGUMENT`. */
export interface EventLogOptions extends EventLogTypesOptions {
  /**
   * Whether this process takes the file for itself. Default `false`: other processes can open the
   * same file and append to it. With `true`, opening the file in another process fails with
   * `LOCKED`. It makes appends that wait for each other faster. Not for a log in PostgreSQL.
   */
  exclusive?: boolean | undefined;
  /**
   * Memory for what was read of the log, in bytes. Default 33,554,432 (32 MiB), at least 1,048,576
   * (1 MiB).
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
  /**
   * Whether the log refuses changes. Default `false`. The file must already be a log. In a process
   * that already has it open for writing, the log shares that engine.
   */
  readOnly?: boolean | undefined;
  /**
   * How long a call, or the opening itself, waits for another process that is at work in the file,
   * in milliseconds. Default 10,000; a whole number from 0 (try only) to 2,147,483,647. Then the
   * answer is `LOCKED`, and nothing was stored. Processes normally hold each other up for the time
   * of a commit. A stopped or very busy process takes longer. Not for a log in PostgreSQL.
   */
  lockWaitMs?: number | undefined;
  /**
   * Whether an append creates a missing instance. The append's own `autoCreateInstance` comes
   * first. Default: what the environment variable `CODEBOLT_EVENTLOG_AUTO_CREATE` says, `1` or `0`.
   * Without it `false`, and for the default log `true`.
   */
  autoCreateInstances?: boolean | undefined;
  /**
   * The key with which the keys of subjects are encrypted: 32 random bytes, their base64, a function
   * that gives or promises one of these, or a key management service that wraps it. Events can
   * then be appended with `encrypt`, and read. Default: what the environment variable
   * `CODEBOLT_EVENTLOG_KEY` has, as base64, or the file that `CODEBOLT_EVENTLOG_KEY_FILE` names. If
   * there is a keyring with another key, opening fails with `KEY_UNAVAILABLE`.
   *
   * For a log in PostgreSQL: the key of `cert`. The path of a PEM file, or its text. Default: `sslkey`
   * of the URL, or else the variable `PGSSLKEY`. Nothing in such a log is encrypted by subjects.
   */
  key?: EventLogKey | (() => EventLogKey | Promise<EventLogKey>) | EventLogKeyService | undefined;
  /**
   * The file with the keys of subjects: a path, or a `file:` URL. Default: beside the log, with
   * `.keyring` after its name, and in memory for a log in memory. It is made with the first key, and no
   * backup of the log has it. Several logs may share one. Not for a log in PostgreSQL, which encrypts no
   * events: `INVALID_ARGUMENT`.
   */
  keyring?: string | URL | undefined;
  /**
   * Replaces the system clock, for tests: returns the time in epoch milliseconds. Each call of a
   * method calls it, and stores that time. If it throws or does not return a time, the call fails
   * with `INVALID_ARGUMENT`.
   */
  clock?: (() => number) | undefined;
  /**
   * For a log in PostgreSQL: the schema that has its tables, 1 to 63 bytes. `open` creates it. Default: the
   * parameter `schema` of the URL, or else `codebolt_eventlog`.
   */
  schema?: string | undefined;
  /**
   * For a log in PostgreSQL: where an event has to be before its append is answered. `'disk'`: on the disk of the server,
   * and on those of the standbys that the server itself waits for. `'replicated'`: on a standby too. Then a server that
   * waits for none is refused. Default: the parameter `durability` of the URL, or else `'disk'`.
   */
  durability?: 'disk' | 'replicated' | undefined;
  /**
   * For a log in PostgreSQL: how long `open`, or a call, waits for a server that takes changes, in milliseconds. Default
   * 30,000; a whole number from 0 to 2,147,483,647. Then an append is `OUTCOME_UNKNOWN` if it had been sent, and else
   * `STORAGE_FAILED`, as reads are.
   */
  serverWaitMs?: number | undefined;
  /**
   * For a log in PostgreSQL: the certificates that the server's has to be signed by. The path of a PEM file, or its text.
   * Without `sslmode` in the URL or the environment, the certificate is then checked as with `sslmode=verify-full`.
   * Default: `sslrootcert` of the URL, or else the variable `PGSSLROOTCERT`.
   */
  ca?: string | undefined;
  /**
   * For a log in PostgreSQL: the certificate by which the server knows this client, with `key`. The path of a PEM file, or
   * its text. Default: `sslcert` of the URL, or else the variable `PGSSLCERT`.
   */
  cert?: string | undefined;
}

/** A key: 32 bytes, or their base64. */
export type EventLogKey = Uint8Array | string;

/**
 * Who has a key that never leaves it, and encrypts the log's key with that, such as a key management service. The log draws
 * its key at random, and keeps it wrapped, in a file beside the keyring with `.key` after its name. The service is asked when
 * the log is opened and by `rotateKey`, and never else. A function that throws, rejects, or takes too long is
 * `KEY_UNAVAILABLE`, and one that gives something else `INVALID_ARGUMENT`: nothing is left behind.
 */
export interface EventLogKeyService {
  /**
   * Encrypts a key.
   *
   * @param key - The key, of 32 bytes.
   * @param options - A signal that is aborted when nobody waits for the answer any more.
   * @returns The key as it may be stored: 1 to 8,192 bytes.
   */
  wrap(key: Uint8Array, options: { signal: AbortSignal }): Uint8Array | Promise<Uint8Array>;
  /**
   * Decrypts a key that `wrap` has encrypted.
   *
   * @param wrapped - What `wrap` gave.
   * @param options - As of `wrap`.
   * @returns The key, of 32 bytes.
   */
  unwrap(wrapped: Uint8Array, options: { signal: AbortSignal }): Uint8Array | Promise<Uint8Array>;
  /** How long each of the two may take, in milliseconds: a whole number from 1 to 2,147,483,647. Default 30,000. */
  timeoutMs?: number | undefined;
}

/** A container of streams in a log, with one id and one name. */
export interface EventLogInstance {
  /** A UUID, or the `instanceId` of the append that created the instance. */
  id: string;
  /** The name. Every `instanceId` parameter accepts it too. */
  name: string;
  /** What the instance is for. Absent when none was given. */
  description?: string | undefined;
  /** When it was created: ISO 8601, UTC, milliseconds. */
  createdAt: string;
  /** When it was last updated or appended to: ISO 8601, UTC, milliseconds. */
  updatedAt: string;
  /**
   * The rule by which its events are kept. Absent when it has none, which keeps all of them. `listInstances`
   * does not tell it.
   */
  retention?: EventLogRetention | undefined;
  /** What has gone wrong when the rule was last applied. Absent when nothing has. */
  retentionError?: EventLogRetentionError | undefined;
}

/**
 * A rule by which an instance keeps its events: at least one limit. What is over any of them goes, oldest
 * first, as with {@link EventLog.trimEvents}. What the limits keep always stays.
 */
export interface EventLogRetention {
  /**
   * How old events are at most, by their timestamps, in milliseconds: from 1 on. An event stays as long as
   * one before it stays.
   */
  maxAgeMs?: number | undefined;
  /** How many events there are at most: from 1 on. */
  maxEvents?: number | undefined;
  /** How many bytes they have at most, as `storedBytes` of `getInstanceStats` counts them: from 1 on. */
  maxBytes?: number | undefined;
  /**
   * What streams keep: 1 to 100 rules, of which the first one counts whose `prefix` the id of a stream begins with. What
   * is over goes from the front of the stream, as with {@link EventLog.trimStream}.
   */
  streams?: readonly EventLogStreamRetention[] | undefined;
  /**
   * The folder in which events are archived before they go, as `trimEvents` does it. A relative path is that of
   * the process that sets the rule; it is kept as an absolute one, which each process uses that applies the rule.
   */
  archive?: { path: string } | undefined;
  /** Whether events go that a consumer has not acknowledged, or has parked. Default `false`: they stay. */
  force?: boolean | undefined;
}

/** A rule by which streams keep their events: at least one limit. */
export interface EventLogStreamRetention {
  /** What the ids of the streams begin with. The empty string is for all of them. */
  prefix: string;
  /**
   * How old events are at most, by their timestamps, in milliseconds: from 1 on. An event stays as long as one before it in
   * the instance is not older than that.
   */
  maxAgeMs?: number | undefined;
  /** How many events each of the streams has at most: from 1 on. */
  maxEvents?: number | undefined;
}

/** What has gone wrong with the retention of an instance. */
export interface EventLogRetentionError {
  /** When that was: ISO 8601, UTC, milliseconds. */
  at: string;
  /** The code of the failure. */
  code: EventLogErrorCode;
  /** What has gone wrong. */
  error: string;
}

/** That an event was erased, or fields of it: when, and why. */
export interface EventLogErased {
  /** When it was: ISO 8601, UTC, milliseconds. If fields of it were erased several times, the last one. */
  at: string;
  /** Why, as `eraseEvents` was told then. */
  reason: string;
  /**
   * There only if fields were erased and the rest is left: the names of those that the event had, such as
   * `payload.email`, in the order in which they were erased. Where a key has a dot in it, or is empty, the name is
   * a JSON Pointer, such as `/payload/a.b`.
   */
  fields?: string[] | undefined;
}

/** A stored event. It never changes, but that it can be erased. */
export interface EventLogEntry<Payload = Record<string, any>, Metadata = Record<string, any>> {
  /** A UUIDv7, made by the log. An imported event keeps its id. */
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
  /**
   * There only if the event was encrypted, and its subject was forgotten since. Then `payload` and
   * `metadata` are empty objects, whatever their types say.
   */
  forgotten?: EventLogSubject | undefined;
  /**
   * There only if the event was erased, or fields of it. Then `payload` and `metadata` are empty objects, or do not
   * have those fields, whatever their types say.
   */
  erased?: EventLogErased | undefined;
}

/** Whose event it is. */
export interface EventLogSubject {
  /** A name for the subject, 1 to 256 bytes of UTF-8. It is not encrypted: best an opaque id. */
  subject: string;
}

/** A stored event, with its position in the instance. */
export interface EventLogPositionedEntry<
  Payload = Record<string, any>,
  Metadata = Record<string, any>,
> extends EventLogEntry<Payload, Metadata> {
  /**
   * Which event of the instance it is, over all streams, in the order of the appends: 1, 2, 3 …
   * without gaps or repeats.
   */
  position: number;
}

/**
 * A JSON object or array, as `payload` and `metadata` take it. It is stored as
 * `JSON.parse(JSON.stringify(value))` would give it. Values that are objects in JavaScript and not
 * in JSON (a function, a `Date`, a `Map`, a promise that was not awaited) do not compile.
 *
 * An error, at any depth and as the value itself, is stored with its `name`, `message`, `stack` and
 * `cause`, and its own enumerable fields. If JSON does not keep something within the value, the
 * response's `message` names the place.
 */
export type EventLogJson = (Record<string, any> | readonly any[]) & {
  readonly [Symbol.hasInstance]?: never;
  readonly [Symbol.toPrimitive]?: never;
  readonly [Symbol.toStringTag]?: never;
};

/**
 * One event to append. Its type is required, under one of its two spellings. The rest has defaults.
 * Every identifier is limited to 1,024 bytes of UTF-8. `stream_id` and `event_type` are other
 * spellings of `streamId` and `eventType`. Both spellings with different values are
 * `INVALID_ARGUMENT`.
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
   * When it happened: an ISO 8601 string, a `Date`, or milliseconds since 1970. Default: now, but
   * never earlier than the last timestamp that the log made in the instance.
   */
  timestamp?: string | number | Date | undefined;
  /**
   * Encrypts payload and metadata with the key of a subject, until `forgetSubject` destroys it. The log
   * needs its option `key`. Stream, type and time are not encrypted.
   */
  encrypt?: EventLogSubject | undefined;
}

/** That an event has its type, under one of the two spellings. */
export type EventLogEventTyped = { eventType: string } | { event_type: string };

/** Which instance an append goes to. */
export interface EventLogTarget {
  /** The id or the name of the instance, at most 1,024 bytes of UTF-8. */
  instanceId: string;
  /**
   * Whether to create a missing instance, with `instanceId` as its id and name. Default: the log's
   * option `autoCreateInstances`, which is `true` for the default log. With `false`, an unknown
   * instance is `INSTANCE_NOT_FOUND`.
   */
  autoCreateInstance?: boolean | undefined;
}

/** What `appendEvent` takes. */
export interface AppendEventParams extends EventLogTarget, EventLogEvent {
  /**
   * Where the event's stream must end. If it does not, the call fails with `SEQUENCE_CONFLICT` and
   * stores nothing. Default: no condition.
   */
  expectedSequence?: EventLogExpectedSequence | undefined;
  /**
   * A name for the call, which makes it safe to repeat: 1 to 256 bytes of UTF-8 that no other
   * append to the instance has. If the call is stored already, the answer has what was stored, and
   * `duplicate: true`. A call with other content fails with `IDEMPOTENCY_MISMATCH`.
   */
  idempotencyKey?: string | undefined;
  /**
   * Events that must not exist. If there is one, the call fails with `CONDITION_FAILED` and stores
   * nothing. An array has up to 100 of these, and none may match.
   */
  failIf?: EventLogFailIf | readonly EventLogFailIf[] | undefined;
  /**
   * Moves a consumer past an event, in the same commit. If the consumer is already past it, the
   * call fails with `CHECKPOINT_CONFLICT` and stores nothing. So each event leads to one result,
   * even if it is handled several times. A call that was stored before, by its `idempotencyKey`,
   * succeeds as a duplicate in any case.
   */
  checkpoint?: EventLogCheckpoint | undefined;
}

/** What `appendEvents` takes. */
export interface AppendEventsParams extends EventLogTarget {
  /** The events, at most 100,000, in the order of appending: all are stored, or none. */
  events: EventLogEvent[];
  /**
   * Where streams of the instance must end before the call, by their ids; at most 100,000. The call
   * need not append to them. If one of them does not, the call fails with `SEQUENCE_CONFLICT` and
   * stores nothing. Default: no condition.
   */
  expectedSequences?: { readonly [streamId: string]: EventLogExpectedSequence } | undefined;
  /**
   * A name for the call, which makes it safe to repeat: 1 to 256 bytes of UTF-8 that no other
   * append to the instance has. If the call is stored already, the answer has what was stored, and
   * `duplicate: true`. A call with other content fails with `IDEMPOTENCY_MISMATCH`. A call with a
   * key needs at least one event.
   */
  idempotencyKey?: string | undefined;
  /**
   * Events that must not exist before the call. If there is one, the call fails with
   * `CONDITION_FAILED` and stores nothing. An array has up to 100 of these, and none may match.
   */
  failIf?: EventLogFailIf | readonly EventLogFailIf[] | undefined;
  /**
   * Moves a consumer past an event, in the same commit. If the consumer is already past it, the
   * call fails with `CHECKPOINT_CONFLICT` and stores nothing. So each event leads to one result,
   * even if it is handled several times. A call that was stored before, by its `idempotencyKey`,
   * succeeds as a duplicate in any case.
   */
  checkpoint?: EventLogCheckpoint | undefined;
}

/** Events that must not exist when an append is stored. */
export interface EventLogFailIf {
  /** What the events match, as in a query: all of these conditions, or a tree. `[]`: any event. */
  where: readonly EventLogCondition[] | EventLogWhere;
  /**
   * The position of the last event that the caller knows, a whole number: events up to it do not
   * count. Default 0: all events count. The events of an instance have the positions 1, 2, 3 … in
   * the order of the appends. A position after the instance's last event is `INVALID_ARGUMENT`.
   */
  afterPosition?: number | undefined;
}

/**
 * Where a stream must end: the `sequence_number` of its last event, 0 for a stream without events,
 * or `'exists'` for one that has any. The log tests it within the commit that stores the events. So
 * no other call, thread or process can append in between.
 */
export type EventLogExpectedSequence = number | 'exists';

/** A stream that did not end where it was expected to. */
export interface EventLogSequenceConflict {
  /** The stream. */
  streamId: string;
  /** What was expected of it. */
  expected: EventLogExpectedSequence;
  /** The `sequence_number` of its last event; 0 if it has none. */
  actual: number;
}

/** An event that had to be absent. */
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
   * What to do if an instance has the name as its id or name: fail with `INSTANCE_EXISTS`, or
   * return that instance unchanged. Default `'fail'`.
   */
  ifExists?: 'fail' | 'get' | undefined;
  /** The rule by which the new instance keeps its events. Default: all are kept. */
  retention?: EventLogRetention | null | undefined;
}

/** What `updateInstance` changes. What is not given stays as it is. */
export interface UpdateEventLogInstanceParams {
  /** The new name: no other instance has it as its id or name. At most 1,024 bytes of UTF-8. */
  name?: string | undefined;
  /** The new description. At most 65,536 bytes of UTF-8. */
  description?: string | undefined;
  /** The new rule by which events are kept, in the place of the whole one before; `null` to keep all from now on. */
  retention?: EventLogRetention | null | undefined;
}

/** What a condition demands of a field. */
export type EventLogOperator = EventLogExactCondition['operator'];

/**
 * A condition on one field. Values of different types are not equal and have no order. A missing
 * field reads as `null`. The operator decides what the value has to be, see
 * {@link EventLogExactCondition}.
 */
export interface EventLogCondition {
  /**
   * `id`, `instanceId`, `stream_id`, `event_type`, `timestamp`, `sequence_number` (also in
   * camelCase) or `position`, a path such as `payload.items.0.price`, or a JSON Pointer such as
   * `/payload/a.b`. Any other bare name means `payload.<name>`. A name that differs from one of
   * these only in case and underscores, or that looks like a function, is refused.
   */
  field: string;
  /** The test. */
  operator: EventLogOperator;
  /** What to compare with. */
  value: any;
  /** Whether upper and lower case are the same, see {@link EventLogIgnoreCase}. Default `false`. */
  ignoreCase?: boolean | undefined;
}

/** A condition as the SDK's types have it, with the operators that it knows. */
export interface EventLogSdkCondition extends EventLogCondition {
  /** The test. */
  operator: 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'contains' | 'in' | 'between';
}

/**
 * A condition with the value that its operator takes, which is checked where a query is written out.
 * In place of `value`, most operators take a `valueField`, see {@link EventLogFieldComparison}.
 */
export type EventLogExactCondition = {
  /** As in {@link EventLogCondition}. */
  field: string;
} & (
  | ({
      /** Equal, or not equal. */
      operator: 'eq' | 'neq';
      /** What to compare with. With `ignoreCase`, no array and no object. */
      value: EventLogValue;
    } & EventLogIgnoreCase)
  | {
      /** Greater, greater or equal, less, less or equal. */
      operator: 'gt' | 'gte' | 'lt' | 'lte';
      /** What to compare with. */
      value: string | number | boolean | Date;
    }
  | ({
      /** A part of a string, or an element of an array. */
      operator: 'contains';
      /** What to look for. With `ignoreCase`, no array and no object. */
      value: EventLogValue;
    } & EventLogIgnoreCase)
  | ({
      /** A string that begins, or ends, with the value. */
      operator: 'startsWith' | 'endsWith';
      /** The beginning, or the end. */
      value: string;
    } & EventLogIgnoreCase)
  | ({
      /** A string in which a regular expression is found. */
      operator: 'matches';
      /**
       * The expression, at most 1,024 bytes of UTF-8, in the syntax of Rust's `regex` crate: that
       * of JavaScript without look-around and back-references. It is found anywhere in the string,
       * unless it has `^` and `$`. It takes time linear in the string.
       */
      value: string;
    } & EventLogIgnoreCase)
  | ({
      /** Equal to one of several values, or to none of them. */
      operator: 'in' | 'notIn';
      /** The values, at most 10,000. With `ignoreCase`, no arrays and no objects. */
      value: readonly EventLogValue[];
    } & EventLogIgnoreCase)
  | {
      /** Between two values, both included. */
      operator: 'between';
      /** The lowest and the highest value. */
      value: readonly [
        low: string | number | boolean | Date,
        high: string | number | boolean | Date,
      ];
    }
  | {
      /** Whether the event has the field. A field that is `null` exists. */
      operator: 'exists';
      /** `true` for events that have it, `false` for those that do not. */
      value: boolean;
    }
);

/** A part of a condition that compares strings. */
export interface EventLogIgnoreCase {
  /**
   * Takes upper and lower case as the same, by Unicode's full case folding: `ß` is `SS`. Default
   * `false`.
   */
  ignoreCase?: boolean | undefined;
}

/** A condition that compares a field with another one of the same event. */
export interface EventLogFieldComparison extends EventLogIgnoreCase {
  /** As in {@link EventLogCondition}. */
  field: string;
  /** How what the first field holds must stand to what the second one does. `ignoreCase` has no effect on an order. */
  operator: 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'contains' | 'startsWith' | 'endsWith';
  /**
   * The other field. If one of the two is the event's `timestamp`, both are compared as times: the
   * other one holds ISO 8601 with a zone, or milliseconds since 1970.
   */
  valueField: string;
}

/**
 * A tree of conditions. `any` holds if one of its parts does, or more; an empty one never does.
 * `all` holds if each of its parts does; an empty one always does. `not` holds exactly where its part
 * does not, so also where a field is missing. Trees may be 64 levels deep.
 */
export type EventLogConditionTree =
  | {
      /** One of these must hold, or more. */
      any: readonly EventLogWherePart[];
    }
  | {
      /** All of these must hold. */
      all: readonly EventLogWherePart[];
    }
  | {
      /** This must not hold. */
      not: EventLogWherePart;
    };

/** A condition, or a tree of conditions. */
export type EventLogWherePart = EventLogCondition | EventLogFieldComparison | EventLogConditionTree;

/** Which events: parts that must all hold, or one tree. In all, up to 100 conditions. */
export type EventLogWhere = readonly EventLogWherePart[] | EventLogConditionTree;

/** A part of {@link EventLogExactWhere}. */
export type EventLogExactPart =
  | EventLogExactCondition
  | EventLogFieldComparison
  | {
      /** As in {@link EventLogConditionTree}. */
      any: readonly EventLogExactPart[];
    }
  | {
      /** As in {@link EventLogConditionTree}. */
      all: readonly EventLogExactPart[];
    }
  | {
      /** As in {@link EventLogConditionTree}. */
      not: EventLogExactPart;
    };

/** As {@link EventLogWhere}, checked where a query is written out. */
export type EventLogExactWhere =
  | readonly EventLogExactPart[]
  | Exclude<EventLogExactPart, EventLogExactCondition | EventLogFieldComparison>;

/** A JSON value to compare a field with, or a `Date` to compare `timestamp` with. */
export type EventLogValue = string | number | boolean | null | Date | EventLogJson;

/** How values become one, as the SDK's types have it. */
export type EventLogReduceType = 'count' | 'sum' | 'avg' | 'min' | 'max' | 'collect';

/** What to compute from the events that match a query, as the SDK's types have it. */
export interface EventLogReduce {
  /** How values become one, see {@link EventLogExactAggregate}. */
  type: EventLogReduceType;
  /** The field whose values are taken. */
  field?: string | undefined;
  /**
   * The fields that make a group. Without it there is one result. With it there is one row per
   * group, such as `{ event_type: 'login', count: 3 }`.
   */
  groupBy?: string | string[] | undefined;
}

/** One value that is computed from events, with what its type needs. */
export type EventLogExactAggregate =
  | {
      /** How many events there are, or have a value other than `null` in the field. */
      type: 'count';
      /** The field whose values are counted. Default: the events count. */
      field?: string | undefined;
    }
  | {
      /**
       * `sum`, `avg` and `stddev` (that of a sample) ignore what is not a number. Of nothing, `sum` is
       * 0 and `avg`, `min` and `max` are `null`. `stddev` is `null` of fewer than two numbers.
       */
      type: 'sum' | 'avg' | 'min' | 'max' | 'stddev';
      /** The field whose values are taken. */
      field: string;
    }
  | {
      /**
       * The number that a part of all numbers is not above. If that falls between two of them, it is
       * as far between them. Exact for up to 16,384 numbers of a group, and else within 0.5 percent,
       * which the response's `message` says. `null` of nothing.
       */
      type: 'percentile';
      /** The field whose numbers are taken. What is not a number is ignored. */
      field: string;
      /** The part of all: from 0 to 1, such as 0.95. */
      p: number;
    }
  | {
      /** How many different values there are. `null` and missing fields do not count. */
      type: 'countDistinct';
      /** The field whose values are taken. */
      field: string;
    }
  | {
      /** The value of the first or the last event, in append order, where it is not `null` or missing. `null` of nothing. */
      type: 'first' | 'last';
      /** The field whose value is taken. */
      field: string;
    }
  | {
      /**
       * The most frequent values, as an array of `{ value, count }`, the most frequent first. Of
       * those that are as frequent, the lower ones come first. `null` and missing fields do not count.
       */
      type: 'topK';
      /** The field whose values are taken. */
      field: string;
      /** How many values: a whole number from 1 to 1,000. Default 10. */
      k?: number | undefined;
    };

/** As {@link EventLogExactAggregate}, or the array of the values of a field. */
export type EventLogExactNamedAggregate =
  | EventLogExactAggregate
  | {
      /** An array of the values of the field, in append order. `null` and missing fields are left out. */
      type: 'collect';
      /** The field whose values are taken. */
      field: string;
    };

/** A group of the events in a span of time. Its row has the beginning of the span: ISO 8601 with the zone's offset. */
export interface EventLogTimeGroup {
  /** The event's time. */
  field: 'timestamp' | '/timestamp';
  /**
   * How long a span is: a number and a unit, `s`, `m`, `h`, `d`, `w`, `mo` (month), `q` (quarter) or
   * `y`. Seconds, minutes and hours have to divide a day, and begin at midnight. Weeks begin on
   * Monday. Days and longer ones go by the calendar of the zone.
   */
  every: string;
  /** A name of the IANA database, such as `Europe/Berlin`, or an offset such as `+05:30`. Default `'UTC'`. */
  timeZone?: string | undefined;
  /**
   * Whether spans without events have rows too: from the first to the last time that `where` allows,
   * or else that an event has. Default `false`.
   */
  fill?: boolean | undefined;
}

/**
 * A group of the events whose number is in a bin. Its row has the lower bound of the bin. What is
 * below all of them, or no number, is in a row with `null`.
 */
export interface EventLogBinGroup {
  /** A field with numbers. */
  field: string;
  /** The lower bounds, ascending, 1 to 1,000. A bin ends below the next one, and the last one has no end. */
  bins: readonly number[];
  /** Whether bins without events have rows too. Default `false`. */
  fill?: boolean | undefined;
}

/** What makes a group: a field whose values are equal, or a span of time, or a bin. */
export type EventLogGroup = string | EventLogTimeGroup | EventLogBinGroup;

/** How groups are made, and which of them are wanted. */
export interface EventLogExactGrouping {
  /**
   * What makes a group, at most 100. Without it there is one result. With it there is one row per
   * group, such as `{ event_type: 'login', count: 3 }`.
   */
  groupBy?: EventLogGroup | readonly EventLogGroup[] | undefined;
  /**
   * Which rows: conditions, or a tree, as in `where`. A `field` is that of a group, as it is written
   * there, or the name of an aggregate. There is no `exists` and no `valueField`. Needs `groupBy`.
   */
  having?: EventLogWhere | undefined;
}

/** What to compute, with what its type needs, which is checked where a query is written out. */
export type EventLogExactReduce = EventLogExactGrouping &
  (
    | EventLogExactAggregate
    | {
        /** An array of the values of a field, or of the events themselves. */
        type: 'collect';
        /** The field whose values are taken. Default: the events are collected. */
        field?: string | undefined;
      }
    | {
        /**
         * Several values at once, at most 100. Each has a name of its own, which is its key in the
         * result, or in a row.
         */
        aggregates: { readonly [name: string]: EventLogExactNamedAggregate };
      }
  );

/**
 * A query over the events of one instance, as the SDK's types have it. An unknown key is
 * `INVALID_ARGUMENT`. {@link EventLogQuery} is the type of all that a query can be.
 */
export interface EventLogDSL {
  /** Where to look. */
  from: {
    /** The id or the name of the instance. */
    instance: string;
    /** Only this stream. Default: every stream. */
    stream?: string | undefined;
  };
  /** Up to 100 conditions, which must all hold. Default: every event. */
  where?: EventLogSdkCondition[] | undefined;
  /**
   * The fields to keep of each event, at most 100. A path keeps its nesting. Default, and `[]`:
   * every field. `reduce` ignores it, except `collect` without `field` and `groupBy`. If it names
   * something of the payload or the metadata, events whose subject was forgotten also have `forgotten`,
   * and those that were erased `erased`.
   */
  select?: string[] | undefined;
  /**
   * The order. Default: the order of the appends. It is ignored where it has no effect, such as on
   * the one value of a `reduce`, and the response's `message` says so.
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
  /** How many events, or rows of groups, to skip first: a whole number from 0. Default 0. */
  offset?: number | undefined;
  /** What to compute instead of returning events. */
  reduce?: EventLogReduce | undefined;
  /** Whether the result says how the query was answered, as its `plan`. Default `false`. */
  explain?: boolean | undefined;
}

/** A query that is written out where it is made: its conditions and its reduction are checked. */
export interface EventLogExactQuery extends Omit<EventLogDSL, 'where' | 'select' | 'reduce'> {
  /** Which events: up to 100 conditions, which must all hold, or a tree of them. */
  where?: EventLogExactWhere | undefined;
  /** As in {@link EventLogDSL}. */
  select?: readonly string[] | undefined;
  /** As in {@link EventLogDSL}. */
  reduce?: EventLogExactReduce | undefined;
}

/** A query over the events of one instance, with all that a query can have. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogQuery extends Omit<EventLogDSL, 'where' | 'reduce'> {
  /** Which events: up to 100 conditions, which must all hold, or a tree of them. Default: every event. */
  where?: readonly EventLogCondition[] | EventLogWhere | undefined;
  /** What to compute instead of returning events. */
  reduce?: EventLogReduce | EventLogExactReduce | undefined;
}

/** The type of one of the parts of a query; `undefined` if the query has none. */
type PartOf<Query, Key extends string> = Query extends { [Name in Key]?: infer Part }
  ? unknown extends Part
    ? undefined
    : Exclude<Part, undefined>
  : undefined;

/** Whether conditions are right as they are, or of a type that leaves it to the program. */
type AreConditions<Where> = [Where] extends [EventLogExactWhere | undefined]
  ? true
  : Where extends readonly { operator: infer Operator }[]
    ? EventLogSdkCondition['operator'] extends Operator
      ? true
      : false
    : [Where] extends [EventLogWhere | undefined]
      ? EventLogConditionTree extends Where | (Where extends readonly (infer Part)[] ? Part : never)
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
export type EventLogDeclaredQuery<Query extends EventLogQuery> =
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
   * Aborts the query: the promise then resolves at once with the code `ABORTED`, and the log stops
   * working on the query.
   */
  signal?: AbortSignal | undefined;
}

/** What has `queryEvents` answer with JSON text in the place of an object. */
export interface EventLogJsonFormat {
  /** `'json'`: a `Buffer` with the text that `JSON.stringify` makes of the response, whether it is a success or a failure. */
  format: 'json';
}

/** How `callJson` makes a call. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogJsonCallOptions {
  /** Aborts a query, as for `queryEvents`. Appends cannot be aborted: with them it is `INVALID_ARGUMENT`. */
  signal?: AbortSignal | undefined;
  /** The `requestId` of the response: a string, or a finite number. Default: a new UUID. */
  requestId?: string | number | undefined;
  /**
   * The key that the argument stands under, if the text is of an object which has it: `'params'` for
   * `{ "type": …, "params": { … } }`. If the key is there twice, the last one counts. Default: the text is the argument.
   */
  under?: string | undefined;
}

/** One of the calls of `callJsonBatch`. */
export interface EventLogJsonCall {
  /** The method that is called. A query may be called off, and so is made by `callJson`. */
  method: 'appendEvent' | 'appendEvents';
  /** The one argument of the method, as `JSON.stringify` writes it: a string, or bytes in UTF-8. */
  json: string | Uint8Array;
  /** The `requestId` of the response: a string, or a finite number. Default: a new UUID. */
  requestId?: string | number | undefined;
}

/** What `callJson` resolves with. */
export type EventLogJsonResponse =
  | {
      /** Whether the call succeeded. */
      success: true;
      /** The whole response, as JSON text in UTF-8. */
      json: Buffer;
    }
  | {
      /** Whether the call succeeded. */
      success: false;
      /** Why it failed. */
      code: EventLogErrorCode;
      /** The whole response, as JSON text in UTF-8. */
      json: Buffer;
    };

/** What has `readAll`, `readStream` and `subscribe` give JSON Lines in the place of objects. */
export interface EventLogLinesFormat {
  /**
   * `'jsonl'`: `Buffer`s of whole lines, each of about 1 MiB at most. A line is the text that `JSON.stringify` makes of the event,
   * with its `position` as the last key, and a line feed. Numbers that JavaScript would alter, and keys that are there
   * twice, are as they are stored.
   */
  format: 'jsonl';
}

/** Which events of a stream `readStream` reads. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogReadStreamOptions {
  /** The id or the name of the instance. */
  instance: string;
  /** The stream. One that does not exist has no events. */
  stream: string;
  /**
   * The `sequence_number` of the event to begin with: a whole number from 0 to the one that the stream gives next.
   * Default: the first event; with `direction: 'backward'`, the last one.
   */
  fromSequence?: number | undefined;
  /** Oldest or newest event first. Default `'forward'`: oldest first. */
  direction?: 'forward' | 'backward' | undefined;
  /** The largest number of events to read: a whole number from 0. Default: all. */
  limit?: number | undefined;
  /** Aborts the reading: the step that waits, or else the next one, throws `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/** Which events of an instance `readAll` reads. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogReadAllOptions {
  /** The id or the name of the instance. */
  instance: string;
  /**
   * The `position` to continue after, in the direction of reading: that of the last event you have
   * read. A whole number from 0 to the position of the last event. Default: the beginning; with
   * `direction: 'backward'`, the end.
   */
  afterPosition?: number | undefined;
  /** Oldest or newest event first. Default `'forward'`: oldest first. */
  direction?: 'forward' | 'backward' | undefined;
  /** Up to 100 conditions, which must all hold, or a tree of them, as in a query. Default: every event. */
  where?: readonly EventLogCondition[] | EventLogWhere | undefined;
  /** Only events with this string as their `metadata.correlationId`. */
  correlationId?: string | undefined;
  /** Only events with this string as their `metadata.causationId`. */
  causationId?: string | undefined;
  /**
   * Whether nothing may be missing between the events. Default `false`: what was trimmed of single streams is
   * passed over. With `true`, the reading fails with `TRIMMED` if an event after `afterPosition`, or after the
   * first event that is left, was trimmed.
   */
  whole?: boolean | undefined;
  /** The largest number of events to read: a whole number from 0. Default: all. */
  limit?: number | undefined;
  /** Aborts the reading: the step that waits, or else the next one, throws `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/**
 * Events being read, for one `for await`. Nothing is read before the first step. Leaving the loop,
 * or calling `return`, releases everything. A reader that you drop is garbage collected.
 */
export interface EventLogReader<Entry> extends AsyncIterable<Entry> {
  /**
   * The next event. Rejects with an {@link EventLogError} if reading fails, which ends the reading.
   */
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
  /** Only the events of this stream, which need not exist yet. Default: every stream. */
  stream?: string | undefined;
  /** Up to 100 conditions, which must all hold, or a tree of them, as in a query. Default: every event. */
  where?: readonly EventLogCondition[] | EventLogWhere | undefined;
  /**
   * The `position` to begin after: that of the last event you have handled. A whole number from 0,
   * or `'end'` for only what is appended after `next()` was first called. Default 0: every event.
   */
  afterPosition?: number | 'end' | undefined;
  /** Ends the subscription: the step that waits, or else the next one, throws `ABORTED`. */
  signal?: AbortSignal | undefined;
  /** Whether to wait for the instance if it does not exist at the first step. Default `false`. */
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
   * The name of the consumer, 1 to 256 bytes of UTF-8. The log keeps its position: a subscription
   * begins after the last acknowledged event, in any process. The first subscription creates the
   * consumer.
   */
  consumer: string;
  /**
   * Where a new consumer begins: after the event with that `position`, at most that of the last
   * event, or at the `'end'`. Default 0. An existing consumer ignores it.
   */
  afterPosition?: number | 'end' | undefined;
  /**
   * How often the subscription gives out an event that {@link EventLogConsumedEntry.nack | fails}.
   * Default: once.
   */
  retry?: EventLogRetryOptions | undefined;
  /**
   * What happens when the last attempt has failed. `'stop'` ends the subscription with
   * `EVENT_FAILED`, and the consumer stays before the event. `'skip'` acknowledges the event.
   * `'park'` acknowledges it and stores it among the consumer's parked events, in one commit, see
   * {@link EventLog.listParked}. Default `'stop'`.
   */
  onFailed?: 'stop' | 'skip' | 'park' | undefined;
}

/**
 * How often a subscription gives out an event that fails, and when. An unknown key is
 * `INVALID_ARGUMENT`.
 */
export interface EventLogRetryOptions {
  /** How many times in all: a whole number from 1. */
  attempts: number;
  /**
   * How long to wait before the next attempt, in milliseconds from 0 to 2,147,483,647: a number, or
   * a function of the number of the attempt that failed, from 1. Default 0.
   */
  delayMs?: number | ((attempt: number) => number) | undefined;
}

/**
 * An event of `subscribe` if only the program knows whether there is a consumer. With a consumer it
 * has `ack`, `nack`, `attempt` and `checkpoint`: `await event.ack?.()`.
 */
export interface EventLogFollowedEntry<
  Payload = Record<string, any>,
  Metadata = Record<string, any>,
>
  extends
    EventLogPositionedEntry<Payload, Metadata>,
    Partial<Pick<EventLogConsumedEntry, 'ack' | 'nack' | 'attempt' | 'checkpoint'>> {}

/**
 * Which events `subscribe` gives, if only the program knows whether there is a consumer. An unknown
 * key is `INVALID_ARGUMENT`.
 */
export interface EventLogFollowOptions
  extends
    Omit<EventLogSubscribeOptions, 'consumer'>,
    Pick<EventLogConsumeOptions, 'retry' | 'onFailed'> {
  /** The name of the consumer, if there is one, see {@link EventLogConsumeOptions}. */
  consumer?: string | undefined;
}

/** An event as a consumer gets it. */
export interface EventLogConsumedEntry<
  Payload = Record<string, any>,
  Metadata = Record<string, any>,
> extends EventLogPositionedEntry<Payload, Metadata> {
  /**
   * Acknowledges this event, and every one before it. Resolves once that is on disk. Later
   * subscriptions do not get these events. It never moves the consumer back. Many acknowledgements
   * at the same time share a commit.
   *
   * Rejects with an {@link EventLogError}. You can call it again.
   *
   * - `CHECKPOINT_CONFLICT`: the consumer was reset after the subscription began.
   * - `CONSUMER_NOT_FOUND`: the consumer was deleted.
   * - `CLOSED`, `LOCKED`, `STORAGE_FAILED`, `OUTCOME_UNKNOWN`
   */
  ack(): Promise<void>;
  /**
   * Says that the program cannot handle this event. The subscription gives it out again before later
   * ones, as `retry` says. After the last attempt, `onFailed` says what happens. A second call for
   * the same attempt does nothing.
   *
   * It resolves once the event is scheduled, or the subscription is to end. If the event is skipped
   * or parked, it resolves once that is on disk, and rejects as `ack` does. It also rejects, with
   * `INVALID_ARGUMENT`, if `retry.delayMs` throws or returns no delay. You can call it again after
   * a rejection.
   *
   * @param error What the event failed with. A parked event keeps its text, at most 4,096 bytes of
   * UTF-8.
   */
  nack(error?: unknown): Promise<void>;
  /** How many times this subscription has given out the event, including this time. */
  attempt: number;
  /**
   * Acknowledges the event with an append: pass it as the `checkpoint` of a call that stores the
   * result of this event. You can keep it as JSON, and give it to another process.
   */
  checkpoint: {
    [Key in Exclude<keyof EventLogCheckpoint, 'retry'>]: NonNullable<EventLogCheckpoint[Key]>;
  } & Pick<EventLogCheckpoint, 'retry'>;
}

export interface EventLog {
  /**
   * Follows an instance as a consumer. The log keeps the consumer's position: it continues after
   * the last {@link EventLogConsumedEntry.ack | acknowledged} event, also in another process and
   * after a crash.
   *
   * The next subscription gets an event again if it was not acknowledged. Under a filter, the
   * consumer also moves over events that do not match, once all events that were given out are
   * acknowledged.
   *
   * @param options Which consumer, which instance, and which events of it.
   * @returns The events, as from `subscribe` without a consumer, each with `ack`, `nack`,
   * `attempt` and `checkpoint`. The first step throws if registering the consumer fails, for example with `STORAGE_FAILED`. If
   * the consumer is reset or deleted, a step throws `CHECKPOINT_CONFLICT` or `CONSUMER_NOT_FOUND`:
   * the step that waits, or else the next one after the events that were already read.
   */
  subscribe<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogConsumeOptions,
  ): EventLogSubscription<EventLogConsumedEntry<Payload, Metadata>>;
  /**
   * Follows an instance, as a consumer if one is named.
   *
   * @param options Which instance, which events of it, and perhaps which consumer.
   * @returns The events. They have `ack`, `nack`, `attempt` and `checkpoint` if there is a consumer.
   */
  subscribe<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogFollowOptions,
  ): EventLogSubscription<EventLogFollowedEntry<Payload, Metadata>>;
}

/** Which events `project` takes, and what it keeps. */
export interface EventLogProjectRange {
  /** The id or the name of the instance. */
  instance: string;
  /** Only the events of this stream, which need not exist. Default: every stream. */
  stream?: string | undefined;
  /**
   * Up to 100 conditions, or 99 with a `stream`, which must all hold, or a tree of them, as in a
   * query. Default: every event.
   */
  where?: readonly EventLogCondition[] | EventLogWhere | undefined;
  /**
   * The name of this projection's snapshots, 1 to 256 bytes of UTF-8 without U+0000. With a
   * `stream`, each stream has a snapshot of its own. Default: no snapshots are used.
   */
  name?: string | undefined;
  /** A run ignores snapshots of another version: change it when you change `apply`. */
  version?: string | number | undefined;
  /**
   * Keeps the state in the log each time a run has taken so many events, a whole number from 1. At
   * the end of such a run it keeps the state again. The new snapshot replaces the old one. A run
   * that ends early leaves the last one. JSON must keep the state unchanged, in at most 16,777,216
   * bytes (16 MiB) of text. Default: no snapshots.
   */
  snapshotEvery?: number | undefined;
  /** Aborts the run: the promise rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
  /** Whether to wait for the instance if it does not exist. Default `false`. */
  awaitInstance?: boolean | undefined;
}

/**
 * What `apply` is: a function that returns the state after an event, or a promise of it. If the state
 * has literal types, such as `status: 'open' | 'paid'`, what it returns needs no `as const`.
 */
// A condition that always holds. With it the compiler knows the state before it looks at what the
// function returns, so that 'open' is not any string.
export type EventLogApply<State, Event> = [State] extends [unknown]
  ? (state: State, event: Event) => State | Promise<State>
  : never;

/** What `project` computes, and from which events. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogProjectOptions<
  State,
  Payload = Record<string, any>,
  Metadata = Record<string, any>,
> extends EventLogProjectRange {
  /**
   * The state before the first event: a value, which each run copies with `structuredClone`, or a
   * function that makes it. The function may return a promise of it.
   */
  initial: State | (() => State | Promise<State>);
  /**
   * Returns the state after an event. It may change the state that it is given, and return it. If
   * it throws or rejects, the promise rejects with the same error.
   */
  apply: EventLogApply<State, EventLogPositionedEntry<Payload, Metadata>>;
}

/** The result of a projection. */
export interface EventLogProjection<State> {
  /** The state after all events. */
  state: State;
  /** The run has looked at the instance's events up to this position; 0 if there were none. */
  position: number;
  /**
   * Only for a `stream` without `where`: the number of its last event, for `expectedSequence`; 0 if
   * it has none.
   */
  sequence?: number | undefined;
}

export interface EventLog {
  /**
   * Computes a state from events, one after the other. It takes the events that had succeeded
   * before the call.
   *
   * With a `name` it begins with the snapshot of an earlier run, if that had the same `version`,
   * `stream` and `where`. Events are read in pages, so memory is bounded except for the state.
   *
   * @param options Which events, from what state, how, and what is kept.
   * @returns The state, and its position. Rejects with an {@link EventLogError}: `INVALID_ARGUMENT`
   * names an option that is not understood; `INSTANCE_NOT_FOUND`; `ABORTED`; `CLOSED`; `CORRUPTED`.
   * If only keeping the last snapshot failed, the error has the `projection`, and the earlier
   * snapshot stays. The code is then `INVALID_ARGUMENT` for a state that JSON does not keep
   * unchanged, `LIMIT_EXCEEDED`, or a storage code such as `STORAGE_FAILED`.
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

/** An event as `decide` returns it: one to append, without its instance and its stream. */
export interface EventLogDecidedEvent extends Omit<EventLogEvent, 'streamId' | 'stream_id'> {
  /** Not given: the event goes to the stream that the call decides on. */
  streamId?: undefined;
  /** Not given: the event goes to the stream that the call decides on. */
  stream_id?: undefined;
}

/** What `decide` returns: an event, several events, which are stored together, or nothing. */
export type EventLogDecided<Event> = Event | readonly Event[] | null | undefined | void;

/** The stream that `decide` decides on, and how it does that. */
export interface EventLogDecideTarget {
  /** The id or the name of the instance. */
  instance: string;
  /** The id of the stream, which need not exist. */
  stream: string;
  /**
   * Identifies the call, so that it can be repeated: 1 to 256 bytes of UTF-8. No other call of the
   * instance has this key, and no `appendEvent` or `appendEvents` either. If a call with the key has
   * stored events, the result is those events, with `duplicate: true`, and `decide` is not called. A
   * call that stored nothing leaves no key behind. Default: none.
   */
  idempotencyKey?: string | undefined;
  /**
   * How often the call decides again if others have appended to the stream meanwhile: a whole number
   * from 0. After that it fails with `SEQUENCE_CONFLICT`, and has stored nothing. Default 100.
   */
  retries?: number | undefined;
  /**
   * Whether to create the instance if it does not exist, as in {@link EventLogTarget}. Until then its
   * streams have no events.
   */
  autoCreateInstance?: boolean | undefined;
  /**
   * As in {@link EventLogProjectRange}. `project` and `decide` share the snapshot of a name, version
   * and stream.
   */
  name?: string | undefined;
  /** As in {@link EventLogProjectRange}. */
  version?: string | number | undefined;
  /** As in {@link EventLogProjectRange}. The log keeps the state before it is decided on. */
  snapshotEvery?: number | undefined;
  /**
   * Aborts the call until its events are on their way to be stored: the promise rejects with
   * `ABORTED`. That also ends the wait for a promise of `decide`.
   */
  signal?: AbortSignal | undefined;
}

/** What `decide` takes. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogDecideOptions<
  State,
  Payload = Record<string, any>,
  Metadata = Record<string, any>,
> extends EventLogDecideTarget {
  /** The state of a stream without events, as in {@link EventLogProjectOptions}. */
  initial: State | (() => State | Promise<State>);
  /**
   * Returns the state after an event, as in {@link EventLogProjectOptions}. It also gets the events
   * that the call has stored.
   */
  apply: EventLogApply<State, EventLogPositionedEntry<Payload, Metadata>>;
  /**
   * Returns the events that follow from the state, or a promise of them. It must not change the
   * state. After a conflict it is called again, with the state that includes what others have
   * appended. What it throws rejects the promise unchanged, and nothing is stored.
   */
  decide: (
    state: State,
  ) =>
    | EventLogDecided<EventLogDecidedEvent & EventLogEventTyped>
    | Promise<EventLogDecided<EventLogDecidedEvent & EventLogEventTyped>>;
}

/** The result of `decide`. */
export interface EventLogDecision<
  State,
  Entry = EventLogPositionedEntry,
> extends EventLogProjection<State> {
  /**
   * The state after the stored events. With `duplicate` it is that of the stream now, which may have
   * later events too.
   */
  state: State;
  /** The number of the last event in the state; 0 for a stream without events. */
  sequence: number;
  /** The stored events in order, with their positions. Empty if nothing was decided. */
  events: Entry[];
  /** How often `decide` was called; 0 if the log found the key of an earlier call at once. */
  attempts: number;
  /** Whether an earlier call with the same `idempotencyKey` has stored the events. Absent otherwise. */
  duplicate?: true;
  /** A remark for a person, such as the name of an unknown key of an event. Absent if there is none. */
  message?: string | undefined;
}

export interface EventLog {
  /**
   * Reads the state of a stream, asks `decide` which events follow from it, and appends them if the
   * stream still ends where the state ends. Otherwise it takes in what others have appended, and
   * asks again.
   *
   * All events of a decision are stored, or none. A signal no longer aborts the call once they are
   * on their way to be stored.
   *
   * @param options On which stream, from what, and how it is decided.
   * @returns The state, and what was stored. Rejects with an {@link EventLogError} if nothing was
   * stored:
   *
   * - `INVALID_ARGUMENT` names the option, or the place of an event.
   * - `SEQUENCE_CONFLICT`: all `retries` are used up. The error has the `conflict`.
   * - `IDEMPOTENCY_MISMATCH`: the key belongs to a call on another stream.
   * - `LIMIT_EXCEEDED`, `INSTANCE_NOT_FOUND`, `ABORTED`, `CLOSED`, and the other codes of appends
   *   and `project`.
   *
   * What `decide` and `apply` throw rejects unchanged. Only if `apply` throws on an event that this
   * call has stored, or has not answered when the signal is aborted or the log is closed, the error
   * is `APPLY_FAILED`, with what was thrown as `cause`, and what was stored as `decision`.
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
  /** The name to begin after: the last one of the previous page. Default: the beginning. */
  after?: string | undefined;
  /** The largest number of consumers to list: a whole number from 0 to 10,000. Default 1,000. */
  limit?: number | undefined;
}

/** Which consumer `deleteConsumer` deletes. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogDeleteConsumerOptions {
  /** The id or the name of the instance. */
  instance: string;
  /** The name of the consumer. */
  consumer: string;
}

/** Which consumer `resetConsumer` moves, and where to. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogResetConsumerOptions extends EventLogDeleteConsumerOptions {
  /**
   * The position to continue after: a whole number from 0 to that of the last event, or `'end'` for
   * that of the last event.
   */
  position: number | 'end';
}

/** A consumer, and its position. */
export interface EventLogConsumer {
  /** Its name. */
  consumer: string;
  /** Every event up to this position is done. */
  position: number;
  /**
   * How many events after that it still has to handle. It counts the events that match the `where`
   * and `stream` of its last subscription. `resetConsumer` and `deleteConsumer` do not read events,
   * so they count every event.
   */
  behind: number;
  /** How many events it has parked, including those that were put back and are not done. */
  parked: number;
  /** When it was last moved: ISO 8601, UTC, milliseconds. */
  timestamp: string;
}

/** Which parked events `listParked` lists. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogListParkedOptions extends EventLogDeleteConsumerOptions {
  /**
   * The position to begin after: the last one of the previous page. Default 0. One past the last
   * event is `INVALID_ARGUMENT`.
   */
  after?: number | undefined;
  /** The largest number of events to list: a whole number from 0 to 10,000. Default 1,000. */
  limit?: number | undefined;
}

/**
 * Which events `retryParked` puts back, or `discardParked` discards. An unknown key is
 * `INVALID_ARGUMENT`.
 */
export interface EventLogParkedOptions extends EventLogDeleteConsumerOptions {
  /**
   * The positions of parked events, at most 10,000. Default: all. For `retryParked`, these are all
   * that were not put back before.
   */
  positions?: readonly number[] | undefined;
}

/** An event that a consumer has parked. */
export interface EventLogParkedEvent {
  /** The position of the event in the instance. */
  position: number;
  /** The text of what `nack` was given; `null` if it was given nothing. */
  error: string | null;
  /** How many times it was given out before it was parked. */
  attempts: number;
  /** Whether it was put back, and is not done since. */
  retrying: boolean;
  /** When it was parked: ISO 8601, UTC, milliseconds. */
  timestamp: string;
}

/**
 * Moves a consumer past an event, in the commit that stores the event's result. A subscription
 * gives each event with {@link EventLogConsumedEntry.checkpoint | its own}.
 */
export interface EventLogCheckpoint {
  /** The name of the consumer, which must exist. */
  consumer: string;
  /** The position of the event, and of every one before it. */
  position: number;
  /**
   * The id or the name of the instance that the consumer reads. Default: the one that the call
   * appends to.
   */
  instance?: string | undefined;
  /**
   * A number from the {@link EventLogConsumedEntry.checkpoint | `checkpoint` of an event}. If the
   * consumer was reset after the event's subscription began, the call fails with
   * `CHECKPOINT_CONFLICT`. Default: the call succeeds in spite of a reset.
   */
  generation?: number | undefined;
  /**
   * A number from the {@link EventLogConsumedEntry.checkpoint | `checkpoint` of an event} that was
   * parked and put back. The call then removes that event from the parked ones, instead of moving
   * the consumer. If the event is already removed or parked again, the call fails with
   * `CHECKPOINT_CONFLICT`.
   */
  retry?: number | undefined;
}

/** A consumer that is past the position of a checkpoint, or was reset. */
export interface EventLogCheckpointConflict {
  /** Its name. */
  consumer: string;
  /** The position that it was to be moved to. */
  position: number;
  /** Its position. */
  actual: number;
}

/** Where the log begins, as events before that were trimmed. One of the two is there. */
export interface EventLogTrimmedConflict {
  /** The position of the first event of the instance that is left, or of the next one if none is. */
  firstPosition?: number;
  /** The number of the first event of the stream that is left, or of the next one if none is. */
  firstSequence?: number;
}

/** Events being followed, for one `for await`. */
export interface EventLogSubscription<Entry> extends EventLogReader<Entry> {
  /**
   * Whether the program has all events that existed when the log last looked. It becomes `true`
   * with the last of them, and `false` with the next one.
   */
  readonly caughtUp: boolean;
  /** Resolves when `caughtUp` is first `true`, or the subscription has ended. */
  readonly untilCaughtUp: Promise<void>;
  [Symbol.asyncIterator](): EventLogSubscription<Entry>;
}

/** Which streams `listStreams` lists. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogListStreamsOptions {
  /** The id or the name of the instance. */
  instance: string;
  /** How the ids of the streams begin. Default `''`: every stream. */
  prefix?: string | undefined;
  /** The id to begin after: the last one of the previous page. Default: the beginning. */
  after?: string | undefined;
  /** The largest number of streams to list: a whole number from 0 to 10,000. Default 1,000. */
  limit?: number | undefined;
}

/** A stream, with data of its last event. */
export interface EventLogStream {
  /** The stream. */
  stream_id: string;
  /** The number of its last event. */
  sequence_number: number;
  /** The position of its last event in the instance. */
  position: number;
  /** The number of its first event: 1, unless events were trimmed. */
  firstSequence: number;
  /** The timestamp of its last event: ISO 8601, UTC, milliseconds. */
  timestamp: string;
}

/** How far a long call is. */
export interface EventLogProgress {
  /** How many events are done. */
  done: number;
  /** How many there are to do, if that is known. */
  total?: number | undefined;
}

/** What `exportEvents` takes. */
export interface EventLogExportOptions {
  /** The id or the name of the one instance to export. Default: all of them, oldest first. */
  instance?: string | undefined;
  /**
   * What to write. Default: `'eventlog'`, the log's own format, which `importEvents` stores whole again.
   *
   * - `'cloudevents'`: CloudEvents 1.0 in the JSON format, one a line; `'cloudevents-batch'`: one JSON array of them.
   * - `'csv'`: a record for each event.
   * - `'parquet'`, `'arrow'`: for programs that analyse. They need the package `codebolt-eventlog-analysis`.
   * - a format of that package, or of the program.
   */
  format?: EventLogExportFormatName | EventLogExportFormat | undefined;
  /**
   * Columns of fields, for the formats that have columns: a path, or a path and a type, by the column's name. A path begins
   * with `payload` or `metadata`, as in a query. An event that has no such field, or `null`, has no value in the column.
   */
  columns?: Record<string, string | EventLogExportColumn> | undefined;
  /** Aborts the export: destroys the stream with an {@link EventLogError} of the code `ABORTED`. */
  signal?: AbortSignal | undefined;
  /**
   * Called as events are read, at most ten times a second, and at the end. If it throws before the
   * end, the stream is destroyed with `INVALID_ARGUMENT`.
   */
  onProgress?: ((progress: EventLogProgress) => void) | undefined;
}

/** The formats of an export that have a name. */
export type EventLogExportFormatName =
  'eventlog' | 'cloudevents' | 'cloudevents-batch' | 'csv' | 'parquet' | 'arrow';

/**
 * The types of a column. A value of another type ends the export, but for `'json'`, which is the text of any value.
 *
 * - `'int64'`: a `bigint`, exactly; `'double'`: a number; `'string'`; `'boolean'`.
 * - `'timestamp'`: milliseconds since 1970 in UTC, of a time of RFC 3339 or of whole milliseconds.
 */
export type EventLogColumnType = 'string' | 'int64' | 'double' | 'boolean' | 'timestamp' | 'json';

/** A column of a field. */
export interface EventLogExportColumn {
  /** The field: a path such as `payload.total`, or a JSON Pointer such as `/payload/a.b`. */
  field: string;
  /** Its type. Default: `'json'`. */
  type?: EventLogColumnType | undefined;
}

/** An event as a format gets it. */
export interface EventLogExportedEvent {
  /** Its position in its instance. */
  position: number;
  id: string;
  instanceId: string;
  stream_id: string;
  event_type: string;
  /** Its payload as JSON text, exactly as it is stored. */
  payload: string;
  /** Its metadata as JSON text, exactly as it is stored. */
  metadata: string;
  /** ISO 8601 in UTC, with milliseconds. */
  timestamp: string;
  sequence_number: number;
  /** The values of the columns, in their order; `null` where the event has none. */
  columns: (string | bigint | number | boolean | null)[];
}

/** A format of an export: what makes bytes or text of events. */
export interface EventLogExportFormat {
  /** Its name, for people. */
  name: string;
  /** Begins an export. Returns what is given its events, in their order. */
  begin(options: { columns: { name: string; type: EventLogColumnType }[] }): {
    /** Takes the next events. Returns what can be given out now, which may be empty. */
    write(events: EventLogExportedEvent[]): string | Uint8Array | Promise<string | Uint8Array>;
    /** Ends the export. Returns the rest. */
    end(): string | Uint8Array | Promise<string | Uint8Array>;
  };
}

/**
 * What `importEvents` reads: a `Readable`, or any iterable or async iterable of strings or of
 * bytes. It may be cut at any place, even within a line or a character.
 */
export type EventLogImportSource =
  AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** What an import can be of, beside the log's own format. */
export type EventLogForeignFormatName =
  'json-lines' | 'pino' | 'journal' | 'cloudevents' | 'cloudevents-batch' | 'emmett' | 'codebolt';

/**
 * Where in a JSON value the parts of an event are. A text that is `$`, or begins with `$.` or `$[`, is a path: `$.order.id`,
 * `$['a b']`, `$.items[0]`. Any other text is meant as it is.
 */
export interface EventLogImportMap {
  /** The stream: a text, a number or a boolean. Default: `'default'`, also where there is nothing. */
  stream?: string | undefined;
  /** The type. Required for `'json-lines'`. */
  type?: string | undefined;
  /**
   * The time: of RFC 3339, or a number of `timeUnit` since 1970. Default: when the instance was created; for `'pino'`, what its
   * lines say. `null`: not what they say.
   */
  time?: string | null | undefined;
  /** Of what a number is that is a time. Default: `'ms'`. What is below a millisecond is cut. */
  timeUnit?: 's' | 'ms' | 'us' | 'ns' | undefined;
  /** The payload: an object or an array. Default: `'$'`, all of it. */
  payload?: string | undefined;
  /** The metadata: an object or an array. Default: `{}`. */
  metadata?: string | undefined;
  /** What no other event has. A UUID becomes the event's id; of another text an id is made that is always the same. */
  id?: string | undefined;
}

/** What calls an import off, and hears how far it is. */
export interface EventLogImportProgressOptions {
  /**
   * Aborts the import: the promise resolves with the code `ABORTED`, at once if a batch waits for
   * another process, and after a batch that is being written. The source is destroyed.
   */
  signal?: AbortSignal | undefined;
  /**
   * Called as events are stored or skipped, at most ten times a second, and at the end. `total` is
   * what the first line says. If it throws before the end, the import ends with `INVALID_ARGUMENT`.
   */
  onProgress?: ((progress: EventLogProgress) => void) | undefined;
}

/** What `importEvents` takes beside what another program has written. */
export interface EventLogForeignImportOptions extends EventLogImportProgressOptions {
  /** What the source is. */
  format: EventLogForeignFormatName;
  /** The id or the name of the instance to store the events in. It is created if it is missing. */
  instance: string;
  /**
   * Where the parts of an event are. `'json-lines'` needs it; for `'pino'` and `'journal'` it takes the place of what these
   * say. For CloudEvents it has `stream` alone: the stream of all events.
   */
  map?: EventLogImportMap | undefined;
  /** Whether to store nothing, and say what would be stored. */
  dryRun?: boolean | undefined;
}

/** What events of an instance are asked of: another `codebolt.eventLog`. */
export interface EventLogClient {
  queryEvents(query: any): Promise<any>;
}

/** An open database of SQLite, of `node:sqlite` or of better-sqlite3. */
export interface EventLogSqliteDatabase {
  prepare(sql: string): { all(...parameters: any[]): any[] };
}

/**
 * What `importEvents` reads that is no text: for `'emmett'` the path of Emmett's file, which needs Node.js 22.13, or an open
 * database; for `'codebolt'` another log. A mapping is refused for both. Messages of Emmett's that are archived, or no events, are
 * left out, and the response's `message` says how many.
 */
export type EventLogStoreSource = string | EventLogSqliteDatabase | EventLogClient;

/** What `importEvents` takes beside its source. */
export type EventLogImportOptions =
  | (EventLogImportProgressOptions & {
      /** The log's own format, which an export has written. */
      format?: 'eventlog' | undefined;
      instance?: undefined;
      map?: undefined;
      dryRun?: undefined;
    })
  | EventLogForeignImportOptions;

/** What `copyTo` takes beside the other log. */
export interface EventLogCopyOptions {
  /**
   * Aborts the copy: the promise resolves with the code `ABORTED`. What was stored stays, and a later copy goes on there.
   */
  signal?: AbortSignal | undefined;
  /**
   * Called as events are stored, at most ten times a second, and at the end. `total` is how many events the log has that is
   * copied, and `total - done` how many the other one lacks. If it throws before the end, the copy ends with
   * `INVALID_ARGUMENT`.
   */
  onProgress?: ((progress: EventLogProgress) => void) | undefined;
  /**
   * Whether to go on with what is appended, changed and deleted later, until `until` or `signal` is aborted. Default: `false`.
   */
  follow?: boolean | undefined;
  /** With `follow`: once it is aborted, the copy takes what there is by then, compares it, and resolves. */
  until?: AbortSignal | undefined;
}

/** What `backup` takes, and `verify` beside other options. */
export interface EventLogOperationOptions {
  /**
   * Aborts the call: the promise resolves with the code `ABORTED` as soon as nothing of it is left.
   */
  signal?: AbortSignal | undefined;
  /**
   * Called as events are done, at most ten times a second, and at the end. A backup counts each
   * event twice: once copied, once checked. If it throws before the end, the call ends with
   * `INVALID_ARGUMENT`.
   */
  onProgress?: ((progress: EventLogProgress) => void) | undefined;
}

/** What `verify` takes. */
export interface EventLogVerifyOptions extends EventLogOperationOptions {
  /**
   * Checkpoints that were kept elsewhere, with which the log is compared as well: it must still have
   * the events that they were made of, in their order.
   */
  checkpoints?: EventLogKeptCheckpoint[] | undefined;
}

/** A checkpoint that was kept elsewhere. */
export interface EventLogKeptCheckpoint {
  /** The id or name of its instance. */
  instance: string;
  /** The signed note. */
  note: string;
  /** The verifier key, or several, one of which must have signed it. */
  key: string | string[];
  /** Its origin, if that is not the name of the key or what begins with that and a slash. */
  origin?: string | undefined;
}

/** What `trimEvents` takes. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogTrimOptions {
  /** The id or the name of the instance. */
  instance: string;
  /** The position of the first event that is to be left: from 1 to the one after the last event's. */
  beforePosition: number;
  /**
   * Whether events go that a consumer has not acknowledged, or has parked. Default `false`: then the call
   * fails with `CHECKPOINT_CONFLICT`.
   */
  force?: boolean | undefined;
  /**
   * Where the events are kept before they go: a folder of compressed files in the export format, with a
   * manifest. They are written, synced and read back first. One process at a time may archive an instance.
   */
  archive?: { path: string | URL } | undefined;
  /** Aborts the call, as long as the events are not gone: it ends with `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/** What `trimStream` takes. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogTrimStreamOptions {
  /** The id or the name of the instance. */
  instance: string;
  /** The id of the stream. */
  stream: string;
  /** The sequence number of the first event that is to be left: from 1 to the one after the last event's. */
  beforeSequence: number;
  /**
   * Whether events go that a consumer has not acknowledged, or has parked. Default `false`: then the call
   * fails with `CHECKPOINT_CONFLICT`. A consumer of all streams is not told what it has missed.
   */
  force?: boolean | undefined;
  /**
   * Where the events are kept before they go: a folder of compressed files in the export format, with a
   * manifest, for this stream alone. They are written, synced and read back first. One process at a time may
   * archive a stream.
   */
  archive?: { path: string | URL } | undefined;
  /** Aborts the call, as long as the events are not gone: it ends with `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/** What `eraseEvents` takes: `where`, or `positions`. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogEraseOptions {
  /** The id or the name of the instance. */
  instance: string;
  /**
   * Which events: those that match all of these conditions, of which there is at least one, as of the call, also
   * those that were trimmed and are still in the file. There may be 100,000 of them.
   */
  where?: readonly EventLogCondition[] | EventLogWhere | undefined;
  /** Which events: those at these positions, at most 100,000. They may have been trimmed. */
  positions?: number[] | undefined;
  /**
   * What of the events: 1 to 100 fields of `payload` and `metadata`, as queries name them, such as `payload.email`,
   * `metadata.userId` or `payload.items.0.name`. The rest is left as it is. A key goes with its value, and an element
   * of an array becomes `null`. An event that has none of them stays as it is. Default: all of `payload` and
   * `metadata`.
   */
  fields?: string[] | undefined;
  /** Why, in 1 to 1,024 bytes of UTF-8. It is kept, and each of the events says it. */
  reason: string;
  /** Aborts the call, as long as the events are not erased: it ends with `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/** What `listErasures` takes. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogListErasuresOptions {
  /** The id or the name of the instance. */
  instance: string;
}

/** An erasure, as it is kept. Its `fields` are those that were asked for; each of its events had one of them. */
export interface EventLogErasure extends EventLogErased {
  /** How many events it has erased. */
  events: number;
  /** Their positions: the first and the last one of each run. */
  positions: [number, number][];
}

/** What `applyRetention` takes. An unknown key is `INVALID_ARGUMENT`. */
export interface EventLogApplyRetentionOptions {
  /** The id or the name of the instance. Default: all that have a rule. */
  instance?: string | undefined;
  /** Aborts the call. What has gone by then stays gone. It ends with `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/** What `checkpoint` takes. One of `key` and `keyFile` is required. */
export interface EventLogCheckpointOptions {
  /** The id or name of the instance. */
  instance: string;
  /** The signing key, as `generateKeys` of `codebolt-eventlog/evidence` makes it. It is not kept. */
  key?: string | undefined;
  /** The path, or `file:` URL, of a file with the signing key in its one line. */
  keyFile?: string | URL | undefined;
  /**
   * What the note calls the tree, one line of text. The default is the name of the key, a slash, and
   * the id of the instance, percent-encoded.
   */
  origin?: string | undefined;
  /** Aborts the call: it ends with `ABORTED` after the page of events that is being hashed. */
  signal?: AbortSignal | undefined;
}

/** What `proveInclusion` takes. */
export interface EventLogInclusionOptions {
  /** The id or name of the instance. */
  instance: string;
  /** The position of the event: 1 for the first event of the instance, and so on. */
  position: number;
  /** Of which tree: how many events it has. The default is that of the last checkpoint. */
  size?: number | undefined;
}

/** What `proveConsistency` takes. */
export interface EventLogConsistencyOptions {
  /** The id or name of the instance. */
  instance: string;
  /** How many events the older tree has. */
  oldSize: number;
  /** How many events the newer one has. The default is that of the last checkpoint. */
  newSize?: number | undefined;
}

/** What `compact` takes. */
export interface EventLogCompactOptions {
  /** Aborts the call if the compaction has not begun yet. */
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

/** Something wrong in a log. */
export interface EventLogProblem {
  /** The id of the instance, if it concerns one. */
  instanceId?: string | undefined;
  /**
   * The position of the event, if it concerns one: 1 for the first event of the instance, and so
   * on.
   */
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
  /** The problems, in the order of finding them; the first 100 if there are more. */
  problems: EventLogProblem[];
}

/** How a query was answered. Only with `explain`. */
export interface EventLogQueryPlan {
  /**
   * The way that was chosen:
   *
   * - `'stream'` walked the chain of the stream's events,
   * - `'blocks'` went by the summaries of blocks of events,
   * - `'positions'` went straight to the positions of the events,
   * - `'none'` answered from counts alone.
   */
  path: 'stream' | 'blocks' | 'positions' | 'none';
  /** The same in words, for a person. */
  description: string;
  /** What became of the blocks that the instance's events are kept in. */
  blocks: {
    /** How many there are. */
    total: number;
    /** How many were skipped, because nothing in them can match or everything needed is known. */
    skipped: number;
    /** How many of these a look-up has ruled out: none of their events has a value that is asked for. */
    ruledOut: number;
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
  /**
   * What a reduction was made of. Absent for events and for the `collect` of a field without
   * `groupBy`.
   */
  reduce?:
    | {
        /** The fields of `groupBy`, with `groupBy` only. */
        groups?: EventLogQueryPlanGroup[];
        /** The rows, with `groupBy` only. */
        rows?: {
          /** How many groups have events. */
          found: number;
          /** How many rows `fill` has added. */
          filled: number;
          /** How many of both `having` has left, before `limit` and `offset`. */
          chosen: number;
        };
        /** The aggregates by name; without `aggregates`, the one there is by its type. */
        aggregates: Record<string, EventLogQueryPlanAggregate>;
      }
    | undefined;
}

/** How a field of `groupBy` was taken. */
export interface EventLogQueryPlanGroup {
  /** The field, as the query has written it. */
  field: string;
  /** The length of a span of time, in its largest unit: `'1d'` for `'24h'`. */
  every?: string;
  /** The zone by whose clock and calendar spans go, which is `'UTC'` if none was given. */
  timeZone?: string;
  /** How many bins there are. */
  bins?: number;
  /** Whether there are rows for spans or bins without events. */
  fill?: boolean;
}

/** How an aggregate was computed. */
export interface EventLogQueryPlanAggregate {
  /** Its type. */
  type: string;
  /** In how many blocks with events that match the values were known in what way. */
  blocks: {
    /** By the block's summary, or by the counts that the log keeps. */
    summary: number;
    /** By the block's columns. */
    columns: number;
    /** By events that were read. */
    events: number;
  };
  /** For a `percentile`: whether some value comes from a sketch, and is within 0.5 percent. */
  sketch?: boolean;
}

/** What a query found. */
export interface EventLogQueryResult {
  /**
   * The events. A query with `reduce` has `aggregation` instead: only the query decides which of
   * the two is there. With `select`, an event has the selected fields only.
   */
  events: EventLogEntry[];
  /**
   * The value that `reduce` computed, with `aggregates` an object of values, or its rows with
   * `groupBy`. Absent without `reduce`.
   */
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
  /** The position of the first event: 1, unless events were trimmed. If none is left, that of the next one. */
  firstPosition: number;
  /** When it was created: ISO 8601, UTC, milliseconds. */
  createdAt: string;
  /** When it was last updated or appended to: ISO 8601, UTC, milliseconds. */
  updatedAt: string;
}

/** What every response has, of every method, with or without success. */
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
   * The conflict. Only with these codes:
   *
   * - `SEQUENCE_CONFLICT`: which stream did not end where it was expected to.
   * - `CONDITION_FAILED`: which event had to be absent.
   * - `CHECKPOINT_CONFLICT`: the position of the consumer.
   * - `TRIMMED`: where the log begins.
   */
  conflict?:
    | EventLogSequenceConflict
    | EventLogConditionConflict
    | EventLogCheckpointConflict
    | EventLogTrimmedConflict
    | undefined;
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

/** The response to a call that failed with one of these codes, and the conflict. */
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
 * The response to a call. After `if (response.success)` the compiler knows it as an
 * {@link EventLogSuccess}. Otherwise it is an {@link EventLogFailure}, which has no `data`. Without
 * that check, `response.data` may be `undefined`.
 */
export type EventLogResponse<Method extends string, Data> =
  EventLogSuccess<Method, Data> | EventLogFailure<Method>;

/** What `createInstance`, `getInstance`, `updateInstance` and `deleteInstance` resolve with. */
export type EventLogInstanceResponse = EventLogResponse<
  'createInstance' | 'getInstance' | 'updateInstance' | 'deleteInstance',
  {
    /** The instance; after `deleteInstance`, the deleted one. */
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
    /** The consumer; after `deleteConsumer`, the deleted one. */
    consumer: EventLogConsumer;
  }
>;

/** What `listParked` resolves with. */
export type EventLogParkedListResponse = EventLogResponse<
  'listParked',
  {
    /** The events, in the order of their positions. */
    parked: EventLogParkedEvent[];
    /** Whether there are more of them, after the last one of these. */
    hasMore: boolean;
  }
>;

/** What `retryParked` and `discardParked` resolve with, once it is on disk. */
export type EventLogParkedResponse = EventLogResponse<
  'retryParked' | 'discardParked',
  {
    /** How many events there were. */
    count: number;
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
    /** How many instances were created. */
    instances: number;
    /** How many events were stored. */
    events: number;
    /** How many instances were already there. */
    skippedInstances: number;
    /** How many events were already there. */
    skippedEvents: number;
    /** What a dry run would store, and where; there is nothing of this otherwise. */
    dryRun?: true;
    /** Of a dry run: the name of the instance. */
    instance?: string;
    /** Of a dry run: whether the instance exists. Events that it has already count too. */
    exists?: boolean;
    /** Of a dry run: how many streams the events are in. */
    streams?: number;
    /** Of a dry run: how many events there are of each type, of at most 1,000 types. */
    types?: Record<string, number>;
    /** Of a dry run: the first three events. */
    first?: EventLogEntry[];
  }
>;

/** What `trimEvents` resolves with, once it is on disk. */
export type EventLogTrimResponse = EventLogResponse<
  'trimEvents',
  {
    /** The position of the first event that is left, or of the next one if none is. */
    firstPosition: number;
    /** How many events this call has trimmed. */
    events: number;
    /** How many bytes they had, as `storedBytes` counts them. */
    bytes: number;
  }
>;

/** What `trimStream` resolves with, once it is on disk. */
export type EventLogTrimStreamResponse = EventLogResponse<
  'trimStream',
  {
    /** The sequence number of the first event of the stream that is left, or of the next one if none is. */
    firstSequence: number;
    /** How many events this call has trimmed. */
    events: number;
    /** How many bytes they had, as `storedBytes` counts them. */
    bytes: number;
  }
>;

/** What `eraseEvents` resolves with, once the file has nothing of what was erased any more. */
export type EventLogEraseResponse = EventLogResponse<
  'eraseEvents',
  {
    /** The id of the instance. */
    instanceId: string;
    /** How many events this call has erased, or fields of. */
    events: number;
    /** How many of those that were meant had been erased before, or these fields of them. They stay as they are. */
    erasedBefore: number;
    /** How many of those that were meant have none of the fields. They stay as they are. */
    absent: number;
    /** How many of the positions are of events that were trimmed and are not in the file any more. */
    dropped: number;
    /** When they were erased: ISO 8601, UTC, milliseconds; `null` if there was none. */
    at: string | null;
  }
>;

/** What `listErasures` resolves with. */
export type EventLogListErasuresResponse = EventLogResponse<
  'listErasures',
  {
    /** The erasures of the instance, oldest first. */
    erasures: EventLogErasure[];
  }
>;

/** What `applyRetention` resolves with, once it is on disk. */
export type EventLogApplyRetentionResponse = EventLogResponse<
  'applyRetention',
  {
    /** The instances that have a rule, or the one that was asked for if it has one. */
    instances: {
      /** The id of the instance. */
      instanceId: string;
      /** The position of the first event that is left, or of the next one if none is. */
      firstPosition: number;
      /** How many events this call has trimmed. */
      events: number;
      /** How many bytes they had, as `storedBytes` counts them. */
      bytes: number;
      /** The consumer that keeps more from going, and the last position that it has done with. */
      heldBy?: { consumer: string; position: number } | undefined;
    }[];
  }
>;

/** What `copyTo` resolves with, once everything is on disk and was compared. */
export type EventLogCopyResponse = EventLogResponse<
  'copyTo',
  {
    /** How many instances were made in the other log. */
    instances: number;
    /** How many events were stored. */
    events: number;
    /** How many instances were already there. */
    skippedInstances: number;
    /** How many events were already there. */
    skippedEvents: number;
  }
>;

/** What `checkpoint` resolves with. */
export type EventLogCheckpointResponse = EventLogResponse<
  'checkpoint',
  {
    /** The signed note, in the format of C2SP's `tlog-checkpoint`: text, to be kept elsewhere. */
    note: string;
    /** How many events the tree has: those that the instance had when `checkpoint` was called. */
    size: number;
    /** The root of the tree, in base64. */
    root: string;
  }
>;

/** What `proveInclusion` resolves with. */
export type EventLogInclusionResponse = EventLogResponse<
  'proveInclusion',
  InclusionProof & {
    /** The root of the tree, in base64. An auditor takes it from a checkpoint, and not from here. */
    root: string;
  }
>;

/** What `proveConsistency` resolves with. */
export type EventLogConsistencyResponse = EventLogResponse<
  'proveConsistency',
  ConsistencyProof & {
    /** The root of the older tree, in base64. */
    oldRoot: string;
    /** The root of the newer tree, in base64. */
    newRoot: string;
  }
>;

/** What `forgetSubject` resolves with, once the key is gone from the keyring. */
export type EventLogForgetResponse = EventLogResponse<
  'forgetSubject',
  {
    /** The subject. */
    subject: string;
    /** When its key was destroyed: ISO 8601, UTC, milliseconds. `null` if it has never had one. */
    forgottenAt: string | null;
  }
>;

/** What `rotateKey` resolves with, once the keyring has the new key. */
export type EventLogRotateResponse = EventLogResponse<
  'rotateKey',
  {
    /** How many keys of subjects were encrypted anew. */
    keys: number;
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
 * @throws An {@link EventLogError} with the `code`, the text and the `conflict` of a response that
 * failed; `INVALID_ARGUMENT` for anything that is not a response.
 */
export declare function unwrap<Response extends EventLogBaseResponse>(
  response: Response,
): DataOf<Response>;

/**
 * Whether a text is one JSON value exactly as `JSON.stringify` writes it: without blanks, no key twice in an object, and
 * each string and number in the form that JavaScript writes. All parsers then read the same of it.
 *
 * @param json - A string, or bytes in UTF-8.
 * @returns `false` also for a few texts that are written so: with keys that consist of digits, escaped surrogates, numbers with
 * exponents, or more than 512 levels of nesting.
 * @throws An {@link EventLogError} with `INVALID_ARGUMENT` for anything else than a string or a `Uint8Array`.
 */
export declare function isStringified(json: string | Uint8Array): boolean;

/**
 * The methods of a log for programs that prefer exceptions. Methods that resolve with a response
 * resolve here with its `data`, and reject with an {@link EventLogError} for a failure. The other
 * methods are unchanged.
 */
export type EventLogStrict<Log> = {
  [Name in keyof Log as Name extends 'strict' | 'typed' ? never : Name]: Log[Name] extends (
    ...given: infer Given
  ) => Promise<infer Response>
    ? [Response] extends [EventLogBaseResponse]
      ? (...given: Given) => Promise<DataOf<Response>>
      : Log[Name]
    : Log[Name];
} & {
  /** As {@link EventLog.queryEvents} with `format: 'json'`, but that the text is of the `data`. */
  queryEvents(
    query: EventLogQuery,
    options: EventLogQueryOptions & EventLogJsonFormat,
  ): Promise<Buffer>;
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
 * `type Events = { OrderCreated: { total: number }; OrderPaid: { amount: number } }`. A map alone is
 * nothing but types: nothing is checked at run time, and events that others have stored may have any
 * form. {@link EventLogTypesOptions | Schemas} check.
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
  queryEvents(
    query: EventLogQuery,
    options: EventLogQueryOptions & EventLogJsonFormat,
  ): Promise<Buffer>;
  queryEvents<Query extends EventLogQuery>(
    query: Query & EventLogDeclaredQuery<Query>,
    options?: EventLogQueryOptions | AbortSignal,
  ): Promise<EventLogTypedQueryResponse<Events>>;
  queryEvents(
    query: EventLogExactQuery,
    options?: EventLogQueryOptions | AbortSignal,
  ): Promise<EventLogTypedQueryResponse<Events>>;
  /** As {@link EventLog.readStream}. */
  readStream(options: EventLogReadStreamOptions & EventLogLinesFormat): EventLogReader<Buffer>;
  readStream(
    options: EventLogReadStreamOptions,
  ): EventLogReader<EventLogTypedEntry<Events, EventLogPositionedEntry>>;
  /** As {@link EventLog.readAll}. */
  readAll(options: EventLogReadAllOptions & EventLogLinesFormat): EventLogReader<Buffer>;
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

/** How values are distributed. */
export interface EventLogDistribution {
  /** Upper bounds, in order. A value that is as large as one counts as up to it. */
  bounds: number[];
  /** How many values were up to each bound and above the one before; at the end, those above all. */
  counts: number[];
  /** How many values there were. */
  count: number;
  /** All of them together. */
  sum: number;
}

/**
 * What a log has done since its file was opened in this process, by all threads, and how it stands.
 * The numbers are of about the same time.
 */
export interface EventLogMetrics {
  /** Commits of this process that are on disk. */
  commits: number;
  /** Commits that failed, or whose outcome is not known. */
  failedCommits: number;
  /** Calls for a change that commits have answered with success, acknowledgements included. */
  calls: number;
  /** Calls for a change that were refused when their turn came. */
  refusedCalls: number;
  /** Events that were appended. */
  events: number;
  /** Bytes that were written to the journal. */
  journalBytes: number;
  /** What waits to be committed. */
  queue: {
    /** How many calls. */
    calls: number;
    /** The bytes of calls that were not answered yet. */
    bytes: number;
  };
  /** How often the summary of a block that is not in the file yet was in memory, or had to be made. */
  summaries: { hits: number; misses: number };
  /** How many waits for a commit there are: those of subscriptions at the end of the log. */
  waiting: number;
  /** How long commits took until they were on disk, with the wait for other processes, in seconds. */
  commitSeconds: EventLogDistribution;
  /** How long a write to the journal took until it was on disk, in seconds. */
  syncSeconds: EventLogDistribution;
  /** How long it took to bring a segment of the journal into the tables, in seconds. */
  checkpointSeconds: EventLogDistribution;
  /** How many calls a commit has answered. */
  callsPerCommit: EventLogDistribution;
  /** The subscriptions that were begun by this log object, or another one for the same opening. */
  followers: {
    /** How many are open. */
    open: number;
    /** How many have taken all events that there were at their last look. */
    caughtUp: number;
    /** How many events all of them have ahead, whether or not they ask for these. */
    behind: number;
    /** How many events the one that is furthest behind has ahead. */
    behindMax: number;
  };
  /** What has gone by rules of retention that this log object has applied by itself, or another one for the same opening. */
  retention: {
    /** How often events have gone. */
    runs: number;
    /** How many events. */
    events: number;
    /** How many bytes they had, as `storedBytes` counts them. */
    bytes: number;
    /** How often something has gone wrong. */
    failures: number;
    /** What was the last time, and with which instance, if with one; `null` if nothing has. */
    lastError: (EventLogRetentionError & { instanceId?: string | undefined }) | null;
  };
}

/** What `metrics` resolves with. */
export type EventLogMetricsResponse = EventLogResponse<'metrics', EventLogMetrics>;

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
  initial: State | (() => State | Promise<State>);
  /** As in {@link EventLogProjectOptions}. */
  apply: EventLogApply<State, EventLogTypedEntry<Events, EventLogPositionedEntry>>;
}

/** What `decide` of a log with a map of events takes. */
export interface EventLogTypedDecideOptions<Events, State> extends EventLogDecideTarget {
  /** As in {@link EventLogDecideOptions}. */
  initial: State | (() => State | Promise<State>);
  /** As in {@link EventLogDecideOptions}. */
  apply: EventLogApply<State, EventLogTypedEntry<Events, EventLogPositionedEntry>>;
  /** As in {@link EventLogDecideOptions}, for the pairs of the map. */
  decide: (
    state: State,
  ) =>
    | EventLogDecided<EventLogTypedEvent<Events, EventLogDecidedEvent>>
    | Promise<EventLogDecided<EventLogTypedEvent<Events, EventLogDecidedEvent>>>;
}

/**
 * The methods of the SDK's own `codebolt.eventLog`, with parameters as wide as its own. Those of an
 * {@link EventLog} check more of a call that is written out. A stand-in for the module in a test
 * has these nine. The object also has all other methods of an {@link EventLog}: it is exported
 * under the name {@link eventLog}.
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
 * `CODEBOLT_EVENTLOG_PATH` names. Without the variable, the file is `.codebolt/eventlog.redb` under
 * the working directory. It creates missing folders. They and the file are private to the user
 * (0700, 0600).
 */
export declare const eventLog: EventLog;

/**
 * Opens the default log if necessary, and resolves once it is open. Nothing else needs it: calls
 * wait for the file by themselves.
 *
 * @returns Nothing. The promise rejects with an {@link EventLogError} when the log cannot be
 * opened, or was closed.
 */
export declare function waitForReady(): Promise<void>;

/** An older name of {@link waitForReady}. */
export declare function waitForConnection(): Promise<void>;

/** Whether the default log is open: `false` before its first call, and once it is closed. */
export declare let ready: boolean;

/**
 * Opens the default log if necessary, and calls back once it is open.
 *
 * @param callback - What to call, without arguments. If it throws or rejects, or the log cannot be
 * opened, the error is an unhandled rejection. That ends the program, unless it listens for such
 * rejections.
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

/** A CloudEvent 1.0 as the JSON format has it. */
export interface EventLogCloudEvent {
  specversion: '1.0';
  /** Together with `source`, it is that of no other event. */
  id: string;
  /** A URI reference: where the event comes from. */
  source: string;
  /** What has happened. */
  type: string;
  /** What it has happened to, within the source. */
  subject?: string | undefined;
  /** When it has happened: RFC 3339, with any offset and any number of digits after the second. */
  time?: string | undefined;
  /** The media type of the data. Without one, the data is JSON. */
  datacontenttype?: string | undefined;
  /** An absolute URI: the schema of the data. */
  dataschema?: string | undefined;
  /** Any JSON value. `null` is not the same as no data. */
  data?: any;
  /** Data that is bytes, in base64. */
  data_base64?: string | undefined;
  /** Extensions: strings, booleans, and integers of 32 bits. Their names have the letters a to z and digits. */
  [extension: string]: any;
}

/**
 * The CloudEvent that a stored event is.
 *
 * An event that was a CloudEvent before, by {@link fromCloudEvent}, becomes the same one again: with its `id`, its `source`,
 * its `time` to the last digit, its extensions, and its data. Any other event has its own id, its stream as `subject`, its
 * payload as `data`, and its metadata as JSON text in the extension `eventlogmetadata`.
 *
 * @param event The event, as the log returns it.
 * @param options `source`: the source of an event that was none, a URI reference or a function that returns one. Default:
 * `/eventlog/` and the id of the instance.
 * @throws {EventLogError} `INVALID_ARGUMENT`: it is no event, or `source` is no URI reference.
 */
export declare function toCloudEvent(
  event: EventLogEntry<any, any>,
  options?: { source?: string | ((event: EventLogEntry<any, any>) => string) | undefined },
): EventLogCloudEvent;

/**
 * What `appendEvent` takes for a CloudEvent, but for the instance.
 *
 * The payload is its data; data that is no object and no array is wrapped, as `{ data }` or `{ data_base64 }`. What else it
 * has is kept in `metadata.cloudEvent`. The event's time is that of the CloudEvent, cut to the millisecond; one without a
 * time has that of the append.
 *
 * @param cloudEvent A CloudEvent in the JSON format. `data` can also be bytes: a `Uint8Array` or an `ArrayBuffer`.
 * @param options `stream`: the stream, or a function that returns it. Default: the `subject`, or else the `source`.
 * @throws {EventLogError} `INVALID_ARGUMENT`: it is no valid CloudEvent 1.0. The text names the attribute.
 */
export declare function fromCloudEvent(
  cloudEvent: object,
  options?: { stream?: string | ((cloudEvent: EventLogCloudEvent) => string) | undefined },
): {
  streamId: string;
  eventType: string;
  payload: Record<string, any>;
  metadata: Record<string, any>;
  timestamp?: string;
};

/** How a replica is opened. All options but `source` are those of its file. */
export interface EventLogReplicaOptions extends Omit<EventLogOptions, 'readOnly'> {
  /** The options of the log that is followed, such as `ca`. It is opened with `readOnly`. */
  source?: Omit<EventLogOptions, 'readOnly'> | undefined;
}

/** What `behind` of a replica resolves with. */
export type EventLogBehindResponse = EventLogResponse<
  'behind',
  {
    /** How many events the log has that the replica lacks; `null` if the log cannot be reached. */
    events: number | null;
    /** Whether this opening of the replica follows. Another one does if not. */
    follows: boolean;
    /** What keeps it from following, if something does: the code and the text of a failure. */
    failure: { code: EventLogErrorCode; error: string } | null;
  }
>;

/** What `catchUp` of a replica resolves with. */
export type EventLogCatchUpResponse = EventLogResponse<'catchUp', {}>;

/** A replica: a log that is read-only, and follows another one. */
export interface EventLogReplica extends EventLog {
  /** Tells how far the replica is behind the log that it follows. */
  behind(): Promise<EventLogBehindResponse>;
  /**
   * Waits until the replica has everything that the log has now.
   *
   * @param options A signal that ends the wait.
   * @returns Once that is so. Failures: `ABORTED`; `CLOSED`; `IMPORT_CONFLICT`, and whatever else keeps it from following
   * for good; `STORAGE_FAILED` if the log cannot be reached.
   */
  catchUp(options?: { signal?: AbortSignal | undefined }): Promise<EventLogCatchUpResponse>;
}

/**
 * Opens a replica: a log in a file that follows another log, such as one in PostgreSQL, and answers queries with the speed of
 * a file. It is read-only for its callers. Several programs may open the same replica: one of them follows, and another one
 * takes over when that ends.
 *
 * @param from The path or the URL of the log that is followed.
 * @param path The file of the replica, which is made if it is not there. Only replicas write to it.
 * @param options The options of the file, and as `source` those of the log that is followed.
 * @returns The replica. It need not have caught up yet: see {@link EventLogReplica.catchUp}. The promise rejects with an
 * {@link EventLogError} as that of `EventLog.open`. A replica that has instances is opened also while the log that it
 * follows cannot be reached.
 */
export declare function openReplica(
  from: string | URL,
  path: string | URL,
  options?: EventLogReplicaOptions,
): Promise<EventLogReplica>;

/**
 * Puts a log onto an SDK object. The log's methods replace those of `codebolt.eventLog`, on that
 * same object. So everything that holds the object uses this log, including the SDK's own tools. If
 * there is no such object, `attach` makes one. If several logs are attached to one object, the last
 * one is used.
 *
 * @param codebolt - The SDK object.
 * @param log - The log. Default: {@link eventLog}.
 * @returns A function that removes the methods again and restores the earlier ones. You can call it
 * twice.
 */
export declare function attach(
  codebolt: { eventLog?: unknown },
  log?: EventLog | EventLogTyped<any>,
): () => void;

/**
 * The object that the SDK's programs make or import: the default log, and what programs usually
 * call around it. Every object has the same log.
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
 * An event log in a file, or in PostgreSQL, opened with {@link EventLog.open}.
 *
 * Its nine methods return promises that resolve with a response, for failures as well. They never
 * throw and never reject. A response has `success`. On success it has `data`, otherwise `error`
 * (what was wrong, what was expected, what was found) and `code`. A method that changes the log
 * resolves with `success` only once the change is on disk, where it survives power loss.
 *
 * An open log that has nothing to do does not keep the process alive. Calls are finished before the
 * process ends by itself. Changes are stored even if `process.exit()` or an uncaught exception ends
 * it.
 */
export declare class EventLog {
  private constructor();
  /**
   * Opens the log in the file at `path`. It creates the file and its folders if they do not exist,
   * private to the user (modes 0600 and 0700).
   *
   * Openings of one file in one process, in any thread, share one engine. The first opening decides
   * `cacheBytes`, `eventBytesMax`, `queuedBytesMax` and `lockWaitMs`. Other processes may have the
   * file open at the same time unless one of them opened it with `exclusive`.
   *
   * With the package `codebolt-eventlog-postgres`, a path that begins with `postgres://` or `postgresql://` opens a log in
   * PostgreSQL, with the same methods and the same answers. Several processes may open it at the same time.
   *
   * @param path The file, as a path or a `file:` URL, or the URL of a server. A relative path starts at the working
   * directory. `':memory:'` is a new log without a file, which is gone once it is closed.
   * @param options How to open it; every option has a default. One that does not apply to such a log is refused.
   * @returns The open log. The promise rejects with an {@link EventLogError}. A file that was
   * created by then stays.
   *
   * - `INVALID_ARGUMENT`: an option is unknown or mistyped, or the path is a directory. For a server: the package is not
   *   installed, the URL is wrong, or the settings of the server do not keep what was stored.
   * - `LOCKED`: the file is open elsewhere in a way that excludes this one, or another process does
   *   not release it within `lockWaitMs`.
   * - `CORRUPTED`, `UNSUPPORTED_FORMAT`: it is not a log that can be read.
   * - `STORAGE_FAILED`: the system refuses, or no server can be reached that takes changes.
   */
  static open<const Schemas extends EventLogSchemas>(
    path: string | URL,
    options: EventLogOptions & { events: Schemas },
  ): Promise<EventLogTyped<EventLogEventsOf<Schemas>>>;
  static open(path: string | URL, options?: EventLogOptions): Promise<EventLog>;
  /**
   * Opens a log as above, with events that have the types and payloads of a map, as in
   * {@link EventLog.typed}.
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
   * This log, with events that have the types and payloads of a map, such as
   * `log.typed<{ OrderCreated: { total: number }; OrderPaid: { amount: number } }>()`. Nothing is
   * checked at run time.
   *
   * With options, it is another object for the same open log: it checks events by schemas, and
   * makes events of earlier versions into those of the newest one, as these options say. They take
   * the place of those that the log was opened with. Closing one of the two closes both.
   *
   * @param options Schemas and upcasters. An option that is unknown or mistyped throws
   * `INVALID_ARGUMENT`.
   * @returns This log, or another object for it.
   */
  typed<const Schemas extends EventLogSchemas>(
    options: EventLogTypesOptions & { events: Schemas },
  ): EventLogTyped<EventLogEventsOf<Schemas>>;
  typed(options: EventLogTypesOptions & { events?: undefined }): EventLog;
  typed<Events extends { [Type in keyof Events]: EventLogJson }>(
    options?: EventLogTypesOptions,
  ): EventLogTyped<Events>;
  /**
   * The same methods for programs that prefer exceptions. They resolve with the `data` of a
   * response, and reject with an {@link EventLogError} for a failure.
   */
  readonly strict: EventLogStrict<EventLog>;
  /**
   * Closes the log: accepts no more calls, waits until all earlier ones are answered, and releases
   * the file. It does not wait for other processes.
   *
   * Later calls fail with `CLOSED`. Other logs that have the same file open are not affected. You
   * can close a log twice. Calls that wait for a promise of the program, such as that of a schema, are answered with
   * `CLOSED` as well, and nothing of them is stored.
   *
   * @returns Nothing. The promise rejects with an {@link EventLogError} if the file could not be
   * closed cleanly. What was answered with success is on disk even then, unless the file was taken
   * away or cut off.
   */
  close(): Promise<void>;
  /**
   * Creates an instance: a container of streams.
   *
   * @param name Its name, 1 to 1,024 bytes of UTF-8. No other instance may have it as its id or
   * name.
   * @param description A remark for people, at most 65,536 bytes of UTF-8.
   * @param options What to do if the name is taken, and how long events are kept.
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
   * Changes an instance's name, description or retention. Its id stays as it is, and so do its events, but for those
   * that are over the retention: they go soon.
   *
   * @param instanceId Its id or its name.
   * @param updates What to change. What you do not name stays.
   * @returns The instance as it is now. `INSTANCE_NOT_FOUND` if there is none; `INSTANCE_EXISTS` if
   * the name is another instance's id or name. A failed call changes nothing.
   */
  updateInstance(
    instanceId: string,
    updates: UpdateEventLogInstanceParams,
  ): Promise<EventLogInstanceResponse>;
  /**
   * Deletes an instance with all its events. This cannot be undone.
   *
   * @param instanceId Its id or its name.
   * @returns The deleted instance. `INSTANCE_NOT_FOUND` if there was none.
   */
  deleteInstance(instanceId: string): Promise<EventLogInstanceResponse>;
  /**
   * Appends one event to a stream.
   *
   * The event gets the next sequence number of its stream: 1, 2, 3 … without gaps or repeats, even
   * if others append at the same time. A failed append uses no number and leaves nothing behind.
   *
   * @param params The event and where it goes. An unknown key that is close to a known one is
   * `INVALID_ARGUMENT`. Any other unknown key is ignored, and named in the response's `message`.
   * @returns The event as it was stored, once it is on disk. Failures:
   *
   * - `INSTANCE_NOT_FOUND`: there is no such instance, and neither the call nor the log creates it.
   * - `SEQUENCE_CONFLICT`: the stream does not end at `expectedSequence`.
   * - `CONDITION_FAILED`: an event matches `failIf`.
   * - `CHECKPOINT_CONFLICT`: the consumer of the `checkpoint` is past it, or was reset.
   * - `CONSUMER_NOT_FOUND`: the consumer of the `checkpoint` does not exist.
   * - `IDEMPOTENCY_MISMATCH`: another call had the `idempotencyKey`.
   * - `LIMIT_EXCEEDED`: the event is larger than `eventBytesMax`.
   * - `OVERLOADED`: more than `queuedBytesMax` waits to be written.
   */
  appendEvent<Params extends AppendEventParams>(
    params: Params & EventLogDeclaredEvent<Params>,
  ): Promise<EventLogAppendResponse>;
  appendEvent(params: AppendEventParams & EventLogEventTyped): Promise<EventLogAppendResponse>;
  /**
   * Appends events to one or more streams of an instance: all of them, or none.
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
   * The query sees one state of the log: every event that had succeeded before the call, and none
   * whose append is called after it.
   *
   * @param query Where to look, which events, in what order, and what to return of them.
   * @param options An `AbortSignal` that aborts the query, as `{ signal }` or by itself. With `format: 'json'`, the response
   * comes as JSON text.
   * @returns The result. `INVALID_ARGUMENT` names the place in the query that was not understood.
   * `LIMIT_EXCEEDED` if the result is over 268,435,456 bytes (256 MiB) of JSON text. `ABORTED` once
   * the signal is aborted. As JSON text, the whole response is one `Buffer`, a failure as well: no objects are made of it.
   */
  queryEvents(
    query: EventLogQuery,
    options: EventLogQueryOptions & EventLogJsonFormat,
  ): Promise<Buffer>;
  queryEvents<Query extends EventLogQuery>(
    query: Query & EventLogDeclaredQuery<Query>,
    options?: EventLogQueryOptions | AbortSignal,
  ): Promise<EventLogQueryResponse>;
  queryEvents(
    query: EventLogExactQuery,
    options?: EventLogQueryOptions | AbortSignal,
  ): Promise<EventLogQueryResponse>;
  /**
   * Calls a method with JSON text, and gives the JSON text of the response. It is for servers: no objects are made of what a
   * client has sent, or of what it gets.
   *
   * What is stored and answered is the same as by a call with the value of the text (`JSON.parse`), and so is every check of
   * it. But a number in a payload or in metadata that JavaScript would alter stays as it is written. Schemas, and versions of
   * types of events, hold as well; then the log does make objects.
   *
   * @param method `'appendEvent'`, `'appendEvents'` or `'queryEvents'`.
   * @param json The one argument of the method, as a string or as bytes in UTF-8. The log copies bytes before it returns. It is
   * fastest with text as `JSON.stringify` writes it ({@link isStringified}).
   * @param options The id that the response is to have, and what aborts a query.
   * @returns The response as text, and whether it is a success. It never rejects. `INVALID_ARGUMENT` also if the text is no
   * JSON, or the method is another one.
   */
  callJson(
    method: 'appendEvent' | 'appendEvents' | 'queryEvents',
    json: string | Uint8Array,
    options?: EventLogJsonCallOptions,
  ): Promise<EventLogJsonResponse>;
  /**
   * Makes many calls with JSON text at once, as `callJson` makes each: for servers, which get many in one turn of the event
   * loop. There is no promise for each, and each text is looked at once.
   *
   * Calls are made in their order, up to the first that cannot be made so: its text is not as `JSON.stringify` writes it
   * ({@link isStringified}), or something else is wrong with it, or the texts up to there have more than 16 MiB. No call
   * can be made so of a log that is not open yet or was closed, that has schemas, versions of types or a `clock`, or that is
   * watched by `node:diagnostics_channel`; nor while changes wait for a schema. Make that call by `callJson`, and go on
   * behind it.
   *
   * Each call stands for itself: one that fails does not affect the others. They take effect in their order.
   *
   * @param calls The calls. Bytes are copied before it returns.
   * @param answered Takes the response to each call that was made, and its place among `calls`. It is called once for each,
   * never before `callJsonBatch` has returned, and in any order. What it throws is an uncaught exception.
   * @returns How many calls were made: those before that place. It does not throw.
   */
  callJsonBatch(
    calls: Iterable<EventLogJsonCall>,
    answered: (response: EventLogJsonResponse, at: number) => void,
  ): number;
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
   * @returns The streams, in the order of the UTF-8 bytes of their ids, and whether there are more.
   * For the next page, pass the last id of this one as `after`. `INSTANCE_NOT_FOUND` if there is no
   * such instance; `INVALID_ARGUMENT` names an option that is not understood.
   */
  listStreams(options: EventLogListStreamsOptions): Promise<EventLogStreamListResponse>;
  /**
   * Reads the events of one stream, oldest or newest first.
   *
   * It is one state of the log: what had succeeded before `next()` was first called, and nothing
   * whose append was called after it. Events are read a page at a time, and at most one page ahead.
   * So memory is bounded even for a long stream. Nothing is held open in between. A reader that you
   * drop does not keep the process alive and does not hold up `close`.
   *
   * @param options Which stream, from where on, in which direction, and how many events.
   * @returns The events, for one `for await`. A stream that does not exist has no events. The step
   * that meets a failure throws it as an {@link EventLogError}. For bad options that is the first
   * step.
   *
   * - `INVALID_ARGUMENT` names the option.
   * - `INSTANCE_NOT_FOUND`: there is no such instance, or it was deleted during the reading.
   * - `ABORTED`: the signal was aborted.
   * - `CLOSED`
   *
   * With `format: 'jsonl'`, the reader gives `Buffer`s of whole lines, without making objects of the events. To go on
   * later, parse the last line and continue behind its `sequence_number` or `position`. A log with upcasters or
   * `validateReads` refuses it with `INVALID_ARGUMENT`.
   */
  readStream(options: EventLogReadStreamOptions & EventLogLinesFormat): EventLogReader<Buffer>;
  readStream<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogReadStreamOptions,
  ): EventLogReader<EventLogPositionedEntry<Payload, Metadata>>;
  /**
   * Reads the events of all streams of an instance in the order of their positions, or in the
   * opposite one. With conditions, it reads those that match.
   *
   * It is one state of the log, read in pages, as {@link EventLog.readStream} reads it.
   *
   * @param options Which instance, from where on, in which direction, which events, and how many.
   * @returns The events, as {@link EventLog.readStream} returns them; with `format: 'jsonl'` as lines.
   */
  readAll(options: EventLogReadAllOptions & EventLogLinesFormat): EventLogReader<Buffer>;
  readAll<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogReadAllOptions,
  ): EventLogReader<EventLogPositionedEntry<Payload, Metadata>>;
  /**
   * Follows an instance or one of its streams: first the events that exist, then each new one after
   * its commit, from any thread or process. Events come in the order of positions, without gaps or
   * repeats. The log gives out no event before it is on disk.
   *
   * Events are read when they are asked for, a page at a time: a slow program falls behind without
   * memory growing. While a step waits for an event it keeps the process alive, as a server does;
   * otherwise it does not. Closing the log ends the subscription.
   *
   * @param options Which instance, which of its events, and after what position.
   * @returns The events, for one `for await`; with `format: 'jsonl'` as lines, each piece of which has what there is to read
   * by then. Failures are thrown as by {@link EventLog.readAll}.
   */
  subscribe(options: EventLogSubscribeOptions & EventLogLinesFormat): EventLogSubscription<Buffer>;
  subscribe<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogSubscribeOptions,
  ): EventLogSubscription<EventLogPositionedEntry<Payload, Metadata>>;
  /**
   * Lists the consumers of an instance. {@link EventLog.subscribe} with a `consumer` creates them.
   *
   * @param options Which instance, and how many consumers.
   * @returns The consumers, in the order of the UTF-8 bytes of their names, and whether there are
   * more. For the next page, pass the last name of this one as `after`. A page may have fewer than
   * `limit` if many consumers with a filter are far behind. `INSTANCE_NOT_FOUND` if there is no
   * such instance; `INVALID_ARGUMENT` names an option that is not understood.
   */
  listConsumers(options: EventLogListConsumersOptions): Promise<EventLogConsumerListResponse>;
  /**
   * Moves a consumer to another position: back, to handle events again, or forward, to skip some.
   *
   * Its subscriptions end with `CHECKPOINT_CONFLICT`, and their later acknowledgements fail with
   * it. New subscriptions start at the new position.
   *
   * @param options Which consumer of which instance, and the position to continue after.
   * @returns The consumer as it is now, once that is on disk. `CONSUMER_NOT_FOUND` or
   * `INSTANCE_NOT_FOUND` if there is none; `INVALID_ARGUMENT` if the position is past the last
   * event.
   */
  resetConsumer(options: EventLogResetConsumerOptions): Promise<EventLogConsumerResponse>;
  /**
   * Deletes a consumer. The events that it has read stay. Its subscriptions end with
   * `CONSUMER_NOT_FOUND`, and their later acknowledgements fail with it.
   *
   * @param options Which consumer of which instance.
   * @returns The deleted consumer, once that is on disk. `CONSUMER_NOT_FOUND` or
   * `INSTANCE_NOT_FOUND` if there was none.
   */
  deleteConsumer(options: EventLogDeleteConsumerOptions): Promise<EventLogConsumerResponse>;
  /**
   * Lists the events that a consumer has parked, because their last attempt failed in a
   * subscription with `onFailed: 'park'`. They stay parked until they are put back and
   * acknowledged, or discarded.
   *
   * @param options Which consumer of which instance, and how many events.
   * @returns The events in the order of their positions, and whether there are more. For the next
   * page, pass the last position of this one as `after`. `CONSUMER_NOT_FOUND` or
   * `INSTANCE_NOT_FOUND` if there is none.
   */
  listParked(options: EventLogListParkedOptions): Promise<EventLogParkedListResponse>;
  /**
   * Puts parked events back. The consumer's running subscriptions and its later ones give them out
   * again, before new events, even if their `where` and `stream` do not match. `ack` removes such
   * an event from the parked ones. If it fails again, its attempts count from 1.
   *
   * @param options Which consumer of which instance, and which events.
   * @returns How many events, once they are put back on disk. `INVALID_ARGUMENT` names a position
   * at which no event is parked; then the call puts none back. `CONSUMER_NOT_FOUND` or
   * `INSTANCE_NOT_FOUND` if there is none.
   */
  retryParked(options: EventLogParkedOptions): Promise<EventLogParkedResponse>;
  /**
   * Removes events from the parked ones. No subscription gives them out again. They stay in the log.
   *
   * @param options Which consumer of which instance, and which events.
   * @returns How many events, once that is on disk. `INVALID_ARGUMENT` names a position at which no
   * event is parked; then the call discards none. `CONSUMER_NOT_FOUND` or `INSTANCE_NOT_FOUND` if
   * there is none.
   */
  discardParked(options: EventLogParkedOptions): Promise<EventLogParkedResponse>;
  /**
   * Deletes the snapshots of projections in an instance. The next run of each begins with the first
   * event.
   *
   * @param options Which instance, and which projection.
   * @returns How many there were, once they are gone from the disk. `INSTANCE_NOT_FOUND` if there
   * is no such instance; `INVALID_ARGUMENT` names an option that is not understood.
   */
  deleteSnapshots(
    options: EventLogDeleteSnapshotsOptions,
  ): Promise<EventLogDeleteSnapshotsResponse>;
  /**
   * Writes the log, or one instance of it, as JSON Lines: a stream of bytes, one line for each
   * instance and each event. With `format`, it writes CloudEvents, CSV, Parquet or Arrow.
   *
   * It is one state of the log: everything that had succeeded before the call, and nothing that a
   * later call appends or changes. The log is read as fast as the stream is, a page at a time, so
   * memory is bounded. Nothing is held open in between. A stream that nobody reads does not keep
   * the process alive and does not hold up `close`.
   *
   * @param options Which instance, a signal that aborts the export, and a callback for its
   * progress.
   * @returns A `Readable`. A failure destroys it with an {@link EventLogError}. A stream that
   * nobody reads yet fails when it is first read.
   *
   * - `INSTANCE_NOT_FOUND`: there is no such instance, or one of those to export was deleted.
   * - `ABORTED`: the signal was aborted.
   * - `CLOSED`
   * - `INVALID_ARGUMENT`: an option is not understood.
   */
  exportEvents(options?: EventLogExportOptions): Readable;
  /**
   * Stores what `exportEvents` has written. It keeps instances with their ids, names and times, and
   * events with their ids, sequence numbers and timestamps, in their order. With `format`, it stores
   * what another program has written, in an instance of its own.
   *
   * You can repeat an import: it skips what is there already and equal, event by event. So you run
   * an import that was cut off again, and the result is the same log. A difference is
   * `IMPORT_CONFLICT`. Lines are stored in batches of about 1 MiB, each durable, and whole or not
   * at all. Batches before a failure stay, and `error` says up to what line everything is stored.
   *
   * @param source The lines, as a `Readable`, or any iterable or async iterable of strings or of
   * bytes, cut at any place. It is read as fast as the disk takes it.
   * @param options A signal that aborts the import, and a callback for its progress.
   * @returns How much was stored, once all of it is on disk. Failures:
   *
   * - `INVALID_ARGUMENT` names a wrong line.
   * - `IMPORT_CONFLICT`: the lines and the log differ.
   * - `LIMIT_EXCEEDED`: an event is larger than `eventBytesMax`.
   * - `UNSUPPORTED_FORMAT`: a newer version wrote the lines.
   * - `ABORTED`: the signal was aborted.
   */
  importEvents(
    source: EventLogImportSource,
    options?: EventLogImportOptions,
  ): Promise<EventLogImportResponse>;
  importEvents(
    source: EventLogStoreSource,
    options: EventLogForeignImportOptions & { format: 'emmett' | 'codebolt' },
  ): Promise<EventLogImportResponse>;
  /**
   * Trims an instance: the events before a position are gone, for every reader, query, consumer and
   * count, in every process, from one commit on. Positions and sequence numbers never start again.
   *
   * Whoever stands before the first event that is left is told so with `TRIMMED`: a reader or a
   * subscription that begins there, a consumer, a projection without a later snapshot. A call whose
   * `idempotencyKey` belongs to a trimmed event is `TRIMMED` too, and is not stored again.
   *
   * @param options The instance, and the position of the first event that is to be left. If that is not
   * after the first one that there is, nothing changes.
   * @returns Where the instance begins now, and what has gone. Failures, after which nothing has changed:
   *
   * - `INVALID_ARGUMENT`: the position is past the end of the instance.
   * - `INSTANCE_NOT_FOUND`: there is no such instance, or it was made anew meanwhile.
   * - `CHECKPOINT_CONFLICT`: a consumer has not acknowledged all of these events, or has parked one.
   * - `STORAGE_FAILED`: the archive cannot be written, or is not what was written.
   * - `LOCKED`: another process or call is archiving events of the instance there.
   * - `ABORTED`: the signal was aborted.
   */
  trimEvents(options: EventLogTrimOptions): Promise<EventLogTrimResponse>;
  /**
   * Trims a stream: its events before a sequence number are gone, for every reader, query, consumer and
   * count, in every process, from one commit on. The events of other streams stay, wherever they stand.
   * Positions and sequence numbers never start again.
   *
   * Whoever begins to read the stream before the first event that is left, or had not come as far, is told so
   * with `TRIMMED` and `firstSequence`. Readers of the instance pass over what is out. The bytes of the events
   * stay in the file until all events before them have been trimmed as well.
   *
   * @param options The instance, the stream, and the number of the first event that is to be left. If that is
   * not after the first one that there is, nothing changes.
   * @returns Where the stream begins now, and what has gone. Failures, after which nothing has changed:
   *
   * - `INVALID_ARGUMENT`: the number is past the end of the stream.
   * - `INSTANCE_NOT_FOUND`: there is no such instance, or it was made anew meanwhile.
   * - `CHECKPOINT_CONFLICT`: a consumer has not come as far as the last of these events, or has parked one.
   * - `STORAGE_FAILED`: the archive cannot be written, or is not what was written.
   * - `LOCKED`: another process or call is archiving events of the stream there.
   * - `ABORTED`: the signal was aborted.
   */
  trimStream(options: EventLogTrimStreamOptions): Promise<EventLogTrimStreamResponse>;
  /**
   * Erases events, or `fields` of them: their payload and their metadata, or what is named of these, are gone, in every
   * answer from one commit on, and their bytes from the file once this resolves. The events keep their position,
   * stream, number, type, id and time, and say `erased`. Checkpoints and proofs stay right, but that what is left of a
   * payload, or of metadata, with fields erased is not proven any more. Snapshots of projections of the instance go
   * too. Events that were trimmed and are still in the file are reached as well.
   *
   * It takes as long as `compact` does, and other calls wait meanwhile. Copies, exports and backups that were
   * made before have what is erased.
   *
   * @param options The instance, which of its events, what of them, and why.
   * @returns How many events were erased. Those that had been before stay as they are. Failures, after which
   * nothing has changed unless their text says that the events are erased:
   *
   * - `INVALID_ARGUMENT`: there is no event at a position, neither or both of `where` and `positions` are
   *   given, a field is none of `payload` or `metadata`, or is asked for of an event that is encrypted, or the log is
   *   not in a file or in memory.
   * - `LIMIT_EXCEEDED`: more than 100,000 events, or 100 fields.
   * - `INSTANCE_NOT_FOUND`: there is no such instance.
   * - `LOCKED`: another process reads from the log, or writes to it, for too long. If the events are erased
   *   by then, their bytes may still be in the file: call it again, or open the log again.
   * - `OUTCOME_UNKNOWN`: the disk has failed, and it is not known whether they are erased: call it again.
   * - `KEY_UNAVAILABLE`: `where` looks into events that are encrypted, and the log has no key.
   * - `ABORTED`: the signal was aborted.
   */
  eraseEvents(options: EventLogEraseOptions): Promise<EventLogEraseResponse>;
  /**
   * Lists the erasures of an instance: when, why, which events, and which fields of them if not all was erased.
   *
   * @param options The instance.
   * @returns The erasures, oldest first. Fails with `INSTANCE_NOT_FOUND`.
   */
  listErasures(options: EventLogListErasuresOptions): Promise<EventLogListErasuresResponse>;
  /**
   * Has go what is over the `retention` of instances, all of it and now. Without this, it goes by itself, and a
   * little later: see the chapter on retention. What a consumer has not acknowledged stays, unless the rule has
   * `force`.
   *
   * @param options One instance, or all that have a rule.
   * @returns Where the instances begin now, and what has gone. Failures, of which the first one is told once all
   * instances were tried:
   *
   * - `INSTANCE_NOT_FOUND`: there is no such instance.
   * - `STORAGE_FAILED`: the archive cannot be written, or is not what was written. What was to be archived has not gone.
   * - `LOCKED`: another process is archiving events of the instance.
   * - `INVALID_ARGUMENT`: the archive is of another log.
   * - `ABORTED`: the signal was aborted.
   */
  applyRetention(options?: EventLogApplyRetentionOptions): Promise<EventLogApplyRetentionResponse>;
  /**
   * Copies this log to another one, from any engine to any: files, memory, PostgreSQL. The other log has to be empty, or the
   * beginning of this one. This one can be in use meanwhile, also by other processes.
   *
   * Everything is kept: instances with their ids, names and times; events with their ids, positions, sequence numbers and
   * times; idempotency keys, and so the answers to calls that are made again; consumers, what they have parked, snapshots,
   * and trees. What is encrypted is copied as it is stored. At the end, the digests of all events of both logs are compared.
   *
   * You can repeat a copy: it skips what is there, and goes on where the last one stopped, however that ended. Each page is
   * stored whole or not at all. So does a copy whose log has grown since.
   *
   * @param other The other log.
   * @param options A signal that aborts the copy, a callback for its progress, and whether it follows.
   * @returns How much was copied. Failures:
   *
   * - `INVALID_ARGUMENT`: `other` is no log, or this one; it is read-only; or an option is not understood.
   * - `IMPORT_CONFLICT`: the other log is not the beginning of this one, or somebody else has changed it since. If that is so
   *   from the start, nothing is stored.
   * - `LIMIT_EXCEEDED`: an event is larger than the other log's `eventBytesMax`.
   * - `TRIMMED`: events were trimmed that the other log does not have.
   * - `INSTANCE_NOT_FOUND`: an instance was deleted while it was copied.
   * - `ABORTED`: the signal was aborted.
   * - `CLOSED`, and the errors of reading and appending. `error` says which log they are of.
   */
  copyTo(
    other: Pick<EventLog, 'copyTo'>,
    options?: EventLogCopyOptions,
  ): Promise<EventLogCopyResponse>;
  /**
   * Signs what an instance is now: how many events it has, and the root of the Merkle tree over them.
   * Keep the note where whoever can write to the log's file cannot write. It has nothing to do with
   * the `checkpoint` of an append, which moves a consumer.
   *
   * The first checkpoint of an instance hashes all of its events and keeps some 9 bytes of each, in
   * pages of 16,384 events. Each further one hashes those that were appended since. In between, the
   * tree costs nothing.
   *
   * @param options The instance, and the key or its file.
   * @returns The note, once what was hashed is on disk. Failures:
   *
   * - `INVALID_ARGUMENT`: the key cannot sign; or the log is read-only and has something to keep.
   * - `INSTANCE_NOT_FOUND`: there is no such instance, or it was made anew meanwhile.
   * - `CORRUPTED`: there are fewer events than an earlier checkpoint has hashed, the last ones are not
   * those, or they cannot be read.
   * - `ABORTED`: the signal was aborted. Pages that were hashed stay hashed.
   */
  checkpoint(options: EventLogCheckpointOptions): Promise<EventLogCheckpointResponse>;
  /**
   * Proves that an event is in the tree of a checkpoint, to whoever has the checkpoint and the
   * verifier key: {@link https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3 | RFC 9162}. The answer
   * has the event, as it is stored, and all else that an auditor needs.
   *
   * @param options The instance, the position of the event, and the size of the checkpoint.
   * @returns The proof, for `verifyProof` of `codebolt-eventlog/evidence`. Failures:
   *
   * - `INVALID_ARGUMENT`: the instance has no such event or not as many, or no checkpoint was made of it.
   * - `INSTANCE_NOT_FOUND`: there is no such instance.
   * - `CORRUPTED`: the event, or one of its neighbours, is not the one that was hashed.
   */
  proveInclusion(options: EventLogInclusionOptions): Promise<EventLogInclusionResponse>;
  /**
   * Destroys the key of a subject: what was encrypted with it can never be read again, in this log, in
   * another one with the same keyring, in backups and in exports. The events stay in their places, with
   * `forgotten`, and so does every proof of them. Appends that follow give the subject a new key.
   * Calling it again changes nothing. It needs no `key`.
   *
   * Copies of the keyring are not changed: see
   * [trust](https://github.com/codeboltai/codebolt-eventlog/blob/main/docs/trust.md#copies-of-the-keyring).
   *
   * Errors: `INVALID_ARGUMENT`, `LIMIT_EXCEEDED`, `KEY_UNAVAILABLE` if there is no keyring, `LOCKED`
   * if another process does not let go of the keyring, `STORAGE_FAILED`, `CORRUPTED`, `CLOSED`. After
   * `STORAGE_FAILED` the key may be gone: call it again.
   *
   * @param subject - The subject, 1 to 256 bytes of UTF-8.
   */
  forgetSubject(subject: string): Promise<EventLogForgetResponse>;
  /**
   * Encrypts the keys of all subjects with another key, in the place of the one that the log was opened
   * with. Events stay as they are. From then on the keyring opens with the new key alone. Other
   * processes that have it open get `KEY_UNAVAILABLE` until they open the log with it. A crash leaves
   * the keyring with the old key or with the new one, and whole.
   *
   * Errors: `INVALID_ARGUMENT`, `KEY_UNAVAILABLE` if the log was opened without the key of the keyring,
   * or the function fails that is to give the new one, or to wrap it, `LOCKED`, `STORAGE_FAILED`, `CORRUPTED`,
   * `CLOSED`. After any of them the old key is still the key, but after `STORAGE_FAILED` it may be the
   * new one.
   *
   * @param key - The new key: 32 random bytes, their base64, a function that gives or promises one, or a
   *   service that wraps one which is drawn at random.
   */
  rotateKey(
    key: EventLogKey | (() => EventLogKey | Promise<EventLogKey>) | EventLogKeyService,
  ): Promise<EventLogRotateResponse>;
  /**
   * Proves that the tree of one checkpoint begins with that of an older one: that events were only
   * appended.
   *
   * @param options The instance, and the sizes of both checkpoints.
   * @returns The proof, for `verifyConsistency` of `codebolt-eventlog/evidence`. Failures:
   *
   * - `INVALID_ARGUMENT`: the instance does not have as many events, or no checkpoint was made of it.
   * - `INSTANCE_NOT_FOUND`: there is no such instance.
   * - `CORRUPTED`: what was kept of the tree cannot be read.
   */
  proveConsistency(options: EventLogConsistencyOptions): Promise<EventLogConsistencyResponse>;
  /**
   * Checks the whole log: that everything can be read, and that its parts agree. With `checkpoints`,
   * it also says which events are not those that they were made of: changed, removed, put in, or in
   * another order.
   *
   * It runs on a thread of its own, beside other work, and sees one state of the log: everything
   * that had succeeded before the call. If it finds damage, the call still succeeds: the report
   * says what is wrong, and one damaged event hides no other.
   *
   * @param options A signal that aborts the check, a callback for its progress, and checkpoints.
   * @returns The report. `INVALID_ARGUMENT` if a checkpoint is not signed by its key; `ABORTED` once the signal is aborted; `STORAGE_FAILED` if the disk cannot
   * be read; `CORRUPTED` if not even the list of instances can be read.
   */
  verify(options?: EventLogVerifyOptions): Promise<EventLogVerifyResponse>;
  /**
   * Copies the log to a file while this process and others use it. The copy is one state of the
   * log, with everything that had succeeded before the call.
   *
   * The copy is a log of its own, with the same ids, sequence numbers, timestamps and names, and
   * without the space that deleted instances have left. The log writes it beside `path` under
   * another name, syncs it, and checks it as `verify` does. Only then it gets its name. A call that
   * fails leaves nothing behind.
   *
   * @param path Where to, as a path or a `file:` URL. A relative path starts at the working
   * directory. Nothing may exist there yet, and its folder must exist.
   * @param options A signal that aborts the backup, and a callback for its progress.
   * @returns What was copied, once the copy is on disk. `INVALID_ARGUMENT` if something exists at
   * `path`; `ABORTED` once the signal is aborted; `CORRUPTED` if the log is damaged;
   * `STORAGE_FAILED` if the copy cannot be written.
   */
  backup(path: string | URL, options?: EventLogOperationOptions): Promise<EventLogBackupResponse>;
  /**
   * Tells what the log has done and how it stands, in numbers.
   *
   * It does not wait for calls that are under way. For the distance of subscriptions it reads where
   * their instances end.
   *
   * @returns The numbers. `CLOSED` on a closed log; the errors of opening a file that is not open.
   */
  metrics(): Promise<EventLogMetricsResponse>;
  /**
   * Gives the space of deleted instances back to the file system: it moves the rest together, and
   * cuts off the file after it. Before that, it gives a file of an older format the newest one, in which events
   * take a part of the space, and which older versions answer with `UNSUPPORTED_FORMAT`. That stays
   * done if the call fails after it.
   *
   * It waits for the reads of this process, including checks and backups. Until it is done, this
   * process's further calls wait, and so do the changes of other processes.
   *
   * @param options A signal that aborts it before it has begun.
   * @returns How long the file was and is. `LOCKED` if another process reads from the log at this
   * moment, or does not release it within `lockWaitMs`; `ABORTED` if the signal was aborted before
   * it began.
   */
  compact(options?: EventLogCompactOptions): Promise<EventLogCompactResponse>;
}
