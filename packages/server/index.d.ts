import type { EventLog, EventLogTyped } from 'codebolt-eventlog';

/** How `serve` serves a log. An unknown or wrong option is `INVALID_ARGUMENT`. */
export interface ServeOptions {
  /** The port, a whole number from 0 to 65,535; 0 for any that is free. Default 12,345. */
  port?: number | undefined;
  /**
   * The address to listen at. Default `'127.0.0.1'`: only this machine reaches the server. With any
   * other than a loopback address, use TLS or a proxy that speaks it.
   */
  host?: string | undefined;
  /**
   * What clients must know: 16 to 1,024 printable ASCII characters without spaces. Default: a new
   * one of 192 random bits. `false` lets everyone on this machine in, and works only with a loopback
   * address.
   */
  token?: string | false | undefined;
  /**
   * With which clients have checkpoints signed: the text of a signing key. No answer and no error has it.
   * Default: none, and `checkpoint` is `FORBIDDEN`.
   */
  signingKey?: string | undefined;
  /** Whether changes are refused, with `FORBIDDEN`. Default `false`. */
  readOnly?: boolean | undefined;
  /**
   * The only instances that clients may use, by their ids or names. They need not exist yet. All
   * others are `FORBIDDEN`, whether they exist or not. Default: every instance.
   */
  instances?: readonly string[] | undefined;
  /**
   * Names by which clients reach the server, as the header `Host` has them, without the port. IP
   * addresses and `localhost` need not be named. Default: none.
   */
  allowedHosts?: readonly string[] | undefined;
  /**
   * Origins of web pages that may use the server beside its own, such as `'https://example.com'`.
   * Default: none.
   */
  allowedOrigins?: readonly string[] | undefined;
  /** A certificate and its key, in PEM: the server speaks TLS. Default: it does not. */
  tls?: { cert: string | Buffer; key: string | Buffer } | undefined;
  /**
   * A folder with files to show in a browser. `index.html` is the page at `/`. They are read once,
   * when the server starts. With `false` there is a short text. Default: the viewer of this package.
   */
  viewer?: string | false | undefined;
  /**
   * How many bytes a request may have: a body, or a message of a WebSocket. More is
   * `BODY_TOO_LARGE`, or closes the WebSocket with 1009. From 1,024 to 536,870,888. Default
   * 33,554,432 (32 MiB).
   */
  bodyBytesMax?: number | undefined;
  /** How many connections may be open. More are `TOO_MANY_CONNECTIONS`. Default 2,048. */
  connectionsMax?: number | undefined;
  /**
   * How many calls and pages of readers the server may be answering. More wait if they come over a WebSocket, which is
   * not read from then. Over HTTP, calls and readers are `OVERLOADED` then. Default 16,384.
   */
  requestsMax?: number | undefined;
  /**
   * How many requests of one WebSocket are answered at a time. More wait in the socket. One that can
   * have a large response, such as a page of a reader, counts as an eighth of them. Default 256.
   */
  pipelineMax?: number | undefined;
  /**
   * How many readers and subscriptions may be open on one WebSocket. More are `TOO_MANY_READINGS`.
   * Default 64.
   */
  readingsMax?: number | undefined;
  /**
   * How many bytes may wait for a client before no more of its requests are begun. A client that has
   * asked for pushed messages, and lets more than that wait, is let go with 1013. At least 1,024.
   * Default 1,048,576 (1 MiB).
   */
  bufferedBytesMax?: number | undefined;
  /** Until when a request must have arrived, in milliseconds. Later is `TIMED_OUT`. Default 30,000. */
  requestTimeoutMs?: number | undefined;
  /** How long a query may take, in milliseconds. Longer is `TIMED_OUT`. Default 30,000. */
  queryTimeoutMs?: number | undefined;
  /**
   * How long a client may take nothing of what waits for it, in milliseconds. Then its connection is
   * cut off. One that takes something stays, however slow it is: to see that can take up to three
   * times as long. Default 60,000.
   */
  stallTimeoutMs?: number | undefined;
  /**
   * How long `close` waits for answers that have begun, in milliseconds, before it cuts connections
   * off. Default 5,000.
   */
  stopTimeoutMs?: number | undefined;
}

/** A server that listens. */
export interface EventLogServer {
  /** Its address, such as `'http://127.0.0.1:12345/'`. */
  readonly url: string;
  /** Its address with the token: a browser that opens it is signed in. Keep it secret. */
  readonly link: string;
  /** The port that it listens at. */
  readonly port: number;
  /** What clients must know; `undefined` if it lets everyone in. */
  readonly token: string | undefined;
  /**
   * Stops the server: it accepts nothing more, answers what has begun, and closes its connections.
   * It does not close the log. Calling it again gives the same promise.
   *
   * @returns Resolves once all connections are closed. It never rejects.
   */
  close(): Promise<void>;
}

/**
 * Serves a log: the SDK's WebSocket protocol at `/codebolt` and `/plugin`, each method over HTTP at
 * `/eventlog/<method>`, subscriptions at `/eventlog/subscribe`, and `/openapi.json`, `/healthz` and
 * `/metrics`.
 *
 * The log stays the program's: it can use it at the same time, and closes it after the server.
 *
 * @param log An open log.
 * @param options How to serve it. Every option has a default.
 * @returns The server, once it listens. Rejects with an `Error` that has the `code`
 * `INVALID_ARGUMENT` if an option is wrong, or the server cannot listen there; then nothing is left
 * behind.
 */
export declare function serve(
  log: EventLog | EventLogTyped<any>,
  options?: ServeOptions,
): Promise<EventLogServer>;
