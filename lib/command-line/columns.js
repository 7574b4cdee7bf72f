'use strict';

// The columns of what is printed: instances, streams, events.

const { shown } = require('./text.js');

/** An event. What is longest comes last, where a table has room for it. */
const EVENT = [
  { key: 'position', title: 'POSITION', align: 'right' },
  { key: 'timestamp', title: 'TIMESTAMP', style: 'dim' },
  { key: 'stream_id', title: 'STREAM', style: 'green' },
  { key: 'sequence_number', title: 'SEQ', align: 'right' },
  { key: 'event_type', title: 'TYPE', style: 'cyan' },
  { key: 'payload', title: 'PAYLOAD' },
];

/** An event in CSV, which has all of it. */
const EVENT_CSV = [
  ...EVENT,
  { key: 'metadata', title: 'METADATA' },
  { key: 'id', title: 'ID' },
  { key: 'instanceId', title: 'INSTANCE' },
];

const INSTANCE = [
  { key: 'name', title: 'NAME', style: 'green' },
  { key: 'eventCount', title: 'EVENTS', align: 'right', kind: 'count' },
  { key: 'streamCount', title: 'STREAMS', align: 'right', kind: 'count' },
  { key: 'storedBytes', title: 'BYTES', align: 'right', kind: 'bytes' },
  { key: 'createdAt', title: 'CREATED', style: 'dim' },
  { key: 'updatedAt', title: 'UPDATED', style: 'dim' },
  { key: 'id', title: 'ID' },
  { key: 'description', title: 'DESCRIPTION' },
];

const STREAM = [
  { key: 'stream_id', title: 'STREAM', style: 'green' },
  { key: 'sequence_number', title: 'LAST NUMBER', align: 'right' },
  { key: 'position', title: 'LAST POSITION', align: 'right' },
  { key: 'timestamp', title: 'LAST TIMESTAMP', style: 'dim' },
];

/** The columns of events in that format. */
function eventColumns(format) {
  return format === 'csv' ? EVENT_CSV : EVENT;
}

/** The spellings of an event's own keys in queries. */
const OWN_KEYS = {
  id: 'id',
  instanceId: 'instanceId',
  instance_id: 'instanceId',
  stream_id: 'stream_id',
  streamId: 'stream_id',
  event_type: 'event_type',
  eventType: 'event_type',
  timestamp: 'timestamp',
  sequence_number: 'sequence_number',
  sequenceNumber: 'sequence_number',
  position: 'position',
};

/** The keys by which a field of a query leads to its value in an event. */
function pathOf(field) {
  if (field.startsWith('/')) {
    const keys = field.slice(1).split('/');
    return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  if (Object.hasOwn(OWN_KEYS, field)) return [OWN_KEYS[field]];
  const keys = field.split('.');
  return keys[0] === 'payload' || keys[0] === 'metadata' ? keys : ['payload', ...keys];
}

/** Columns for the fields that a query selects. */
function selectedColumns(fields) {
  return fields.map((field) => {
    const path = pathOf(field);
    const value = (event) =>
      path.reduce(
        (within, key) =>
          typeof within === 'object' && within !== null && Object.hasOwn(within, key)
            ? within[key]
            : undefined,
        event,
      );
    return { key: field, title: shown(field), value };
  });
}

/** Columns for rows with those keys. */
function columnsOf(keys, rows) {
  const isNumeric = (key) => rows.length > 0 && rows.every((row) => typeof row[key] === 'number');
  return keys.map((key) => ({
    key,
    title: shown(key),
    align: isNumeric(key) ? 'right' : undefined,
  }));
}

module.exports = { INSTANCE, STREAM, columnsOf, eventColumns, selectedColumns };
