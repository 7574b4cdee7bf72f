// The command line.

import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EventLog } from 'codebolt-eventlog';
import { isLoopback, isToken, TOKEN_RULE } from './http/doors.js';
import { serveHttp } from './http/index.js';
import { didYouMean } from './names.js';
import { serverInfo } from './server.js';
import { serveStdio } from './stdio.js';
import { usage } from './usage.js';

/** Exit codes: the log cannot be opened or served; the command line is wrong. */
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const OPTIONS = {
  log: { type: 'string' },
  write: { type: 'boolean' },
  instances: { type: 'string', multiple: true },
  'max-characters': { type: 'string' },
  http: { type: 'string' },
  host: { type: 'string' },
  token: { type: 'string' },
  'no-token': { type: 'boolean' },
  origin: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
};

/** A command line that cannot be followed. */
class UsageError extends Error {}

/**
 * Runs the command, until it has ended.
 *
 * @param {string[]} parameters - What it was called with.
 * @param {NodeJS.ProcessEnv} environment - The environment.
 * @returns {Promise<number>} The exit code.
 */
export async function run(parameters, environment) {
  try {
    const options = readOptions(parameters, environment);
    if (options.help) return print(usage);
    if (options.version) return print(`${serverInfo.version}\n`);
    return await serve(options);
  } catch (error) {
    say(error.message);
    if (error instanceof UsageError) say('Try --help.');
    return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
  }
}

function print(text) {
  process.stdout.write(text);
  return 0;
}

/** Standard output belongs to the protocol: everything else goes here. */
function say(text) {
  process.stderr.write(`codebolt-eventlog-mcp: ${text}\n`);
}

function readOptions(parameters, environment) {
  const values = parsed(parameters);
  if (values.help || values.version) return values;
  const path = values.log ?? environment.CODEBOLT_EVENTLOG_PATH;
  if (!path)
    throw new UsageError(
      'expected --log PATH, or the path in CODEBOLT_EVENTLOG_PATH, found neither',
    );
  return {
    path,
    write: values.write ?? false,
    instances: instancesOf(values.instances),
    charactersMax: number('max-characters', values['max-characters'], 1000, 10_000_000),
    ...httpOptions(values, environment),
  };
}

function httpOptions(values, environment) {
  const port = number('http', values.http, 0, 65_535);
  const { host = '127.0.0.1', origin: origins = [], token: given, 'no-token': isOpen } = values;
  const needsHttp = ['host', 'token', 'no-token', 'origin'].find(
    (name) => values[name] !== undefined,
  );
  if (port === undefined && needsHttp) {
    throw new UsageError(`--${needsHttp}: expected it beside --http, found it without`);
  }
  if (!isLoopback(host)) {
    throw new UsageError(
      `--host: expected a loopback address such as 127.0.0.1 or ::1, found ${told(host)}`,
    );
  }
  if (given !== undefined && isOpen) {
    throw new UsageError('expected one of --token and --no-token, found both');
  }
  const wrong = origins.find(
    (origin) => !URL.canParse(origin) || new URL(origin).origin !== origin,
  );
  if (wrong !== undefined) {
    throw new UsageError(
      `--origin: expected an origin such as http://localhost:6274, found ${wrong}`,
    );
  }
  const token = isOpen ? false : chosenToken(given ?? environment.CODEBOLT_EVENTLOG_TOKEN);
  return { port, host, origins, token };
}

/** What somebody has chosen; the empty text is none. */
function chosenToken(given) {
  if (!given) return undefined;
  // A token must not get into a log, not even a wrong one.
  if (!isToken(given))
    throw new UsageError(`the token: expected ${TOKEN_RULE}, found another text`);
  return given;
}

function parsed(parameters) {
  const { tokens } = parseArgs({ args: parameters, options: OPTIONS, strict: false, tokens: true });
  for (const { kind, name, rawName, value } of tokens) {
    if (kind === 'positional') throw new UsageError(`expected options only, found ${told(value)}`);
    if (kind === 'option' && !Object.hasOwn(OPTIONS, name)) {
      const names = Object.keys(OPTIONS).map((known) => `--${known}`);
      throw new UsageError(`unknown option ${rawName}${didYouMean(rawName, names)}`);
    }
  }
  try {
    return parseArgs({ args: parameters, options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(error.message, { cause: error });
  }
}

/** What was given, as it may be shown: the URL of a log may have a password. */
function told(text) {
  return text.includes('://') ? 'a URL (--log takes that of a log)' : JSON.stringify(text);
}

/** The instances that `--instances A,B` names, however often it is given. */
function instancesOf(lists) {
  return lists?.flatMap((list) => {
    const names = list.split(',').map((name) => name.trim());
    if (names.includes('')) {
      throw new UsageError(
        `--instances: expected names or ids with commas between them, found ${told(list)}`,
      );
    }
    return names;
  });
}

function number(name, text, minimum, maximum) {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= maximum) return value;
  throw new UsageError(
    `--${name}: expected a whole number from ${minimum} to ${maximum}, found ${told(text)}`,
  );
}

async function serve(options) {
  const log = await open(options);
  try {
    await (options.port === undefined ? overStdio(log, options) : overHttp(log, options));
  } finally {
    await log.close();
  }
  return 0;
}

async function open({ path, write }) {
  const isFile = path !== ':memory:' && !/^postgres(?:ql)?:\/\//i.test(path);
  if (!write && isFile && !existsSync(path)) {
    throw new Error(
      `there is no log at ${path.includes('://') ? 'that URL' : path}: give the path of one, or --write to make it`,
    );
  }
  return EventLog.open(path, { readOnly: !write });
}

function onError(error) {
  say(error.message);
}

async function overStdio(log, options) {
  const signalled = whenSignalled();
  const { ended, close } = serveStdio(log, { ...options, onError });
  await Promise.race([ended, signalled.promise]);
  signalled.forget();
  await close();
  process.stdin.destroy();
}

async function overHttp(log, options) {
  const signalled = whenSignalled();
  const { url, link, close } = await serveHttp(log, { ...options, onError });
  // A token that somebody has chosen is known already.
  const address = options.token === undefined ? link : url;
  process.stdout.write(`codebolt-eventlog-mcp listens at ${address}\n`);
  await signalled.promise;
  await close();
}

/** Resolves when the process is asked to end. A second time, it ends at once. */
function whenSignalled() {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let forget;
  const promise = new Promise((resolve) => {
    const end = () => {
      forget();
      resolve();
    };
    for (const signal of signals) process.once(signal, end);
    forget = () => {
      for (const signal of signals) process.off(signal, end);
    };
  });
  return { promise, forget };
}
