// The command: options from the command line, one line once it listens, and an orderly end.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { EventLog } from 'codebolt-eventlog';

import { readTls, serve } from './serve.js';

const USAGE = `Usage: codebolt-eventlog-server --log PATH [options]

Serves an event log. It prints one line once it listens, and stops on SIGTERM or SIGINT.

  --log PATH            the log; it is created if there is none
                        (default: the variable CODEBOLT_EVENTLOG_PATH)
  --port N              the port, 0 for any (default 12345)
  --host H              the address to listen at (default 127.0.0.1: only this machine)
  --token T             what clients must know (default: the variable CODEBOLT_EVENTLOG_TOKEN,
                        or else one that is made, and printed as a link)
  --no-token            lets everyone on this machine in; only with a loopback address
  --signing-key FILE    signs checkpoints for clients, with the key in this file
  --read-only           refuses changes
  --instances A,B       the only instances that clients may use; can be given several times
  --no-auto-create      appends do not create missing instances
  --allow-host NAME     another name by which clients reach the server; can be given several times
  --allow-origin URL    the origin of a web page that may use the server; can be given several times
  --tls-cert FILE       a certificate in PEM, and
  --tls-key FILE        its key: speaks TLS
  --viewer FOLDER       files to show in a browser (default: the viewer of this package)
  --no-viewer           shows nothing in a browser
  --help, --version

Limits:
  --body-bytes-max N      a request (default 33554432)
  --connections-max N     open connections (default 2048)
  --requests-max N        requests being answered (default 16384)
  --pipeline-max N        requests of one connection being answered (default 256)
  --readings-max N        open readers and subscriptions of one connection (default 64)
  --buffered-bytes-max N  what waits for a client before it is held up (default 1048576)
  --request-timeout-ms N  until a request has arrived (default 30000)
  --query-timeout-ms N    until a query is answered (default 30000)
  --stall-timeout-ms N    how long a client may take nothing that waits for it (default 60000)
  --stop-timeout-ms N     until connections are cut off at the end (default 5000)

Example: codebolt-eventlog-server --log data/log.redb --port 12345
`;

const NUMBERS = [
  'port',
  'body-bytes-max',
  'connections-max',
  'requests-max',
  'pipeline-max',
  'readings-max',
  'buffered-bytes-max',
  'request-timeout-ms',
  'query-timeout-ms',
  'stall-timeout-ms',
  'stop-timeout-ms',
];

const OPTIONS = {
  ...Object.fromEntries(NUMBERS.map((name) => [name, { type: 'string' }])),
  log: { type: 'string' },
  host: { type: 'string' },
  token: { type: 'string' },
  'no-token': { type: 'boolean' },
  'signing-key': { type: 'string' },
  'read-only': { type: 'boolean' },
  'no-auto-create': { type: 'boolean' },
  instances: { type: 'string', multiple: true },
  'allow-host': { type: 'string', multiple: true },
  'allow-origin': { type: 'string', multiple: true },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  viewer: { type: 'string' },
  'no-viewer': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
};

/** What the command cannot do as it was called. */
class UsageError extends Error {}

/**
 * Runs the command until it is stopped.
 *
 * @param {string[]} args - What was given after the name of the command.
 */
export async function main(args) {
  try {
    const values = valuesOf(args);
    if (values.help) process.stdout.write(USAGE);
    else if (values.version) process.stdout.write(`${version()}\n`);
    else await run(values);
  } catch (error) {
    const isUsage = error instanceof UsageError || error.code === 'INVALID_ARGUMENT';
    process.stderr.write(`codebolt-eventlog-server: ${error.message}\n`);
    if (error instanceof UsageError) process.stderr.write('Try codebolt-eventlog-server --help\n');
    process.exitCode = isUsage ? 2 : 1;
  }
}

function valuesOf(args) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    if (error.code !== 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') throw new UsageError(error.message);
    const { positionals } = parseArgs({ args, options: OPTIONS, strict: false });
    throw new UsageError(`expected options only, found ${told(positionals[0])}`);
  }
}

/** What was given, as it may be shown: the URL of a log may have a password. */
function told(text) {
  return text.includes('://') ? 'a URL (--log takes that of a log)' : JSON.stringify(text);
}

function version() {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return JSON.parse(text).version;
}

async function run(values) {
  const path = values.log ?? process.env.CODEBOLT_EVENTLOG_PATH;
  if (path === undefined || path === '') {
    throw new UsageError('expected --log PATH, or the variable CODEBOLT_EVENTLOG_PATH');
  }
  const options = serverOptions(values);
  const log = await EventLog.open(path, {
    readOnly: values['read-only'] ? true : undefined,
    autoCreateInstances: createsInstances(values),
  });
  let server;
  try {
    server = await serve(log, options);
  } catch (error) {
    await log.close();
    throw error;
  }
  // A token that the user has chosen is known already, and is in no output.
  const address = options.token === undefined ? server.link : server.url;
  const stopped = signalled();
  process.stdout.write(`codebolt-eventlog-server listens at ${address}\n`);
  await stopped;
  await server.close();
  await log.close();
}

/** As the default log does, unless the caller or the environment says otherwise. */
function createsInstances(values) {
  if (values['no-auto-create']) return false;
  return process.env.CODEBOLT_EVENTLOG_AUTO_CREATE === undefined ? true : undefined;
}

/** Resolves with the first signal to stop. A second one ends the process at once. */
function signalled() {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, resolve);
  });
}

function serverOptions(values) {
  const fromEnvironment = process.env.CODEBOLT_EVENTLOG_TOKEN || undefined;
  if (values['no-token'] && values.token !== undefined) {
    throw new UsageError('expected --token or --no-token, found both');
  }
  if (values['no-viewer'] && values.viewer !== undefined) {
    throw new UsageError('expected --viewer or --no-viewer, found both');
  }
  const [cert, key] = [values['tls-cert'], values['tls-key']];
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError('expected --tls-cert and --tls-key, found one of them');
  }
  const numbers = NUMBERS.filter((name) => values[name] !== undefined).map((name) => [
    camelCase(name),
    numberOf(name, values[name]),
  ]);
  return {
    host: values.host,
    token: values['no-token'] ? false : (values.token ?? fromEnvironment),
    signingKey: signingKeyIn(values['signing-key']),
    readOnly: values['read-only'],
    instances: instancesOf(values.instances),
    allowedHosts: values['allow-host'],
    allowedOrigins: values['allow-origin'],
    tls: cert === undefined ? undefined : readTls(cert, key),
    viewer: values['no-viewer'] ? false : values.viewer,
    ...Object.fromEntries(numbers),
  };
}

/** The text of the file of a signing key. */
function signingKeyIn(file) {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--signing-key: expected a file that can be read: ${error.message}`);
  }
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

function numberOf(name, text) {
  if (!/^\d+$/.test(text)) {
    throw new UsageError(`--${name}: expected a whole number, found ${told(text)}`);
  }
  return Number(text);
}

function camelCase(name) {
  return name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}
