// Keys that work wherever the focus is, except where a person types.

import { useEffect } from 'preact/hooks';

import { EVERYTHING } from '../filter/tree.js';
import { PANELS } from '../view/address.js';
import { session } from '../view/current.js';
import { show, view } from '../view/view.js';
import { addCondition } from './filter-bar.jsx';
import { helpIsOpen } from './keyboard-help.jsx';
import { listKeys } from './event-list.jsx';

export function useShortcuts() {
  useEffect(() => {
    window.addEventListener('keydown', onKey);
    window.addEventListener('pointerdown', closeOtherMenus);
    return () => {
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('pointerdown', closeOtherMenus);
    };
  }, []);
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector('dialog[open]') !== null) return;
  if (event.key === 'Escape' && closeMenus()) return;
  if (isTyping(event.target)) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const action = actionOf(event);
  if (action === undefined) return;
  event.preventDefault();
  action();
}

function actionOf(event) {
  const { key } = event;
  const panel = PANELS[Number(key) - 1];
  if (panel !== undefined) return () => show({ panel });
  if (key === '?') return () => (helpIsOpen.value = true);
  if (key === '/') return addCondition;
  if (key === 'x') return () => show({ filter: EVERYTHING });
  if (key === 'p') return togglePause;
  if (key === 'Escape' && view.value.event !== undefined) return () => show({ event: undefined });
  // Enter belongs to what has the focus.
  if (key === 'Enter' && event.target.closest('button, a, summary') !== null) return undefined;
  return listKeys.value?.(event);
}

function togglePause() {
  const current = session.value;
  current?.setLive(!current.isLive.value);
}

/** Closes the menus that are open, and gives the focus back. Returns whether there were any. */
function closeMenus() {
  const menus = [...document.querySelectorAll('details.menu[open]')];
  for (const menu of menus) {
    const hadFocus = menu.contains(document.activeElement);
    menu.open = false;
    if (hadFocus) menu.querySelector('summary').focus();
  }
  return menus.length > 0;
}

function closeOtherMenus({ target }) {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(target)) menu.open = false;
  }
}

function isTyping(target) {
  return target.closest('input, textarea, select, [contenteditable]') !== null;
}
