// Appends events from wherever it is started: a worker thread, a child process or a cluster
// worker. Tells its parent of each event that was acknowledged, then that it is done.

import cluster from 'node:cluster';
import { parentPort, workerData } from 'node:worker_threads';

import { EventLog } from '../../index.mjs';

const {
  path,
  options,
  name,
  count,
  streams,
  inFlight,
  batch = 1,
  hold = false,
} = workerData ?? JSON.parse(process.env.APPENDER);

const tell = (message) => (parentPort ? parentPort.postMessage(message) : process.send(message));

const log = await EventLog.open(path, options);

/** Appends `batch` events to one stream and returns those that were acknowledged. */
async function append(number) {
  const streamId = `stream ${number % streams}`;
  const event = { eventType: 'made', payload: { name, number } };
  const response =
    batch === 1
      ? await log.appendEvent({ instanceId: 'orders', streamId, ...event })
      : await log.appendEvents({
          instanceId: 'orders',
          events: new Array(batch).fill({ streamId, ...event }),
        });
  if (!response.success) throw new Error(`${response.code}: ${response.error}`);
  return batch === 1 ? [response.data.event] : response.data.events;
}

let next = 0;
async function lane() {
  while (next < count) {
    const number = next;
    next += 1;
    const events = await append(number);
    tell({ acknowledged: events.map((event) => event.id) });
  }
}

tell({ opened: name });
await Promise.all(Array.from({ length: inFlight }, lane));
tell({ done: name });
// A log that is left open is closed by the end of its environment.
if (!hold) await log.close();
if (cluster.isWorker) cluster.worker.disconnect();
