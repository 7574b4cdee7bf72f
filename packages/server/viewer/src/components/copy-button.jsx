// Copies a text.

import { useState } from 'preact/hooks';

/** @param {{ label: string, text: () => string }} props - What the button says, and what it copies. */
export function CopyButton({ label, text }) {
  const [state, setState] = useState('');
  const copy = async () => {
    try {
      await copyText(text());
      setState('Copied');
    } catch {
      setState('Cannot copy here');
    }
  };
  return (
    <button type="button" onClick={copy} onBlur={() => setState('')}>
      <span aria-live="polite">{state || label}</span>
    </button>
  );
}

/** Browsers give the clipboard to pages of this machine or over TLS. Others get it by the older way. */
async function copyText(text) {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'hidden';
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  if (!isCopied) throw new Error('the browser does not copy');
}
