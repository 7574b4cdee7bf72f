// codebolt-eventlog, as a program uses it.

import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const instance = 'bench';

/** Loads the product, without opening anything. */
export function load({ product }) {
  return require(join(product, 'index.js'));
}

/** Appends all events of a set. */
export async function fill(folder, { product, dataset, events }) {
  const log = await openLog(folder, product);
  for (const batch of batches(dataset.make(events), dataset.batch)) {
    succeeded(
      await log.appendEvents({ instanceId: instance, autoCreateInstance: true, events: batch }),
    );
  }
  await log.close();
}

/** Opens the log in a folder. */
export async function open(folder, { product, variant }) {
  const log = await openLog(folder, product, optionsOf[variant]);
  return {
    /** Gives a function that asks a query, and answers with what the query is for. */
    async prepare({ answer, eventlog }) {
      const take = taken[answer];
      return async (given) => {
        const { from, ...rest } = eventlog(given);
        const query = { from: { instance, ...from }, ...rest };
        return take(succeeded(await log.queryEvents(query)).data.result);
      };
    },
    close: () => log.close(),
  };
}

/** What is taken from a result, by the kind of the answer. */
const taken = {
  events: ({ events }) => events,
  page: ({ total, events }) => ({ total, events }),
  rows: ({ aggregation }) => aggregation,
  list: ({ aggregation }) => aggregation,
  value: ({ aggregation }) => aggregation,
};

/** How the log is opened, by the variant. */
const optionsOf = { 'large-cache': { cacheBytes: 256 * 2 ** 20 } };

function openLog(folder, product, options) {
  return load({ product }).EventLog.open(join(folder, 'log.redb'), options);
}

function succeeded(response) {
  if (!response.success) throw new Error(`${response.code}: ${response.error}`);
  return response;
}

function* batches(events, size) {
  let batch = [];
  for (const event of events) {
    batch.push(event);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
