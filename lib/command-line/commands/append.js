'use strict';

// Events for an instance: one from the arguments, or many from JSON Lines.

const { createReadStream } = require('node:fs');

const { Appending } = require('../appending.js');
const { eventColumns } = require('../columns.js');
const { parseJson } = require('../exact-json.js');
const { dataOf, invalid } = require('../failure.js');
const { isTyped, textOf } = require('../input.js');
const { wholeNumber, wholeNumberAt } = require('../options.js');
const { withProgress } = require('../progress.js');

/** The most events of one call to the log. */
const BATCH_EVENTS_MAX = 100_000;

/** The options of one event, and those of many. */
const ONE_EVENT = ['payload', 'metadata', 'timestamp', 'expected-sequence'];
const MANY_EVENTS = ['from', 'batch'];

const COUNTS = [
  { key: 'events', title: 'events', kind: 'count' },
  { key: 'duplicates', title: 'duplicates', kind: 'count' },
];

/** The JSON that an option was given. */
async function jsonOption(values, name) {
  const place = `--${name}`;
  if (values[name] === undefined) return undefined;
  return parseJson(await textOf(place, values[name]), place);
}

function expectedSequence(text) {
  if (text === undefined || text === 'exists') return text;
  return wholeNumberAt('--expected-sequence', text);
}

/** Whose key an event is encrypted with. */
const encryption = (subject) => (subject === undefined ? undefined : { subject });

async function appendOne(log, params, values, output) {
  const response = await log.appendEvent({
    ...params,
    eventType: values.type,
    streamId: values.stream,
    payload: await jsonOption(values, 'payload'),
    metadata: await jsonOption(values, 'metadata'),
    timestamp: values.timestamp,
    expectedSequence: expectedSequence(values['expected-sequence']),
    idempotencyKey: values['idempotency-key'],
    encrypt: encryption(values.encrypt),
  });
  const { event, duplicate } = dataOf(response);
  if (response.message !== undefined) output.note(response.message);
  if (duplicate) output.note('an earlier call with this key has stored the event');
  await output.one(
    event,
    eventColumns('csv').filter(({ key }) => key !== 'position'),
  );
}

/** Refuses options that would have no effect. */
function checkTogether(values) {
  const given = (names) => names.find((name) => values[name] !== undefined);
  const [one, many] = [ONE_EVENT, MANY_EVENTS].map(given);
  if (values.type === undefined && one !== undefined) {
    throw invalid(`--${one}: expected --type beside it, found none`);
  }
  if (values.type !== undefined && many !== undefined) {
    throw invalid(`--${many}: expected no --type beside it, which is for one event`);
  }
}

/** Where lines come from: a file, or standard input. */
function sourceOf(path, output) {
  if (path !== undefined && path !== '-') return createReadStream(path);
  if (isTyped(process.stdin)) output.note('reading JSON Lines from the terminal, until Ctrl-D');
  return process.stdin;
}

async function appendMany(log, params, { values, output, interrupt, settings, source }) {
  const options = {
    key: values['idempotency-key'],
    batchEvents: wholeNumber(values, 'batch', { min: 1, max: BATCH_EVENTS_MAX }),
    defaults: { stream: values.stream, encrypt: encryption(values.encrypt) },
    note: (text) => output.note(text),
  };
  const stop = () => source.destroy();
  interrupt.signal.addEventListener('abort', stop, { once: true });
  // What somebody types is not overwritten.
  const quiet = settings.quiet || isTyped(source);
  const counts = await withProgress('append', { quiet }, (onProgress) =>
    new Appending(log, params, { ...options, onProgress }).run(source, interrupt.signal),
  );
  await output.one(counts, COUNTS);
}

module.exports = {
  summary: 'appends an event, or many from JSON Lines',
  details: [
    'With --type it appends one event, from the options. Without it, it reads JSON Lines: an object a line, with',
    'eventType (or event_type), and streamId, payload, metadata, timestamp as they are there; what this program',
    'prints as JSON Lines can be appended again, and gets ids and numbers of its own. Lines are stored in batches.',
    'If a line is wrong, everything before it is stored, and nothing from it on. With --idempotency-key, the same',
    'lines can be appended again and are stored once; then a batch is stored whole, or not at all.',
  ],
  words: ['INSTANCE'],
  options: {
    type: { value: 'TYPE', about: 'the type of the one event' },
    stream: { value: 'STREAM', about: 'its stream; of lines that name none (default)' },
    payload: { value: 'JSON', about: 'its payload ({}); @FILE reads a file, - standard input' },
    metadata: { value: 'JSON', about: 'its metadata ({}), likewise' },
    encrypt: {
      value: 'SUBJECT',
      about: 'encrypt it, or lines that do not say so, with the key of this subject',
    },
    timestamp: { value: 'TIME', about: 'when it happened: ISO 8601 with a zone (now)' },
    'expected-sequence': {
      value: 'N',
      about: 'only if the stream ends with this number, or exists',
    },
    'idempotency-key': { value: 'KEY', about: 'store it once, however often it is appended' },
    create: { about: 'create the instance, and the log, if they are not there' },
    from: { value: 'FILE', about: 'read the lines of a file, and not standard input' },
    batch: { value: 'N', about: 'so many lines in a batch (1000)' },
  },
  examples: [
    ['append orders --type OrderPaid --stream order-1 --payload \'{"amount":5}\'', 'one event'],
    ['append orders --create < events.jsonl', 'a line each, into an instance that need not exist'],
    [
      'append orders --from events.jsonl --idempotency-key events-7',
      'lines that may be there already',
    ],
    [
      'tail -n all orders -o jsonl | codebolt-eventlog append --log copy.redb orders --create',
      'a copy',
    ],
  ],

  async run({ open, output, values, words: [instance], interrupt, settings }) {
    checkTogether(values);
    const params = { instanceId: instance };
    if (values.create) params.autoCreateInstance = true;
    const source = values.type === undefined ? sourceOf(values.from, output) : undefined;
    // A file that cannot be read is known before the log is opened.
    if (source !== undefined && source !== process.stdin) await opened(source, values.from);
    const log = await open({ changes: true, creates: values.create });
    if (source === undefined) await appendOne(log, params, values, output);
    else await appendMany(log, params, { values, output, interrupt, settings, source });
  },
};

/** Waits until a file is open. */
async function opened(source, path) {
  try {
    await require('node:events').once(source, 'ready');
  } catch (error) {
    throw invalid(`--from: cannot read ${path}: ${error.code}`);
  }
}
