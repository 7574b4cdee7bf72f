// What guarded appends were asked and answered, by several processes at once, and whether there is an order in
// which every answer is right.
//
// Each call is made at one moment and answered at another, both on the clock of the machine. What a call has stored
// was stored in between; of a call that was not answered, at any time after it was made, or never.
// The log says in which order events were stored, so that this order has only to be checked: an event that was
// answered before another one's call was made stands before it, and each condition held at its place.

import assert from 'node:assert/strict';

/** Calls, and what became of them. */
export class History {
  /** When each event may have been stored first, and by when it was for sure, by the id of its content. */
  #moments = new Map();
  /** Calls that were refused. */
  #refusals = [];
  /** What was stored by which call: the event's id in the log, and its number. */
  #stored = new Map();
  calls = 0;
  successes = 0;

  /**
   * Takes in that a call is being made.
   *
   * @param {object} call - What is asked for: `id`, which the event has in its payload, `kind`, `stream`, and what
   *   the guard of that kind says.
   * @param {number} at - When.
   */
  invoked({ id }, at) {
    this.calls += 1;
    const moments = this.#momentsOf(id);
    moments.from = Math.min(moments.from ?? Infinity, at);
  }

  /**
   * Takes in what a call was answered with.
   *
   * @param {object} call - The call, as it was made.
   * @param {{ from: number, to: number }} time - When it was made and answered.
   * @param {object} response - The response.
   */
  responded(call, time, { success, code, error, data, conflict }) {
    if (!success) {
      const expected = { sequence: 'SEQUENCE_CONFLICT', condition: 'CONDITION_FAILED' }[call.kind];
      assert.equal(code, expected, `${JSON.stringify(call)}: ${code} ${error}`);
      this.#refusals.push({ call, time, conflict });
      return;
    }
    this.successes += 1;
    const { id, stream_id, sequence_number } = data.event;
    assert.equal(stream_id, call.stream);
    const moments = this.#momentsOf(call.id);
    moments.to = Math.min(moments.to, time.to);
    const stored = this.#stored.get(call.id);
    // A call with a key is made by several.
    if (stored !== undefined) assert.deepEqual([id, sequence_number], stored, call.id);
    this.#stored.set(call.id, [id, sequence_number]);
  }

  /**
   * Finds out whether all answers were right.
   *
   * @param {object[]} events - All events of the log, in its order.
   */
  check(events) {
    const streams = this.#checkStored(events);
    this.#checkOrder(events);
    for (const event of events) checkGuard(event, events);
    for (const refusal of this.#refusals) {
      if (refusal.call.kind === 'sequence') this.#checkSequence(refusal, streams);
      else this.#checkCondition(refusal, events);
    }
  }

  #momentsOf(id) {
    if (!this.#moments.has(id)) this.#moments.set(id, { from: undefined, to: Infinity });
    return this.#moments.get(id);
  }

  /** Nothing that was told of is missing, or there twice, and numbers have no gaps. */
  #checkStored(events) {
    const streams = new Map();
    const found = new Map();
    for (const { id, stream_id, sequence_number, position, payload } of events) {
      if (!streams.has(stream_id)) streams.set(stream_id, []);
      const stream = streams.get(stream_id);
      stream.push(payload.id);
      assert.equal(sequence_number, stream.length, `position ${position}`);
      assert.ok(!found.has(payload.id), `${payload.id} is there twice`);
      found.set(payload.id, [id, sequence_number]);
    }
    for (const [call, stored] of this.#stored) {
      assert.deepEqual(found.get(call), stored, `what was stored of ${call}`);
    }
    for (const { call } of this.#refusals) {
      assert.ok(!found.has(call.id), `${call.id} was refused and is there`);
    }
    return streams;
  }

  /** What was answered before another call was made stands before it. */
  #checkOrder(events) {
    let latest = -Infinity;
    for (const { position, payload } of events) {
      const { from = -Infinity, to } = this.#momentsOf(payload.id);
      assert.ok(
        to > latest,
        `position ${position} was answered before one before it was asked for`,
      );
      latest = Math.max(latest, from);
    }
  }

  /** Whether the stream can have stood so when the call was refused. */
  #checkSequence({ call, time, conflict }, streams) {
    const { streamId, expected, actual } = conflict;
    assert.deepEqual([streamId, expected], [call.stream, call.expected]);
    assert.notEqual(actual, expected, call.id);
    const stream = streams.get(streamId) ?? [];
    assert.ok(actual <= stream.length, `${call.id}: ${actual} of ${stream.length}`);
    const last = actual === 0 ? -Infinity : (this.#momentsOf(stream[actual - 1]).from ?? -Infinity);
    const next = actual === stream.length ? Infinity : this.#momentsOf(stream[actual]).to;
    assert.ok(last < time.to && next > time.from, `${call.id}: it was not at ${actual} then`);
  }

  #checkCondition({ call, time, conflict }, events) {
    const event = events[conflict.position - 1];
    assert.ok(conflict.position > call.after && event?.payload.slot === call.slot, call.id);
    const { from = -Infinity } = this.#momentsOf(event.payload.id);
    assert.ok(from < time.to, `${call.id}: position ${conflict.position} was not there yet`);
  }
}

/** Whether what an event was stored on condition of was so. */
function checkGuard({ position, sequence_number, payload }, events) {
  if (payload.kind === 'sequence') assert.equal(sequence_number, payload.expected + 1, payload.id);
  if (payload.kind !== 'condition') return;
  const between = events.slice(payload.after, position - 1);
  const other = between.find(({ payload: { slot } }) => slot === payload.slot);
  assert.equal(other?.position, undefined, `${payload.id}: an event that matches was there`);
}
