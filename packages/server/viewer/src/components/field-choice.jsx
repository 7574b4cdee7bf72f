// Chooses a field, among those that are suggested or any other.

import { useId } from 'preact/hooks';

import { fields } from '../view/current.js';

/**
 * @param {object} props
 * @param {string} props.label - What it is for.
 * @param {string} [props.value] - The field that is chosen.
 * @param {string} [props.type] - Suggests only fields that have values of this type.
 * @param {(field: string | undefined) => void} props.onChange - Called with the field; `undefined` without one.
 */
export function FieldChoice({ label, value = '', type, onChange }) {
  const id = useId();
  const names = [...fields.value]
    .filter(([, { types }]) => type === undefined || types.has(type))
    .map(([name]) => name);
  return (
    <label class="field-choice">
      {label}
      <input
        list={id}
        value={value}
        placeholder={names.find((name) => name.includes('.')) ?? 'payload.…'}
        onChange={({ currentTarget }) => onChange(currentTarget.value.trim() || undefined)}
      />
      <datalist id={id}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}
