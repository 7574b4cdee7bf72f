'use strict';

// A log in another format than its own: the stream that `exportEvents` returns if it is asked for one.

const { stream, types } = require('../builtins.js');
const {
  CallSite,
  EventLogError,
  asFailure,
  describe,
  invalid,
  invalidBy,
} = require('../failure.js');
const { givenOf, refuseController } = require('../given.js');
const { ColumnReader, columnsOf } = require('./columns.js');
const { ExportedEvents } = require('./exported-event.js');
const { OWN } = require('./format-names.js');
const { formatOf } = require('./formats/index.js');

/** Formats whose events have a shape of their own. */
const WITHOUT_COLUMNS = ['cloudevents', 'cloudevents-batch'];

/** How much of it waits to be read before the export goes on. */
const BUFFERED_BYTES = 512 * 1024;

/**
 * @param {any} options - The options of an export.
 * @returns {{ options: any, format?: any, columns?: any }} Its own options, and apart from them those of a format.
 */
function apart(options) {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return { options };
  }
  refuseController(options);
  const { format, columns, ...rest } = givenOf(options);
  return { format, columns, options: rest };
}

/**
 * The stream of an export.
 *
 * @param {(options: unknown) => import('node:stream').Readable} create - Makes the export in the log's own format.
 * @param {any} options - The options of the export.
 */
function exportIn(create, options) {
  let given;
  try {
    given = apart(options);
  } catch {
    // A getter has thrown, or this is a controller: the export tells that.
    return create(options);
  }
  const { format = OWN, columns } = given;
  const isFormatted = format !== OWN || columns !== undefined;
  return isFormatted ? new FormattedExport(create, given) : create(given.options);
}

class FormattedExport extends stream.Readable {
  #site = new CallSite();
  /** The export in the log's own format. */
  #lines;
  #parts;
  #failure;

  constructor(create, { format, columns, options }) {
    super({ highWaterMark: BUFFERED_BYTES });
    try {
      const asked = columnsOf(columns);
      // Begun now, and not once somebody reads: the export is of the log as it is when it is called for.
      this.#lines = create(options);
      this.#parts = partsOf(this.#lines, format, asked);
    } catch (error) {
      // A getter may have thrown.
      const isOwn = error instanceof EventLogError;
      this.#failure = isOwn ? error : invalidBy('options.columns', error);
    }
  }

  _read() {
    if (this.#failure !== undefined) {
      this.destroy(this.#failure);
      return;
    }
    this.#next().catch((error) => this.destroy(this.#site.in(asFailure(error))));
  }

  async #next() {
    for (;;) {
      const { done, value } = await this.#parts.next();
      if (this.destroyed) return;
      if (done) {
        this.push(null);
        return;
      }
      // A writer may have nothing to give out yet.
      if (value.length > 0) {
        this.push(value);
        return;
      }
    }
  }

  _destroy(error, callback) {
    this.#lines?.destroy();
    callback(error);
  }
}

/** What the code of a format makes. What it throws is told as that. */
async function madeBy(name, make) {
  try {
    return await make();
  } catch (error) {
    throw invalidBy(`options.format: ${name} failed`, error);
  }
}

/** What a format gives out. */
async function givenOut(name, make) {
  const part = await madeBy(name, make);
  if (typeof part === 'string' || types.isUint8Array(part)) return part;
  throw invalid(`options.format: expected strings or bytes of ${name}, found ${describe(part)}`);
}

/** The name of a format for a person, which need not have one. */
function nameOf(format) {
  try {
    return typeof format.name === 'string' ? format.name : 'it';
  } catch {
    return 'it';
  }
}

/** What the format that was asked for makes of the lines of an export, part by part. */
async function* partsOf(lines, asked, columns) {
  const format = await formatOf(asked);
  const name = nameOf(format);
  if (columns.length > 0 && WITHOUT_COLUMNS.includes(name)) {
    throw invalid(`options.columns: expected them with a format that has columns, found ${name}`);
  }
  const shown = columns.map((column) => ({ name: column.name, type: column.type }));
  const writer = await madeBy(name, () => format.begin({ columns: shown }));
  const exported = new ExportedEvents();
  const reader = new ColumnReader(columns);
  for await (const bytes of lines) {
    const events = exported.take(bytes);
    for (const event of events) event.columns = reader.values(event);
    if (events.length > 0) yield await givenOut(name, () => writer.write(events));
  }
  yield await givenOut(name, () => writer.end());
}

module.exports = { exportIn };
