// A value of JSON, which can be folded. Texts of events are text here and nothing else.

import { useState } from 'preact/hooks';

import { fieldName } from '../log/fields.js';
import { narrow } from '../view/view.js';

/** How many members are shown at once, and how many characters of a text. */
const MEMBERS = 100;
const CHARACTERS = 2_000;

/** What is deeper than this is folded at first, and so is what has more members than this. */
const DEPTH_OPEN = 3;
const MEMBERS_OPEN = 30;

/**
 * @param {object} props
 * @param {string} props.root - The event's own key.
 * @param {string[]} props.keys - The keys below it.
 * @param {unknown} props.value - The value.
 * @param {boolean} [props.isItem] - Whether it is in an array, where the key is not shown in quotes.
 */
export function JsonNode({ root, keys, value, isItem }) {
  const name = keys.at(-1) ?? root;
  const isFolding = typeof value === 'object' && value !== null;
  const members = isFolding ? Object.keys(value).length : 0;
  const [isOpen, setOpen] = useState(keys.length < DEPTH_OPEN && members <= MEMBERS_OPEN);
  if (!isFolding || members === 0) {
    return (
      <div class="json-line">
        <Name name={name} isItem={isItem} />
        <Leaf value={value} />
        <Narrowing field={fieldName(root, keys)} value={value} />
      </div>
    );
  }
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return (
    <div class="json-branch">
      <button
        type="button"
        class="json-fold"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <span class="json-arrow" aria-hidden="true">
          {isOpen ? '▾' : '▸'}
        </span>
        <Name name={name} isItem={isItem} />
        <span class="json-mark">{isOpen ? open : `${open} … ${close}`}</span>
        {!isOpen && <span class="json-count">{members}</span>}
      </button>
      {isOpen && (
        <div class="json-members">
          <Members root={root} keys={keys} value={value} />
        </div>
      )}
      {isOpen && <span class="json-mark json-close">{close}</span>}
    </div>
  );
}

function Members({ root, keys, value }) {
  const [shown, setShown] = useState(MEMBERS);
  const entries = Object.entries(value);
  return (
    <>
      {entries.slice(0, shown).map(([key, each]) => (
        <JsonNode
          key={key}
          root={root}
          keys={[...keys, key]}
          value={each}
          isItem={Array.isArray(value)}
        />
      ))}
      {entries.length > shown && (
        <button type="button" class="plain" onClick={() => setShown(shown + 10 * MEMBERS)}>
          {entries.length - shown} more
        </button>
      )}
    </>
  );
}

function Name({ name, isItem }) {
  return <span class={isItem ? 'json-index' : 'json-key'}>{name}</span>;
}

function Leaf({ value }) {
  const [isWhole, setWhole] = useState(false);
  const kind = value === null ? 'null' : typeof value;
  const text = JSON.stringify(value);
  const isCut = text.length > CHARACTERS && !isWhole;
  return (
    <span class={`json-value json-${kind}`}>
      {isCut ? `${text.slice(0, CHARACTERS)}…` : text}
      {isCut && (
        <button type="button" class="plain" onClick={() => setWhole(true)}>
          {text.length - CHARACTERS} more characters
        </button>
      )}
    </span>
  );
}

/** Buttons that ask for events with this value, or without it. */
function Narrowing({ field, value }) {
  const text = String(JSON.stringify(value)).slice(0, 60);
  const add = (operator) => () => narrow({ field, operator, value });
  return (
    <span class="json-actions">
      <button
        type="button"
        class="plain"
        aria-label={`Only ${field} ${text}`}
        title="Only events with this value"
        onClick={add('eq')}
      >
        =
      </button>
      <button
        type="button"
        class="plain"
        aria-label={`Not ${field} ${text}`}
        title="Only events without this value"
        onClick={add('neq')}
      >
        ≠
      </button>
    </span>
  );
}
