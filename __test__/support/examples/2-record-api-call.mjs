const result = await codebolt.eventLog.appendEvent({
  instanceId: 'api-log',
  streamId: 'api-calls',
  eventType: 'api_request',
  payload: {
    endpoint: '/api/users',
    method: 'GET',
    userId: 'user-123',
    responseTime: 125,
    statusCode: 200
  },
  metadata: {
    userAgent: 'Mozilla/5.0...',
    timestamp: Date.now()
  }
});
