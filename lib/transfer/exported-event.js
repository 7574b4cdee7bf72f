'use strict';

// Lines of the export format, apart: payload and metadata stay the text that is stored.

const { afterString, afterValue, stringOf } = require('../json-text.js');

const METADATA = ',"metadata":';
const TIMESTAMP = ',"timestamp":"';
const ERASED = ',"erased":';
const TIME_CHARACTERS = '2026-01-31T12:00:00.000Z'.length;

/** The string that begins at `start`, and where it ends. */
function stringAt(line, start) {
  const end = afterString(line, start);
  return { value: stringOf(line.slice(start, end)), end };
}

/**
 * Where the value that begins at `start` ends, which is where `next` begins. The payload may have the same text, and then
 * it is looked for.
 */
function endBefore(line, start, next) {
  const first = line.indexOf(next, start);
  return line.lastIndexOf(next) === first ? first : afterValue(line, start);
}

/** Whether the event of a line was erased, which stands after its sequence number. */
function erasedAt(line, sequenceStart) {
  let at = sequenceStart;
  while (line.charCodeAt(at) >= 0x30 && line.charCodeAt(at) <= 0x39) at += 1;
  if (!line.startsWith(ERASED, at)) return undefined;
  const start = at + ERASED.length;
  const { at: erasedAtTime, reason } = JSON.parse(line.slice(start, afterValue(line, start)));
  return { erased: { at: erasedAtTime, reason } };
}

/**
 * The event of a line that the log has written: its keys are always in the same order.
 *
 * @param {string} line - The line.
 * @param {number} position - The position of the event in its instance.
 */
function exportedEvent(line, position) {
  const id = stringAt(line, '{"id":'.length);
  const instance = stringAt(line, id.end + ',"instanceId":'.length);
  const stream = stringAt(line, instance.end + ',"stream_id":'.length);
  const type = stringAt(line, stream.end + ',"event_type":'.length);
  const payloadStart = type.end + ',"payload":'.length;
  const payloadEnd = endBefore(line, payloadStart, METADATA);
  const metadataStart = payloadEnd + METADATA.length;
  const metadataEnd = endBefore(line, metadataStart, TIMESTAMP);
  const timeStart = metadataEnd + TIMESTAMP.length;
  const timeEnd = timeStart + TIME_CHARACTERS;
  const sequenceStart = timeEnd + '","sequence_number":'.length;
  return {
    position,
    id: id.value,
    instanceId: instance.value,
    stream_id: stream.value,
    event_type: type.value,
    payload: line.slice(payloadStart, payloadEnd),
    metadata: line.slice(metadataStart, metadataEnd),
    timestamp: line.slice(timeStart, timeEnd),
    sequence_number: Number.parseInt(line.slice(sequenceStart), 10),
    ...erasedAt(line, sequenceStart),
    /** @type {unknown[]} */
    columns: [],
  };
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
