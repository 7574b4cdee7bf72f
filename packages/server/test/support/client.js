// A client of a server, which is closed when the test ends, and what its readers give.

import { connect } from 'codebolt-eventlog-server/client';

/** Connects to an address, and closes the client when the test ends. */
export async function connectTo(t, url, options) {
  const client = await connect(url, { retryDelayMs: 1, ...options });
  t.teardown(() => client.close());
  return client;
}

/** What is asked of each event of a reader, which is read to its end. */
export async function collect(reader, numberOf = ({ position }) => position) {
  const found = [];
  for await (const event of reader) found.push(numberOf(event));
  return found;
}
