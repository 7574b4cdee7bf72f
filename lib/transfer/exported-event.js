'use strict';

// Lines of the export format, apart: payload and metadata stay the text that is stored.

const { afterString, afterValue, stringOf } = require('../json-text.js');

/** The keys of an event's line, in the order in which the log writes them. */
const KEYS = ['id', 'instanceId', 'stream_id', 'event_type', 'payload', 'metadata', 'timestamp'];

const isText = (key) => key !== 'payload' && key !== 'metadata';

/**
 * The event of a line that the log has written.
 *
 * @param {string} line - The line.
 * @param {number} position - The position of the event in its instance.
 */
function exportedEvent(line, position) {
  const event = { position };
  let at = 1;
  for (const key of KEYS) {
    const start = at + key.length + 3;
    const end = isText(key) ? afterString(line, start) : afterValue(line, start);
    const text = line.slice(start, end);
    event[key] = isText(key) ? stringOf(text) : text;
    at = end + 1;
  }
  const start = at + '"sequence_number":'.length;
  event.sequence_number = Number(line.slice(start, afterValue(line, start)));
  return event;
}

/** Takes the lines of an export, and gives their events. */
class ExportedEvents {
  #position = 0;
  #rest = '';

  /** The events of the next bytes, which may end within a line, but within no character. */
  take(bytes) {
    const lines = `${this.#rest}${bytes}`.split('\n');
    this.#rest = lines.pop() ?? '';
    const events = [];
    for (const line of lines) {
      if (line.startsWith('{"id":')) {
        this.#position += 1;
        events.push(exportedEvent(line, this.#position));
      } else if (line.startsWith('{"instance":')) {
        this.#position = 0;
      }
    }
    return events;
  }
}

module.exports = { ExportedEvents };
