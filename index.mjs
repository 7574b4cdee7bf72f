import log from './index.js';

export const {
  Codebolt,
  eventLog,
  EventLog,
  EventLogError,
  attach,
  getMessage,
  onMessage,
  onReady,
  waitForConnection,
  waitForReady,
} = log;

export let ready = log.ready;
log.watchReady((isReady) => {
  ready = isReady;
});

export default log.default;
