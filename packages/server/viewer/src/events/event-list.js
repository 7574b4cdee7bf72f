// The events of a view as a list with numbers from 0: where each one is, and which ones come next.
//
// Events are only ever appended. So the number of an event within a view never changes, and counts of matches up to a
// position never do. Where an event is, is found by counting in ever smaller areas: known counts stand in `#marks`.

import { call, query } from '../log/call.js';
import { count, positionsBetween } from './measure.js';

/** Of an area with more matches than these, a smaller one is looked for first. */
const COLLECTED_MAX = 20_000;

/** Events that are further apart than this are asked for by themselves. */
const GAP_MAX = 20_000;

/** How many events a page may ask for at once. */
const PAGE_MAX = 1_000;

/** How many of the newest events come with the count of a whole instance. */
const NEWEST = 100;

const KEYS = [
  'id',
  'instanceId',
  'stream_id',
  'event_type',
  'payload',
  'metadata',
  'timestamp',
  'sequence_number',
  'position',
];

export class EventList {
  #scope;
  /** Whether it has every event of the instance: then the number of an event is its position, less one. */
  #isWhole;
  #collectedMax;
  /** Positions with how many matches there are up to them, from 0 to the end. */
  #marks = [{ position: 0, count: 0 }];
  /** The newest events as of the opening, and the number of the first of them. */
  #newest = { start: 0, events: [] };
  /** The matching positions of areas, by the position that they begin after. The newest used are last. */
  #areas = new Map();

  /**
   * @param {import('./measure.js').Scope} scope - What is looked at.
   * @param {{ collectedMax?: number }} [limits] - Smaller ones, for tests.
   */
  constructor(scope, { collectedMax = COLLECTED_MAX } = {}) {
    this.#scope = scope;
    this.#collectedMax = collectedMax;
    this.#isWhole = scope.from.stream === undefined && scope.where.length === 0;
  }

  /** How many events match, of those up to `lastPosition`. */
  get total() {
    return this.#marks.at(-1).count;
  }

  /** The position up to which it was looked. */
  get lastPosition() {
    return this.#marks.at(-1).position;
  }

  /** Looks at the instance as it is now. */
  async open(signal) {
    const { instance } = this.#scope.from;
    if (this.#isWhole && (await this.#openWhole(signal))) return;
    const { eventCount } = await call('getInstanceStats', { instanceId: instance }, signal);
    await this.extend(eventCount, signal);
  }

  /** Asks for the count and the newest events in one. Returns whether they were not too large for that. */
  async #openWhole(signal) {
    const { from } = this.#scope;
    const orderBy = { field: 'position', direction: 'desc' };
    try {
      const { total, events } = await query({ from, orderBy, limit: NEWEST, select: KEYS }, signal);
      this.#newest = { start: total - events.length, events: events.reverse() };
      await this.extend(total, signal);
      return true;
    } catch (error) {
      if (error.code === 'LIMIT_EXCEEDED') return false;
      throw error;
    }
  }

