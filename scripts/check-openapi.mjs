// Has schemathesis send requests to a server, valid and invalid ones, as the server's own description says. It must find
// nothing wrong. Without Python this says so, and ends well. Parameters go to schemathesis, such as
// `--include-path /eventlog/queryEvents`.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';
import { generateKeys } from 'codebolt-eventlog/evidence';
import { serve } from 'codebolt-eventlog-server';

import { hasPython, run, withPython } from './python.mjs';

const SCHEMATHESIS = 'schemathesis==4.32.5';

/** The instance that the description has as its example. */
const INSTANCE = 'orders';

if (hasPython) {
  process.exitCode = await withPython([SCHEMATHESIS], (programs, folder) =>
    checkWith(join(programs, 'schemathesis'), folder),
  );
} else {
  console.log('No Python with venv was found: the description of the server is not checked here');
}

/** Runs schemathesis against a server of a log in memory that has some events. */
async function checkWith(schemathesis, folder) {
  const key = randomBytes(32);
  const log = await EventLog.open(':memory:', { autoCreateInstances: true, key });
  const { signingKey } = await generateKeys('example.com/check');
  const server = await serve(log, { port: 0, signingKey });
  const events = ['made', 'paid', 'sent'].map((eventType, n) => ({ eventType, payload: { n } }));
  await log.appendEvents({ instanceId: INSTANCE, events });
  await log.checkpoint({ instance: INSTANCE, key: signingKey });
  // The same requests each time; with a number of examples, made-up ones too.
  const examples = process.env.CHECK_OPENAPI_EXAMPLES;
  const fuzzing = examples === undefined ? [] : ['--max-examples', examples];
  const args = [
    'run',
    `${server.url}openapi.json`,
    ...['--header', `Authorization: Bearer ${server.token}`],
    ...['--phases', examples === undefined ? 'examples,coverage' : 'examples,coverage,fuzzing'],
    ...fuzzing,
    ...['--seed', '1', '--no-color', '--warnings', 'off'],
    ...process.argv.slice(2),
  ];
  try {
    return await run(schemathesis, args, folder);
  } finally {
    await server.close();
    await log.close();
  }
}
