'use strict';

// Events as CSV, as RFC 4180 has it: CRLF after each record, and quotes around what needs them.

const { OWN_COLUMNS } = require('../columns.js');

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** A text in quotes. */
const quoted = (text) => `"${text.replaceAll('"', '""')}"`;

/** A field. What is missing is empty, and an empty text is in quotes. */
function fieldOf(value) {
  if (value === null) return '';
  const text = String(value);
  return text === '' || NEEDS_QUOTES.test(text) ? quoted(text) : text;
}

/** The field of JSON, where most have a quote. */
function jsonField(text) {
  return text.length > 2 ? quoted(text) : text;
}

/** The field of a column of its own: a time is written as one. */
function columnField(value, type) {
  return fieldOf(type === 'timestamp' && value !== null ? new Date(value).toISOString() : value);
}

/** The record of an event, without its end: the columns that each event has, in their order. */
function recordOf(event) {
  const { position, sequence_number: sequence, timestamp, id } = event;
  const [instance, stream, type] = [event.instanceId, event.stream_id, event.event_type].map(
    fieldOf,
  );
  const [payload, metadata] = [jsonField(event.payload), jsonField(event.metadata)];
  return `${position},${instance},${stream},${sequence},${type},${timestamp},${id},${payload},${metadata}`;
}

const csv = {
  name: 'csv',
  begin({ columns }) {
    let head = `${[...OWN_COLUMNS, ...columns.map(({ name }) => name)].map(fieldOf).join(',')}\r\n`;
    const takeHead = () => {
      const text = head;
      head = '';
      return text;
    };
    const record = (event) => {
      let text = recordOf(event);
      for (const [index, { type }] of columns.entries()) {
        text += `,${columnField(event.columns[index], type)}`;
      }
      return `${text}\r\n`;
    };
    return {
      write: (events) => takeHead() + events.map(record).join(''),
      end: takeHead,
    };
  },
};

module.exports = { csv };
