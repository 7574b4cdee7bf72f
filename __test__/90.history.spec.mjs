// A history of guarded appends finds what is wrong with answers that were made up.

import test from 'ava';

import { History } from '../torture/history.mjs';

/** An event as the log has it. */
const eventOf = (position, stream_id, sequence_number, payload) => ({
  id: `event ${position}`,
  position,
  stream_id,
  sequence_number,
  payload,
});

/** Makes a call from one moment to another, with its answer. */
function answer(history, call, [from, to], response) {
  history.invoked(call, from);
  if (response !== undefined) history.responded(call, { from, to }, response);
}

const stored = ({ id, stream_id, sequence_number }) => ({
  success: true,
  data: { event: { id, stream_id, sequence_number } },
});

const sequence = (id, expected) => ({ id, kind: 'sequence', stream: 's', expected });
const condition = (id, after) => ({ id, kind: 'condition', stream: 'slots', slot: 1, after });
const conflict = (expected, actual) => ({
  success: false,
  code: 'SEQUENCE_CONFLICT',
  conflict: { streamId: 's', expected, actual },
});
const failed = (position) => ({ success: false, code: 'CONDITION_FAILED', conflict: { position } });

/** Two events of a stream, one after the other, and one with a slot. */
function made() {
  const history = new History();
  const calls = [sequence('a', 0), sequence('b', 1), condition('c', 0)];
  const events = [
    eventOf(1, 's', 1, calls[0]),
    eventOf(2, 's', 2, calls[1]),
    eventOf(3, 'slots', 1, calls[2]),
  ];
  events.forEach((event, n) => {
    answer(history, calls[n], [10 * n, 10 * n + 5], stored(event));
  });
  return { history, events };
}

test('answers that are right are found to be so', (t) => {
  const { history, events } = made();
  answer(history, sequence('d', 0), [6, 11], conflict(0, 1));
  answer(history, sequence('e', 1), [12, 20], conflict(1, 2));
  answer(history, condition('f', 2), [21, 30], failed(3));
  // Nobody has heard of it, and it was stored.
  const killed = sequence('g', 2);
  answer(history, killed, [22]);
  answer(history, sequence('h', 9), [23, 24]);
  history.check([...events, eventOf(4, 's', 3, killed)]);
  t.is(history.calls, 8);
  t.is(history.successes, 3);
});

test('a key may be given by several, and is stored once', (t) => {
  const history = new History();
  const call = { id: 'key 1', kind: 'keyed', stream: 'keyed' };
  const event = eventOf(1, 'keyed', 1, call);
  answer(history, call, [0, 9], stored(event));
  answer(history, call, [3, 4], stored(event));
  t.notThrows(() => history.check([event]));
  const other = { ...event, id: 'another event' };
  t.throws(() => answer(history, call, [5, 6], stored(other)), { message: /key 1/ });
});

/** Each with what it does to the history and to the events, and what is found. */
const WRONG = {
  'an event that is lost': [(_, events) => events.pop(), /what was stored of c/],
  'an event that is there twice': [
    (_, events) => events.push({ ...events[0], position: 4, sequence_number: 3 }),
    /a is there twice/,
  ],
  'a gap in a stream': [(_, events) => (events[1].sequence_number = 3), /position 2/],
  'a refused call that was stored': [
    (history, events) => {
      answer(history, sequence('d', 5), [40, 41], conflict(5, 2));
      events.push(eventOf(4, 's', 3, sequence('d', 5)));
    },
    /d was refused and is there/,
  ],
  'an event before one that was answered before it was asked for': [
    (history, events) => {
      const late = { id: 'late', kind: 'keyed', stream: 'keyed' };
      answer(history, late, [50, 51], stored(eventOf(1, 'keyed', 1, late)));
      for (const event of events) event.position += 1;
      events.unshift({ ...eventOf(1, 'keyed', 1, late) });
    },
    /position 2 was answered before one before it was asked for/,
  ],
  'an event at another number than was expected': [
    (_, events) => (events[1].payload = { ...events[1].payload, expected: 5 }),
    /b/,
  ],
  'a conflict that says what is not so yet': [
    (history) => answer(history, sequence('d', 0), [6, 9], conflict(0, 2)),
    /d: it was not at 2 then/,
  ],
  'a conflict that says what is not so any more': [
    (history) => answer(history, sequence('d', 0), [16, 19], conflict(0, 1)),
    /d: it was not at 1 then/,
  ],
  'a conflict with what was expected': [
    (history) => answer(history, sequence('d', 2), [30, 31], conflict(2, 2)),
    /d/,
  ],
  'an event that was stored though one matched': [
    (history, events) => {
      const second = condition('d', 2);
      const event = eventOf(4, 'slots', 2, second);
      answer(history, second, [40, 41], stored(event));
      events.push(event);
    },
    /d: an event that matches was there/,
  ],
  'a failed condition for an event of another slot': [
    (history) => answer(history, condition('d', 0), [40, 41], failed(1)),
    /d/,
  ],
  'a failed condition for an event that was not there yet': [
    (history) => answer(history, condition('d', 0), [11, 19], failed(3)),
    /d: position 3 was not there yet/,
  ],
};

for (const [name, [change, message]] of Object.entries(WRONG)) {
  test(`it finds ${name}`, (t) => {
    const { history, events } = made();
    change(history, events);
    t.throws(() => history.check(events), { message });
  });
}

test('a refusal for another reason is a failure', (t) => {
  const { history } = made();
  const response = { success: false, code: 'STORAGE_FAILED', error: 'no disk' };
  const call = sequence('d', 2);
  t.throws(() => history.responded(call, { from: 40, to: 41 }, response), { message: /no disk/ });
});
