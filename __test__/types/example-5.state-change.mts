// Example 5 of appendEvent.md.
import codebolt from 'codebolt-eventlog';

declare const workflowId: number;

const result = await codebolt.eventLog.appendEvent({
  instanceId: 'state-changes',
  streamId: `workflow-${workflowId}`,
  eventType: 'WorkflowStateChanged',
  payload: {
    workflowId,
    oldState: 'pending',
    newState: 'in_progress',
    changedBy: 'system',
    reason: 'Timer triggered',
  },
});

export { result };
