'use strict';

// The messages of Emmett's event store in SQLite, in their order.

const { fs } = require('../../builtins.js');
const { describe, invalid } = require('../../failure.js');
const { keptText } = require('../../json-text.js');
const { refuseMap } = require('./mapping.js');

/** How many messages are read at a time. */
const PAGE = 1000;

const MESSAGES = `SELECT global_position, partition, stream_id, is_archived, message_kind, message_type, message_id,
    message_data, message_metadata, created
  FROM emt_messages
  WHERE global_position > ?
  ORDER BY global_position
  LIMIT ${PAGE}`;

/** The partitions of who has named none. */
const DEFAULT_PARTITIONS = ['emt:default', 'global'];

/** Opens a database by the module of Node.js, for reading. */
function openFile(path) {
  const sqlite = process.getBuiltinModule?.('node:sqlite');
  if (sqlite === undefined) {
    throw invalid(
      `source: a path needs Node.js 22.13 or later, found ${process.version}: give an open database of better-sqlite3`,
    );
  }
  if (!fs.existsSync(path)) throw invalid(`source: there is no file at ${path}`);
  const { DatabaseSync } = /** @type {any} */ (sqlite);
  return new DatabaseSync(path, { readOnly: true });
}

/** A database that messages are read from: one that is open, or a file, which is closed again. */
class MessageDatabase {
  #database;
  #isOwn;
  #isOver = false;
  #isReleased = false;
  #archived = 0;
  #commands = 0;

  constructor(source) {
    this.#isOwn = typeof source === 'string';
    this.#database = this.#isOwn ? openFile(source) : source;
    if (typeof this.#database?.prepare !== 'function') {
      throw invalid(
        `source: expected the path of a file, or an open database of node:sqlite or better-sqlite3, found ${describe(source)}`,
      );
    }
  }

  /** The messages after a position; none any more once it was let go. */
  after(position) {
    if (this.#isOver) return [];
    try {
      return this.#database.prepare(MESSAGES).all(position);
    } catch (error) {
      throw invalid(`source: expected the tables of Emmett: ${error.message}`, { cause: error });
    }
  }

  /** Whether a message is an event that Emmett would read. What is none is counted. */
  isEvent({ is_archived: archived, message_kind: kind }) {
    if (Number(archived) !== 0) this.#archived += 1;
    else if (kind !== 'E') this.#commands += 1;
    else return true;
    return false;
  }

  /** What was left out; `undefined` if that is nothing. */
  get remark() {
    const parts = [];
    if (this.#archived > 0) parts.push(`${this.#archived} of archived streams`);
    if (this.#commands > 0) parts.push(`${this.#commands} that are no events`);
    return parts.length === 0 ? undefined : `messages were left out: ${parts.join(', ')}`;
  }

  interrupt() {
    this.#isOver = true;
  }

  release() {
    this.#isOver = true;
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.#isOwn) this.#database.close();
  }
}

/** SQLite's time, which is UTC, as ISO 8601. */
function timeOf(created, place) {
  const time = Date.parse(`${String(created).replace(' ', 'T').replace(/Z$/, '')}Z`);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw invalid(`${place}: expected the time of a message, found ${JSON.stringify(created)}`);
}

/** The JSON text of an object or an array; `{}` for nothing. */
function containerOf(text, what, place) {
  const given = text ?? '{}';
  try {
    const value = JSON.parse(given);
    if (typeof value === 'object' && value !== null) return keptText(given);
  } catch {
    // Told below.
  }
  throw invalid(`${place}: expected the ${what} to be JSON of an object or an array`);
}

/** The stream of a message. Two partitions may have one of the same name. */
function streamOf({ partition, stream_id: stream }) {
  return DEFAULT_PARTITIONS.includes(partition) ? stream : `${partition}/${stream}`;
}

/** The messages as records of an import. */
async function* records(database, { map }) {
  refuseMap(map, 'emmett');
  let position = 0;
  for (;;) {
    const messages = database.after(position);
    for (const message of messages) {
      position = message.global_position;
      if (!database.isEvent(message)) continue;
      const place = `message ${position}`;
      yield {
        place,
        streamId: streamOf(message),
        eventType: message.message_type,
        timestamp: timeOf(message.created, place),
        payloadText: containerOf(message.message_data, 'data', place),
        metadataText: containerOf(message.message_metadata, 'metadata', place),
        id: message.message_id,
      };
    }
    if (messages.length < PAGE) return;
  }
}

module.exports = { emmett: { open: (source) => new MessageDatabase(source), records } };
