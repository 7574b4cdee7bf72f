// What clients are told of changes that were made through this server, if they have asked for that.

/** What a successful call tells of: the type of the message and its data. */
const TOLD = {
  createInstance: ({ instance }) => ['eventLog:instance-created', instance],
  updateInstance: ({ instance }) => ['eventLog:instance-updated', instance],
  deleteInstance: ({ instance }) => ['eventLog:instance-deleted', { instanceId: instance.id }],
  appendEvent: ({ event }) => ['eventLog:event-appended', event],
  appendEvents: ({ events }) => ['eventLog:events-appended', events],
};

/** The types of messages that a client can ask for. */
export const PUSHED = [
  'eventLog:instance-created',
  'eventLog:instance-updated',
  'eventLog:instance-deleted',
  'eventLog:event-appended',
  'eventLog:events-appended',
];

/** The clients that have asked to be told. */
export class Pushes {
  #log;
  /** Each client's function, with the types that it has asked for. */
  #listeners = new Map();
  /** Messages keep the order of the responses, though the log may have to be asked for one. */
  #told = Promise.resolve();

  constructor(log) {
    this.#log = log;
  }

  /**
   * @param {(text: string) => void} push - What sends a text to the client. It must not throw.
   * @param {readonly string[]} types - What the client asks for.
   */
  add(push, types) {
    this.#listeners.set(push, new Set(types));
  }

  remove(push) {
    this.#listeners.delete(push);
  }

  /** Whether somebody is told what a method has done. */
  isTold(name) {
    return TOLD[name] !== undefined && this.#listeners.size > 0;
  }

  /**
   * To be called right before a call is made. What it returns is to be called with the response, and resolves once
   * everybody was told: whoever has the response then knows that the messages about it are before everything later.
   *
   * Some calls create an instance only if there is none. So the log is asked for it before, and answers as of then.
   */
  watch({ name }, params) {
    if (!this.isTold(name)) return undefined;
    const instance = mayCreate(name, params);
    const before = instance === undefined ? undefined : this.#log.getInstance(instance);
    return (response) => {
      if (!response.success || response.data.duplicate) return undefined;
      this.#told = this.#told.then(() => this.#tellOf(name, response.data, before));
      return this.#told;
    };
  }

  async #tellOf(name, data, before) {
    const [type, told] = TOLD[name](data);
    const isCreation = type === 'eventLog:instance-created';
    if (before !== undefined) {
      const { success: existed } = await before;
      if (existed && isCreation) return;
      if (!existed && !isCreation) await this.#tellOfInstance(data);
    }
    if (!Array.isArray(told) || told.length > 0) this.#tell(type, told);
  }

  /** Tells of an instance that an append has created. */
  async #tellOfInstance({ event, events }) {
    const first = event ?? events[0];
    if (first === undefined) return;
    const { success, data } = await this.#log.getInstance(first.instanceId);
    if (success) this.#tell('eventLog:instance-created', data.instance);
  }

  #tell(type, data) {
    let text;
    for (const [push, types] of this.#listeners) {
      if (!types.has(type)) continue;
      text ??= JSON.stringify({ type, data });
      push(text);
    }
  }
}

/** The instance that a call creates if there is none; `undefined` if it creates none, or one in any case. */
function mayCreate(name, params) {
  if (name === 'createInstance') return params.ifExists === 'get' ? params.name : undefined;
  return name === 'appendEvent' || name === 'appendEvents' ? params.instanceId : undefined;
}
