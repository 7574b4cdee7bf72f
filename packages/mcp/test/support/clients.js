// The official clients, of both generations of the protocol, over both transports.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as newest from '@modelcontextprotocol/client';
import { StdioClientTransport as NewestStdio } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OldHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

/** The program, as npm installs it. */
export const program = fileURLToPath(
  new URL('../../bin/codebolt-eventlog-mcp.js', import.meta.url),
);

/** A token long enough. */
export const token = 'a-token-for-the-tests';

const info = { name: 'tests', version: '1.0.0' };

/** The two clients, each with what differs between them. */
const clients = {
  'SDK 1': {
    make: () => new OldClient(info),
    Stdio: OldStdio,
    Http: OldHttp,
    onUpdated: (client, heard) =>
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
        heard(params.uri),
      ),
    async subscribe(client, uri) {
      await client.subscribeResource({ uri });
      return () => client.unsubscribeResource({ uri });
    },
  },
  'SDK 2': {
    make: () => new newest.Client(info, { versionNegotiation: { mode: 'auto' } }),
    Stdio: NewestStdio,
    Http: newest.StreamableHTTPClientTransport,
    onUpdated: (client, heard) =>
      client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
        heard(params.uri),
      ),
    async subscribe(client, uri) {
      const subscription = await client.listen({ resourceSubscriptions: [uri] });
      return () => subscription.close();
    },
  },
};

/** Every client over every transport, for tests that hold for all. */
export const ways = Object.keys(clients).flatMap((sdk) =>
  ['stdio', 'HTTP'].map((transport) => ({ name: `${sdk} over ${transport}`, sdk, transport })),
);

/** The way for tests that only one is needed for. */
export const [usual] = ways;

/**
 * Starts the program, and connects a client to it, which has listed the tools: from then on it refuses what does not match
 * their output schemas.
 */
export async function connect(t, { sdk, transport }, path, parameters = []) {
  const kind = clients[sdk];
  const client = kind.make();
  t.teardown(() => client.close());
  await client.connect(await makeTransport(t, kind, transport, ['--log', path, ...parameters]));
  await client.listTools();
  return {
    client,
    call: (name, given = {}) => client.callTool({ name, arguments: given }),
    onUpdated: (heard) => kind.onUpdated(client, heard),
    subscribe: (uri) => kind.subscribe(client, uri),
  };
}

/** Connects a client to a server over HTTP that needs no token. */
export async function connectTo(sdk, url) {
  const { make, Http, subscribe } = clients[sdk];
  const client = make();
  await client.connect(new Http(new URL(url)));
  return { client, subscribe: (uri) => subscribe(client, uri) };
}

async function makeTransport(t, { Stdio, Http }, transport, parameters) {
  if (transport === 'stdio') {
    return new Stdio({
      command: process.execPath,
      args: [program, ...parameters],
      stderr: 'inherit',
    });
  }
  const { url } = await startHttp(t, [...parameters, '--token', token]);
  return new Http(url, { requestInit: { headers: { authorization: `Bearer ${token}` } } });
}

/** Starts the program over HTTP on a free port, and waits until it listens. */
export async function startHttp(t, parameters) {
  const child = start(t, ['--http', '0', ...parameters]);
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const [, url] = /listens at (\S+)/.exec(line);
  return { url: new URL(url), line, child };
}

/** Starts the program. It is killed when the test ends. */
export function start(t, parameters, options = {}) {
  const child = spawn(process.execPath, [program, ...parameters], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options,
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** Runs the program to its end. */
export async function run(t, parameters, options) {
  const child = start(t, parameters, options);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.stdin.end();
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}
