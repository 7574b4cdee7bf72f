const result = await codebolt.eventLog.appendEvent({
  instanceId: 'new-instance',
  streamId: 'events',
  eventType: 'test_event',
  payload: { data: 'test' },
  autoCreateInstance: true
});

if (result.success) {
  console.log('Event logged (instance auto-created if needed)');
}
