// Instances and streams as resources: what an application shows, reads and subscribes to.

import { ResourceNotFoundError } from '@modelcontextprotocol/server';
import { NOTICE } from './answer.js';
import { readCursor, writeCursor } from './cursor.js';
import { statsOf } from './instances.js';
import { visible } from './visible.js';
import { fillPage } from './page.js';
import { dataOf } from './refusal.js';
import { INSTANCE_TEMPLATE, instanceUri, parseUri, STREAM_TEMPLATE, streamUri } from './uris.js';

const PAGE_RESOURCES = 100;
const NEWEST_EVENTS = 50;
const COMPLETIONS_MAX = 100;
const MIME_TYPE = 'application/json';

/** The resource templates, as the protocol lists them. */
export const resourceTemplates = [
  {
    uriTemplate: INSTANCE_TEMPLATE,
    name: 'instance',
    title: 'Event log instance',
    description: 'Counts and the newest events of an instance',
    mimeType: MIME_TYPE,
  },
  {
    uriTemplate: STREAM_TEMPLATE,
    name: 'stream',
    title: 'Stream of an instance',
    description: 'The newest events of a stream',
    mimeType: MIME_TYPE,
  },
];

/**
 * One page of all instances, each followed by its streams.
 *
 * @param {import('codebolt-eventlog').EventLog} log - The log.
 * @param {string | undefined} cursor - Where the page begins.
 */
export async function listResources(log, cursor) {
  const [instanceId, after] = readCursor('resources', cursor, ['string', 'string']) ?? [];
  const resources = [];
  for await (const resource of allResources(log, instanceId, after)) {
    if (resources.length === PAGE_RESOURCES) {
      const { instance, stream } = parseUri(resources.at(-1).uri);
      // A stream has an id, so '' says that the instance itself was the last one.
      const nextCursor = writeCursor('resources', [instance, stream ?? '']);
      return { resources, nextCursor };
    }
    resources.push(resource);
  }
  return { resources };
}

async function* allResources(log, instanceId, after) {
  const { instances } = await dataOf(log.listInstances());
  const begin = instanceId === undefined ? 0 : instances.findIndex(({ id }) => id === instanceId);
  for (const { id, name, description } of begin < 0 ? [] : instances.slice(begin)) {
    const isResumed = id === instanceId;
    const title = `Instance ${name}`;
    const resource = { uri: instanceUri(id), name, title, description, mimeType: MIME_TYPE };
    if (!isResumed) yield resource;
    yield* streamResources(log, { id, name }, isResumed && after !== '' ? after : undefined);
  }
}

async function* streamResources(log, instance, begin) {
  let after = begin;
  for (let hasMore = true; hasMore;) {
    const listing = await log.listStreams({ instance: instance.id, after, limit: PAGE_RESOURCES });
    if (listing.code === 'INSTANCE_NOT_FOUND') return; // It was deleted meanwhile.
    const { streams, hasMore: isMore } = await dataOf(Promise.resolve(listing));
    for (const { stream_id, timestamp } of streams) {
      yield {
        uri: streamUri(instance.id, stream_id),
        name: `${instance.name}/${stream_id}`,
        title: `Stream ${stream_id} of ${instance.name}`,
        mimeType: MIME_TYPE,
        annotations: { lastModified: timestamp },
      };
      after = stream_id;
    }
    hasMore = isMore;
  }
}

/**
 * Reads an instance or a stream: its newest events, as many as there is room for.
 *
 * @param {{ log: import('codebolt-eventlog').EventLog, charactersMax: number }} server - What it is read with.
 * @param {string} uri - The address.
 * @param {AbortSignal} signal - Ends the reading.
 */
export async function readResource(server, uri, signal) {
  const { instance, stats, stream } = await foundAt(server, uri);
  const { log, charactersMax } = server;
  const options = { instance, direction: 'backward', limit: NEWEST_EVENTS + 1, signal };
  const reader =
    stream === undefined ? log.readAll(options) : log.readStream({ ...options, stream });
  const page = await fillPage(reader, NEWEST_EVENTS, charactersMax);
  if (stream !== undefined && page.entries.length === 0) {
    throw new ResourceNotFoundError(uri, `${uri}: the stream has no events`);
  }
  const content = {
    notice: NOTICE,
    ...(stream === undefined ? { stats } : { instanceId: instance, stream_id: stream }),
    newestEvents: page.entries,
    hasOlder: page.isFull,
  };
  return { contents: [{ uri, mimeType: MIME_TYPE, text: visible(JSON.stringify(content)) }] };
}

/**
 * @param {{ log: import('codebolt-eventlog').EventLog }} server - What it is looked up with.
 * @param {string} uri - The address.
 * @returns {Promise<{ instance: string, stats: object, stream: string | undefined }>} The id of the instance, what it
 *   holds, and the stream.
 */
export async function foundAt(server, uri) {
  const target = parseUri(uri);
  if (target === undefined) {
    throw new ResourceNotFoundError(
      uri,
      `${uri}: expected ${INSTANCE_TEMPLATE} or ${STREAM_TEMPLATE}`,
    );
  }
  try {
    const stats = await statsOf(server, target.instance);
    return { instance: stats.instanceId, stats, stream: target.stream };
  } catch (error) {
    if (error.code !== 'INSTANCE_NOT_FOUND' && error.code !== 'FORBIDDEN') throw error;
    throw new ResourceNotFoundError(uri, `${uri}: ${error.message}`);
  }
}

/**
 * The values that a part of an address may have, by how it begins.
 *
 * @param {import('codebolt-eventlog').EventLog} log - The log.
 * @param {{ argument: { name: string, value: string }, context?: { arguments?: Record<string, string> } }} asked - The part.
 */
export async function complete(log, { argument, context }) {
  const values = await valuesOf(log, argument, context?.arguments?.instanceId);
  return {
    completion: {
      values: values.slice(0, COMPLETIONS_MAX),
      hasMore: values.length > COMPLETIONS_MAX,
    },
  };
}

async function valuesOf(log, { name, value }, instance) {
  if (name === 'instanceId') {
    const { instances } = await dataOf(log.listInstances());
    const names = instances.flatMap((found) => [found.name, found.id]);
    return [...new Set(names)].filter((candidate) => candidate.startsWith(value));
  }
  if (name !== 'streamId' || instance === undefined) return [];
  const listing = { instance, prefix: value, limit: COMPLETIONS_MAX + 1 };
  const { data } = await log.listStreams(listing);
  return (data?.streams ?? []).map(({ stream_id }) => stream_id);
}
