const result = await codebolt.eventLog.appendEvent({
  instanceId: 'system-errors',
  streamId: 'errors',
  eventType: 'error_occurred',
  payload: {
    errorType: 'DatabaseConnectionError',
    message: 'Failed to connect to database',
    stack: 'Error: Failed to connect\n    at ...',
    service: 'payment-service',
    severity: 'critical'
  },
  metadata: {
    hostname: 'server-01',
    environment: 'production',
    timestamp: Date.now()
  }
});
