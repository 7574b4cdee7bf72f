// The session of the scope that is looked at now, and what is known of its instance.

import { computed, effect, signal } from '@preact/signals';

import { remarkOn } from '../filter/where.js';
import { call, isAborted } from '../log/call.js';
import { sampleFields } from '../log/fields.js';
import { Session } from './session.js';
import { scope, show, view } from './view.js';

/** The instances of the log, oldest first; `undefined` until they are known. */
export const instances = signal(undefined);
/** Why they are not known. */
export const instancesFailure = signal(undefined);
/** What is looked at; `undefined` without an instance, or with a filter that cannot be asked. */
export const session = signal(undefined);
/** What the log has against one of the filter's conditions, if that is why nothing is seen. */
export const remark = computed(() => {
  const { state, failure } = session.value ?? {};
  if (state?.value !== 'failed') return undefined;
  return remarkOn(view.value.filter, failure.value.message);
});
/** The fields that events of the instance have, by name. */
export const fields = signal(new Map());

/** Asks which instances there are, and shows the one that was changed last if none is chosen. */
export async function loadInstances() {
  try {
    const { instances: found } = await call('listInstances', {});
    instances.value = found;
    instancesFailure.value = undefined;
    const [latest] = found.toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
    if (view.value.instance === undefined && latest !== undefined) {
      show({ instance: latest.name }, { isReplacing: true });
    }
  } catch (error) {
    instancesFailure.value = error.message;
  }
}

/** Starts to look at what the address says, and at everything that it says later. */
export function start() {
  loadInstances();
  effect(() => {
    const { scope: found } = scope.value;
    const opened = found === undefined ? undefined : new Session(found);
    session.value = opened;
    return () => opened?.close();
  });
  let sampled;
  let abort;
  effect(() => {
    const { instance } = view.value;
    const current = session.value;
    if (current === undefined || current.state.value !== 'ready' || instance === sampled) return;
    sampled = instance;
    abort?.abort();
    abort = new AbortController();
    fields.value = new Map();
    sample(instance, current.lastPosition.peek(), abort.signal);
  });
}

async function sample(instance, lastPosition, aborted) {
  try {
    fields.value = await sampleFields(instance, lastPosition, aborted);
  } catch (error) {
    // Suggestions are no more than that: the view works without them.
    if (!isAborted(error)) console.warn('no fields can be suggested:', error.message);
  }
}
