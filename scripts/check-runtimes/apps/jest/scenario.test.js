const exported = require('codebolt-eventlog');

test('a log is opened, written and closed', async () => {
  const log = await exported.EventLog.open('jest.redb');
  const event = { instanceId: 'orders', eventType: 'made', autoCreateInstance: true };
  expect(await log.appendEvent(event)).toMatchObject({ success: true });
  const { data } = await log.queryEvents({ from: { instance: 'orders' } });
  expect(data.result.events).toHaveLength(1);
  const events = [];
  for await (const each of log.readAll({ instance: 'orders' })) events.push(each);
  expect(events).toMatchObject([{ event_type: 'made' }]);
  const controller = new AbortController();
  const following = log.subscribe({ instance: 'orders', signal: controller.signal });
  expect((await following.next()).value.event_type).toBe('made');
  const next = following.next();
  controller.abort();
  await expect(next).rejects.toMatchObject({ code: 'ABORTED' });
  await log.close();
});
