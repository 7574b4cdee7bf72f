// Exports as text and as values, and imports of them.

import { appended, created, failed, succeeded } from './response.mjs';
import { openLog } from './temporary.mjs';

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

/** The lines of a log with two instances and five events. */
export async function smallExport(t) {
  const log = await openLog(t);
  await created(t, log, 'orders 😀', 'what was "ördered"');
  for (const [streamId, n] of [
    ['a', 1],
    ['b é', 2],
    ['a', 3],
  ]) {
    await appended(t, log, {
      instanceId: 'orders 😀',
      streamId,
      eventType: 'made',
      payload: { n, text: '😀\ud800é' },
    });
  }
  const events = [{ eventType: 't' }, { eventType: 'u', timestamp: 0 }];
  const params = { instanceId: 'own', autoCreateInstance: true, events };
  succeeded(t, await log.appendEvents(params), 'appendEvents');
  return exportText(log);
}

/** The text of an export of one instance with `count` events of about a kilobyte. */
export async function longExport(t, count = 5000) {
  const log = await openLog(t);
  await created(t, log, 'long');
  const payload = { text: 'x'.repeat(1000) };
  for (let n = 0; n < count; n += 1000) {
    const events = Array.from({ length: 1000 }, (_, i) => ({
      streamId: `stream ${i % 7}`,
      eventType: 'made',
      payload,
    }));
    succeeded(t, await log.appendEvents({ instanceId: 'long', events }), 'appendEvents');
  }
  return exportText(log);
}

/** The text with line `number` made another one; without a new one it is left out. */
export function withLine(text, number, line) {
  const lines = linesOf(text);
  lines.splice(number - 1, 1, ...(line === undefined ? [] : [line]));
  return `${lines.join('\n')}\n`;
}

/** The events of an instance, as an export writes them, apart. */
export async function eventsOf(log, instance) {
  const lines = (await exportText(log, { instance })).trimEnd().split('\n').slice(2, -1);
  return lines.map((line) => {
    const [, payload] = /"payload":(.*),"metadata":/.exec(line);
    const event = JSON.parse(line);
    return { ...event, payload };
  });
}
