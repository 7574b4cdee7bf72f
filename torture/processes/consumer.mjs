// A process that runs two consumers until it is killed: one stores what it makes of each event with the event's
// checkpoint, the other acknowledges each event and tells its parent once it has.
//
//     node consumer.mjs <path>        with a channel for messages

import { EventLog } from '../../index.mjs';

const log = await EventLog.open(process.argv[2]);
const orders = { instance: 'orders', where: [{ field: 'isOrder', operator: 'eq', value: true }] };

/** Handles events for good. One that was reset meanwhile begins anew. */
async function consume(consumer, handle) {
  for (;;) {
    try {
      for await (const event of log.subscribe({ ...orders, consumer })) await handle(event);
    } catch (error) {
      if (error.code !== 'CHECKPOINT_CONFLICT') throw error;
    }
  }
}

async function bill({ checkpoint }) {
  const { position, generation } = checkpoint;
  const { success, code, error } = await log.appendEvent({
    instanceId: 'bills',
    eventType: 'billed',
    payload: { position, generation },
    checkpoint,
  });
  if (success) process.send({ billed: position });
  else if (code !== 'CHECKPOINT_CONFLICT') throw new Error(`${code}: ${error}`);
}

async function mail({ position, ack }) {
  await ack();
  process.send({ mailed: position });
}

await Promise.all([consume('biller', bill), consume('mailer', mail)]);
