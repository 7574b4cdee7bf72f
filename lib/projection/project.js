'use strict';

// State from events: what `project` computes.

const { CallSite } = require('../failure.js');
const { Fold } = require('./fold.js');
const { projectionOf } = require('./options.js');

async function project(log, options) {
  const fold = new Fold(log, projectionOf(options), new CallSite());
  await fold.run();
  return fold.projection;
}

module.exports = { project };
