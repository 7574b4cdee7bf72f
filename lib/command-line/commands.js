'use strict';

// The table of the commands. Each is a file, which is loaded when its command is called.
//
// A command has:
// - `summary`: a line about it; `details`: more of them, for its help;
// - `words`: the arguments that it takes, `[OPTIONAL]` ones last. Before them, one more argument is the log, unless
//   `hasLog` is false;
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
  stats: () => require('./commands/stats.js'),
  get: () => require('./commands/get.js'),
  create: () => require('./commands/create.js'),
  append: () => require('./commands/append.js'),
  export: () => require('./commands/export.js'),
  import: () => require('./commands/import.js'),
  copy: () => require('./commands/copy.js'),
  verify: () => require('./commands/verify.js'),
  checkpoint: () => require('./commands/checkpoint.js'),
  prove: () => require('./commands/prove.js'),
  audit: () => require('./commands/audit.js'),
  keys: () => require('./commands/keys.js'),
  forget: () => require('./commands/forget.js'),
  'rotate-key': () => require('./commands/rotate-key.js'),
  trim: () => require('./commands/trim.js'),
  erase: () => require('./commands/erase.js'),
  retention: () => require('./commands/retention.js'),
  backup: () => require('./commands/backup.js'),
  compact: () => require('./commands/compact.js'),
  consumers: () => require('./commands/consumers.js'),
  doctor: () => require('./commands/doctor.js'),
  completion: () => require('./commands/completion.js'),
};

/** Upstream's words for what a command does, after `eventlog`. */
const UPSTREAM = {
  create: 'create',
  get: 'get',
  list: 'ls',
  append: 'append',
  query: 'query',
  stats: 'stats',
};

const GROUP = 'eventlog';

module.exports = { COMMANDS, GROUP, PROGRAM, UPSTREAM };
