#!/usr/bin/env bash
# @modelcontextprotocol/sdk 1.32.2, with zod 3.25.76
#
# Expected: a tool whose published schema says `additionalProperties: false` refuses a call that has another argument, as it refuses one
# that breaks anything else of the schema.
# Instead: the server publishes that of every tool, and takes such calls: the argument is dropped before the tool is called.
# Seen: of a call with a misspelt `expectedSequence`, which is optional, the tool is given the stream alone, and the call succeeds.
# Here: the tools of packages/mcp are served by the successor of this package, and refuse an argument that they do not know by themselves.
. "$(dirname "$0")/seen.sh"

install @modelcontextprotocol/sdk@1.32.2 zod@3.25.76
cat > call.mjs << 'END_OF_PROGRAM'
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

const server = new McpServer({ name: 'server', version: '1' });
const inputSchema = { stream: z.string(), expectedSequence: z.number().optional() };
server.registerTool('append', { inputSchema }, (given) => ({
  content: [{ type: 'text', text: JSON.stringify(given) }],
}));
const client = new Client({ name: 'client', version: '1' });
const [its, ours] = InMemoryTransport.createLinkedPair();
await Promise.all([server.connect(its), client.connect(ours)]);
const { tools } = await client.listTools();
console.log('additionalProperties', tools[0].inputSchema.additionalProperties);
const given = { stream: 'cart-1', expectedSequnce: 3 };
const { isError = false, content } = await client.callTool({ name: 'append', arguments: given });
console.log('error', isError, content[0].text);
await client.close();
END_OF_PROGRAM
compare 'additionalProperties false
error false {"stream":"cart-1"}' "$(node call.mjs)"
