// The tools of the SDK that are about instances: their names, inputs and sentences are its own.

import { answer, NOTICE } from '../answer.js';
import { quoted } from '../visible.js';
import { readCursor, writeCursor } from '../cursor.js';
import { dataOfInstance, statsOf } from '../instances.js';
import { fillPage, pageRemarks } from '../page.js';
import { dataOf } from '../refusal.js';
import { array, instance, nextCursor, notice, number, object, string } from '../schemas.js';
import { cursorInput, instanceInput, limitInput } from './inputs.js';

const LISTED_MAX = 1000;

const createInstance = {
  name: 'eventlog_create_instance',
  title: 'Create Event Log Instance',
  description: 'Create a new event log instance: a container of event streams.',
  writes: true,
  inputs: {
    name: {
      type: 'string',
      description: 'Name of the event log instance. No other instance may have it.',
      required: true,
    },
    description: { type: 'string', description: 'Description of the event log instance' },
  },
  output: object({ instance }),
  async run({ log }, { name, description }) {
    const data = await dataOf(log.createInstance(name, description));
    const { id } = data.instance;
    return answer(
      `Event log instance ${quoted(data.instance.name)} created successfully with ID: ${id}`,
      { instance: data.instance },
    );
  },
};

const getInstance = {
  name: 'eventlog_get_instance',
  title: 'Get Event Log Instance',
  description:
    'Get an event log instance: its id, name, description, and when it was made and last changed.',
  inputs: { instanceId: instanceInput },
  output: object({ notice, instance }),
  async run(context, { instanceId }) {
    const call = context.log.getInstance(instanceId);
    const found = (await dataOfInstance(context, instanceId, call)).instance;
    return answer(
      `Event log instance ${quoted(found.name)} retrieved successfully`,
      { notice: NOTICE, instance: found },
      { lines: [JSON.stringify(found)] },
    );
  },
};

const listInstances = {
  name: 'eventlog_list_instances',
  title: 'List Event Log Instances',
  description: 'List all event log instances, the oldest first. Begin here.',
  inputs: { limit: limitInput('instances', LISTED_MAX), cursor: cursorInput },
  output: object({ notice, instances: array(instance), total: number, nextCursor }, ['nextCursor']),
  async run({ log, charactersMax }, { limit = LISTED_MAX, cursor }) {
    const [after] = readCursor('instances', cursor, ['string']) ?? [];
    const { instances } = await dataOf(log.listInstances());
    const begin = after === undefined ? 0 : instances.findIndex(({ id }) => id === after) + 1;
    const page = await fillPage(instances.slice(begin), limit, charactersMax);
    const next = page.isFull && page.last ? writeCursor('instances', [page.last.id]) : undefined;
    return answer(
      `Found ${instances.length} event log instance(s)`,
      {
        notice: NOTICE,
        instances: page.entries,
        total: instances.length,
        ...(next && { nextCursor: next }),
      },
      { remarks: pageRemarks(page, next), lines: page.lines },
    );
  },
};

const updateInstance = {
  name: 'eventlog_update_instance',
  title: 'Update Event Log Instance',
  description: 'Change the name or the description of an event log instance.',
  writes: true,
  inputs: {
    instanceId: instanceInput,
    name: { type: 'string', description: 'New name for the instance' },
    description: { type: 'string', description: 'New description for the instance' },
  },
  output: object({ instance }),
  async run(context, { instanceId, ...changes }) {
    const call = context.log.updateInstance(instanceId, changes);
    const changed = (await dataOfInstance(context, instanceId, call)).instance;
    return answer(`Event log instance ${quoted(changed.name)} updated successfully`, {
      instance: changed,
    });
  },
};

const deleteInstance = {
  name: 'eventlog_delete_instance',
  title: 'Delete Event Log Instance',
  description: 'Delete an event log instance with all its events. This cannot be undone.',
  writes: true,
  destroys: true,
  inputs: { instanceId: instanceInput },
  output: object({ instance }),
  async run(context, { instanceId }) {
    const call = context.log.deleteInstance(instanceId);
    const deleted = (await dataOfInstance(context, instanceId, call)).instance;
    return answer('Event log instance deleted successfully', { instance: deleted });
  },
};

const getInstanceStats = {
  name: 'eventlog_get_instance_stats',
  title: 'Get Instance Stats',
  description:
    'Get statistics for an event log instance: how many events, streams and bytes it has.',
  inputs: { instanceId: instanceInput },
  output: object({
    notice,
    instanceId: string,
    name: string,
    eventCount: number,
    createdAt: string,
    updatedAt: string,
    streamCount: number,
    storedBytes: number,
  }),
  async run(context, { instanceId }) {
    const stats = await statsOf(context, instanceId);
    const { name, eventCount, createdAt, updatedAt, streamCount, storedBytes } = stats;
    const content = {
      instanceId: stats.instanceId,
      name,
      eventCount,
      createdAt,
      updatedAt,
      streamCount,
      storedBytes,
    };
    return answer(
      `Instance ${quoted(name)} has ${eventCount} event(s)`,
      { notice: NOTICE, ...content },
      { lines: [JSON.stringify(content)] },
    );
  },
};

export default [
  createInstance,
  getInstance,
  listInstances,
  updateInstance,
  deleteInstance,
  getInstanceStats,
];
