'use strict';

// An instance on its way from one log to the other.

const { Refusal } = require('../../failure.js');

/** How many events are compared at a time. */
const COMPARED_EVENTS = 16_384;

/** States fall into so many buckets, as a power of two: at first, and at most. */
const BITS = 8;
const BITS_MAX = 16;

/** As many states as there may be in a bucket, as a power of two. */
const BUCKET_BITS = 6;

class InstanceCopy {
  #source;
  #target;
  /** What tells how many events were copied. */
  #copied;
  #mirrors;
  /** What the other log has. */
  #position = 0;
  #lastId = null;
  #isThere = false;
  /** Whether no copy has made what is there: it was compared. */
  #adopts = false;
  /** Whether it has the same states. */
  #isWhole = false;
  #bits = BITS;
  /** The sums of its states; `undefined` if they may have changed. */
  #buckets;
  /** The name of the last state that was copied, while more of them follow. */
  #statesAfter = null;
  /** Which of its events were erased, up to its last one. */
  #erased;
  /** What may change of it beside events and states, hashed, as it was stored. */
  #changing;
  /** Up to which position both logs were compared. */
  #compared = 0;
  /** Whether the log that is copied does not have it any more. */
  isGone = false;

  /**
   * @param {any} source - The log that is copied.
   * @param {any} target - The other one.
   * @param {[string, string, number]} instance - What is copied, as the source lists it.
   * @param {(events: number) => void} copied - Is told how many events more were stored.
   * @param {boolean} mirrors - Whether the other log is nothing but a copy, so that what cannot be continued is made anew.
   */
  constructor(source, target, [id, createdAt], copied, mirrors = false) {
    this.#source = source;
    this.#target = target;
    this.id = id;
    this.createdAt = createdAt;
    this.#copied = copied;
    this.#mirrors = mirrors;
  }

  /** Up to which position the other log has it. */
  get position() {
    return this.#position;
  }

  /** Whether the other log has it. */
  get isThere() {
    return this.#isThere;
  }

