// Finding instances by what an agent has called them.

import { dataOf, Refusal } from './refusal.js';
import { listed, nearest } from './names.js';

/** How many instances a text names at most. */
const NAMED_MAX = 10;

/**
 * What a method of the log has answered about an instance. If there is none, the refusal names those that may have been
 * meant.
 *
 * @param {{ log: import('codebolt-eventlog').EventLog }} context - Of the call.
 * @param {string} instance - The id or the name that the agent has given.
 * @param {Promise<any>} call - The method's response.
 * @returns {Promise<any>} Its data.
 */
export async function dataOfInstance(context, instance, call) {
  try {
    return await dataOf(call);
  } catch (error) {
    throw await explained(context, instance, error);
  }
}

/**
 * @param {{ log: import('codebolt-eventlog').EventLog }} context - Of the call.
 * @param {string} instance - The id or the name that the agent has given.
 * @param {any} error - What a method or a reader of the log has failed with.
 * @returns {Promise<any>} The error, with the instances that may have been meant if it says that there is none.
 */
export async function explained(context, instance, error) {
  if (error.code !== 'INSTANCE_NOT_FOUND' && error.code !== 'FORBIDDEN') return error;
  const { instances } = await dataOf(context.log.listInstances());
  // The refusal is of something else, such as a new name.
  if (instances.some(({ id, name }) => id === instance || name === instance)) return error;
  const near = nearest(
    instance,
    instances.flatMap(({ id, name }) => [name, id]),
  );
  // It names a place in a call of the log. Arguments of tools have names of their own.
  const text = error.message.replace(/^[\w.]+: (?=no instance )/, '');
  if (near.length > 0) {
    return new Refusal(error.code, `${text}; did you mean ${listed(near, 'or')}?`);
  }
  return new Refusal(error.code, `${text}; ${thoseThatExist(instances)}`);
}

function thoseThatExist(instances) {
  if (instances.length === 0) return 'there are no instances yet';
  const names = instances.slice(0, NAMED_MAX).map(({ name }) => name);
  if (instances.length <= NAMED_MAX) return `there is ${listed(names, 'and')}`;
  return `there are ${instances.length}, such as ${listed(names, 'and')}: eventlog_list_instances has all`;
}

/**
 * @param {{ log: import('codebolt-eventlog').EventLog }} context - Of the call.
 * @param {string} instance - The id or the name of an instance.
 * @returns {Promise<import('codebolt-eventlog').EventLogStats>} What it holds.
 */
export function statsOf(context, instance) {
  return dataOfInstance(context, instance, context.log.getInstanceStats(instance));
}
