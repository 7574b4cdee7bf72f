import log from './index.js';

export const { eventLog, EventLog, attach, waitForConnection } = log;
export default log.default;
