'use strict';

// The consumers of an instance, how far behind they are, and what they have parked.

const { dataOf, invalid } = require('../failure.js');
const { wholeNumberAt } = require('../options.js');

const CONSUMER = [
  { key: 'consumer', title: 'CONSUMER', style: 'green' },
  { key: 'position', title: 'POSITION', align: 'right' },
  { key: 'behind', title: 'BEHIND', align: 'right', kind: 'count' },
  { key: 'parked', title: 'PARKED', align: 'right', kind: 'count' },
  { key: 'timestamp', title: 'MOVED', style: 'dim' },
];

const PARKED = [
  { key: 'position', title: 'POSITION', align: 'right' },
  { key: 'attempts', title: 'ATTEMPTS', align: 'right' },
  { key: 'retrying', title: 'RETRYING' },
  { key: 'timestamp', title: 'PARKED', style: 'dim' },
  { key: 'error', title: 'ERROR' },
];

const COUNT = [{ key: 'count', title: 'events' }];

/** What is done to a consumer, by the name of the option. */
const CHANGES = {
  reset: async (log, { instance, consumer, to }) => {
    const position = to === 'end' ? to : wholeNumberAt('--to', to);
    const { consumer: row } = dataOf(await log.resetConsumer({ instance, consumer, position }));
    return [row, CONSUMER];
  },
  delete: async (log, { instance, consumer }) => {
    const { consumer: row } = dataOf(await log.deleteConsumer({ instance, consumer }));
    return [row, CONSUMER];
  },
  'retry-parked': async (log, { instance, consumer }) => [
    dataOf(await log.retryParked({ instance, consumer })),
    COUNT,
  ],
  'discard-parked': async (log, { instance, consumer }) => [
    dataOf(await log.discardParked({ instance, consumer })),
    COUNT,
  ],
};

async function* consumersOf(log, instance) {
  let after;
  for (;;) {
    const { consumers, hasMore } = dataOf(await log.listConsumers({ instance, after }));
    yield* consumers;
    if (!hasMore) return;
    after = consumers.at(-1).consumer;
  }
}

async function* parkedOf(log, instance, consumer) {
  let after;
  for (;;) {
    const { parked, hasMore } = dataOf(await log.listParked({ instance, consumer, after }));
    yield* parked;
    if (!hasMore) return;
    after = parked.at(-1).position;
  }
}

/** The one change that is asked for, if one is. */
function changeOf(values) {
  const asked = [...Object.keys(CHANGES), 'parked'].filter((name) => values[name] !== undefined);
  if (asked.length > 1) throw invalid(`expected one of --${asked.join(' and --')}, found both`);
  const [name] = asked;
  if ((name === 'reset') !== (values.to !== undefined)) {
    throw invalid('expected --reset and --to together, found one of them');
  }
  return name === 'parked' ? undefined : name;
}

module.exports = {
  summary: 'lists the consumers of an instance, with how far behind they are; or changes one',
  words: ['INSTANCE'],
  options: {
    parked: { value: 'CONSUMER', about: 'list the events that this consumer has parked' },
    reset: { value: 'CONSUMER', about: 'move this consumer; --to says where' },
    to: { value: 'POSITION', about: 'it goes on after this position; 0 is the beginning, or end' },
    delete: { value: 'CONSUMER', about: 'delete this consumer' },
    'retry-parked': { value: 'CONSUMER', about: 'put back all that this consumer has parked' },
    'discard-parked': { value: 'CONSUMER', about: 'forget all that this consumer has parked' },
  },
  examples: [
    ['consumers orders', 'who reads the instance, and how far each has come'],
    ['consumers orders --parked mailer', 'what a consumer could not handle'],
    ['consumers orders --reset mailer --to 0', 'have a consumer read everything again'],
  ],

  async run({ open, output, values, words: [instance] }) {
    const change = changeOf(values);
    const log = await open({ changes: change !== undefined });
    if (change !== undefined) {
      const asked = { instance, consumer: values[change], to: values.to };
      await output.one(...(await CHANGES[change](log, asked)));
    } else if (values.parked === undefined) {
      await output.all(consumersOf(log, instance), CONSUMER);
    } else {
      await output.all(parkedOf(log, instance, values.parked), PARKED);
    }
  },
};
