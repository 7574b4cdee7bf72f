// Right calls compile, and wrong ones do not.

import { EventLog } from 'codebolt-eventlog';
import { serve } from 'codebolt-eventlog-server';
import { connect, unwrap } from 'codebolt-eventlog-server/client';

const log = await EventLog.open(':memory:');
const server = await serve(log, { port: 0, token: false, instances: ['orders'] });
// @ts-expect-error: no such option
await serve(log, { prot: 0 });
const client = await connect(server.link, { token: server.token });
const { event } = unwrap(await client.appendEvent({ instanceId: 'orders', eventType: 'made' }));
const sequence: number = event.sequence_number;
for await (const { position } of client.readAll({ instance: 'orders' })) position.toFixed();
// @ts-expect-error: an instance is needed
client.subscribe({});
const { note } = unwrap(await client.checkpoint({ instance: 'orders' }));
// @ts-expect-error: the server signs with a key of its own
await client.checkpoint({ instance: 'orders', key: note });
const proof = unwrap(await client.proveInclusion({ instance: 'orders', position: 1 }));
const hashes: string[] = proof.hashes;
unwrap(await client.proveConsistency({ instance: 'orders', oldSize: 1 })).oldRoot.trim();
unwrap(await client.trimEvents({ instance: 'orders', beforePosition: 1 })).events.toFixed();
const ofStream = { instance: 'orders', stream: 'a', beforeSequence: 1 };
unwrap(await client.trimStream(ofStream)).firstSequence.toFixed();
const erasing = { instance: 'orders', positions: [1], fields: ['payload.email'], reason: 'r' };
unwrap(await client.eraseEvents(erasing)).absent.toFixed();
unwrap(await client.listErasures({ instance: 'orders' }))
  .erasures.at(0)
  ?.fields?.at(0)
  ?.trim();
// @ts-expect-error: a server writes no files for its clients
await client.trimEvents({ instance: 'orders', beforePosition: 1, archive: { path: 'archive' } });
await server.close();
export { hashes, sequence };
