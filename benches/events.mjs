// Prints events of the benchmarks for those of the engine alone: `node benches/events.mjs <name> <of> <count>` prints
// the first `count` of a set of `of` events. Each is a line of JSON: an array of stream, type, milliseconds, sequence
// number, link, payload and metadata, the last two as JSON texts.

import { once } from 'node:events';

import { datasetNamed } from '../bench/queries/data/index.mjs';
import { variedWebhooks } from '../bench/queries/data/varied-webhooks.mjs';

const [name, of, count] = process.argv.slice(2);
const make = name === 'varied-webhooks' ? variedWebhooks : datasetNamed(name).make;
/** So many lines are written at once. All of them can be more than a string can have. */
const linesAtOnce = 10_000;

const heads = new Map();
const lines = [];
let position = 0;
for (const { streamId, eventType, timestamp, payload, metadata } of make(Number(of))) {
  if (position === Number(count)) break;
  position += 1;
  const head = heads.get(streamId) ?? { sequence: 0, position };
  const event = [streamId, eventType, timestamp, head.sequence + 1, position - head.position];
  lines.push(JSON.stringify([...event, JSON.stringify(payload), JSON.stringify(metadata)]));
  heads.set(streamId, { sequence: head.sequence + 1, position });
  if (lines.length === linesAtOnce) await write();
}
await write();

async function write() {
  const text = lines.splice(0).map((line) => `${line}\n`);
  if (!process.stdout.write(text.join(''))) await once(process.stdout, 'drain');
}
