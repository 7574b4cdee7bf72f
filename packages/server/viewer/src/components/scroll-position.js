// Where a list is scrolled to that is longer than an element can be high.
//
// Browsers limit the height of an element to some ten million pixels. A list of ten million rows has more. So the
// element that is scrolled is shorter than the list. A small step of the scroll bar, as of a wheel, moves the list by as
// many pixels. A large one, as of a drag, goes to the same share of the list. When the scrolling has ended, the scroll
// bar goes to where it belongs. Near the ends, a pixel of the scroll bar is a pixel of the list, so that small steps come
// to the end.

/** How high the scrolled element is at most, in pixels. */
export const HEIGHT_MAX = 6_000_000;

/** How far from an end that is, in pixels. */
const END = 20_000;

/** A step of more than so many heights of the window is a large one. */
const STEP_MAX = 2;

export class ScrollPosition {
  #element;
  /** Where the scroll bar was when it was last looked at. */
  #last = 0;
  /** How many pixels of the list are above the window. */
  top = 0;
  /** How high the whole list is, in pixels. */
  height = 0;

  /** @param {HTMLElement} element - What is scrolled. */
  constructor(element) {
    this.#element = element;
  }

  /** How many pixels of the list can be above the window. */
  get range() {
    return Math.max(0, this.height - this.#element.clientHeight);
  }

  /** Whether the end of the list is in the window. */
  get isAtEnd() {
    return this.top >= this.range - 2;
  }

  /** To be called when the element was scrolled. Returns whether a person did that, and not `moveTo`. */
  scrolled() {
    const now = this.#element.scrollTop;
    const step = now - this.#last;
    this.#last = now;
    if (step === 0) return false;
    const isSmall = Math.abs(step) <= STEP_MAX * this.#element.clientHeight;
    const isShort = this.height <= HEIGHT_MAX;
    this.top = isSmall && !isShort ? this.top + step : this.#toList(now);
    this.top = Math.min(Math.max(0, this.top), this.range);
    const isStuck = now <= 0 || now >= this.#barRange - 1;
    if (isStuck && !isShort) this.settle();
    return true;
  }

  /** Scrolls the list, so that so many of its pixels are above the window. */
  moveTo(top) {
    this.top = Math.min(Math.max(0, top), this.range);
    this.settle();
  }

  /** Puts the scroll bar to where the list is. */
  settle() {
    const bar = mapped(this.top, this.range, this.#barRange);
    if (Math.abs(this.#element.scrollTop - bar) >= 1) this.#element.scrollTop = bar;
    // Browsers round it. What they have made of it is no step.
    this.#last = this.#element.scrollTop;
  }

  get #barRange() {
    return Math.max(0, Math.min(this.height, HEIGHT_MAX) - this.#element.clientHeight);
  }

  #toList(bar) {
    return mapped(bar, this.#barRange, this.range);
  }
}

/** The place on one range that a place on another is: as far from a near end, and otherwise the same share between. */
function mapped(place, from, to) {
  if (from === to || from === 0) return Math.min(place, to);
  const end = Math.min(END, from / 4, to / 4);
  if (place <= end) return place;
  if (place >= from - end) return to - (from - place);
  return end + ((place - end) / (from - 2 * end)) * (to - 2 * end);
}
