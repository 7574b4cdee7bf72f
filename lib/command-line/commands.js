'use strict';

// The table of the commands. Each is a file, which is loaded when its command is called.
//
// A command has:
// - `summary`: a line about it; `details`: more of them, for its help;
// - `words`: the arguments that it takes, `[OPTIONAL]` ones last. Before them, one more argument is the log;
// - `options`: those of its own;
// - `examples`: how it is called, each with what that does;
// - `run(context)`: does it.

const PROGRAM = 'codebolt-eventlog';

const COMMANDS = {
  ls: () => require('./commands/ls.js'),
  streams: () => require('./commands/streams.js'),
  tail: () => require('./commands/tail.js'),
  show: () => require('./commands/show.js'),
  query: () => require('./commands/query.js'),
};

/** Upstream's words for what a command does, after `eventlog`. */
const UPSTREAM = {
  list: 'ls',
  query: 'query',
};

const GROUP = 'eventlog';

module.exports = { COMMANDS, GROUP, PROGRAM, UPSTREAM };
