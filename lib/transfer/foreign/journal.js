'use strict';

// The export format of systemd's journal: entries of fields, a field a line, with an empty line behind each entry. A field
// that has a line feed or bytes in it has its length before it.

const { invalid } = require('../../failure.js');
const { bytesOf } = require('./lines.js');

/** The most bytes of one entry: more than an event can have. */
const ENTRY_BYTES_MAX = 128 * 1024 * 1024;

const LINE_FEED = 10;
const LENGTH_BYTES = 8;

/** Reads fields from bytes that are cut anywhere. */
class Fields {
  /** What has come and was not looked at, and how much of it is needed to go on. */
  #parts = [];
  #held = 0;
  #needed = 1;
  #bytes = Buffer.alloc(0);
  #line = 1;
  /** @type {{ line: number, fields: [string, unknown][] }} */
  #entry = { line: 1, fields: [] };
  /** How many bytes the fields of the entry have. */
  #entryBytes = 0;

  /** The entries that end in the next bytes. */
  take(bytes) {
    // Copied: the source uses its memory again.
    this.#parts.push(Buffer.from(bytes));
    this.#held += bytes.length;
    if (this.#held > ENTRY_BYTES_MAX) throw this.#tooLong();
    return this.#held < this.#needed ? [] : this.#read();
  }

  #read() {
    this.#bytes = Buffer.concat(this.#parts);
    this.#needed = 0;
    const entries = [];
    for (;;) {
      const end = this.#bytes.indexOf(LINE_FEED);
      if (end === -1) break;
      if (end === 0) {
        this.#bytes = this.#bytes.subarray(1);
        this.#line += 1;
        this.#end(entries);
      } else if (!this.#takeField(end)) break;
    }
    this.#parts = [this.#bytes];
    this.#held = this.#bytes.length;
    // A line that goes on is looked at again once there is twice as much of it.
    this.#needed = Math.max(this.#needed, this.#held * 2, 1);
    return entries;
  }

  /** The last entry, which need not have an empty line behind it. */
  end() {
    const entries = this.#read();
    if (this.#bytes.length > 0) {
      throw invalid(`line ${this.#line}: the source ends in the middle of a field`);
    }
    this.#end(entries);
    return entries;
  }

  #end(entries) {
    if (this.#entry.fields.length > 0) entries.push(this.#entry);
    this.#entry = { line: this.#line, fields: [] };
    this.#entryBytes = 0;
  }

  /** Takes the field whose first line ends at `end`. Returns `false` if it has not all come yet. */
  #takeField(end) {
    const line = this.#bytes.subarray(0, end);
    const equals = line.indexOf('=');
    if (equals !== -1) {
      this.#add(line.subarray(0, equals), line.subarray(equals + 1));
      this.#bytes = this.#bytes.subarray(end + 1);
      this.#line += 1;
      return true;
    }
    // Before what follows is taken for a length: other text has lines without a "=", too.
    this.#checkName(line);
    const start = end + 1 + LENGTH_BYTES;
    if (this.#bytes.length < start) return false;
    const length = this.#bytes.readBigUInt64LE(end + 1);
    if (length > BigInt(ENTRY_BYTES_MAX)) throw this.#tooLong();
    const after = start + Number(length);
    if (this.#bytes.length <= after) {
      this.#needed = after + 1;
      return false;
    }
    if (this.#bytes[after] !== LINE_FEED) {
      throw invalid(
        `line ${this.#line}: expected a line feed behind the ${length} bytes of a field`,
      );
    }
    const value = this.#bytes.subarray(start, after);
    this.#add(line, value);
    this.#line += 2 + value.filter((byte) => byte === LINE_FEED).length;
    this.#bytes = this.#bytes.subarray(after + 1);
    return true;
  }

  #checkName(name) {
    const text = name.toString('latin1');
    if (/^[A-Z_][A-Z\d_]*$/.test(text)) return text;
    throw invalid(
      `line ${this.#line}: expected the name of a field, such as MESSAGE, as journalctl -o export writes it, found ${JSON.stringify(text.slice(0, 100))}`,
    );
  }

  #add(name, value) {
    const text = this.#checkName(name);
    this.#entryBytes += name.length + value.length;
    if (this.#entryBytes > ENTRY_BYTES_MAX) throw this.#tooLong();
    this.#entry.fields.push([text, valueOf(value)]);
  }

  #tooLong() {
    return invalid(
      `line ${this.#line}: expected an entry of at most ${ENTRY_BYTES_MAX} bytes, found more`,
    );
  }
}

/** The value of a field: its text, or what is no text in base64. */
function valueOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { base64: bytes.toString('base64') };
  }
}

/** The fields of an entry as an object. A field that an entry has several times is an array. */
function objectOf(fields) {
  const object = {};
  for (const [name, value] of fields) {
    if (!Object.hasOwn(object, name)) object[name] = value;
    else if (Array.isArray(object[name])) object[name].push(value);
    else object[name] = [object[name], value];
  }
  return object;
}

/** The entries of a journal, each as `{ place, text }`, where the text is a JSON object. */
async function* entriesOf(source) {
  const fields = new Fields();
  const told = ({ line, fields: own }) => ({
    place: `the entry at line ${line}`,
    text: JSON.stringify(objectOf(own)),
  });
  for await (const bytes of bytesOf(source)) {
    for (const entry of fields.take(bytes)) yield told(entry);
  }
  for (const entry of fields.end()) yield told(entry);
}

module.exports = { entriesOf };
