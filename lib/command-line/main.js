'use strict';

// From the arguments to a command, and from its end to an exit code.

const table = require('./commands.js');
const { exitCodeOf } = require('./exit-codes.js');
const { CommandFailure, invalid } = require('./failure.js');
const { Interrupt } = require('./interrupt.js');
const { checkExists, locate, openLog } = require('./log.js');
const {
  commonSettings,
  firstWord,
  meant,
  optionsOf,
  readArguments,
  wordsBeside,
} = require('./options.js');
const { Output } = require('./output/output.js');
const { shown } = require('./text.js');
const { PATH_VARIABLE } = require('../default-path.js');
const { isServerPath, withoutSecrets, withoutSecretsOf } = require('../server-path.js');

const { COMMANDS, GROUP, PROGRAM, UPSTREAM } = table;

/** Runs the program with those arguments. The process ends with the exit code once everything is written. */
async function main(args) {
  const interrupt = new Interrupt();
  const failed = (error) => {
    const isCalledOff = error?.code === 'ABORTED' && interrupt.exitCode !== undefined;
    process.exitCode = isCalledOff ? interrupt.exitCode : exitCodeOf(error);
    const given = [...args, process.env[PATH_VARIABLE] ?? ''];
    const text = shown(withoutSecretsOf(given, textOf(error)));
    process.stderr.write(`${PROGRAM}: ${error?.code ?? 'INTERNAL'}: ${text}\n`);
  };
  // A command that waits for what never comes must not look as if it had succeeded.
  const unfinished = () => {
    if (interrupt.signal.aborted) return;
    failed(new Error('expected the command to end, found nothing to wait for'));
  };
  process.once('exit', unfinished);
  // Nobody is left to be told where standard error is closed.
  process.stderr.on('error', () => {});
  process.on('uncaughtException', (error) => {
    process.off('exit', unfinished);
    failed(error);
    process.exit();
  });
  try {
    await dispatch(args, interrupt);
  } catch (error) {
    failed(error);
  }
  process.off('exit', unfinished);
  // What was called off may still wait, for another process or for input. Code of others may keep a connection open.
  if (interrupt.exitCode !== undefined || interrupt.endsProcess) {
    process.exit(process.exitCode ?? interrupt.exitCode);
  }
}

/** The text of what was thrown. A fault of this program has a stack to report. */
function textOf(error) {
  return error?.code === undefined ? String(error?.stack ?? error) : error.message;
}

async function dispatch(args, interrupt) {
  const at = firstWord(args);
  if (at === undefined) {
    await withoutCommand(args);
    return;
  }
  const rest = args.toSpliced(at, 1);
  if (args[at] === 'help') {
    await help(rest);
    return;
  }
  if (args[at] === GROUP && firstWord(rest) === undefined) {
    await withoutCommand(rest);
    return;
  }
  const { name, given } = commandAt(args[at], rest);
  const command = COMMANDS[name]();
  const { values, positionals } = readArguments(given, optionsOf(command));
  if (values.help) {
    await print(require('./help.js').commandHelp(name, command));
    return;
  }
  await run(name, command, { values, positionals, interrupt });
}

/** Prints text about the program. */
async function print(text) {
  await new Output(commonSettings({}), () => {}).text(text);
}

/** Which command a word is, and its arguments. */
function commandAt(word, rest) {
  if (word !== GROUP) {
    if (!Object.hasOwn(COMMANDS, word)) throw unknown(word, Object.keys(COMMANDS), 'command');
    return { name: word, given: rest };
  }
  const at = firstWord(rest);
  const known = Object.keys(UPSTREAM);
  if (at === undefined) throw invalid(`expected one of ${known.join(', ')} after ${GROUP}`);
  if (!Object.hasOwn(UPSTREAM, rest[at])) throw unknown(rest[at], known, `word after ${GROUP}`);
  return { name: UPSTREAM[rest[at]], given: rest.toSpliced(at, 1) };
}

