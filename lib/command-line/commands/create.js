'use strict';

// A new instance.

const { INSTANCE } = require('../columns.js');
const { dataOf } = require('../failure.js');

module.exports = {
  summary: 'creates an instance, and the log if it is not there',
  words: ['NAME'],
  options: {
    name: { value: 'NAME', about: 'the name, in the place of the argument' },
    description: { value: 'TEXT', about: 'what the instance is for' },
    'if-missing': { about: 'it is no failure if the instance exists' },
  },
  examples: [
    ['create orders --description "What happened to each order"', 'an instance of the default log'],
    ['create data/orders.redb orders --if-missing', 'one in a file, unless it is there'],
  ],

  async run({ open, output, values, words: [name] }) {
    const log = await open({ changes: true, creates: true });
    const ifExists = values['if-missing'] ? 'get' : 'fail';
    const response = await log.createInstance(name, values.description, { ifExists });
    await output.one(dataOf(response).instance, INSTANCE);
  },
};
