// A client: the methods of a log, answered by a server.

import { EventLogError, failedResponse } from './errors.js';
import { Link } from './link.js';
import { Reader } from './reader.js';

const DEFAULTS = {
  callTimeoutMs: 60_000,
  retryDelayMs: 100,
  retryDelayMaxMs: 5_000,
};

const OPTIONS = ['token', ...Object.keys(DEFAULTS), 'onStateChange'];

/** The methods that only read, and can be asked again. */
const READING = ['getInstance', 'getInstanceStats'];
/** The methods whose only argument is their parameters. Checkpoints of the same events are the same, however often they are made. */
const LISTING = [
  'listStreams',
  'listConsumers',
  'listParked',
  'checkpoint',
  'proveInclusion',
  'proveConsistency',
];
const CHANGING = [
  'resetConsumer',
  'deleteConsumer',
  'retryParked',
  'discardParked',
  'deleteSnapshots',
  'trimEvents',
  'trimStream',
  'eraseEvents',
  'listErasures',
  'applyRetention',
];

/**
 * Connects to a server. It is documented in `client.d.ts`.
 *
 * @param {string | URL} url - The address of the server, with the token if it needs one.
 * @param {object} [given] - Options.
 * @returns {Promise<object>} The client, once it is connected.
 */
export async function connect(url, given = {}) {
  const unknown = Object.keys(given).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new EventLogError(
      'INVALID_ARGUMENT',
      `options: unknown option ${JSON.stringify(unknown)}: expected one of ${OPTIONS.join(', ')}`,
    );
  }
  const { address, token } = addressOf(url);
  const link = new Link(address, { token, ...DEFAULTS, ...withoutUndefined(given) });
  await link.open();
  return new Client(link);
}

// The methods are own properties, as those of a log are: programs take them off the object.
class Client {
  #link;

  constructor(link) {
    this.#link = link;
    for (const name of READING) this[name] = (instanceId) => this.#read(name, { instanceId });
    for (const name of LISTING) this[name] = (options) => this.#read(name, options);
    for (const name of CHANGING) this[name] = (options) => this.#change(name, options);
  }

  /** Whether the connection is open right now. */
  get isConnected() {
    return this.#link.isOpen;
  }

  createInstance = (name, description, options) => {
    const { ifExists, retention } = options ?? {};
    const params = { name, description, ifExists, retention };
    return ifExists === 'get'
      ? this.#read('createInstance', params)
      : this.#change('createInstance', params);
  };

  listInstances = () => this.#read('listInstances', {});

  updateInstance = (instanceId, updates) =>
    this.#change('updateInstance', { ...updates, instanceId });

  deleteInstance = (instanceId) => this.#change('deleteInstance', { instanceId });

  appendEvent = (params) => this.#append('appendEvent', params);

  appendEvents = (params) => this.#append('appendEvents', params);

  queryEvents = (query) => this.#read('queryEvents', { query });

  readStream = (options) => new Reader(this.#link, 'readStream', options);

  readAll = (options) => new Reader(this.#link, 'readAll', options);

  subscribe = (options) => new Reader(this.#link, 'subscribe', options);

  close = async () => this.#link.close();

  /** A call that has the same effect however often it is made. */
  #read(name, params) {
    return this.#request(name, params, 'again');
  }

  #change(name, params) {
    return this.#request(name, params, 'once');
  }

  /** With a key, the log itself knows a call that is made again. */
  #append(name, params) {
    const isSafe = (params?.idempotencyKey ?? undefined) !== undefined;
    return this.#request(name, params, isSafe ? 'again' : 'once');
  }

  #request(name, params, kind) {
    const type = `eventLog.${name}`;
    if (typeof params !== 'object' || params === null || Array.isArray(params)) {
      const text = 'params: expected an object';
      return Promise.resolve(failedResponse(type, 'INVALID_ARGUMENT', text));
    }
    return this.#link.request(type, params, kind);
  }
}

if (Symbol.asyncDispose) {
  Client.prototype[Symbol.asyncDispose] = async function dispose() {
    await this.close();
  };
}

/** The address of the WebSocket, and the token that the link to the server has. */
function addressOf(url) {
  let address;
  try {
    address = new URL(url, globalThis.location?.href);
  } catch {
    throw new EventLogError(
      'INVALID_ARGUMENT',
      'url: expected an address such as http://127.0.0.1:12345/',
    );
  }
  const scheme = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }[
    address.protocol
  ];
  if (scheme === undefined) {
    throw new EventLogError(
      'INVALID_ARGUMENT',
      `url: expected http, https, ws or wss, found ${address.protocol}`,
    );
  }
  const token = address.searchParams.get('token') ?? undefined;
  const path = address.pathname.replace(/\/?$/, '/codebolt');
  return { address: `${scheme}//${address.host}${path}`, token };
}

function withoutUndefined(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
