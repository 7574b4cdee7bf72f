// Example 1 of appendEvent.md, as written but for the import, and for the check before it reads `data`.
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
    ip: '192.168.1.1',
  },
  metadata: {
    source: 'web-app',
    version: '1.0.0',
  },
});

if (result.success) console.log('Event logged, sequence:', result.data.event.sequence_number);
