// A log with what is easily lost on the way into a file for analysis.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

/** Columns of each type, over the events of `hardLog`. */
export const COLUMNS = {
  big: { field: 'payload.big', type: 'int64' },
  ratio: { field: 'payload.ratio', type: 'double' },
  name: { field: 'payload.name', type: 'string' },
  isOpen: { field: 'payload.isOpen', type: 'boolean' },
  at: { field: 'payload.at', type: 'timestamp' },
  tags: 'payload.tags',
};

/** The payloads of the events of `hardLog`, as text. */
export const PAYLOADS = [
  '{"big":9007199254740993,"ratio":0.1,"name":"ö 😀","isOpen":true,"at":"2026-01-31T12:00:00.001+01:00","tags":["a",1.50]}',
  '{"big":-9223372036854775808,"ratio":1e300,"name":"","isOpen":false,"at":0,"tags":{"n":18446744073709551616}}',
  '{"big":null}',
  '[]',
];

/** A log whose numbers are not altered, since it is imported as text. */
export async function hardLog(t) {
  const log = await EventLog.open(':memory:');
  t.teardown(() => log.close());
  const event = (payload, n) =>
    `{"id":"0192f000-0000-7000-8000-00000000000${n}","instanceId":"shop","stream_id":"s","event_type":"t","payload":${payload},"metadata":{"n":${n}},"timestamp":"2026-01-31T12:00:00.00${n}Z","sequence_number":${n}}`;
  const lines = [
    '{"format":"codebolt-eventlog","version":1}',
    '{"instance":{"id":"shop","name":"shop","createdAt":"2026-01-31T12:00:00Z"}}',
    ...PAYLOADS.map((payload, index) => event(payload, index + 1)),
    `{"end":{"instances":1,"events":${PAYLOADS.length}}}`,
  ];
  const { success, error } = await log.importEvents([lines.join('\n')]);
  if (!success) throw new Error(error);
  return log;
}

/** A log with more events than a batch or a group of rows has. */
export async function longLog(t, count) {
  const log = await EventLog.open(':memory:', { autoCreateInstances: true });
  t.teardown(() => log.close());
  for (let start = 0; start < count; start += 10_000) {
    const length = Math.min(10_000, count - start);
    const events = Array.from({ length }, (_, n) => ({
      streamId: `s${(start + n) % 100}`,
      eventType: 'counted',
      payload: { n: start + n, text: 'x'.repeat(n % 50) },
    }));
    await log.strict.appendEvents({ instanceId: 'long', events });
  }
  return log;
}

/** The bytes of an export. */
export async function bytesOf(log, options) {
  const chunks = [];
  for await (const chunk of log.exportEvents(options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Writes bytes to a file that is removed after the test. Returns its path. */
export async function fileOf(t, name, bytes) {
  const folder = await mkdtemp(join(tmpdir(), 'codebolt-eventlog-analysis-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}
