'use strict';

// What the readers and subscriptions of a log call.

const { traced } = require('../diagnostics.js');
const { JSON } = require('../intrinsics.js');
const {
  AWAIT_COMMIT,
  AWAIT_END,
  FINISH_EVENT,
  MOVE_CONSUMER,
  PARK_EVENT,
  READ_ALL,
  SUBSCRIBE,
} = require('../methods.js');

/**
 * What events in a row are read with: `step` reads a page, of which `lines` takes the text, and `wait` waits for a commit; `move` moves
 * the consumer of a subscription, and tells where that stands. `finish` has an event be done that had been parked,
 * and `park` parks one. `event` reads one event anew, and `hold` keeps the process alive until it is ended or the log
 * is closed. `typed` has an event as the program's types of events do; it is not there if they leave events as they are.
 * `onClose` tells when the log is closed.
 */
function readingCalls(connection, types, method) {
  const channel = method === SUBSCRIBE ? 'subscribe' : 'read';
  let asked;
  const describe = () => {
    const { instance, stream, consumer } = JSON.parse(asked);
    return { method: method.name, instance, stream, consumer };
  };
  return {
    followers: connection.followers,
    typed: types?.looksAtReads ? (event) => types.read(event) : undefined,
    create: (text, asLines) => {
      asked = text;
      return connection.addon.createReading(method.number, text, asLines);
    },
    lines: (reading) => connection.addon.takeLines(reading),
    step: (reading) =>
      traced(channel, describe, () => connection.step(method, 'readPage', [reading])),
    wait: (reading) => connection.step(AWAIT_COMMIT, 'awaitCommit', [reading]),
    move: (reading, ...to) => connection.change(MOVE_CONSUMER, 'moveConsumer', [reading, to]),
    finish: (reading, turn, position) =>
      connection.change(FINISH_EVENT, 'finishEvent', [reading, turn, position]),
    park: (reading, failed) => connection.change(PARK_EVENT, 'parkEvent', [reading, failed]),
    event: (_, text) => {
      const reading = connection.addon.createReading(READ_ALL.number, text);
      return connection.step(READ_ALL, 'readPage', [reading]);
    },
    hold: () => {
      const { addon } = connection;
      const hold = addon.createHold();
      const ended = connection.step(AWAIT_END, 'awaitEnd', [hold]);
      return { ended, end: () => addon.endHold(hold) };
    },
    interrupt: (reading) => connection.addon.interruptReading(reading),
    onClose: (listener) => connection.onClose(listener),
  };
}

module.exports = { readingCalls };
