import type { EventLog } from 'codebolt-eventlog';

/** What the server offers over either transport. */
export interface ServeOptions {
  /**
   * Whether the tools that change something are offered. Default `false`. A log that was opened with
   * `readOnly` refuses them in any case.
   */
  write?: boolean | undefined;
  /**
   * The only instances that clients see, by their ids or names. They need not exist yet. Another one
   * is `FORBIDDEN`. Default: all.
   */
  instances?: readonly string[] | undefined;
  /**
   * How long the data of one answer is at most, in characters of JSON. Longer answers come in pages,
   * and values that are longer than half of it are shortened, which the answer says. Default 30,000.
   */
  charactersMax?: number | undefined;
  /** Is told of what goes wrong beside the answers. Default: nobody. */
  onError?: ((error: Error) => void) | undefined;
}

/** A server over standard input and output. */
export interface StdioService {
  /** Resolves when the client has closed the input, or the server was closed. */
  ended: Promise<void>;
  /** Ends the server. Calls that change something are finished by closing the log. */
  close(): Promise<void>;
}

/**
 * Serves a log to one MCP client, over the standard input and output of this process. The program
 * must write nothing else to its output. The log stays open: close it after the server.
 *
 * @param log An open log.
 * @param options What is offered.
 * @returns The server. It is ready at once.
 */
export declare function serveStdio(log: EventLog, options?: ServeOptions): StdioService;

/** Where a server over HTTP listens, and whom it lets in. */
export interface ServeHttpOptions extends ServeOptions {
  /** The port; 0: any that is free. */
  port: number;
  /**
   * What requests have to send, as the header `Authorization: Bearer …` or as `?token=…`: 16 to 1024
   * printable ASCII characters without spaces. `false` lets every program on this machine in.
   * Default: one is made, see {@link HttpService.link}.
   */
  token?: string | false | undefined;
  /** A loopback address: `127.0.0.1`, another one of 127.0.0.0/8, `::1` or `localhost`. Default `127.0.0.1`. */
  host?: string | undefined;
  /** Origins whose pages may send requests, such as `http://localhost:6274`. Default: none. */
  origins?: readonly string[] | undefined;
}

/** A server over streamable HTTP. */
export interface HttpService {
  /** Where it listens, with the path `/mcp`. */
  url: string;
  /** The same with the token, for clients that are given an address only. */
  link: string;
  /** Ends all sessions and connections, and the server. */
  close(): Promise<void>;
}

/**
 * Serves a log over streamable HTTP to MCP clients on this machine. The log stays open: close it
 * after the server.
 *
 * @param log An open log.
 * @param options Where it listens, whom it lets in, and what it offers.
 * @returns The server, once it listens. Rejects with a `TypeError` if `host` is not a loopback
 * address or `token` is none, and with the error of the system if the port cannot be had.
 */
export declare function serveHttp(log: EventLog, options: ServeHttpOptions): Promise<HttpService>;
