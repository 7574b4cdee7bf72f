'use strict';

// One event, whole.

const { CommandFailure, dataOf, invalid } = require('../failure.js');
const { wholeNumberAt } = require('../options.js');
const { shownJson } = require('../text.js');

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

const FIELDS = [
  { key: 'id', title: 'id' },
  { key: 'position', title: 'position' },
  { key: 'instanceId', title: 'instance' },
  { key: 'stream_id', title: 'stream' },
  { key: 'sequence_number', title: 'sequence' },
  { key: 'event_type', title: 'type' },
  { key: 'timestamp', title: 'timestamp' },
];

const JSON_FIELDS = [
  { key: 'payload', title: 'payload' },
  { key: 'metadata', title: 'metadata' },
];

/** The first event of a reader. */
async function first(reader) {
  for await (const event of reader) return event;
  return undefined;
}

/** The event that is meant, if it is there. */
async function find(log, instance, event, stream) {
  if (UUID.test(event)) {
    const where = [{ field: 'id', operator: 'eq', value: event.toLowerCase() }];
    return first(log.readAll({ instance, where, limit: 1 }));
  }
  const number = wholeNumberAt('EVENT', event, { min: 1 });
  if (stream === '') throw invalid('--stream: expected the id of a stream, found an empty text');
  if (stream !== undefined) {
    const where = [
      { field: 'stream_id', operator: 'eq', value: stream },
      { field: 'sequence_number', operator: 'eq', value: number },
    ];
    return first(log.readAll({ instance, where, limit: 1 }));
  }
  const { eventCount } = dataOf(await log.getInstanceStats(instance));
  if (number > eventCount) return undefined;
  return first(log.readAll({ instance, afterPosition: number - 1, limit: 1 }));
}

/** The event for a person: its keys, then payload and metadata as JSON on many lines. */
async function printForPerson(event, output) {
  const { fieldLines } = require('../output/table.js');
  const { settings } = output;
  const fields = FIELDS.map(({ key, title }) => ({ title, value: event[key] }));
  const keys = fieldLines(fields, settings);
  const nested = JSON_FIELDS.map(({ key, title }) => {
    const json = shownJson(JSON.stringify(event[key], null, 2), settings.terminal);
    return `${settings.paint('bold', title)}\n${json}\n`;
  });
  await output.text(keys + nested.join(''));
}

module.exports = {
  summary: 'prints one event, whole',
  details: [
    'EVENT is the id of an event, or its position in the instance; with --stream, its sequence number in',
    'that stream.',
  ],
  words: ['INSTANCE', 'EVENT'],
  options: { stream: { value: 'STREAM', about: 'the stream that EVENT is a number in' } },
  examples: [
    ['show orders 42', 'the event with the position 42'],
    ['show orders 3 --stream order-1001', 'the third event of a stream'],
    ['show orders 42 -o json', 'the event as JSON'],
  ],

  async run({ open, output, values, words: [instance, event] }) {
    const log = await open();
    const found = await find(log, instance, event, values.stream);
    if (found === undefined) {
      const where = values.stream === undefined ? '' : `, stream "${values.stream}"`;
      throw new CommandFailure(
        'EVENT_NOT_FOUND',
        `instance "${instance}"${where} has no event ${event}`,
      );
    }
    if (output.format === 'table') await printForPerson(found, output);
    else await output.one(found, [...FIELDS, ...JSON_FIELDS]);
  },
};
