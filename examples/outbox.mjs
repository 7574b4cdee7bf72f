// Sends a mail for each order, in processes that are killed in between: no order is left out, and each has one
// event that says so. The same program is all of the processes.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

const ORDERS = 30;

const [, program, role, given] = process.argv;
const folder = given ?? mkdtempSync(join(tmpdir(), 'eventlog-outbox-'));

/** Carries out what the orders say, and tells the parent of each mail. */
async function sendMails(log) {
  const where = [{ field: 'event_type', operator: 'eq', value: 'OrderPlaced' }];
  const placed = log.subscribe({ instance: 'shop', consumer: 'mailer', where });
  for await (const { id, stream_id, checkpoint } of placed) {
    // A mail service would know the message again by this id.
    process.send({ id });
    const { success, code, error } = await log.appendEvent({
      instanceId: 'shop',
      streamId: stream_id,
      eventType: 'CustomerMailed',
      metadata: { causationId: id },
      checkpoint,
    });
    // Another process may have been quicker.
    if (!success && code !== 'CHECKPOINT_CONFLICT') throw new Error(error);
  }
}

/** Runs the mailer, and kills it after `mails` of them. */
async function runMailer(mails, sent) {
  const mailer = fork(program, ['mailer', folder]);
  let heard = 0;
  mailer.on('message', ({ id }) => {
    sent.set(id, (sent.get(id) ?? 0) + 1);
    heard += 1;
    if (heard === mails || sent.size === ORDERS) mailer.kill('SIGKILL');
  });
  await once(mailer, 'close');
}

const log = await EventLog.open(join(folder, 'shop.redb'));
if (role === 'mailer') {
  await sendMails(log);
} else {
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (let n = 1; n <= ORDERS; n += 1) {
    const order = { instanceId: 'shop', streamId: `order-${n}`, eventType: 'OrderPlaced' };
    const stored = await log.appendEvent({ ...order, autoCreateInstance: true });
    assert.equal(stored.success, true, stored.error);
  }
  const sent = new Map();
  while (sent.size < ORDERS) await runMailer(8, sent);
  const again = [...sent.values()].filter((times) => times > 1).length;
  console.log(
    `${sent.size} orders, of which ${again} were about to be mailed when a mailer was killed`,
  );

  const mailed = new Map();
  for await (const event of log.readAll({ instance: 'shop' })) {
    if (event.event_type !== 'CustomerMailed') continue;
    assert.equal(mailed.has(event.stream_id), false, `${event.stream_id} has two`);
    mailed.set(event.stream_id, event.position);
  }
  // The one that was killed last may not have come to it.
  assert.ok(mailed.size >= ORDERS - 1);
  const { data } = await log.listConsumers({ instance: 'shop' });
  console.log(data.consumers);
}
await log.close();
