// The contract as plain JavaScript: what a log must answer, in arrays and maps.
//
// Each method takes its arguments and the `data` of the log's own answer (undefined if that was a
// failure), and returns what was to be expected: `{ code }` or `{ data }`. What only a log can make
// up (ids and times) is taken from its answer, after a check that it may be so.

import { evaluate } from './query.mjs';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const NOT_FOUND = { code: 'INSTANCE_NOT_FOUND' };
const EXISTS = { code: 'INSTANCE_EXISTS' };

/** The value that JSON makes of a value. */
export const viaJson = (value) => JSON.parse(JSON.stringify(value));

function check(holds, what) {
  if (!holds) throw new Error(`the log made up what it may not: ${what}`);
}

export class ModelLog {
  /** Instances, oldest first. */
  instances = [];

  /** Ids of instances and events that the log made, none of which may come again. */
  ids = new Set();

  find(reference) {
    return this.instances.find(({ id, name }) => id === reference || name === reference);
  }

  createInstance([name, description], data) {
    if (this.find(name)) return EXISTS;
    if (!data) return { data: 'an instance' };
    const { id } = data.instance;
    check(UUID.test(id), `the id ${id}`);
    this.#isNew(id);
    const instance = this.#add(id, name, description);
    return { data: { instance: this.#view(instance, data.instance) } };
  }

  getInstance([reference], data) {
    const instance = this.find(reference);
    if (!instance) return NOT_FOUND;
    return { data: { instance: this.#view(instance, data?.instance) } };
  }

  listInstances(_, data) {
    const views = this.instances.map((each, index) => this.#view(each, data?.instances[index]));
    return { data: { instances: views } };
  }

  updateInstance([reference, { name, description }], data) {
    const instance = this.find(reference);
    if (!instance) return NOT_FOUND;
    const holder = name === undefined ? undefined : this.find(name);
    if (holder && holder !== instance) return EXISTS;
    if (!data) return { data: 'an instance' };
    instance.name = name ?? instance.name;
    instance.description = description ?? instance.description;
    instance.changed = true;
    return { data: { instance: this.#view(instance, data.instance) } };
  }

  deleteInstance([reference], data) {
    const instance = this.find(reference);
    if (!instance) return NOT_FOUND;
    if (!data) return { data: 'an instance' };
    this.instances.splice(this.instances.indexOf(instance), 1);
    return { data: { instance: this.#view(instance, data.instance) } };
  }

  appendEvent([params], data) {
    const instance = this.#target(params, data);
    if (!instance) return NOT_FOUND;
    if (!data) return { data: 'an event' };
    return { data: { event: this.#append(instance, params, data.event) } };
  }

  appendEvents([params], data) {
    const instance = this.#target(params, data);
    if (!instance) return NOT_FOUND;
    if (!data) return { data: 'events' };
    const events = params.events.map((each, index) => {
      check(data.events[index], `a batch without its event ${index}`);
      return this.#append(instance, each, data.events[index]);
    });
    return { data: { events, count: events.length } };
  }

  queryEvents([query]) {
    const instance = this.find(query.from.instance);
    if (!instance) return NOT_FOUND;
    return { data: { result: evaluate(instance.events, query) } };
  }

  getInstanceStats([reference], data) {
    const instance = this.find(reference);
    if (!instance) return NOT_FOUND;
    if (!data) return { data: 'stats' };
    const { id, name, createdAt, updatedAt } = this.#view(instance, data);
    const eventCount = instance.events.length;
    check(Number.isSafeInteger(data.storedBytes), 'storedBytes');
    check(data.storedBytes >= eventCount, 'events that take no bytes');
    check(eventCount > 0 || data.storedBytes === 0, 'bytes without events');
    const streamCount = instance.heads.size;
    const { storedBytes } = data;
    return {
      data: {
        instanceId: id,
        name,
        eventCount,
        createdAt,
        updatedAt,
        streamCount,
        storedBytes,
        firstPosition: 1,
      },
    };
  }

  #isNew(id) {
    check(!this.ids.has(id), `the id ${id}, again`);
    this.ids.add(id);
  }

  #add(id, name, description) {
    const instance = { id, name, description, events: [], heads: new Map() };
    // The time of the last event for which the log made one.
    instance.lastTime = '';
    // Its times are not known before the log shows them.
    instance.createdAt = undefined;
    instance.updatedAt = '';
    instance.changed = true;
    this.instances.push(instance);
    return instance;
  }

  /** The instance as the log shows it; `shown` tells times that only the log knows. */
  #view(instance, shown) {
    if (shown && instance.createdAt === undefined) {
      check(ISO.test(shown.createdAt), `createdAt ${shown.createdAt}`);
      instance.createdAt = shown.createdAt;
      instance.updatedAt = shown.createdAt;
      instance.changed = true;
    }
    if (shown && instance.changed) {
      check(ISO.test(shown.updatedAt), `updatedAt ${shown.updatedAt}`);
      check(shown.updatedAt >= instance.updatedAt, 'an updatedAt before the last one');
      instance.updatedAt = shown.updatedAt;
      instance.changed = false;
    }
    const { id, name, description, createdAt, updatedAt } = instance;
    return viaJson({ id, name, description, createdAt, updatedAt });
  }

  #target({ instanceId, autoCreateInstance }, data) {
    const found = this.find(instanceId);
    if (found || !autoCreateInstance) return found;
    if (!data) return { id: instanceId };
    return this.#add(instanceId, instanceId);
  }

  #append(instance, params, stored) {
    const stream = params.streamId ?? params.stream_id ?? 'default';
    const number = (instance.heads.get(stream) ?? 0) + 1;
    check(UUID_V7.test(stored.id), `the event id ${stored.id}`);
    this.#isNew(stored.id);
    const event = {
      id: stored.id,
      instanceId: instance.id,
      stream_id: stream,
      event_type: params.eventType ?? params.event_type,
      payload: viaJson(params.payload ?? {}),
      metadata: viaJson(params.metadata ?? {}),
      timestamp: this.#timeOf(instance, params, stored),
      sequence_number: number,
    };
    instance.heads.set(stream, number);
    instance.events.push(event);
    instance.changed = true;
    return event;
  }

  #timeOf(instance, { timestamp }, stored) {
    if (timestamp !== undefined) return new Date(timestamp).toISOString();
    check(ISO.test(stored.timestamp), `the time ${stored.timestamp}`);
    check(stored.timestamp >= instance.lastTime, 'a time that runs backwards');
    instance.lastTime = stored.timestamp;
    return stored.timestamp;
  }
}
