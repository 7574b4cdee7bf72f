// One condition: a field, an operator and a value. It counts when a person has finished with the value.

import { useEffect, useId, useState } from 'preact/hooks';

import { isTextField, parseValue, typeName, valueText } from '../filter/value.js';

const OPERATOR_NAMES = {
  eq: '=',
  neq: '≠',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  contains: 'contains',
  in: 'is one of',
  between: 'between',
};

const HINTS = { in: 'a, b, c', between: 'from, to' };

/**
 * @param {object} props
 * @param {{ field: string, operator: string, value: unknown, isNew?: boolean }} props.condition - The condition. A new
 *   one is not complete.
 * @param {Map<string, object>} props.fields - The fields to suggest.
 * @param {(condition: object | undefined) => void} props.onChange - Called with what takes its place.
 */
export function ConditionEditor({ condition, fields, onChange }) {
  const { field, operator, value, isNew } = condition;
  const shown = isNew ? '' : valueText(value, operator, isTextField(field, fields.get(field)));
  const [name, setName] = useState(field);
  const [text, setText] = useState(shown);
  useEffect(() => setName(field), [field]);
  useEffect(() => setText(shown), [shown]);
  const id = useId();
  const isText = isTextField(name, fields.get(name));
  const parsed = parseValue(text, operator, isText);

  /** Makes it count, as soon as it is complete. Until then it stays what it was. */
  const finish = (part) => {
    const next = { field: name.trim(), operator, ...part };
    next.value = parseValue(text, next.operator, isText);
    const isWritten = next.field !== '' && !(isNew && text === '');
    if (!isWritten || !isComplete(next)) onChange({ ...condition, ...next, isNew: true });
    else if (isNew || !isSame(next, condition)) onChange(next);
  };
  const onKeyDown = ({ key, currentTarget }) => {
    if (key === 'Enter') currentTarget.blur();
  };
  return (
    <span class={`condition${isNew ? ' condition-new' : ''}`}>
      <input
        class="condition-field"
        aria-label="Field"
        placeholder="field"
        list={`${id}-fields`}
        size={Math.min(40, Math.max(12, name.length + 2))}
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={() => finish()}
      />
      <datalist id={`${id}-fields`}>
        {[...fields.keys()].map((known) => (
          <option key={known} value={known} />
        ))}
      </datalist>
      <select
        aria-label="Operator"
        value={operator}
        onChange={({ currentTarget }) => finish({ operator: currentTarget.value })}
      >
        {Object.entries(OPERATOR_NAMES).map(([each, sign]) => (
          <option key={each} value={each}>
            {sign}
          </option>
        ))}
      </select>
      <input
        class="condition-value"
        aria-label="Value"
        placeholder={HINTS[operator] ?? 'value'}
        list={`${id}-values`}
        size={Math.min(40, Math.max(8, text.length + 2))}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={() => finish()}
      />
      <datalist id={`${id}-values`}>
        {(fields.get(name)?.examples ?? []).map((example) => (
          <option key={String(example)} value={valueText(example, operator, isText)} />
        ))}
      </datalist>
      {text !== '' && !isText && <span class="condition-type">{typeName(parsed)}</span>}
      <button
        type="button"
        class="plain"
        aria-label={`Remove the condition on ${field || 'no field'}`}
        title="Remove"
        onClick={() => onChange(undefined)}
      >
        ×
      </button>
    </span>
  );
}

function isComplete({ operator, value }) {
  return operator !== 'between' || (Array.isArray(value) && value.length === 2);
}

function isSame(a, b) {
  const key = ({ field, operator, value }) => JSON.stringify([field, operator, value]);
  return key(a) === key(b);
}
