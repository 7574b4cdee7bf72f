'use strict';

const { attach, eventLog, waitForConnection } = require('./lib/default-log.js');
const { EventLog } = require('./lib/event-log.js');

module.exports = {
  __esModule: true,
  default: { eventLog, waitForConnection },
  eventLog,
  EventLog,
  attach,
  waitForConnection,
};
