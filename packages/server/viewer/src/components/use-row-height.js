// How high a row of the list is: the styles say how much has to fit into it.

import { useEffect, useState } from 'preact/hooks';

const NARROW = '(max-width: 700px)';

/** In pixels. */
const ROW = 26;
const TWO_LINES = 48;

export function useRowHeight() {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const changed = () => setNarrow(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return isNarrow ? TWO_LINES : ROW;
}
