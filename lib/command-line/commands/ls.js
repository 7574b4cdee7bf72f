'use strict';

// The instances of a log, with what they hold.

const { INSTANCE } = require('../columns.js');
const { dataOf } = require('../failure.js');

/** So many instances are asked about at a time. */
const ASKED_AT_ONCE = 100;

/** Each instance with its counts. One that is deleted meanwhile is left out. */
async function* instancesOf(log) {
  const { instances } = dataOf(await log.listInstances());
  for (let at = 0; at < instances.length; at += ASKED_AT_ONCE) {
    const some = instances.slice(at, at + ASKED_AT_ONCE);
    const responses = await Promise.all(some.map(({ id }) => log.getInstanceStats(id)));
    for (const [index, response] of responses.entries()) {
      if (response.code === 'INSTANCE_NOT_FOUND') continue;
      const { eventCount, streamCount, storedBytes, updatedAt } = dataOf(response);
      yield { ...some[index], updatedAt, eventCount, streamCount, storedBytes };
    }
  }
}

module.exports = {
  summary: 'lists the instances of a log, oldest first',
  words: [],
  options: {},
  examples: [
    ['ls', 'the instances of the default log'],
    ['ls data/orders.redb', 'those of the log in a file'],
    ['ls -o jsonl | jq -r .name', 'their names alone'],
  ],
  instancesOf,

  async run({ open, output }) {
    const log = await open();
    await output.all(instancesOf(log), INSTANCE);
  },
};
