'use strict';

// One instance.

const { INSTANCE } = require('../columns.js');
const { dataOf } = require('../failure.js');

module.exports = {
  summary: 'prints one instance, by its id or name',
  words: ['INSTANCE'],
  options: {},
  examples: [
    ['get orders', 'an instance by its name'],
    ['get orders -o json | jq -r .id', 'its id alone'],
  ],

  async run({ open, output, words: [instance] }) {
    const log = await open();
    await output.one(dataOf(await log.getInstance(instance)).instance, INSTANCE);
  },
};
