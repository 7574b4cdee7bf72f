import type { Codebolt } from './index.js';

export * from './index.js';

/** What programs import as `codebolt`: the default log, and the wait for it to be open. */
declare const codebolt: Codebolt;

export default codebolt;
