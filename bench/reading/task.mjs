// One measurement, in a process of its own: parameters come as JSON, and figures go to the parent.
//
//     node task.mjs '{"kind":"readAll","system":"lmdb",…}'        with a channel for messages

import { performance } from 'node:perf_hooks';

import { streamCount, streamNamed } from './events.mjs';
import { measureFollowing, measureIdle } from './following.mjs';
import { measureGuards } from './guards.mjs';

const task = JSON.parse(process.argv[2]);
const kinds = {
  load,
  readAll,
  readLines,
  readStreams,
  follow: measureFollowing,
  idle: measureIdle,
  guard: measureGuards,
};
const figures = await kinds[task.kind](task);
process.send(figures);
process.disconnect();

async function load({ system, folder, events, product }) {
  const { load: fill } = await import(`./systems/${system}.mjs`);
  await fill(folder, events, product);
  return {};
}

/** Reads everything once, and once more in time. */
async function readAll({ system, folder, events, product }) {
  return timed({ system, folder, product }, async (store) => {
    let [count, sum] = [0, 0];
    await store.readAll(({ payload }) => {
      count += 1;
      sum += payload.n;
    });
    expect(count, events);
    expect(sum, (events * (events - 1)) / 2);
    return count;
  });
}

/** Reads the text of everything, in lines. */
async function readLines({ system, folder, events, product }) {
  return timed({ system, folder, product }, async (store) => {
    let count = 0;
    await store.readLines((lines) => {
      for (let at = lines.indexOf('\n'); at !== -1; at = lines.indexOf('\n', at + 1)) count += 1;
    });
    expect(count, events);
    return count;
  });
}

/** Reads one stream after the other. */
async function readStreams({ system, folder, events, product }) {
  const wanted = Math.min(streamCount, 200);
  return timed({ system, folder, product }, async (store) => {
    let count = 0;
    for (let n = 0; n < wanted; n += 1) {
      let sequence = 0;
      await store.readStream(streamNamed(n * 7), (event) => {
        sequence += 1;
        if (event.sequence_number !== sequence) expect(event.sequence_number, sequence);
      });
      expect(sequence, events / streamCount);
      count += sequence;
    }
    return count;
  });
}

async function timed({ system, folder, product }, read) {
  const { open } = await import(`./systems/${system}.mjs`);
  const store = await open(folder, product);
  const before = process.memoryUsage.rss();
  await read(store);
  const began = performance.now();
  const count = await read(store);
  const seconds = (performance.now() - began) / 1000;
  await store.close();
  const residentBytes = process.resourceUsage().maxRSS * 1024 - before;
  return { eventsPerSecond: count / seconds, residentBytes };
}

function expect(found, expected) {
  if (found !== expected) throw new Error(`expected ${expected}, found ${found}`);
}
