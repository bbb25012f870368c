/** One line that says what is wrong with the virtual card, and where it can, what to do. */
export class CardError extends Error {
  override readonly name = 'CardError';
}
