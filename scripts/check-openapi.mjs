// Has schemathesis send requests to a server, valid and invalid ones, as the server's own description says. It must find
// nothing wrong. Without Python this says so, and ends well. Parameters go to schemathesis, such as
// `--include-path /eventlog/queryEvents`.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';
import { serve } from 'codebolt-eventlog-server';

const SCHEMATHESIS = 'schemathesis==4.32.5';

/** The instance that the description has as its example. */
const INSTANCE = 'orders';

const python = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-m', 'venv', '--help'], { stdio: 'ignore' }).status === 0,
);
if (python === undefined) {
  console.log('No Python with venv was found: the description of the server is not checked here');
} else {
  process.exitCode = await check();
}

/** @returns {Promise<number>} The exit code of what was run last. */
async function check() {
  const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-openapi-'));
  try {
    const programs = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
    for (const [command, ...args] of [
      [python, '-m', 'venv', folder],
      [join(programs, 'python'), '-m', 'pip', 'install', '--quiet', SCHEMATHESIS],
    ]) {
      const code = await run(command, args, folder);
      if (code !== 0) return code;
    }
    return await checkWith(join(programs, 'schemathesis'), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs schemathesis against a server of a log in memory that has some events. */
async function checkWith(schemathesis, folder) {
  const log = await EventLog.open(':memory:', { autoCreateInstances: true });
  const server = await serve(log, { port: 0 });
  const events = ['made', 'paid', 'sent'].map((eventType, n) => ({ eventType, payload: { n } }));
  await log.appendEvents({ instanceId: INSTANCE, events });
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

/** Runs a program in a folder. @returns {Promise<number>} Its exit code. */
function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
