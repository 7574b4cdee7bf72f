// The events that are appended: the same ones, in the same order, for every system.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** How many different payloads there are, where they are made up. */
const payloadCount = 512;

/**
 * A sequence of numbers that looks random and is the same in every run (xorshift32).
 *
 * @param {number} seed - Any whole number but 0.
 * @returns {(below: number) => number} Gives a whole number from 0, below what it is given.
 */
export function randomNumbers(seed) {
  let state = seed | 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** What an HTTP server would log of a request: about 300 bytes of JSON with the rest of the event. */
function request(random) {
  return {
    method: ['GET', 'POST', 'PUT', 'DELETE'][random(4)],
    endpoint: `/api/v1/projects/${random(10_000)}/tasks/${random(100_000)}`,
    statusCode: [200, 200, 200, 201, 404, 500][random(6)],
    responseTime: random(2_000) / 10,
    ip: `10.${random(256)}.${random(256)}.${random(256)}`,
    agent: 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0',
    isCached: random(2) === 0,
  };
}

/** What a shop would log of an order: about 3 KB of JSON. */
function order(random) {
  const items = Array.from({ length: 18 }, () => ({
    sku: `SKU-${random(1_000_000)}`,
    name: `Article number ${random(100_000)} in the size of ${random(60)}`,
    quantity: 1 + random(9),
    price: random(100_000) / 100,
    tags: ['new', `shelf-${random(500)}`, `supplier-${random(5_000)}`],
    isGift: random(10) === 0,
  }));
  return { orderId: random(1_000_000_000), currency: 'EUR', items, note: null };
}

/** Payloads with their types, by the name of a size. */
const bodies = {
  '300 B': () => madeUp('api_request', request),
  '3 KB': () => madeUp('order_placed', order),
  webhooks: () =>
    require('@octokit/webhooks-examples').flatMap(({ name, examples }) =>
      examples.map((payload) => ({ eventType: name, payload })),
    ),
};

function madeUp(eventType, make) {
  const random = randomNumbers(7);
  return Array.from({ length: payloadCount }, () => ({ eventType, payload: make(random) }));
}

/** An endless sequence of events. */
export class EventSource {
  #bodies;
  #random;
  #streams;
  #next = 0;

  /**
   * @param {object} from - What the events are like.
   * @param {string} from.size - The name of a size.
   * @param {number} from.streams - How many streams they are in.
   * @param {number} [from.seed] - Where the random numbers begin.
   */
  constructor({ size, streams, seed = 1 }) {
    this.#bodies = bodies[size]();
    this.#random = randomNumbers(seed * 2_654_435_761);
    this.#streams = streams;
  }

  /** @returns {object} An event of a random stream. */
  next() {
    return this.#event(this.#random(this.#streams));
  }

  /** @returns {object} An event of the stream whose turn it is. */
  nextInTurn() {
    return this.#event(this.#next % this.#streams);
  }

  /**
   * The payload that an event was given.
   *
   * @param {object} event - An event as it was read.
   * @returns {object} What its payload has to be equal to.
   */
  payloadOf(event) {
    return this.#bodies[event.metadata.n % this.#bodies.length].payload;
  }

  #event(stream) {
    const n = this.#next++;
    const { eventType, payload } = this.#bodies[n % this.#bodies.length];
    return { streamId: `user-${stream}`, eventType, payload, metadata: { source: 'bench', n } };
  }
}

/**
 * @param {string} streamId - The name of a stream.
 * @returns {number} Its number.
 */
export function streamNumber(streamId) {
  return Number(streamId.slice('user-'.length));
}
