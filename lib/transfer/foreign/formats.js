'use strict';

// What an import takes beside the log's own format: how each is read, as records that an event is made of.
//
// A record is `{ place, streamId, eventType, timestamp, payloadText, metadataText, id }`: what the source calls it, and
// what its event has. Without a time, the event has that of the instance.

const { chosen, eventOfText, streamOf } = require('../../cloud-events/mapping.js');
const { describe, invalid } = require('../../failure.js');
const { Source } = require('../source.js');
const { codebolt } = require('./codebolt.js');
const { emmett } = require('./emmett.js');
const { entriesOf } = require('./journal.js');
const { elementsOf, linesOf } = require('./lines.js');
const { mapped, mappingOf } = require('./mapping.js');
const { isPath, keysOf } = require('./path.js');

/** What pino calls its levels. */
const PINO_LEVELS = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** What journald calls its priorities, from 0 on. */
const PRIORITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** Opens what is bytes. */
const open = (source) => new Source(source);

/**
 * Reads what a mapping makes events of.
 *
 * @param {(source: any) => AsyncIterable<{ place: string, text: string }>} read - Gives JSON texts.
 * @param {Record<string, any>} defaults - The mapping, where nobody says another one.
 * @param {(record: any, mapping: any, line: any) => object} [pick] - What the format knows by itself, beside the mapping.
 */
function byMapping(read, defaults, pick = () => ({})) {
  async function* records(source, { map }) {
    const mapping = mappingOf(map, defaults);
    for await (const line of read(source)) {
      const record = mapped(line, mapping);
      yield { ...record, ...pick(record, mapping, line) };
    }
  }
  return { open, records };
}

/** The stream of each CloudEvent: a text, or what is at a path. */
function streamFor(given) {
  if (typeof given !== 'string' || !isPath(given)) {
    return chosen({ stream: given }, 'stream', streamOf);
  }
  const keys = keysOf(given, 'options.map.stream');
  return (cloudEvent) => keys.reduce((value, key) => value?.[key], cloudEvent);
}

/** Reads CloudEvents. */
function byCloudEvents(read) {
  async function* records(source, { map }) {
    const { stream: given, ...others } = Object(map ?? {});
    const [other] = Object.keys(others);
    if (other !== undefined) {
      throw invalid(`options.map: expected nothing but a stream for CloudEvents, found ${other}`);
    }
    if (map !== undefined && (typeof map !== 'object' || Array.isArray(map))) {
      throw invalid(`options.map: expected an object, found ${describe(map)}`);
    }
    const stream = streamFor(given);
    for await (const { place, text } of read(source)) {
      let value;
      try {
        value = JSON.parse(text);
      } catch (error) {
        throw invalid(`${place}: expected JSON: ${error.message.replaceAll('\n', ' ')}`);
      }
      const { isOurs, id, source: from, ...event } = eventOfText(text, value, stream, place);
      // Elsewhere an id is unique together with its source.
      yield { ...event, place, id: isOurs ? id : `${from} ${id}` };
    }
  }
  return { open, records };
}

/** What a number is called; a text that is no number has its name already. */
function named(names, text) {
  return /^\d+$/.test(text) && Object.hasOwn(names, text) ? names[text] : text;
}

/** The type of a pino line is the name of its level. */
function pinoType({ eventType }, { type }) {
  return type.path === '$.level' ? { eventType: named(PINO_LEVELS, eventType) } : {};
}

/** The fields of an entry that are its address in the journal are metadata, the others the payload. */
function journalEntry({ eventType }, { type, payload, metadata }, { text }) {
  const entry = JSON.parse(text);
  const [address, fields] = [true, false].map((isAddress) =>
    Object.fromEntries(Object.entries(entry).filter(([key]) => key.startsWith('__') === isAddress)),
  );
  return {
    ...(type.path === '$.PRIORITY' && { eventType: named(PRIORITIES, eventType) }),
    ...(payload.path === '$' && { payloadText: JSON.stringify(fields) }),
    ...(metadata === undefined && { metadataText: JSON.stringify({ journal: address }) }),
  };
}

/** Each format, with what reads it. */
const FORMATS = {
  'json-lines': byMapping(linesOf, {}),
  pino: byMapping(
    linesOf,
    { type: '$.level', untyped: 'log', stream: '$.name', time: '$.time', lenient: ['time'] },
    pinoType,
  ),
  journal: byMapping(
    entriesOf,
    {
      stream: '$._SYSTEMD_UNIT',
      type: '$.PRIORITY',
      untyped: 'log',
      time: '$.__REALTIME_TIMESTAMP',
      timeUnit: 'us',
      id: '$.__CURSOR',
      // A program may write the field several times.
      lenient: ['type'],
    },
    journalEntry,
  ),
  cloudevents: byCloudEvents(linesOf),
  'cloudevents-batch': byCloudEvents(elementsOf),
  emmett,
  codebolt,
};

module.exports = { FORMATS };
