'use strict';

// Lines of the export format, or what another program has written, into a log.

const { createReadStream, existsSync } = require('node:fs');
const { once } = require('node:events');

const { isServerPath } = require('../../server-path.js');
const { IMPORTED } = require('../../transfer/format-names.js');
const { clientOf } = require('../client.js');
const { dataOf, invalid } = require('../failure.js');
const { isTyped } = require('../input.js');
const { withProgress } = require('../progress.js');

const COUNTS = [
  { key: 'instances', title: 'instances', kind: 'count' },
  { key: 'events', title: 'events', kind: 'count' },
  { key: 'skippedInstances', title: 'instances that were there', kind: 'count' },
  { key: 'skippedEvents', title: 'events that were there', kind: 'count' },
];

/** Of what a number can be that is a time. */
const UNITS = ['s', 'ms', 'us', 'ns'];

/** What is read: bytes, or for the formats of stores what they are opened by. */
async function sourceOf(path, { format }, { output, interrupt }) {
  // A database is opened by its path.
  if (format === 'emmett') return path;
  if (format === 'codebolt') {
    if (path === undefined) {
      throw invalid('expected the address of a server, or a module, found nothing');
    }
    interrupt.endsProcess = true;
    return interrupt.race(clientOf(path));
  }
  if (path === undefined || path === '-') {
    if (isTyped(process.stdin)) output.note('reading from the terminal, until Ctrl-D');
    return process.stdin;
  }
  const source = createReadStream(path);
  try {
    await once(source, 'ready');
  } catch (error) {
    throw invalid(`cannot read ${path}: ${error.code}`);
  }
  return source;
}

/** What a dry run tells. */
const WOULD_STORE = [
  { key: 'instance', title: 'instance' },
  { key: 'exists', title: 'it exists' },
  { key: 'events', title: 'events', kind: 'count' },
  { key: 'streams', title: 'streams', kind: 'count' },
  { key: 'types', title: 'types' },
  { key: 'first', title: 'first events' },
];

/** The parts of a mapping, with the option of each. */
const MAPPED = {
  stream: 'stream',
  type: 'type',
  time: 'time',
  'time-unit': 'timeUnit',
  payload: 'payload',
  metadata: 'metadata',
  id: 'id',
};

/** The mapping that the options say; `undefined` if they say none. */
function mapOf(values) {
  const parts = Object.entries(MAPPED).filter(([option]) => values[option] !== undefined);
  if (parts.length === 0) return undefined;
  return Object.fromEntries(parts.map(([option, key]) => [key, values[option]]));
}

/** What is imported, as the options say. A mapping alone is one of JSON Lines. */
function askedFor(values) {
  const map = mapOf(values);
  const format = values.format ?? (map === undefined ? undefined : 'json-lines');
  const dryRun = values['dry-run'];
  return { format, instance: values.instance, map, dryRun };
}

/** Prints what would be stored. A log that is not there is not made. */
async function tryOut({ open, output, place, signal }, source, asked) {
  const { EventLog } = require('../../exports.js');
  const isThere = isServerPath(place.path) || existsSync(place.path);
  const empty = isThere ? undefined : await EventLog.open(':memory:');
  try {
    const log = empty ?? (await open());
    const response = await log.importEvents(source, { signal, ...asked });
    await output.one(dataOf(response), WOULD_STORE);
    if (response.message !== undefined) output.note(response.message);
  } finally {
    await empty?.close();
  }
}

const placed = (about) => ({ value: 'PATH', about });

module.exports = {
  summary: 'stores what export, or another program, has written',
  details: [
    'What export has written is stored with its ids, numbers and times. What is there already is skipped, so an import',
    'that was cut off can be run again. It creates the log if that is not there. Without FILE, or with -, it reads',
    'standard input. What another program has written goes to an instance of its own, which --instance names. A PATH',
    'is such as $.order.id, or a text for all events. For --format codebolt, FILE is the address of a server, or a',
    'module that exports eventLog: a file, or the name of a package.',
  ],
  words: ['[FILE]'],
  options: {
    format: { value: 'FORMAT', choices: IMPORTED, about: IMPORTED.join(', ') },
    instance: { value: 'INSTANCE', about: 'the instance, for all formats but eventlog' },
    stream: placed('where the stream of an event is (default)'),
    type: placed('where its type is'),
    time: placed('where its time is: RFC 3339, or a number (now)'),
    'time-unit': {
      value: 'UNIT',
      choices: UNITS,
      about: 'of what a number is: s, ms, us, ns (ms)',
    },
    payload: placed('where its payload is ($, all of it)'),
    metadata: placed('where its metadata is ({})'),
    id: placed('where its id is: a text that no other event has'),
    'dry-run': { about: 'store nothing, and print what would be stored' },
  },
  examples: [
    ['import all.jsonl', 'into the default log'],
    ['import copy.redb all.jsonl', 'into the log in a file'],
    ['export orders | codebolt-eventlog import --log copy.redb', 'from one log into another'],
    [
      "import orders.jsonl --instance orders --stream '$.orderId' --type '$.kind' --time '$.ts' --dry-run",
      'JSON Lines of any shape: what would be stored',
    ],
    ['import app.log --format pino --instance app', 'the lines of pino'],
    ['import --format journal --instance web < web.export', 'journalctl -o export'],
    ['import shop.db --format emmett --instance shop', "Emmett's file"],
    [
      'import @codebolt/codeboltjs --format codebolt --instance orders',
      'an instance of the log that the SDK is connected to',
    ],
  ],

  async run(context) {
    const { open, output, values, words, settings, signal } = context;
    const [path] = words;
    const asked = askedFor(values);
    const source = await sourceOf(path, asked, context);
    if (asked.dryRun) {
      await tryOut(context, source, asked);
      return;
    }
    const log = await open({ changes: true, creates: true });
    // What somebody types is not overwritten.
    const quiet = settings.quiet || isTyped(source);
    const response = await withProgress('import', { quiet }, (onProgress) =>
      log.importEvents(source, { signal, onProgress, ...asked }),
    );
    await output.one(dataOf(response), COUNTS);
    if (response.message !== undefined) output.note(response.message);
    await source?.close?.();
  },
};
