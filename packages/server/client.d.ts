import type {
  AppendEventParams,
  AppendEventsParams,
  CreateEventLogInstanceOptions,
  EventLogAppendMultipleResponse,
  EventLogAppendResponse,
  EventLogApplyRetentionOptions,
  EventLogApplyRetentionResponse,
  EventLogCheckpointResponse,
  EventLogConsistencyOptions,
  EventLogConsistencyResponse,
  EventLogConsumerListResponse,
  EventLogConsumerResponse,
  EventLogDSL,
  EventLogDeleteConsumerOptions,
  EventLogDeleteSnapshotsOptions,
  EventLogDeleteSnapshotsResponse,
  EventLogEraseOptions,
  EventLogEraseResponse,
  EventLogInclusionOptions,
  EventLogInclusionResponse,
  EventLogInstanceListResponse,
  EventLogInstanceResponse,
  EventLogListConsumersOptions,
  EventLogListErasuresOptions,
  EventLogListErasuresResponse,
  EventLogListParkedOptions,
  EventLogListStreamsOptions,
  EventLogParkedListResponse,
  EventLogParkedOptions,
  EventLogParkedResponse,
  EventLogPositionedEntry,
  EventLogQueryResponse,
  EventLogReadAllOptions,
  EventLogReadStreamOptions,
  EventLogResetConsumerOptions,
  EventLogStatsResponse,
  EventLogStreamListResponse,
  EventLogSubscribeOptions,
  EventLogTrimOptions,
  EventLogTrimResponse,
  EventLogTrimStreamOptions,
  EventLogTrimStreamResponse,
  UpdateEventLogInstanceParams,
} from 'codebolt-eventlog';

/** How `connect` connects. An unknown option is `INVALID_ARGUMENT`. */
export interface ConnectOptions {
  /** What the server wants to know, if the address does not have it. */
  token?: string | undefined;
  /**
   * How long a call may wait for its response, in milliseconds, also while there is no connection.
   * Then it fails with `TIMED_OUT`, or with `OUTCOME_UNKNOWN` if it was sent and can have changed
   * the log. Default 60,000.
   */
  callTimeoutMs?: number | undefined;
  /** How long to wait before the first attempt to connect again, in milliseconds. Default 100. */
  retryDelayMs?: number | undefined;
  /**
   * How long to wait at most: the delay doubles with each attempt that fails. In milliseconds.
   * Default 5,000.
   */
  retryDelayMaxMs?: number | undefined;
  /** Called when the connection was opened, is lost, or is closed by the program. */
  onStateChange?: ((state: 'open' | 'lost' | 'closed') => void) | undefined;
}

/**
 * Events of a server, for one `for await`. It goes on after a lost connection, without a gap or a
 * repeat. Nothing is read before the first step. It holds one page of events. Leaving the loop, or
 * calling `return`, ends it.
 */
export interface RemoteReader<Entry> extends AsyncIterable<Entry> {
  /** The next event. Rejects with an {@link EventLogError} if the reading fails. */
  next(): Promise<IteratorResult<Entry, undefined>>;
  /** Ends the reading. */
  return(): Promise<IteratorResult<Entry, undefined>>;
  /** Ends the reading, and rejects with `error`. */
  throw(error?: unknown): Promise<IteratorResult<Entry, undefined>>;
  [Symbol.asyncIterator](): RemoteReader<Entry>;
}

/**
 * A client of a server, with the methods of a log. They do what those of an `EventLog` do, with the
 * same responses and codes, and never reject. A response can have the codes of the server besides.
 *
 * If the connection is lost before the response, calls that only read, and appends with an
 * `idempotencyKey`, are made again. Any other change that was sent fails with `OUTCOME_UNKNOWN`: it
 * is stored or not.
 *
 * An open client keeps a program in Node.js alive until it is closed.
 */
