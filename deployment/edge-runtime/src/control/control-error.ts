/** A refusal over the control API. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  constructor(
    readonly httpStatus: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export class NoRuntimeError extends Error {
  override readonly name = 'NoRuntimeError';
  constructor(readonly stateDir: string) {
    super(
      `no runtime is running on ${stateDir}; start one with \`npm start\` or \`edgeslot up FILE\`, or name another --state directory`,
    );
  }
}
