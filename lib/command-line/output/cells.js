'use strict';

// A value in a cell of a table or of a CSV file, as text.

/** A number with commas between thousands. Intl would take longer to load than a command to run. */
function grouped(number) {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes for a person. */
function bytes(value) {
  let rest = value;
  let unit = 0;
  while (rest >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? rest : rest.toFixed(1)} ${UNITS[unit]}`;
}

/** A value as it is: a string without quotes, what is nested as JSON, nothing for what is not there. */
function plain(value) {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A value for a person. `kind` is that of its column. */
function readable(value, kind) {
  if (typeof value !== 'number') return plain(value);
  if (kind === 'bytes') return bytes(value);
  return kind === 'count' ? grouped(value) : String(value);
}

/** The value of a row in a column. */
function valueOf(row, column) {
  return column.value === undefined ? row[column.key] : column.value(row);
}

module.exports = { grouped, plain, readable, valueOf };
