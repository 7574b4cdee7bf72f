import exported from './lib/exports.js';

const { codebolt, watchReady } = exported;

export const {
  Codebolt,
  EventLog,
  EventLogError,
  attach,
  fromCloudEvent,
  isStringified,
  openReplica,
  toCloudEvent,
  unwrap,
} = exported;

export const { eventLog, getMessage, onMessage, onReady, waitForConnection, waitForReady } =
  codebolt;

export let ready = codebolt.ready;
watchReady((isReady) => {
  ready = isReady;
});

export default codebolt;
