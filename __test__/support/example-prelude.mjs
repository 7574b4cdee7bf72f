// What the documented examples take for granted: the SDK's object, the ids of an application, and
// instances that somebody created. Loaded before an example, with `node --import`.

import codebolt from '../../index.mjs';

globalThis.codebolt = codebolt;
globalThis.orderId = '1001';
globalThis.workflowId = '42';

await codebolt.waitForConnection();
const instance = process.env.EXAMPLE_INSTANCE;
if (instance) {
  const response = await codebolt.eventLog.createInstance(instance);
  if (!response.success) throw new Error(response.error);
}
