/** Why no Python could be made ready, or what a script of ours ended with; the message says what to do. */
export class PythonError extends Error {
  override readonly name = 'PythonError';
}
