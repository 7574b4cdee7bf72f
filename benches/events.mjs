// Prints events of the benchmarks for those of the engine alone: `node benches/events.mjs <name> <of> <count>` prints
// the first `count` of a set of `of` events. Each is a line of JSON: an array of stream, type, milliseconds, sequence
// number, link, payload and metadata, the last two as JSON texts.

import { datasetNamed } from '../bench/queries/data/index.mjs';
import { variedWebhooks } from '../bench/queries/data/varied-webhooks.mjs';

const [name, of, count] = process.argv.slice(2);
const make = name === 'varied-webhooks' ? variedWebhooks : datasetNamed(name).make;
const heads = new Map();
const lines = [];
for (const { streamId, eventType, timestamp, payload, metadata } of make(Number(of))) {
  if (lines.length === Number(count)) break;
  const position = lines.length + 1;
  const head = heads.get(streamId) ?? { sequence: 0, position };
  const event = [streamId, eventType, timestamp, head.sequence + 1, position - head.position];
  lines.push(JSON.stringify([...event, JSON.stringify(payload), JSON.stringify(metadata)]));
  heads.set(streamId, { sequence: head.sequence + 1, position });
}
process.stdout.write(`${lines.join('\n')}\n`);
