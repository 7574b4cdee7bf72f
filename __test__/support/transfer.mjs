// Exports as text and as values, and imports of them.

import { failed, succeeded } from './response.mjs';

/** The whole text of an export. */
export async function exportText(log, options) {
  const chunks = [];
  for await (const chunk of log.exportEvents(options)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The lines of an export's text, without the end of each. */
export function linesOf(text) {
  return text.trimEnd().split('\n');
}

/** Imports what must succeed, and returns the counts. */
export async function imported(t, log, source, options) {
  return succeeded(t, await log.importEvents(source, options), 'importEvents');
}

/** Imports what must fail with that code, and returns the text of the failure. */
export async function refused(t, log, source, code, pattern, options) {
  return failed(t, await log.importEvents(source, options), 'importEvents', code, pattern);
}

/** Asserts that reading a stream to its end fails with that code. */
export async function failsWith(t, stream, code, pattern) {
  const error = await t.throwsAsync(async () => {
    for await (const chunk of stream) t.truthy(chunk.length);
  });
  t.is(error.code, code, error.message);
  t.is(error.name, 'EventLogError');
  t.regex(error.message, pattern);
  t.true(stream.destroyed);
  return error;
}
