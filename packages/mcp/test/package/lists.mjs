// Runs the installed package as an MCP client does: over standard input and output.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { serveHttp, serveStdio } from 'codebolt-eventlog-mcp';

if (typeof serveHttp !== 'function' || typeof serveStdio !== 'function') {
  throw new Error('expected serveHttp and serveStdio, found others');
}

const manifest = createRequire(import.meta.url).resolve('codebolt-eventlog-mcp/package.json');
const { bin, version } = JSON.parse(readFileSync(manifest, 'utf8'));
const program = join(dirname(manifest), bin['codebolt-eventlog-mcp']);
const child = spawn(process.execPath, [program, '--log', 'mcp.redb', '--write'], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

async function ask(id, method, params) {
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  const { value } = await lines.next();
  return JSON.parse(value).result;
}

const { serverInfo } = await ask(1, 'initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'package', version },
});
if (serverInfo.version !== version)
  throw new Error(`expected ${version}, found ${serverInfo.version}`);
const { tools } = await ask(2, 'tools/list', {});
const event = { instanceId: 'installed', eventType: 'ran', autoCreateInstance: true };
await ask(3, 'tools/call', { name: 'eventlog_append_event', arguments: event });
const query = { from: { instance: 'installed' } };
const { content } = await ask(4, 'tools/call', {
  name: 'eventlog_query_events',
  arguments: { query },
});
if (content[0].text !== 'Query returned 1 event(s) out of 1 total')
  throw new Error(content[0].text);
child.stdin.end();
const [code] = await once(child, 'close');
if (code !== 0) throw new Error(`expected exit code 0, found ${code}`);
console.log(`codebolt-eventlog-mcp: ${tools.length} tools`);
