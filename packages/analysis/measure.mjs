// Measures exports in each format: `npm run measure -w packages/analysis -- EVENTS`. Each runs in a process of its own, which
// tells how long it took, how long processors worked for it, and how much memory the process had at most.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { EventLog } from 'codebolt-eventlog';

const BATCH = 10_000;
const FORMATS = ['eventlog', 'csv', 'cloudevents', 'arrow', 'parquet'];

const COLUMNS = {
  total: { field: 'payload.total', type: 'double' },
  customer: { field: 'payload.customer.id', type: 'int64' },
};

/** An order of about 300 bytes. */
const eventOf = (n) => ({
  streamId: `order-${n % 1000}`,
  eventType: ['OrderPlaced', 'OrderPaid', 'OrderSent'][n % 3],
  payload: {
    orderId: `order-${n % 1000}`,
    customer: { id: n, name: 'Ada Lovelace', city: 'London' },
    items: [
      { sku: 'a-1', n: 2, price: 19.99 },
      { sku: 'b-2', n: 1, price: 5 },
    ],
    total: n * 0.25,
    note: 'please leave it at the door',
  },
  metadata: { correlationId: `c-${n}` },
});

async function fill(path, count) {
  const log = await EventLog.open(path, { autoCreateInstances: true });
  for (let start = 0; start < count; start += BATCH) {
    const length = Math.min(BATCH, count - start);
    const events = Array.from({ length }, (_, n) => eventOf(start + n));
    await log.strict.appendEvents({ instanceId: 'orders', events });
  }
  await log.close();
}

/** Exports a log, and sends what that took. */
async function exportAs(path, format) {
  const log = await EventLog.open(path, { readOnly: true });
  const options = format === 'eventlog' || format === 'cloudevents' ? {} : { columns: COLUMNS };
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  let bytes = 0;
  for await (const chunk of log.exportEvents({ format, ...options })) bytes += chunk.length;
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  await log.close();
  const { user, system } = process.cpuUsage(cpu);
  process.send({
    seconds,
    cpu: (user + system) / 1e6,
    bytes,
    memory: process.resourceUsage().maxRSS * 1024,
  });
}

async function measure(count) {
  const folder = await mkdtemp(join(tmpdir(), 'codebolt-eventlog-analysis-'));
  const path = join(folder, 'log.redb');
  try {
    await fill(path, count);
    console.log('| format | seconds | seconds of processors | MiB written | MiB of memory |');
    console.log('| --- | --- | --- | --- | --- |');
    for (const format of FORMATS) {
      const child = fork(fileURLToPath(import.meta.url), [path, format]);
      const [{ seconds, cpu, bytes, memory }] = await once(child, 'message');
      const cells = [
        format,
        seconds.toFixed(1),
        cpu.toFixed(1),
        mebibytes(bytes),
        mebibytes(memory),
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const mebibytes = (bytes) => (bytes / 1024 / 1024).toFixed(0);

if (process.send === undefined) await measure(Number(process.argv[2] ?? 1_000_000));
else await exportAs(process.argv[2], process.argv[3]);
