// A value that changes often, as of a moment ago.

import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * @param {unknown} value - The value.
 * @param {number} ms - How long it stays as it is, at least. The last change is never lost.
 */
export function useThrottled(value, ms) {
  const [shown, setShown] = useState(value);
  const changed = useRef(0);
  useEffect(() => {
    if (value === shown) return undefined;
    const wait = Math.max(0, changed.current + ms - performance.now());
    const timer = setTimeout(() => {
      changed.current = performance.now();
      setShown(value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, shown, ms]);
  return shown;
}
