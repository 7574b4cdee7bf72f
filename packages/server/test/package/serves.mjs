// Runs the installed package: the command as a process, and its client.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

import { serve } from 'codebolt-eventlog-server';
import { connect, unwrap } from 'codebolt-eventlog-server/client';

if (typeof serve !== 'function') throw new Error(`expected serve, found ${serve}`);

const manifest = createRequire(import.meta.url).resolve('codebolt-eventlog-server/package.json');
const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
const program = join(dirname(manifest), bin['codebolt-eventlog-server']);
const child = spawn(process.execPath, [program, '--log', 'served.redb', '--port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [line] = await once(createInterface({ input: child.stdout }), 'line');
const client = await connect(line.split(' ').at(-1));
unwrap(await client.appendEvent({ instanceId: 'installed', eventType: 'ran' }));
const { result } = unwrap(await client.queryEvents({ from: { instance: 'installed' } }));
if (result.total !== 1) throw new Error(`expected 1 event, found ${result.total}`);
await client.close();
child.kill('SIGTERM');
const [code] = await once(child, 'close');
// Windows knows no signals: there the process is ended as it is.
if (code !== 0 && process.platform !== 'win32') throw new Error(`expected 0, found ${code}`);
console.log('codebolt-eventlog-server: served');
