'use strict';

// Events as CSV, as RFC 4180 has it: CRLF after each record, and quotes around what needs them.

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** What of an event is in each record, before the columns that were asked for. */
const COLUMNS = [
  'position',
  'instanceId',
  'stream_id',
  'sequence_number',
  'event_type',
  'timestamp',
  'id',
  'payload',
  'metadata',
];

/** A field. What is missing is empty, and an empty text is in quotes. */
function fieldOf(value) {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return text === '' || NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The field of a column of its own: a time is written as one. */
function columnField(value, type) {
  return fieldOf(type === 'timestamp' && value !== null ? new Date(value).toISOString() : value);
}

const csv = {
  name: 'csv',
  begin({ columns }) {
    let head = `${[...COLUMNS, ...columns.map(({ name }) => name)].map(fieldOf).join(',')}\r\n`;
    const takeHead = () => {
      const text = head;
      head = '';
      return text;
    };
    const record = (event) => {
      const own = COLUMNS.map((key) => fieldOf(event[key]));
      const chosen = columns.map(({ type }, index) => columnField(event.columns[index], type));
      return `${[...own, ...chosen].join(',')}\r\n`;
    };
    return {
      write: (events) => takeHead() + events.map(record).join(''),
      end: takeHead,
    };
  },
};

module.exports = { csv };