export interface EventLogClient {
  /** Whether the connection is open right now. */
  readonly isConnected: boolean;
  /** Creates an instance. */
  createInstance(
    name: string,
    description?: string,
    options?: CreateEventLogInstanceOptions,
  ): Promise<EventLogInstanceResponse>;
  /** Reads one instance, by its id or its name. */
  getInstance(instanceId: string): Promise<EventLogInstanceResponse>;
  /** Reads all instances that the server gives access to, oldest first. */
  listInstances(): Promise<EventLogInstanceListResponse>;
  /** Changes the name, the description or the retention of an instance. That has no `archive` here. */
  updateInstance(
    instanceId: string,
    updates: UpdateEventLogInstanceParams,
  ): Promise<EventLogInstanceResponse>;
  /** Deletes an instance with all its events. */
  deleteInstance(instanceId: string): Promise<EventLogInstanceResponse>;
  /** Counts what an instance holds. */
  getInstanceStats(instanceId: string): Promise<EventLogStatsResponse>;
  /** Appends one event. With success it is on the server's disk. */
  appendEvent(params: AppendEventParams): Promise<EventLogAppendResponse>;
  /** Appends events: all of them, or none. With success they are on the server's disk. */
  appendEvents(params: AppendEventsParams): Promise<EventLogAppendMultipleResponse>;
  /** Finds events of an instance, or computes a value from them. */
  queryEvents(query: EventLogDSL): Promise<EventLogQueryResponse>;
  /** Lists the streams of an instance. */
  listStreams(options: EventLogListStreamsOptions): Promise<EventLogStreamListResponse>;
  /** Lists the consumers of an instance. */
  listConsumers(options: EventLogListConsumersOptions): Promise<EventLogConsumerListResponse>;
  /** Moves a consumer. */
  resetConsumer(options: EventLogResetConsumerOptions): Promise<EventLogConsumerResponse>;
  /** Deletes a consumer. */
  deleteConsumer(options: EventLogDeleteConsumerOptions): Promise<EventLogConsumerResponse>;
  /** Lists the parked events of a consumer. */
  listParked(options: EventLogListParkedOptions): Promise<EventLogParkedListResponse>;
  /** Puts parked events back. */
  retryParked(options: EventLogParkedOptions): Promise<EventLogParkedResponse>;
  /** Discards parked events. */
  discardParked(options: EventLogParkedOptions): Promise<EventLogParkedResponse>;
  /** Deletes snapshots of projections. */
  deleteSnapshots(
    options: EventLogDeleteSnapshotsOptions,
  ): Promise<EventLogDeleteSnapshotsResponse>;
  /** Trims the oldest events of an instance. An archive of them is not made for clients. */
  trimEvents(
    options: Omit<EventLogTrimOptions, 'archive' | 'signal'>,
  ): Promise<EventLogTrimResponse>;
  /** Trims the first events of a stream. An archive of them is not made for clients. */
  trimStream(
    options: Omit<EventLogTrimStreamOptions, 'archive' | 'signal'>,
  ): Promise<EventLogTrimStreamResponse>;
  /** Erases events, or fields of them: their bytes are gone from the file of the server. */
  eraseEvents(options: Omit<EventLogEraseOptions, 'signal'>): Promise<EventLogEraseResponse>;
  /** Lists the erasures of an instance. */
  listErasures(options: EventLogListErasuresOptions): Promise<EventLogListErasuresResponse>;
  /** Has go what is over the retention of an instance. */
  applyRetention(
    options: Required<Pick<EventLogApplyRetentionOptions, 'instance'>>,
  ): Promise<EventLogApplyRetentionResponse>;
  /**
   * Signs what an instance is now, with the key of the server: without one, it is `FORBIDDEN`. Verify the
   * note with `verifyCheckpoint` of `codebolt-eventlog/evidence`, and the verifier key of the server.
   */
  checkpoint(options: { instance: string }): Promise<EventLogCheckpointResponse>;
  /** Proves that an event is in the tree of a checkpoint. */
  proveInclusion(options: EventLogInclusionOptions): Promise<EventLogInclusionResponse>;
  /** Proves that the tree of one checkpoint begins with that of an older one. */
  proveConsistency(options: EventLogConsistencyOptions): Promise<EventLogConsistencyResponse>;
  /** Reads the events of one stream, as of the first step. */
  readStream<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogReadStreamOptions,
  ): RemoteReader<EventLogPositionedEntry<Payload, Metadata>>;
  /** Reads the events of all streams of an instance, as of the first step. */
  readAll<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogReadAllOptions,
  ): RemoteReader<EventLogPositionedEntry<Payload, Metadata>>;
  /** Follows an instance, or one of its streams: the events that exist, and then each new one. */
  subscribe<Payload = Record<string, any>, Metadata = Record<string, any>>(
    options: EventLogSubscribeOptions,
  ): RemoteReader<EventLogPositionedEntry<Payload, Metadata>>;
  /**
   * Closes the connection. Calls that wait fail with `CLOSED`, or with `OUTCOME_UNKNOWN` if they were
   * sent and can have changed the log. Subscriptions end.
   */
  close(): Promise<void>;
}

/** What readers and subscriptions throw, and `connect` rejects with. */
export declare class EventLogError extends Error {
  constructor(code: string, message: string, options?: { cause?: unknown });
  /** What kind of failure it is: a code of the log, of the server, or `CONNECTION_LOST`. */
  code: string;
  /** What a response has as its `conflict`. */
  conflict?: unknown;
}

/**
 * The `data` of a response. A failure is thrown as an {@link EventLogError}.
 *
 * @param response A response of a client.
 */
export declare function unwrap<Response extends { success: boolean; data?: any }>(
  response: Response,
): NonNullable<Response['data']>;

/**
 * Connects to a server, in Node.js or a browser.
 *
 * @param url Its address, such as `'http://127.0.0.1:12345/'`. It can have the token, as the link
 * that the server prints. In a browser it can be relative to the page.
 * @param options How to connect. Every option has a default.
 * @returns The client, once it is connected. Rejects with an {@link EventLogError}:
 * `INVALID_ARGUMENT` if the address or an option is wrong, `CONNECTION_LOST` if nothing answers
 * there, or the server refuses.
 */
export declare function connect(
  url: string | URL,
  options?: ConnectOptions,
): Promise<EventLogClient>;
