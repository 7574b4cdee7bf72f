// A process that appends as fast as it can until it is killed, or ends in a way that it was told. Its
// threads append too. A line on its standard output acknowledges what was answered with success.
//
//     node writer.mjs '{ "path": …, "name": …, "lanes": …, "threads": …, "options": …, "end": …,
//                        "patient": … }'
//
// A patient one takes it that another process holds it up, and tells which calls were refused for that.

import { randomInt } from 'node:crypto';
import { writeSync } from 'node:fs';
import { Worker, isMainThread, parentPort, threadId, workerData } from 'node:worker_threads';

import { EventLog } from '../../index.mjs';
import { instance, payloadOf, streamCount } from './payload.mjs';

const {
  path,
  name,
  lanes,
  threads = 0,
  options,
  changes = true,
  end,
  patient = false,
} = workerData ?? JSON.parse(process.argv[2]);

/** Which call of this thread it is. Threads have names of their own. */
const writer = isMainThread ? name : `${name}/${threadId}`;
let calls = 0;
const state = { ended: false };

/** Events in a batch that is larger than a segment of the journal. */
const hugeBatch = { events: 20, size: 2 ** 20 };

/** Ways to end by itself. */
const endAs = {
  exit: () => process.exit(0),
  throw() {
    throw new Error('on purpose');
  },
  // The threads go in the middle of what they do, and the process goes on.
  terminate: () => workers.forEach((worker) => worker.terminate()),
};

const workers = isMainThread ? Array.from({ length: threads }, startThread) : [];
const log = await open();
tell({ opened: writer });
if (isMainThread) {
  process.stdin.on('data', () => {
    state.ended = true;
    log.close().then(() => process.stdin.destroy());
  });
  if (end !== undefined) setTimeout(endAs[end.how], end.milliseconds);
}
await Promise.all(Array.from({ length: lanes }, lane));

async function open() {
  for (;;) {
    try {
      return await EventLog.open(path, options);
    } catch (error) {
      if (!patient || error.code !== 'LOCKED') throw error;
    }
  }
}

function startThread() {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { path, name, lanes, options, changes, patient },
  });
  worker.on('message', tell);
  return worker;
}

/** A line, or a message to the thread that writes lines. */
function tell(message) {
  if (!isMainThread) {
    parentPort.postMessage(message);
    return;
  }
  const line = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < line.length;) {
    try {
      written += writeSync(1, line, written);
    } catch (error) {
      // The parent has not read what came before.
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

async function lane() {
  while (!state.ended) {
    const choice = randomInt(1000);
    if (changes && choice < 10) await changeInstances();
    else if (changes && choice < 12) await appendMany(hugeBatch.events, hugeBatch.size);
    else if (choice < 20) await append(randomInt(200_000));
    else if (choice < 60) await query();
    else if (choice < 250) await appendMany(2 + randomInt(20), randomInt(200));
    else await append(randomInt(200));
  }
}

/** What answered has to be a success, unless the log is closed while it waits. */
function succeeded({ success, code, error, data }, call = null) {
  if (success) return data;
  if (state.ended && code === 'CLOSED') return undefined;
  if (patient && code === 'LOCKED') {
    tell({ refused: call });
    return undefined;
  }
  // Whoever was held up in the middle of a commit may not learn what became of it.
  if (patient && code === 'OUTCOME_UNKNOWN') return undefined;
  throw new Error(`${code}: ${error}`);
}

async function append(size) {
  const [event] = eventsOf(1, size);
  const params = { instanceId: instance, autoCreateInstance: true, ...event };
  acknowledge(await log.appendEvent(params), [event]);
}

async function appendMany(count, size) {
  const events = eventsOf(count, size);
  const params = { instanceId: instance, autoCreateInstance: true, events };
  acknowledge(await log.appendEvents(params), events);
}

function eventsOf(of, size) {
  const call = (calls += 1);
  return Array.from({ length: of }, (_, at) => ({
    streamId: `stream ${randomInt(streamCount)}`,
    eventType: size > 100 ? 'large' : 'small',
    payload: payloadOf({ writer, call, of, at, size }),
  }));
}

function acknowledge(response, [{ payload }]) {
  const data = succeeded(response, { writer: payload.writer, call: payload.call });
  if (data === undefined) return;
  const events = data.events ?? [data.event];
  tell({
    stored: events.map(({ id, stream_id: stream, sequence_number: sequence }) => [
      id,
      stream,
      sequence,
    ]),
  });
}

async function query() {
  const response = await log.queryEvents({
    from: { instance },
    where: [{ field: 'payload.writer', operator: 'eq', value: writer }],
    limit: 3,
  });
  // Nobody may have appended anything yet.
  if (response.code !== 'INSTANCE_NOT_FOUND') succeeded(response);
}

/** Makes an instance of its own with some events, and in half of all cases deletes it. */
async function changeInstances() {
  const call = (calls += 1);
  // It is said from the start: what a thread says last is not heard where it is terminated.
  const isKept = randomInt(2) === 0;
  const own = `${writer} ${call}`;
  if (succeeded(await log.createInstance(own)) === undefined) return;
  tell({ made: own, isKept });
  const events = [{ eventType: 'own' }, { eventType: 'own', streamId: 'other' }];
  if (succeeded(await log.appendEvents({ instanceId: own, events })) === undefined) return;
  tell({ filled: own, isKept });
  if (isKept || succeeded(await log.deleteInstance(own)) === undefined) return;
  tell({ deleted: own });
}
