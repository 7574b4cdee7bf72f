'use strict';

// The options of commands: those that every command has, those that several share, and what their texts mean.

const { parseArgs } = require('node:util');

const { FORMATS } = require('./output/output.js');
const { invalid } = require('./failure.js');

/** The whole numbers that JavaScript knows exactly. */
const WHOLE_NUMBER_MAX = Number.MAX_SAFE_INTEGER;

/** The longest that the log waits for another process, in milliseconds. */
const LOCK_WAIT_MS_MAX = 2_147_483_647;

/**
 * The options of every command. An option has a `value`, the name of what is given to it, or is a flag; `about` is its
 * line in the help; `choices` are all texts that it takes.
 */
const COMMON = {
  log: {
    value: 'PATH',
    about: 'the log; else CODEBOLT_EVENTLOG_PATH, else .codebolt/eventlog.redb',
  },
  output: { short: 'o', value: 'FORMAT', choices: FORMATS, about: FORMATS.join(', ') },
  color: {
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    about: 'auto (on terminals, unless NO_COLOR is set), always, never',
  },
  ascii: { about: 'print tables in ASCII, and escape the rest' },
  'csv-exact': { about: 'leave texts in CSV alone that a spreadsheet takes for formulas' },
  'lock-wait': { value: 'MS', about: 'how long to wait for another process (10000)' },
  quiet: { short: 'q', about: 'no progress and no notes on standard error' },
  help: { short: 'h', about: 'print this' },
};

/** What chooses events, for the commands that do. */
const FILTERS = {
  stream: { value: 'STREAM', about: 'only events of this stream' },
  type: {
    value: 'TYPE',
    isMultiple: true,
    about: 'only events of this type; again for one more type',
  },
  where: {
    value: "'FIELD OP VALUE'",
    isMultiple: true,
    about: 'only where this holds; again for one more condition',
  },
  since: { value: 'TIME', about: 'not before: an ISO 8601 time, or an age such as 15m, 2h, 7d' },
  until: { value: 'TIME', about: 'before: an ISO 8601 time, or an age' },
};

/** What chooses events by what they belong to. */
const RELATIONS = {
  correlation: { value: 'ID', about: 'only events with this metadata.correlationId' },
  causation: { value: 'ID', about: 'only events with this metadata.causationId' },
};

/** The instance, for the commands that are about one. */
const INSTANCE = {
  instance: { value: 'INSTANCE', about: 'the instance, in the place of the argument' },
};

/** What the SDK calls some options, which is understood too. */
const SDK_NAMES = {
  instance: ['instanceId', 'instance-id'],
  stream: ['streamId', 'stream-id'],
  type: ['eventType', 'event-type'],
  create: ['autoCreateInstance', 'auto-create-instance'],
  'expected-sequence': ['expectedSequence'],
  'idempotency-key': ['idempotencyKey'],
  correlation: ['correlationId', 'correlation-id'],
  causation: ['causationId', 'causation-id'],
};

/** The words of commands that can be options too, and which. */
const NAMED_WORDS = { INSTANCE: 'instance', '[INSTANCE]': 'instance', NAME: 'name' };

/** The options of a command, without those of every command. */
function optionsOf({ words, options }) {
  return words.some((word) => NAMED_WORDS[word] === 'instance')
    ? { ...INSTANCE, ...options }
    : options;
}

/** The words of a command that it still expects where others are options, and what those have been given. */
function wordsBeside({ words }, values) {
  const given = words.map((word) => values[NAMED_WORDS[word]]);
  return {
    expected: words.filter((_, at) => given[at] === undefined),
    named: given.filter((value) => value !== undefined),
  };
}

/** The options as `parseArgs` takes them. */
function forParseArgs(options) {
  const entries = Object.entries(options).flatMap(
    ([name, { short, value, isMultiple: multiple = false }]) => {
      const type = value === undefined ? 'boolean' : 'string';
      const others = (SDK_NAMES[name] ?? []).map((other) => [other, { type, multiple }]);
      return [[name, { type, multiple, ...(short && { short }) }], ...others];
    },
  );
  return Object.fromEntries(entries);
}

