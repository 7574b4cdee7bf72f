// Files of the formats that there were, and what is in them.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

/** The folder with a folder for each file: `log.redb.br`, and `contents.json`, what a log of it answers. */
export const FORMATS = fileURLToPath(new URL('../fixtures/formats', import.meta.url));

/** The names of the files that there are. */
export function formatNames() {
  return readdirSync(FORMATS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** The bytes of a file, and what is in it. */
export function formatFile(name) {
  const read = (file) => readFileSync(join(FORMATS, name, file));
  return {
    bytes: brotliDecompressSync(read('log.redb.br')),
    contents: JSON.parse(read('contents.json').toString('utf8')),
  };
}

/** The format that the bytes of a file say they have. */
export function formatOf(bytes) {
  return bytes.readUInt32LE(16);
}

/** The projection of which the log has a snapshot. `apply` is told of each event that it is computed from. */
export function counting(apply) {
  return { instance: 'shop', stream: 'till', name: 'count', version: 1, initial: 0, apply };
}

/** The consumers as they are listed, with what they have parked. Files from before there were parked events have none. */
async function consumersOf({ consumers, hasMore }, parkedOf) {
  const listed = [];
  for (const { parked, ...consumer } of consumers) {
    listed.push(parked === 0 ? consumer : { ...consumer, parked: await parkedOf(consumer) });
  }
  return { consumers: listed, hasMore };
}

/** All that a log has to say of what is in it. */
export async function contentsOf(log) {
  const lines = [];
  for await (const chunk of log.exportEvents()) lines.push(chunk);
  const text = Buffer.concat(lines.map((line) => Buffer.from(line))).toString('utf8');
  const { data } = await log.listInstances();
  const of = async (method, options) => {
    const response = await log[method](options);
    if (!response.success) throw new Error(`${method}: ${response.code}: ${response.error}`);
    return response.data;
  };
  const query = (parts) => of('queryEvents', { from: { instance: 'shop' }, ...parts });
  let applied = 0;
  const count = await log.project(counting((n) => ((applied += 1), n + 1)));
  const report = await of('verify');
  return {
    // The lines are many; that they are the same is what matters.
    exported: {
      lines: text.split('\n').length,
      sha256: createHash('sha256').update(text).digest('hex'),
    },
    instances: data.instances,
    streams: await of('listStreams', { instance: 'shop' }),
    consumers: await consumersOf(await of('listConsumers', { instance: 'shop' }), ({ consumer }) =>
      of('listParked', { instance: 'shop', consumer }),
    ),
    count,
    applied,
    rare: await query({ where: [{ field: 'n', operator: 'in', value: [7, 4000, 5005] }] }),
    totals: await query({
      reduce: { type: 'sum', field: 'n', groupBy: ['stream_id', 'event_type'] },
    }),
    report: { intact: report.intact, events: report.events, problems: report.problems },
  };
}
