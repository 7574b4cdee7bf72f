// The server over standard input and output: one client, which has started this process.

import { serveStdio as serve } from '@modelcontextprotocol/server/stdio';
import { ListeningTransport } from './listening-transport.js';
import { createServer, offerSubscriptions, servingOf } from './server.js';

/**
 * Serves a log over standard input and output, until the client closes the input. The log stays open.
 *
 * @param {import('codebolt-eventlog').EventLog} log - An open log.
 * @param {object} [options] - How.
 * @param {boolean} [options.write] - Whether the tools that change something are offered.
 * @param {readonly string[]} [options.instances] - The only instances that clients see; default: all.
 * @param {number} [options.charactersMax] - How long the data of one answer is at most.
 * @param {(error: Error) => void} [options.onError] - Is told of what goes wrong beside the answers.
 * @returns {{ ended: Promise<void>, close: () => Promise<void> }} When it has ended, and what ends it.
 */
export function serveStdio(log, options = {}) {
  const serving = servingOf(log, options);
  const watchers = new Set();
  const transport = new ListeningTransport(process.stdin, process.stdout, serving);
  const ended = new Promise((resolve) => {
    transport.whenClosed = () => {
      for (const watcher of watchers) watcher.close();
      resolve();
    };
  });
  const factory = () => {
    const server = createServer(serving);
    const changed = (uri) => server.sendResourceUpdated({ uri }).catch(serving.onError);
    watchers.add(offerSubscriptions(server, serving, changed));
    transport.changed = changed;
    return server;
  };
  const { close } = serve(factory, { transport, onerror: serving.onError });
  return { ended, close };
}
