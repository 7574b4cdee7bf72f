// @event-driven-io/emmett-postgresql, as its documents use it.

import {
  getPostgreSQLEventStore,
  postgreSQLEventStoreConsumer,
} from '@event-driven-io/emmett-postgresql';

import { clientUrl } from '../server.mjs';

const message = ({ eventType, payload, metadata }) => ({
  type: eventType,
  data: payload,
  metadata,
});

/** Of appends to one stream at the same time, some are refused although they expect no version. They are made again. */
async function again(append) {
  for (;;) {
    try {
      return await append();
    } catch (error) {
      if (!/^Expected version NO_CONCURRENCY_CHECK does not match/.test(error.message)) throw error;
    }
  }
}

/** Opens a store in a database, which is made ready if it is empty. */
export async function open({ server, database }) {
  const connectionString = clientUrl(server, database);
  const store = getPostgreSQLEventStore(connectionString);
  await store.schema.migrate();
  return {
    append: (event) => again(() => store.appendToStream(event.streamId, [message(event)])),
    // It appends to one stream at a time.
    appendBatch: (events) => store.appendToStream(events[0].streamId, events.map(message)),
    /** Calls `seen` with the number of each event that its consumer handles, until the signal. */
    async follow(seen, signal) {
      const consumer = postgreSQLEventStoreConsumer({ connectionString });
      consumer.reactor({
        processorId: 'bench',
        startFrom: 'BEGINNING',
        eachMessage: ({ metadata }) => seen(metadata.n),
      });
      const started = consumer.start();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await consumer.close();
      await started;
    },
    close: () => store.close(),
  };
}
