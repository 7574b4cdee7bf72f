// Which events: the conditions, the stream and the range of time. What is being written counts once it is complete.

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { emptyCondition } from '../filter/condition.js';
import { countConditions, EVERYTHING } from '../filter/tree.js';
import { fields } from '../view/current.js';
import { show, view } from '../view/view.js';
import { countText } from '../view/words.js';
import { GroupEditor } from './group-editor.jsx';
import { TimeRange } from './time-range.jsx';

/** The filter that is being written: it may have conditions that are not complete, which the view has not. */
const draft = signal(EVERYTHING);
/** The view's filter that the draft was last made from, or has made. */
let known = EVERYTHING;

/** Adds an empty condition to be filled in. */
export function addCondition() {
  const { mode, items } = draft.value;
  draft.value = { mode, items: [...items, emptyCondition()] };
}

export function FilterBar() {
  const { filter, stream } = view.value;
  if (filter !== known) {
    known = filter;
    draft.value = filter;
  }
  const bar = useRef(null);
  const written = draft.value;
  const length = written.items.length;
  useEffect(() => {
    // A condition that was just added is where a person types next.
    const inputs = bar.current.querySelectorAll('.condition-new .condition-field');
    inputs[inputs.length - 1]?.focus();
  }, [length]);
  const change = (next) => {
    draft.value = next;
    known = complete(next);
    show({ filter: known });
  };
  return (
    <section class="filter-bar" aria-label="Filter" ref={bar}>
      <div class="filter-line">
        {stream !== undefined && (
          <span class="chip">
            stream <strong>{stream}</strong>
            <button
              type="button"
              class="plain"
              aria-label="All streams"
              title="All streams"
              onClick={() => show({ stream: undefined })}
            >
              ×
            </button>
          </span>
        )}
        <GroupEditor group={written} fields={fields.value} onChange={change} isOutermost />
        <TimeRange />
      </div>
      {countConditions(filter) > 0 && (
        <p class="hidden" role="status">
          {countText(countConditions(filter), 'condition')}
        </p>
      )}
    </section>
  );
}

/** A filter without what is not complete. */
function complete({ mode, items }) {
  const kept = items
    .filter((item) => !item.isNew)
    .map((item) => (item.mode === undefined ? item : complete(item)))
    // A group in which nothing is complete would hold for everything, or for nothing.
    .filter((item) => item.mode === undefined || item.items.length > 0);
  return { mode, items: kept };
}
