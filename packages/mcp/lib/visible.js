// Texts of others as they can be shown: every character can be seen, and none of them ends what they are shown in.

/** How much of a name a sentence shows. */
const SHOWN_LENGTH_MAX = 100;

/** Characters that nobody sees, or that turn the direction of a text. */
const UNSEEN = /[\u007F-\u009F\u2028\u2029\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * @param {string} name - A name, which whoever made it could choose.
 * @returns {string} It in quotes, so that a sentence with it stays one line, and short.
 */
export function quoted(name) {
  return visible(
    JSON.stringify(name.length > SHOWN_LENGTH_MAX ? `${name.slice(0, SHOWN_LENGTH_MAX)}…` : name),
  );
}

/**
 * @param {string} json - A JSON text.
 * @returns {string} The JSON text of the same value, in which every character can be seen.
 */
export function visible(json) {
  return json.replace(UNSEEN, (character) =>
    Array.from({ length: character.length }, (_, index) =>
      escape(character.charCodeAt(index)),
    ).join(''),
  );
}

/** @param {number} unit - A UTF-16 code unit. */
function escape(unit) {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
