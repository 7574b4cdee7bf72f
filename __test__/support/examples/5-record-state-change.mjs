const result = await codebolt.eventLog.appendEvent({
  instanceId: 'state-changes',
  streamId: `workflow-${workflowId}`,
  eventType: 'WorkflowStateChanged',
  payload: {
    workflowId,
    oldState: 'pending',
    newState: 'in_progress',
    changedBy: 'system',
    reason: 'Timer triggered'
  }
});
