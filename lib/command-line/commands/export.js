'use strict';

// A log, or an instance of it, as JSON Lines that can be imported.

const { EXPORTED: FORMATS } = require('../../transfer/format-names.js');
const { invalid } = require('../failure.js');
const { checkIsNew, toNewFile } = require('../new-file.js');
const { withProgress } = require('../progress.js');
const { shownJson } = require('../text.js');

/** Writes the lines to standard output. On a terminal, nothing in them has an effect. */
async function toOutput(lines, output) {
  const { terminal } = output.settings;
  const decoder = new TextDecoder();
  for await (const chunk of lines) {
    if (terminal.isTTY) {
      await output.text(shownJson(decoder.decode(chunk, { stream: true }), terminal));
    } else {
      await output.bytes(chunk);
    }
  }
}

/** Formats that are bytes and no text. */
const BINARY = ['parquet', 'arrow'];

/** A column that was asked for: `NAME=FIELD`, or `NAME=FIELD:TYPE`. */
function columnOf(text) {
  const [, name, field, type] = /^([^=]+)=([^:]+)(?::(\w+))?$/.exec(text) ?? [];
  if (name !== undefined) return [name, { field, ...(type !== undefined && { type }) }];
  throw invalid(
    `--column: expected NAME=FIELD or NAME=FIELD:TYPE, such as amount=payload.amount:double, found "${text}"`,
  );
}

/** What the export is asked for beside its instance. */
function formatOf({ format, column }) {
  const columns = column === undefined ? undefined : Object.fromEntries(column.map(columnOf));
  return { format, columns };
}

module.exports = {
  summary: 'writes a log, or one instance, as JSON Lines or in another format',
  details: [
    'It writes one state of the log: the one of its start. Without --format that is the format which import takes',
    'whole again. CloudEvents are one a line, or one array (cloudevents-batch). For csv, parquet and arrow, --column',
    'makes columns of fields; its type is string, int64, double, boolean, timestamp or json (which it is without one).',
    'parquet and arrow need the package codebolt-eventlog-analysis.',
  ],
  words: ['[INSTANCE]'],
  options: {
    to: { value: 'FILE', about: 'write a new file, and not standard output' },
    format: { value: 'FORMAT', choices: FORMATS, about: FORMATS.join(', ') },
    column: {
      value: 'NAME=FIELD:TYPE',
      isMultiple: true,
      about: 'a column of a field; again for one more',
    },
  },
  examples: [
    ['export > all.jsonl', 'the default log'],
    ['export orders --to orders.jsonl', 'one instance, into a file that is whole or not there'],
    ['export --log data/orders.redb | gzip > orders.jsonl.gz', 'the log in a file, compressed'],
    ['export orders --format cloudevents', 'CloudEvents, one a line'],
    [
      'export orders --format parquet --column total=payload.total:double --to orders.parquet',
      'a file for DuckDB, pandas and others',
    ],
  ],

  async run({ open, output, values, words: [instance], settings, signal }) {
    const { to } = values;
    checkIsNew(to);
    const format = formatOf(values);
    if (to === undefined && output.isTTY && BINARY.includes(values.format)) {
      throw invalid(`--format ${values.format}: expected --to, or an output that is no terminal`);
    }
    const log = await open();
    // The lines themselves show how far it is where they go to a terminal.
    const quiet = settings.quiet || (to === undefined && output.isTTY);
    await withProgress('export', { quiet }, (onProgress) => {
      const lines = log.exportEvents({ instance, signal, onProgress, ...format });
      return to === undefined ? toOutput(lines, output) : toNewFile(lines, to);
    });
  },
};
