// A group of conditions: all of them, any of them, or none of them. Groups can be in groups.

import { emptyCondition } from '../filter/condition.js';
import { isGroup, withItem } from '../filter/tree.js';
import { ConditionEditor } from './condition-editor.jsx';

const MODE_NAMES = { all: 'all of (AND)', any: 'any of (OR)', none: 'none of (NOT)' };

/**
 * @param {object} props
 * @param {object} props.group - The group.
 * @param {Map<string, object>} props.fields - The fields to suggest.
 * @param {(group: object | undefined) => void} props.onChange - Called with what takes its place.
 * @param {boolean} [props.isOutermost] - Whether it is in no other group.
 */
export function GroupEditor({ group, fields, onChange, isOutermost }) {
  const { mode, items } = group;
  const add = (item) => onChange({ mode, items: [...items, item] });
  const replace = (place) => (item) => {
    const next = withItem(group, place, item);
    // A group without anything in it says nothing.
    onChange(next.items.length === 0 && !isOutermost ? undefined : next);
  };
  const showsMode = !isOutermost || items.length > 1 || mode !== 'all';
  return (
    <div
      class={isOutermost ? 'group group-outermost' : 'group'}
      role="group"
      aria-label="Conditions"
    >
      {showsMode && (
        <select
          class="group-mode"
          aria-label="How conditions go together"
          value={mode}
          onChange={({ currentTarget }) => onChange({ mode: currentTarget.value, items })}
        >
          {Object.entries(MODE_NAMES).map(([each, name]) => (
            <option key={each} value={each}>
              {name}
            </option>
          ))}
        </select>
      )}
      {items.map((item, place) =>
        isGroup(item) ? (
          <GroupEditor key={place} group={item} fields={fields} onChange={replace(place)} />
        ) : (
          <ConditionEditor key={place} condition={item} fields={fields} onChange={replace(place)} />
        ),
      )}
      <button type="button" class="add" onClick={() => add(emptyCondition())}>
        + Condition
      </button>
      <button
        type="button"
        class="add"
        onClick={() => add({ mode: mode === 'any' ? 'all' : 'any', items: [emptyCondition()] })}
      >
        + Group
      </button>
      {!isOutermost && (
        <button
          type="button"
          class="plain"
          aria-label="Remove the group"
          title="Remove the group"
          onClick={() => onChange(undefined)}
        >
          ×
        </button>
      )}
      {isOutermost && items.length > 0 && (
        <button type="button" class="plain" onClick={() => onChange({ mode: 'all', items: [] })}>
          Clear
        </button>
      )}
    </div>
  );
}