/** Puts what was given by the SDK's names under the names that this program has. */
function withOwnNames(values) {
  const own = { ...values };
  for (const [name, others] of Object.entries(SDK_NAMES)) {
    for (const other of others) {
      const value = own[other];
      if (value === undefined) continue;
      delete own[other];
      if (Array.isArray(value)) own[name] = [...(own[name] ?? []), ...value];
      else if (own[name] === undefined) own[name] = value;
      else throw invalid(`expected one of --${name} and --${other}, found both`);
    }
  }
  return own;
}

/** Finds the first word among the arguments, with the common options before it or not. */
function firstWord(args) {
  const { tokens } = parseArgs({
    args,
    options: forParseArgs({ ...COMMON, version: { short: 'V' } }),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const end = tokens.find(({ kind }) => kind === 'option-terminator')?.index ?? Infinity;
  return tokens.find(({ kind, index }) => kind === 'positional' && index < end)?.index;
}

/** Reads the arguments of a command: its words, and the values of its options by name. */
function readArguments(args, own) {
  const options = { ...COMMON, ...own };
  let read;
  try {
    read = parseArgs({ args, options: forParseArgs(options), allowPositionals: true });
  } catch (error) {
    throw invalid(explained(error, Object.keys(options)));
  }
  const { positionals } = read;
  const values = withOwnNames(read.values);
  for (const [name, { choices }] of Object.entries(options)) {
    if (choices === undefined || values[name] === undefined) continue;
    if (!choices.includes(values[name])) {
      throw invalid(`--${name}: expected one of ${choices.join(', ')}, found "${values[name]}"`);
    }
  }
  return { values, positionals };
}

/** Which of the known names was probably meant; `undefined` if none is near. */
function meant(name, known) {
  try {
    // The addon knows what is near to a name.
    return require('../native.js').meantKey(name, known) ?? undefined;
  } catch {
    // Where it cannot be loaded, the mistake is told without advice.
    return undefined;
  }
}

/** What `parseArgs` says, with the option that was meant. */
function explained(error, known) {
  const [, name] = /^Unknown option '--?([^']+)'/.exec(error.message) ?? [];
  if (name === undefined) return error.message.replaceAll('\n', ' ');
  const likely = meant(name, known);
  const advice = likely === undefined ? '' : `; did you mean --${likely}?`;
  const dash = name.length === 1 ? '-' : '--';
  return `unknown option ${dash}${name}${advice} (what begins with "-" and is no option comes after "--")`;
}

/** The whole number that an option was given; `undefined` where it was not. */
function wholeNumber(values, name, { min = 0, max = WHOLE_NUMBER_MAX } = {}) {
  const text = values[name];
  return text === undefined ? undefined : wholeNumberAt(`--${name}`, text, { min, max });
}

/** The whole number that stands at `place`. */
function wholeNumberAt(place, text, { min = 0, max = WHOLE_NUMBER_MAX } = {}) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw invalid(`${place}: expected a whole number from ${min} to ${max}, found "${text}"`);
}

/** What every command knows from its common options. */
function commonSettings(values) {
  return {
    output: values.output ?? 'table',
    color: values.color ?? 'auto',
    ascii: values.ascii ?? false,
    csvExact: values['csv-exact'] ?? false,
    quiet: values.quiet ?? false,
    lockWaitMs: wholeNumber(values, 'lock-wait', { max: LOCK_WAIT_MS_MAX }),
  };
}

module.exports = {
  COMMON,
  FILTERS,
  RELATIONS,
  commonSettings,
  firstWord,
  meant,
  optionsOf,
  readArguments,
  wholeNumber,
  wholeNumberAt,
  wordsBeside,
};
