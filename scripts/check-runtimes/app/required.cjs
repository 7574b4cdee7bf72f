const { EventLog, default: codebolt, eventLog } = require('codebolt-eventlog');

module.exports = { EventLog, codebolt, eventLog };
