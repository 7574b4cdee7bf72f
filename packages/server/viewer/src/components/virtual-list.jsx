// A list of any length, of which only the rows are drawn that are seen.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { HEIGHT_MAX, ScrollPosition } from './scroll-position.js';

/**
 * @param {object} props
 * @param {number} props.total - How many rows there are.
 * @param {number} props.rowHeight - How high each is, in pixels.
 * @param {string} props.label - What a screen reader calls the list.
 * @param {string} [props.activeId] - The id of the element of the chosen row, if it is drawn.
 * @param {(number: number, top: number) => unknown} props.renderRow - Draws a row at so many pixels from the top.
 * @param {(first: number, last: number) => void} props.onRange - Called with the rows that are seen.
 * @param {(isAtEnd: boolean) => void} props.onEnd - Called when the end comes into sight, or goes out of it.
 * @param {(event: KeyboardEvent) => void} props.onKeyDown - Called with keys.
 * @param {{ current: object }} props.control - Gets `reveal(number)`, `toEnd()` and `pageLength`.
 */
export function VirtualList(props) {
  const { total, rowHeight, label, activeId, renderRow, onKeyDown } = props;
  const { element, position, height } = useScrolling(props);
  const top = position.current?.top ?? 0;
  const first = Math.floor(top / rowHeight);
  const last = Math.min(total - 1, Math.floor((top + height) / rowHeight));
  const rows = [];
  for (let n = first; n <= last; n += 1) rows.push(renderRow(n, n * rowHeight - top));
  const canvas = Math.min(total * rowHeight, HEIGHT_MAX);
  return (
    <div
      ref={element}
      class="list"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={total}
      aria-activedescendant={activeId}
      onKeyDown={onKeyDown}
    >
      <div class="list-canvas" role="presentation" style={{ height: `${canvas}px` }}>
        <div class="list-window" role="rowgroup" style={{ height: `${height}px` }}>
          {rows}
        </div>
      </div>
    </div>
  );
}

function useScrolling({ total, rowHeight, onRange, onEnd, control }) {
  const element = useRef(null);
  const position = useRef(null);
  const wasAtEnd = useRef(true);
  const [height, setHeight] = useState(0);
  const [, setTop] = useState(0);

  /** Draws what is seen now. */
  const look = () => {
    const { top, isAtEnd } = position.current;
    setTop(top);
    if (isAtEnd === wasAtEnd.current) return;
    wasAtEnd.current = isAtEnd;
    onEnd(isAtEnd);
  };

  useLayoutEffect(() => {
    const scrolled = element.current;
    position.current = new ScrollPosition(scrolled);
    const observer = new ResizeObserver(() => setHeight(scrolled.clientHeight));
    observer.observe(scrolled);
    setHeight(scrolled.clientHeight);
    const onScroll = () => {
      if (position.current.scrolled()) look();
    };
    const onScrollEnd = () => position.current.settle();
    scrolled.addEventListener('scroll', onScroll, { passive: true });
    scrolled.addEventListener('scrollend', onScrollEnd);
    return () => {
      observer.disconnect();
      scrolled.removeEventListener('scroll', onScroll);
      scrolled.removeEventListener('scrollend', onScrollEnd);
    };
  }, []);

  // The end stays in sight when the list grows.
  useLayoutEffect(() => {
    const at = position.current;
    const row = at.height === 0 ? 0 : at.top / at.rowHeight;
    at.height = total * rowHeight;
    at.rowHeight = rowHeight;
    if (wasAtEnd.current) at.moveTo(at.range);
    else at.moveTo(row * rowHeight);
    look();
  }, [total, rowHeight, height]);

  useEffect(() => {
    const { top } = position.current;
    const last = Math.min(total - 1, Math.floor((top + height) / rowHeight));
    if (height > 0 && last >= 0) onRange(Math.floor(top / rowHeight), last);
  });

  control.current = {
    pageLength: Math.max(1, Math.floor(height / rowHeight) - 1),
    toEnd() {
      wasAtEnd.current = true;
      position.current.moveTo(position.current.range);
      onEnd(true);
      look();
    },
    reveal(number, isCentred = false) {
      moveInto(position.current, number * rowHeight, rowHeight, height, isCentred);
      look();
    },
  };
  return { element, position, height };
}

/** Scrolls no further than it takes to see a row that is so many pixels from the top of the list. */
function moveInto(position, above, rowHeight, height, isCentred) {
  const below = above + rowHeight - height;
  if (above >= position.top && below <= position.top) return;
  if (isCentred) position.moveTo(above - height / 2);
  else position.moveTo(above < position.top ? above : below);
}
