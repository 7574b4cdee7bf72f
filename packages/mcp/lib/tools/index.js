// All tools, and how they are called.

import { failed } from '../answer.js';
import { inputSchema, readArguments } from '../arguments.js';
import { didYouMean } from '../names.js';
import append from './append.js';
import correlation from './correlation.js';
import event from './event.js';
import evidence from './evidence.js';
import fields from './fields.js';
import instances from './instances.js';
import query from './query.js';
import streams from './streams.js';
import timeRange from './time-range.js';

/** Names under which the SDK's admin tools are called. They are answered, and not listed. */
const OTHER_NAMES = { eventlog_get_stats: 'eventlog_get_instance_stats' };

/** How long a call may take, in milliseconds. */
const CALL_MS_MAX = 60_000;

const all = [
  instances,
  append,
  query,
  streams,
  fields,
  timeRange,
  event,
  correlation,
  evidence,
].flat();

/** @param {boolean} write - Whether the tools that change something are among them. */
function offered(write) {
  return all.filter((tool) => write || !tool.writes);
}

/**
 * @param {boolean} write - Whether the server may change the log.
 * @returns {object[]} The tools as the protocol lists them.
 */
export function listTools(write) {
  return offered(write).map(({ name, title, description, inputs, output, writes, destroys }) => ({
    name,
    title,
    description,
    inputSchema: inputSchema(inputs),
    outputSchema: output,
    annotations: {
      title,
      readOnlyHint: !writes,
      destructiveHint: Boolean(destroys),
      idempotentHint: !writes,
      openWorldHint: false,
    },
  }));
}

/**
 * Calls a tool. It never throws: a failure is an answer, which says how to mend the call.
 *
 * @param {import('../server.js').Serving} server - What the tool works with.
 * @param {string} name - Which tool.
 * @param {unknown} given - The arguments, as the client has sent them.
 * @param {AbortSignal} cancelled - Ends the call.
 */
export async function callTool(server, name, given, cancelled) {
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(CALL_MS_MAX)]);
  try {
    const tool = toolNamed(server, name);
    const parameters = readArguments(tool.inputs, tool.prepare?.(given ?? {}) ?? given);
    return await tool.run({ ...server, signal }, parameters);
  } catch (error) {
    if (error.code === 'ABORTED' && !cancelled.aborted) {
      return failed(
        'TIMEOUT',
        `the call has taken more than ${CALL_MS_MAX / 1000} seconds: ask for less`,
      );
    }
    // What has no code is a fault of this package, and no answer says where it is.
    if (error.code === undefined) server.onError(error);
    return failed(error.code ?? 'INTERNAL', error.message);
  }
}

function toolNamed({ write }, name) {
  const tools = offered(write);
  const meant = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : name;
  const tool = tools.find((candidate) => candidate.name === meant);
  if (tool !== undefined) return tool;
  const hidden = all.some((candidate) => candidate.name === name);
  const text = hidden
    ? `${name}: the server was started without --write, so it changes nothing`
    : `${name}: there is no such tool${didYouMean(
        name,
        tools.map((candidate) => candidate.name),
      )}`;
  throw Object.assign(new Error(text), { code: 'TOOL_NOT_FOUND' });
}
