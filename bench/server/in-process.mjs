// The same calls within the process of the log, by as many callers: each appends when its last call was answered.

import { join } from 'node:path';
import { createHistogram, performance } from 'node:perf_hooks';

import { EventLog } from 'codebolt-eventlog';

import { EventSource } from '../events.mjs';

const { folder, clients, seconds, warmUp } = JSON.parse(process.argv[2]);
const log = await EventLog.open(join(folder, 'log.redb'), { autoCreateInstances: true });
const source = new EventSource({ size: '300 B', streams: 1 });
const latencies = createHistogram();
const cpu = process.cpuUsage();
const started = performance.now();
let answered = 0;
await Promise.all(Array.from({ length: clients }, (_, number) => appendAll(`client-${number}`)));
const used = process.cpuUsage(cpu);
process.send({
  serverCores: (used.user + used.system) / 1000 / (performance.now() - started),
  perSecond: Math.round(answered / ((performance.now() - started) / 1000 - warmUp)),
  p50: latencies.percentile(50) / 1e6,
  p99: latencies.percentile(99) / 1e6,
});
process.disconnect();
await log.close();

async function appendAll(streamId) {
  for (;;) {
    const before = performance.now();
    if (before - started >= seconds * 1000) return;
    const { eventType, payload, metadata } = source.next();
    const params = { instanceId: 'bench', streamId, eventType, payload, metadata };
    const { success, error } = await log.appendEvent(params);
    if (!success) throw new Error(error);
    if (before - started < warmUp * 1000) continue;
    answered += 1;
    latencies.record(Math.max(1, Math.round((performance.now() - before) * 1e6)));
  }
}
