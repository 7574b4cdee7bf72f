// The events of a view as a file.

/** How many events are asked for at once. */
const PAGE = 1_000;

/** What a file can be. */
export const FORMATS = {
  jsonl: { name: 'JSON Lines', extension: 'jsonl', type: 'application/x-ndjson' },
  json: { name: 'JSON', extension: 'json', type: 'application/json' },
  csv: { name: 'CSV', extension: 'csv', type: 'text/csv;charset=utf-8' },
};

const COLUMNS = [
  'position',
  'timestamp',
  'stream_id',
  'sequence_number',
  'event_type',
  'id',
  'payload',
  'metadata',
];

/**
 * Collects the events of a list, as many as it has now.
 *
 * @param {import('./event-list.js').EventList} list - The list.
 * @param {keyof typeof FORMATS} format - What the file is to be.
 * @param {(done: number, total: number) => void} onProgress - Called after each page.
 * @param {AbortSignal} signal - Aborts it.
 * @returns {Promise<Blob>} The file. The browser keeps a large one on disk.
 */
export async function exportList(list, format, onProgress, signal) {
  const { total } = list;
  const { type } = FORMATS[format];
  const write = { jsonl: jsonLines, json: jsonItems, csv: csvRows }[format];
  const pieces = [{ jsonl: '', json: '[\n', csv: `${COLUMNS.join(',')}\r\n` }[format]];
  for (let start = 0; start < total; start += PAGE) {
    const length = Math.min(PAGE, total - start);
    const events = await list.page(start, length, signal);
    pieces.push(new Blob([write(events, start === 0)]));
    onProgress(start + length, total);
  }
  if (format === 'json') pieces.push('\n]\n');
  return new Blob(pieces, { type });
}

function jsonLines(events) {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

function jsonItems(events, isFirst) {
  return `${isFirst ? '' : ',\n'}${events.map((event) => JSON.stringify(event)).join(',\n')}`;
}

function csvRows(events) {
  const rows = events.map((event) => COLUMNS.map((name) => cell(event[name])).join(','));
  return rows.map((row) => `${row}\r\n`).join('');
}

/** A value in CSV. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function cell(value) {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const isFormula = typeof value === 'string' && /^[=+\-@\t\r]/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