  /**
   * Looks at what the other log has of it already, and stores nothing. `last` is the position of its last event in the log
   * that is copied.
   */
  async check(last) {
    const found = await this.#look();
    const erased = await this.#expectRest();
    if (!found.found) return;
    if (found.createdAt !== this.createdAt) {
      throw this.#conflict('expected the same one, found one that was made at another time');
    }
    if (found.mark === 'events') {
      throw this.#conflict(
        'expected what a copy has stored, found events that were appended since',
      );
    }
    if (found.mark === 'states') {
      throw this.#conflict(
        'expected what a copy has stored, found consumers, snapshots or other states that were changed since',
      );
    }
    if (found.position > last) {
      throw this.#conflict(
        `expected at most the ${last} events that are copied, found ${found.position}`,
      );
    }
    if (erased !== undefined && erased !== found.erased) return await this.#beginAnew();
    this.#adopts = found.mark === 'none';
    // What a copy has stored goes on where its last event is.
    await this.#compare(this.#adopts ? 0 : Math.max(0, found.position - 1), found.position);
    if (this.#adopts) this.#compared = found.position;
    if (this.#adopts && found.states > 0) {
      const own = await this.#source.stand(this.id, this.#bits);
      if (own.sum === found.sum) return;
      throw this.#conflict(
        'expected the consumers, snapshots and other states that are copied, or none, found others: ' +
          'delete it in the other log, and copy it anew',
      );
    }
  }

  /** Refuses what would have to begin with events that were trimmed. Resolves with which were erased of those before that. */
  async #expectRest() {
    const next = this.#position + 1;
    const { lastOut, erased } = await this.#source.digest(this.id, this.#position, this.#position);
    if (lastOut < next) return erased;
    const text = `expected the events from position ${next} on, found events before position ${lastOut + 1} trimmed: a copy has to have begun before that`;
    throw new Refusal(
      'TRIMMED',
      `the log that is copied: instance ${JSON.stringify(this.id)}: ${text}`,
    );
  }

  /**
   * Copies all that there is. `withStates` says whether states are looked at if there are no more events. `turn` is waited
   * for before anything is stored the first time, and is told of that.
   */
  async copy(withStates, turn) {
    let next;
    for (;;) {
      const page = await (next ?? this.#page(withStates, this.#position, this.#lastId));
      next = undefined;
      if (!page.found) {
        this.isGone = true;
        return;
      }
      if (!page.goesOn) {
        throw this.#conflict('expected events that are copied, found others in their place');
      }
      if (this.#isThere && page.erased[0] !== this.#erased) {
        await this.#beginAnew();
        continue;
      }
      if (!this.#isNews(page)) return;
      const more = page.position < page.last;
      if (more) {
        next = this.#page(withStates, page.position, page.lastId);
        // If storing fails, nobody waits for it.
        next.catch(() => {});
      }
      await turn?.before;
      const storing = this.#target.store(page.bytes, this.#adopts);
      turn?.begun();
      if (!(await storing)) {
        // Another copy was quicker.
        await this.check(page.last);
        next = undefined;
        continue;
      }
      this.#stored(page);
      if (!more && (!withStates || this.#isWhole)) return;
    }
  }

  /** Something was erased that the other log has. A copy of it does not say where it was, and the bytes are to go too. */
  async #beginAnew() {
    if (!this.#mirrors) {
      throw this.#conflict(
        'expected the same events erased as in the log that is copied, found others: delete it in the other log, and copy it anew',
      );
    }
    await this.remove();
    await this.#look();
    this.#compared = 0;
    this.#statesAfter = null;
  }

  /** Compares both logs, as far as that was not done yet. */
  async compare() {
    const { position } = this;
    await this.#compare(this.#compared, position);
    this.#compared = position;
    const found = await this.#look();
    // Another copy may have gone further.
    if (found.mark !== 'kept' || found.position < position) {
      throw this.#conflict('expected what was copied, found what was changed since');
    }
  }

  /** Removes it from the other log, unless it was changed there. */
  async remove() {
    const found = await this.#target.stand(this.id, 0);
    if (!found.found) return;
    if (found.mark !== 'kept' || found.createdAt !== this.createdAt) {
      throw this.#conflict(
        'it was deleted in the log that is copied: expected what was copied, found what was changed since',
      );
    }
    await this.#target.delete(this.id);
  }

  /** Asks how the other log stands. */
  async #look() {
    const found = await this.#target.stand(this.id, this.#bits);
    this.#isThere = found.found;
    this.#position = found.position ?? 0;
    this.#lastId = found.lastId ?? null;
    this.#isWhole = found.isWhole === true;
    this.#erased = found.erased;
    this.#changing = found.changing;
    this.#buckets = found.buckets;
    return found;
  }

  async #page(withStates, after, lastId) {
    const asked = { instance: this.id, createdAt: this.createdAt, after, lastId };
    if (!withStates) return this.#source.page(asked);
    if (this.#buckets === undefined) {
      const { buckets } = await this.#target.stand(this.id, this.#bits);
      this.#buckets = buckets;
    }
    // Of an instance that is not there yet, each sum is nothing.
    this.#buckets ??= Buffer.alloc(16 << this.#bits).toString('base64');
    return this.#source.page({
      ...asked,
      bits: this.#bits,
      buckets: this.#buckets,
      statesAfter: this.#statesAfter,
    });
  }

  /** Whether a page has anything that the other log does not have. */
  #isNews({ events, states, changing }) {
    return (
      !this.#isThere ||
      this.#adopts ||
      events > 0 ||
      changing !== this.#changing ||
      (states !== null && (states.differ || !this.#isWhole))
    );
  }

  #stored({ position, lastId, events, erased, changing, states }) {
    this.#isThere = true;
    this.#adopts = false;
    this.#position = position;
    this.#erased = erased[1];
    this.#lastId = lastId ?? this.#lastId;
    this.#changing = changing;
    if (states !== null) {
      this.#isWhole = states.whole;
      this.#statesAfter = states.through;
      if (states.differ) this.#buckets = undefined;
      if (states.through === null) this.#bits = this.#bitsFor(states.all);
    }
    this.#copied(events);
  }

  /** How many bits there are to be for so many states. */
  #bitsFor(states) {
    const bits = Math.ceil(Math.log2(states + 1)) - BUCKET_BITS;
    const found = Math.min(Math.max(bits, BITS), BITS_MAX);
    if (found !== this.#bits) this.#buckets = undefined;
    return found;
  }

  /** Compares the events after a position, up to another one. */
  async #compare(after, to) {
    for (let from = after; from < to; from += COMPARED_EVENTS) {
      const end = Math.min(from + COMPARED_EVENTS, to);
      if (await this.#isSame(from, end)) continue;
      const position = await this.#firstOther(from, end);
      throw this.#conflict(
        `position ${position}: expected the event that is copied, found another one, or none`,
      );
    }
  }

  async #isSame(after, to) {
    const [own, other] = await Promise.all([
      this.#source.digest(this.id, after, to),
      this.#target.digest(this.id, after, to),
    ]);
    // What either of them has trimmed cannot be compared.
    const first = Math.max(own.first, other.first);
    if (first > after + 1) return first > to || this.#isSame(first - 1, to);
    if (String(own.gaps) !== String(other.gaps)) {
      return this.#isSameWithout(after, to, [...own.gaps, ...other.gaps]);
    }
    return own.digest !== null && own.digest === other.digest;
  }

  /** The same but for the events at some positions, in runs. */
  async #isSameWithout(after, to, without) {
    const [own, other] = await Promise.all([
      this.#source.digest(this.id, after, to, without),
      this.#target.digest(this.id, after, to, without),
    ]);
    return own.digest !== null && own.digest === other.digest;
  }

  /** The position of the first event that is another one, after a position and up to another one. */
  async #firstOther(after, to) {
    let [low, high] = [after, to];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await this.#isSame(low, middle)) low = middle;
      else high = middle;
    }
    return high;
  }

  #conflict(text) {
    return new Refusal(
      'IMPORT_CONFLICT',
      `the other log: instance ${JSON.stringify(this.id)}: ${text}`,
    );
  }
}

module.exports = { InstanceCopy };
