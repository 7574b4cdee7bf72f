// A log whose program has declared its types of events.

import test from 'ava';
import { EventLog } from 'codebolt-eventlog';
import { serveHttp } from 'codebolt-eventlog-mcp';
import { z } from 'zod';

import { connectTo } from './support/clients.js';

test('an agent appends what fits, and gets events of the newest version', async (t) => {
  const log = await EventLog.open(':memory:', {
    autoCreateInstances: true,
    events: { Sold: z.object({ cents: z.number() }) },
    upcasters: { Sold: [{ from: 1, to: 2, up: ({ price }) => ({ cents: price * 100 }) }] },
  });
  t.teardown(() => log.close());
  const sold = { instanceId: 'shop', eventType: 'Sold' };
  await log.typed({}).appendEvent({ ...sold, payload: { price: 2 } });
  const server = await serveHttp(log, { port: 0, token: false, write: true });
  t.teardown(() => server.close());
  const { client } = await connectTo('SDK 1', server.url);
  t.teardown(() => client.close());
  const call = (name, given) => client.callTool({ name, arguments: given });

  const refused = await call('eventlog_append_event', { ...sold, payload: { cents: 'x' } });
  t.true(refused.isError);
  t.regex(refused.content[0].text, /payload\.cents: .*\(by the schema of "Sold"\)/);
  const fits = await call('eventlog_append_event', { ...sold, payload: { cents: 1 } });
  t.falsy(fits.isError, JSON.stringify(fits.content));
  const first = await call('eventlog_get_event', { instanceId: 'shop', position: 1 });
  t.deepEqual(first.structuredContent.event.payload, { cents: 200 });
});
