/**
 * Opens a system's log.
 *
 * @param {object} module - The system's module.
 * @param {object} system - The system.
 * @param {object} place - Where: `folder`, and `product` where the system is this project.
 * @param {number} streams - How many streams there are going to be.
 * @param {boolean} [hasOtherWriters] - Whether others append to it at the same time.
 * @returns {Promise<object>} The open log.
 */
export async function openLog(module, system, place, streams, hasOtherWriters = false) {
  const { folder, product } = place;
  return module.open(folder, { product, variant: system.variant, streams, hasOtherWriters });
}
