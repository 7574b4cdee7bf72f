// One condition: a field, an operator and a value. It counts when a person has finished with the value.

import { useId, useState } from 'preact/hooks';

import { conditionOf, writtenOf } from '../filter/condition.js';
import { comparesFields, ignoresCase, OPERATORS } from '../filter/operators.js';
import { isTextField, parseValue, typeName, valueText } from '../filter/value.js';
import { remark } from '../view/current.js';

/**
 * @param {object} props
 * @param {object} props.condition - The condition. A new one is not complete.
 * @param {Map<string, object>} props.fields - The fields to suggest.
 * @param {(condition: object | undefined) => void} props.onChange - Called with what takes its place.
 */
export function ConditionEditor({ condition, fields, onChange }) {
  const shown = writtenOf(condition, fields);
  const [last, setLast] = useState({ shown, written: shown });
  const written = withChanges(last, shown);
  const id = useId();
  const fault = remark.value?.condition === condition ? remark.value : undefined;

  const change = (part) => setLast({ shown, written: { ...written, ...part } });
  /** Makes it count, as soon as it is complete. Until then it stays what it was. */
  const finish = (part) => {
    const next = { ...written, ...part };
    setLast({ shown, written: next });
    if (Object.keys(next).some((key) => next[key] !== shown[key])) {
      onChange(conditionOf(next, fields, condition.isNew === true));
    }
  };
  const { field, number } = written;
  const { value } = OPERATORS[number];
  const input = (part) => ({
    onInput: ({ currentTarget }) => change({ [part]: currentTarget.value }),
    onKeyDown: ({ key, currentTarget }) => key === 'Enter' && currentTarget.blur(),
    onBlur: ({ currentTarget }) => finish({ [part]: currentTarget.value }),
  });
  const faultOf = (...parts) =>
    fault !== undefined && parts.includes(fault.part)
      ? { 'aria-invalid': true, 'aria-describedby': `${id}-fault` }
      : {};
  return (
    <span class={`condition${condition.isNew ? ' condition-new' : ''}${fault ? ' refused' : ''}`}>
      <input
        class="condition-field"
        aria-label="Field"
        placeholder="field"
        list={`${id}-fields`}
        size={Math.min(40, Math.max(12, field.length + 2))}
        value={field}
        {...input('field')}
        {...faultOf('field')}
      />
      <Suggestions id={`${id}-fields`} texts={[...fields.keys()]} />
      <OperatorChoice
        number={number}
        onChange={(chosen) => finish({ number: chosen })}
        {...faultOf('operator')}
      />
      {value === undefined && (
        <ValueInput
          id={id}
          written={written}
          fields={fields}
          {...input('text')}
          {...faultOf('value', 'valueField', 'ignoreCase', undefined)}
        />
      )}
      <Toggles written={written} onChange={finish} />
      <Remove field={field} onClick={() => onChange(undefined)} />
      {fault && (
        <span class="condition-fault" id={`${id}-fault`} role="alert">
          {fault.text}
        </span>
      )}
    </span>
  );
}

/** What is written, with those parts of what was shown that have changed since. */
function withChanges({ shown: before, written }, shown) {
  const parts = Object.keys(shown).map((key) => [
    key,
    shown[key] === before[key] ? written[key] : shown[key],
  ]);
  return Object.fromEntries(parts);
}

function Remove({ field, onClick }) {
  return (
    <button
      type="button"
      class="plain"
      aria-label={`Remove the condition on ${field || 'no field'}`}
      title="Remove"
      onClick={onClick}
    >
      ×
    </button>
  );
}

function OperatorChoice({ number, onChange, ...rest }) {
  return (
    <select
      aria-label="Operator"
      value={number}
      onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}
      {...rest}
    >
      {OPERATORS.map(({ name }, each) => (
        <option key={name} value={each}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** What the field is compared with: a value, with what it is taken for, or another field. */
function ValueInput({ id, written: { field, number, text, isField }, fields, ...rest }) {
  const { operator, hint = 'value' } = OPERATORS[number];
  const isOther = isField && comparesFields(operator);
  const isText = isTextField(field, fields.get(field));
  const examples = fields.get(field)?.examples ?? [];
  const parsed = parseValue(text, operator, isText);
  return (
    <>
      <input
        class="condition-value"
        aria-label={isOther ? 'Other field' : 'Value'}
        placeholder={isOther ? 'other field' : hint}
        list={`${id}-values`}
        size={Math.min(40, Math.max(8, text.length + 2))}
        value={text}
        {...rest}
      />
      <Suggestions
        id={`${id}-values`}
        texts={
          isOther
            ? [...fields.keys()]
            : examples.map((example) => valueText(example, operator, isText))
        }
      />
      {text !== '' && !isOther && !isText && <span class="condition-type">{typeName(parsed)}</span>}
    </>
  );
}

/** Whether case is ignored, and whether the value is another field: where the operator can. */
function Toggles({ written: { number, isField, ignoreCase }, onChange }) {
  const { operator } = OPERATORS[number];
  return (
    <>
      {ignoresCase(operator) && (
        <Toggle
          name="Ignore case: a=A"
          isOn={ignoreCase}
          onChange={(isOn) => onChange({ ignoreCase: isOn })}
        >
          a=A
        </Toggle>
      )}
      {comparesFields(operator) && (
        <Toggle
          name="Compare with another field"
          isOn={isField}
          onChange={(isOn) => onChange({ isField: isOn, text: '' })}
        >
          field
        </Toggle>
      )}
    </>
  );
}

function Toggle({ name, isOn, onChange, children }) {
  return (
    <button
      type="button"
      class="plain toggle"
      aria-label={name}
      title={name}
      aria-pressed={isOn}
      onClick={() => onChange(!isOn)}
    >
      {children}
    </button>
  );
}

function Suggestions({ id, texts }) {
  return (
    <datalist id={id}>
      {[...new Set(texts)].map((text) => (
        <option key={text} value={text} />
      ))}
    </datalist>
  );
}
