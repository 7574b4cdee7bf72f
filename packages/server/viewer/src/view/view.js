// The view that is seen now, in step with the address.

import { computed, signal } from '@preact/signals';

import { EVERYTHING, withCondition } from '../filter/tree.js';
import { whereOf } from '../filter/where.js';
import { formatAddress, parseAddress } from './address.js';

/** What is seen. */
export const view = signal(parseAddress(location.hash));

window.addEventListener('hashchange', () => {
  view.value = parseAddress(location.hash);
});

/** Changes what is seen. The way back leads to what was seen before, unless it is to be replaced. */
export function show(changes, { isReplacing = false } = {}) {
  const next = { ...view.value, fault: undefined, ...changes };
  const address = formatAddress(next);
  if (address !== location.hash) {
    if (isReplacing) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
  }
  view.value = next;
}

/** Shows another instance, without what belongs to this one. */
export function showInstance(instance) {
  const { panel } = view.value;
  show({ ...NOTHING, instance, panel });
}

const NOTHING = {
  stream: undefined,
  filter: EVERYTHING,
  from: undefined,
  until: undefined,
  event: undefined,
  number: undefined,
  top: undefined,
};

/** The address of a view that differs from this one. */
export function addressWith(changes) {
  return formatAddress({ ...view.value, ...changes });
}

/** Asks for one condition more. */
export function narrow(condition) {
  show({ filter: withCondition(view.value.filter, condition), panel: 'events' });
}

/** What the filter and the range of time are, apart from what is open: a text that differs if events differ. */
const scopeKey = computed(() => {
  const { instance, stream, filter, from, until, fault } = view.value;
  return JSON.stringify([instance, stream, filter, from, until, fault]);
});

/**
 * What is looked at: `{ scope, key }`, or `{ fault, key }` if the address has none. `timeless` is the scope without the range
 * of time.
 */
export const scope = computed(() => {
  const key = scopeKey.value;
  const { instance, stream, filter, from, until, fault } = view.peek();
  if (instance === undefined) return { key };
  if (fault !== undefined) return { key, fault };
  const timeless = { from: { instance, stream }, where: whereOf(filter) };
  const times = [
    ...(from === undefined ? [] : [{ field: 'timestamp', operator: 'gte', value: from }]),
    ...(until === undefined ? [] : [{ field: 'timestamp', operator: 'lt', value: until }]),
  ];
  return { key, timeless, scope: { ...timeless, where: [...timeless.where, ...times] } };
});