  /** Looks at what came after that, up to a position. Returns how many of it match. */
  async extend(position, signal) {
    const last = this.#marks.at(-1);
    if (position <= last.position) return 0;
    const mark = await this.#markAt(position, last, signal);
    // Another call may have come further meanwhile.
    if (this.#marks.at(-1) !== last) return 0;
    this.#marks.push(mark);
    return mark.count - last.count;
  }

  /**
   * A part of the list.
   *
   * @param {number} start - The number of the first event.
   * @param {number} length - How many events.
   * @param {AbortSignal} [signal] - Aborts it.
   * @returns {Promise<object[]>} The events, fewer at the end of the list.
   */
  async page(start, length, signal) {
    const { start: from, events } = this.#newest;
    if (start >= from && start + length <= from + events.length) {
      return events.slice(start - from, start - from + length);
    }
    const positions = await this.positions(start, Math.min(length, PAGE_MAX), signal);
    const groups = clusters(positions);
    const pages = await Promise.all(groups.map((group) => this.#read(group, signal)));
    return pages.flat();
  }

  /** The positions of a part of the list. */
  async positions(start, length, signal) {
    const end = Math.min(start + length, this.total);
    if (this.#isWhole) {
      return Array.from({ length: Math.max(0, end - start) }, (_, n) => start + n + 1);
    }
    const found = [];
    while (start + found.length < end) {
      const next = start + found.length;
      const { before, positions } = await this.#areaOf(next, signal);
      const part = positions.slice(next - before, end - before);
      if (part.length === 0) throw new Error('the counts of this view contradict each other');
      found.push(...part);
    }
    return found;
  }

  /** The number of the first match at or after a position; the length of the list if there is none. */
  async numberAt(position, signal) {
    if (position <= 1) return 0;
    const upTo = Math.min(position - 1, this.lastPosition);
    if (this.#isWhole) return upTo;
    const mark = this.#marks.findLast((each) => each.position <= upTo);
    return (await this.#markAt(upTo, mark, signal)).count;
  }

  /** The mark of a position, by counting on from another before it. */
  async #markAt(position, { position: from, count: before }, signal) {
    const more = this.#isWhole
      ? position - from
      : await count(this.#scope, [positionsBetween(from + 1, position)], signal);
    return { position, count: before + more };
  }

  /** The area in which a number is, with how many matches come before it, and its own matches. */
  async #areaOf(number, signal) {
    let isSlow = false;
    for (;;) {
      const place = this.#marks.findIndex((mark) => mark.count > number);
      const [from, to] = [this.#marks[place - 1], this.#marks[place]];
      const known = this.#areas.get(from.position);
      if (known?.upTo === to.position) return this.#used(from, known);
      const width = to.position - from.position;
      const matches = to.count - from.count;
      if (matches <= this.#collectedMax || width === 1) {
        const positions = await this.#collect(from.position, to.position, signal);
        return this.#used(from, { upTo: to.position, positions });
      }
      const reach = (0.4 * width * this.#collectedMax) / matches;
      const share = (number + 0.5 - from.count) / matches;
      // Where events are evenly spread, that is where it is. Where they are not, halves come to it as well.
      const guess = from.position + (isSlow ? 0.5 : share) * width;
      await this.#divide(from, to, isSlow ? [guess] : [guess - reach, guess + reach], signal);
      isSlow = this.#widthAround(number) > width / 2;
    }
  }

  #widthAround(number) {
    const place = this.#marks.findIndex((mark) => mark.count > number);
    return this.#marks[place].position - this.#marks[place - 1].position;
  }

  /** Puts marks into an area. What is between the last of them and the end need not be counted. */
  async #divide(from, to, guesses, signal) {
    const most = to.position - 1;
    const places = guesses.map((guess) =>
      Math.min(Math.max(from.position + 1, Math.round(guess)), most),
    );
    const isNearEnd = places[0] - from.position > to.position - places[0];
    let last = from;
    if (isNearEnd) {
      // Counts are exact from either side: the shorter one is counted.
      const rest = await this.#markAt(to.position, { position: places[0], count: 0 }, signal);
      last = { position: places[0], count: to.count - rest.count };
      this.#insert(last);
    }
    for (const position of places) {
      if (position <= last.position) continue;
      last = await this.#markAt(position, last, signal);
      this.#insert(last);
    }
  }

  #insert(mark) {
    const place = this.#marks.findIndex(({ position }) => position >= mark.position);
    if (this.#marks[place].position === mark.position) return;
    this.#marks.splice(place, 0, mark);
  }

  /** The matching positions after one position, up to another. */
  async #collect(after, upTo, signal) {
    const { from, where } = this.#scope;
    const asked = {
      from,
      where: [...where, positionsBetween(after + 1, upTo)],
      reduce: { type: 'collect', field: 'position' },
    };
    return (await query(asked, signal)).aggregation;
  }

  #used(from, area) {
    this.#areas.delete(from.position);
    this.#areas.set(from.position, area);
    if (this.#areas.size > 64) this.#areas.delete(this.#areas.keys().next().value);
    return { before: from.count, positions: area.positions };
  }

  /** The events at positions. What is too large for one response is asked for in two. */
  async #read(positions, signal) {
    const [first, last] = [positions[0], positions.at(-1)];
    const isRow = last - first === positions.length - 1;
    const some = isRow ? [] : [{ field: 'position', operator: 'in', value: positions }];
    const where = [positionsBetween(first, last), ...some];
    const { instance } = this.#scope.from;
    try {
      return (await query({ from: { instance }, where, select: KEYS }, signal)).events;
    } catch (error) {
      if (error.code !== 'LIMIT_EXCEEDED' || positions.length === 1) throw error;
      const half = positions.length >> 1;
      return [
        ...(await this.#read(positions.slice(0, half), signal)),
        ...(await this.#read(positions.slice(half), signal)),
      ];
    }
  }
}

/** Positions in groups that lie close together. */
function clusters(positions) {
  const groups = [];
  for (const position of positions) {
    const group = groups.at(-1);
    if (group !== undefined && position - group.at(-1) <= GAP_MAX) group.push(position);
    else groups.push([position]);
  }
  return groups;
}
