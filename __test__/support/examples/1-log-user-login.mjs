import codebolt from 'codebolt-eventlog';

await codebolt.waitForConnection();

const result = await codebolt.eventLog.appendEvent({
  instanceId: 'user-activity-log',
  streamId: 'user-123',
  eventType: 'user_login',
  payload: {
    userId: 'user-123',
    timestamp: Date.now(),
    method: 'password',
    ip: '192.168.1.1'
  },
  metadata: {
    source: 'web-app',
    version: '1.0.0'
  }
});

console.log('Event logged, sequence:', result.data.event.sequence_number);
