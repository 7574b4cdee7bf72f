// A log of which an agent sees some instances only.

import { quoted } from './visible.js';
import { Refusal } from './refusal.js';

/**
 * A log with those instances only that are on a list. It has the methods that the server uses. Another instance is refused
 * in the same words whether or not there is one.
 */
export class AllowedLog {
  #log;
  #allowed;

  /**
   * @param {import('codebolt-eventlog').EventLog} log - The whole log.
   * @param {readonly string[]} allowed - Ids and names of instances, which need not exist yet.
   */
  constructor(log, allowed) {
    this.#log = log;
    this.#allowed = new Set(allowed);
  }

  async listInstances() {
    const response = await this.#log.listInstances();
    if (!response.success) return response;
    const instances = response.data.instances.filter((instance) => this.#has(instance));
    return { ...response, data: { instances } };
  }

  createInstance(name, description) {
    return this.#call('createInstance', name, [name, description]);
  }

  getInstance(instance) {
    return this.#call('getInstance', instance, [instance]);
  }

  /** A new name is looked for on the list only: what the log says of it would tell of the other instances. */
  async updateInstance(instance, changes) {
    const name = changes?.name;
    if (typeof name === 'string' && !this.#allowed.has(name)) return refused(name);
    return this.#call('updateInstance', instance, [instance, changes]);
  }

  deleteInstance(instance) {
    return this.#call('deleteInstance', instance, [instance]);
  }

  getInstanceStats(instance) {
    return this.#call('getInstanceStats', instance, [instance]);
  }

  appendEvent(parameters) {
    return this.#call('appendEvent', parameters.instanceId, [parameters]);
  }

  appendEvents(parameters) {
    return this.#call('appendEvents', parameters.instanceId, [parameters]);
  }

  queryEvents(query, options) {
    return this.#call('queryEvents', query.from?.instance, [query, options]);
  }

  listStreams(options) {
    return this.#call('listStreams', options.instance, [options]);
  }

  proveInclusion(options) {
    return this.#call('proveInclusion', options.instance, [options]);
  }

  proveConsistency(options) {
    return this.#call('proveConsistency', options.instance, [options]);
  }

  readAll(options) {
    return this.#read('readAll', options);
  }

  readStream(options) {
    return this.#read('readStream', options);
  }

  subscribe(options) {
    return this.#read('subscribe', options);
  }

  async #call(method, instance, parameters) {
    if (await this.#allows(instance)) return this.#log[method](...parameters);
    return refused(instance);
  }

  async *#read(method, options) {
    if (!(await this.#allows(options.instance))) throw refusal(options.instance);
    yield* this.#log[method](options);
  }

  /** What is no name, the log refuses in its own words. */
  async #allows(instance) {
    if (typeof instance !== 'string' || this.#allowed.has(instance)) return true;
    const { success, data } = await this.#log.getInstance(instance);
    return success && this.#has(data.instance);
  }

  #has({ id, name }) {
    return this.#allowed.has(id) || this.#allowed.has(name);
  }
}

function refused(instance) {
  const { code, message } = refusal(instance);
  return { success: false, code, error: message };
}

function refusal(instance) {
  return new Refusal(
    'FORBIDDEN',
    `this server does not give access to an instance ${quoted(instance)}`,
  );
}
