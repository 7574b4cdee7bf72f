// The MCP server of one connection: what it offers, and how requests reach the log.

import { readFileSync } from 'node:fs';
import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import { AllowedLog } from './allowed-log.js';
import { NOTICE } from './answer.js';
import { complete, listResources, readResource, resourceTemplates } from './resources.js';
import { callTool, listTools } from './tools/index.js';
import { Watcher } from './watcher.js';

const { name, version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

/** How this server calls itself. */
export const serverInfo = { name, title: 'codebolt-eventlog', version };

/** How long the data of one answer is at most, in characters of JSON. An agent's context is small. */
const CHARACTERS_MAX = 30_000;

/** How many resources one connection may subscribe to. */
export const SUBSCRIPTIONS_MAX = 256;

/**
 * @typedef {object} Serving What all connections share.
 * @property {import('codebolt-eventlog').EventLog} log - The log.
 * @property {boolean} write - Whether the tools that change something are offered.
 * @property {number} charactersMax - How long the data of one answer is at most.
 * @property {(error: Error) => void} onError - Is told of what goes wrong beside the answers, and of faults of this package.
 */

/**
 * @param {import('codebolt-eventlog').EventLog} log - An open log.
 * @param {object} options - As a program has given them.
 * @param {boolean} [options.write] - Whether the tools that change something are offered.
 * @param {readonly string[]} [options.instances] - The only instances that clients see.
 * @param {number} [options.charactersMax] - How long the data of one answer is at most.
 * @param {(error: Error) => void} [options.onError] - Is told of what goes wrong beside the answers.
 * @returns {Serving} What the servers of all connections work with.
 */
export function servingOf(log, options) {
  const { write = false, charactersMax = CHARACTERS_MAX, instances, onError = () => {} } = options;
  const seen = instances === undefined ? log : new AllowedLog(log, instances);
  return { log: seen, write, charactersMax, onError };
}

/**
 * @param {Serving} serving - What it works with.
 * @returns {Server} A server for one connection, or for one request.
 */
export function createServer(serving) {
  const server = new Server(serverInfo, {
    capabilities: { tools: {}, resources: { subscribe: true }, completions: {} },
    instructions: instructions(serving),
  });
  server.setRequestHandler('tools/list', () => ({ tools: listTools(serving.write) }));
  server.setRequestHandler('tools/call', ({ params }, { mcpReq }) =>
    callTool(serving, params.name, params.arguments, mcpReq.signal),
  );
  server.setRequestHandler('resources/list', ({ params }) =>
    spoken(() => listResources(serving.log, params?.cursor)),
  );
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates }));
  server.setRequestHandler('resources/read', ({ params }, { mcpReq }) =>
    spoken(() => readResource(serving, params.uri, mcpReq.signal)),
  );
  server.setRequestHandler('completion/complete', ({ params }) =>
    spoken(() => complete(serving.log, params)),
  );
  return server;
}

/**
 * Lets the client of one connection subscribe to resources.
 *
 * @param {Server} server - Its server.
 * @param {Serving} serving - What it works with.
 * @param {(uri: string) => void} changed - Tells the client.
 * @returns {Watcher} What follows them: to be closed with the connection.
 */
export function offerSubscriptions(server, serving, changed) {
  const watcher = new Watcher(serving, changed);
  const subscribed = new Set();
  server.setRequestHandler('resources/subscribe', ({ params: { uri } }) =>
    spoken(async () => {
      if (subscribed.has(uri)) return {};
      if (subscribed.size === SUBSCRIPTIONS_MAX) throw tooManySubscriptions();
      subscribed.add(uri);
      await watcher.add(uri).catch((error) => {
        subscribed.delete(uri);
        throw error;
      });
      return {};
    }),
  );
  server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
    if (subscribed.delete(uri)) watcher.remove(uri);
    return {};
  });
  return watcher;
}

/** The refusal of one subscription more than there may be. */
export function tooManySubscriptions() {
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `expected at most ${SUBSCRIPTIONS_MAX} subscriptions of one connection, found one more`,
  );
}

/** What a request for resources is answered with, or its failure in the protocol's form. */
async function spoken(work) {
  try {
    return await work();
  } catch (error) {
    throw protocolError(error);
  }
}

/** @param {any} error - A failure of this package, of the log, or of the protocol. */
export function protocolError(error) {
  if (error instanceof ProtocolError) return error;
  const isOfCaller = error.code === 'INVALID_ARGUMENT';
  const code = isOfCaller ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, `${error.message} (${error.code ?? 'INTERNAL'})`);
}

function instructions({ write }) {
  return [
    'An event log: instances hold streams of events, which never change.',
    'Begin with eventlog_list_instances; eventlog_list_streams and eventlog_list_fields show what an instance has; eventlog_query_events finds events and computes values.',
    write ? 'You may append events.' : 'The log is read-only here.',
    NOTICE,
  ].join(' ');
}
