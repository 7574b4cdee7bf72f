// The head of a table.

/**
 * @param {object} props - What it has.
 * @param {{ name: import('preact').ComponentChildren, class?: string }[]} props.columns - What each column is called, and
 *   the classes that its cells have: `number` to the right, `wide` left out where there is little room.
 */
export function TableHead({ columns }) {
  return (
    <thead>
      <tr>
        {columns.map((column, at) => (
          <th key={at} scope="col" class={column.class}>
            {column.name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