function unknown(word, known, what) {
  const likely = meant(word, known);
  const advice = likely === undefined ? '' : `; did you mean ${likely}?`;
  return invalid(
    `unknown ${what} "${word}": expected one of ${known.join(', ')}${advice} (--help tells more)`,
  );
}

/** The program without a command: its version, its help, or a mistake. */
async function withoutCommand(args) {
  const { values } = readArguments(args, { version: { short: 'V' } });
  if (values.version) {
    await print(`${require('../version.js')}\n`);
    return;
  }
  const text = require('./help.js').programHelp();
  if (values.help) {
    await print(text);
    return;
  }
  process.stderr.write(text);
  process.exitCode = exitCodeOf({ code: 'INVALID_ARGUMENT' });
}

async function help(args) {
  const { positionals } = readArguments(args, {});
  const { commandHelp, programHelp } = require('./help.js');
  if (positionals.length === 0) {
    await print(programHelp());
    return;
  }
  const [first, ...rest] = positionals;
  const { name } = commandAt(first, rest);
  await print(commandHelp(name, COMMANDS[name]()));
}

async function run(name, command, { values, positionals, interrupt }) {
  const settings = commonSettings(values);
  const { argument, words } = split(name, command, positionals, values);
  const place = locate({ argument, option: values.log });
  const output = new Output(settings, () => interrupt.abort(new Error('the output is closed')));
  let log;
  const context = {
    table,
    values,
    words,
    place,
    settings,
    output,
    interrupt,
    signal: interrupt.signal,
    checkExists: () => checkExists(place),
    /** Opens the log, for reading unless `changes` says otherwise. It is closed at the end. */
    open: async (how) => {
      log = await interrupt.race(openLog(place, { ...how, lockWaitMs: settings.lockWaitMs }));
      return log;
    },
  };
  try {
    await command.run(context);
  } catch (error) {
    // The failure that came first is the one to tell: closing a log that has gone bad fails for the same reason.
    await log?.close().catch(() => {});
    // Whoever has closed the output, as `head` does, has what they wanted.
    if (error.code === 'ABORTED' && output.isClosed) return;
    throw withAdvice(error, place, words);
  }
  await log?.close();
}

/** The log's own argument, if there is one before the command's words, and these. */
function split(name, command, given, values) {
  const { hasLog = true } = command;
  const { expected, named } = wordsBeside(command, values);
  const required = expected.filter((word) => !word.startsWith('['));
  // Nothing else is named like a server, however few words there are.
  const hasServer = hasLog && isServerPath(given[0]);
  const own = given.length - (hasServer ? 1 : 0);
  if (own < required.length) {
    const { usageOf } = require('./help.js');
    throw invalid(`expected ${expected[own]}, found nothing: ${usageOf(name, command)}`);
  }
  const most = expected.length + (hasLog ? 1 : 0);
  if (given.length > most) {
    const found = given
      .map((argument) => JSON.stringify(withoutSecrets(argument).slice(0, 100)))
      .join(', ');
    throw invalid(
      `expected at most ${most} arguments, found ${found}; what has blanks in it, such as a condition of --where, needs quotes around it`,
    );
  }
  const hasArgument = hasServer || given.length > expected.length;
  // What can be an option is the first word of its command.
  const words = [...named, ...(hasArgument ? given.slice(1) : given)];
  return { argument: hasArgument ? given[0] : undefined, words };
}

/** A failure, with what was probably meant where the first word is a file and no instance. */
function withAdvice(error, place, words) {
  const isMissing = ['INSTANCE_NOT_FOUND', 'LOG_NOT_FOUND'].includes(error.code);
  if (!isMissing || words.length === 0 || !require('node:fs').existsSync(words[0])) return error;
  const advice = `${words[0]} is a file: if it is the log, name it with --log, or before the other arguments`;
  return new CommandFailure(error.code, `${error.message}; ${advice}`);
}

module.exports = { main };
