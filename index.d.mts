import type { EventLog, waitForConnection } from './index.js';

export * from './index.js';

/** What programs import as `codebolt`: the default log, and the wait for it to be open. */
declare const codebolt: {
  /** The default log. */
  eventLog: EventLog;
  /** Resolves once the default log is open. */
  waitForConnection: typeof waitForConnection;
};

export default codebolt;
