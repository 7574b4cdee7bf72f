// The documented programs of the SDK, each over a server: only their import line is another one, and leads to a client
// of the protocol.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import test from 'ava';

import { TOKEN, openLog, serveLog, temporaryFolder } from './support/server.js';

const pages = new URL('../../../__test__/support/programs/', import.meta.url);
const sdk = new URL('support/sdk.js', import.meta.url).href;

const PROGRAM = /^```js\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/gm;

/** Programs that use what only this package has, or the SDK's own messages. */
const IN_PROCESS = /\b(?:readStream|readAll|subscribe|EventLog\.open|attach|strict|onMessage)\b/;

let count = 0;

for (const page of readdirSync(pages)) {
  const source = readFileSync(new URL(page, pages), 'utf8');
  for (const { 1: program, 2: prints, index } of source.matchAll(PROGRAM)) {
    if (IN_PROCESS.test(program) || /\brequire\(/.test(program)) continue;
    count += 1;
    const line = source.slice(0, index).split('\n').length;
    test.serial(`${page}:${line} prints the same over a server`, async (t) => {
      const log = await openLog(t);
      const server = await serveLog(t, log, { token: TOKEN });
      const folder = await temporaryFolder(t);
      const file = join(folder, 'program.mjs');
      await writeFile(file, program.replace("'@codebolt/codeboltjs'", `'${sdk}'`));
      const env = {
        ...process.env,
        SOCKET_PORT: String(server.port),
        CODEBOLT_EVENTLOG_TOKEN: TOKEN,
      };
      const child = spawn(process.execPath, [file], {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      t.teardown(() => child.kill('SIGKILL'));
      const [stdout, stderr] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      t.is(stdout, prints, stderr);
      t.is(child.exitCode, 0, stderr);
    });
  }
}

test('most programs need nothing but the nine methods', (t) => {
  t.true(count >= 30, `${count}`);
});
