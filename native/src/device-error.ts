/** What went wrong, by the names of the driver table (`native/include/edgeslot_driver.h`). */
export type CardStatusName = keyof typeof STATUSES;

/**
 * What it takes to go on: `request` nothing, the card is as before; `reset` a reset of the card, and then a load;
 * `lost` another card, or this one opened anew.
 */
export type CardSeverity = 'request' | 'reset' | 'lost';

interface Status {
  /** Of the driver table. */
  readonly number: number;
  readonly severity: CardSeverity;
  /** Whether the same call may succeed a moment later with nothing else done. */
  readonly retriable: boolean;
}

const STATUSES = {
  INVALID: { number: -1, severity: 'request', retriable: false },
  BUSY: { number: -2, severity: 'request', retriable: true },
  NO_DEVICE: { number: -3, severity: 'lost', retriable: false },
  ACCESS: { number: -4, severity: 'request', retriable: false },
  NO_MEMORY: { number: -5, severity: 'request', retriable: true },
  NOT_SUPPORTED: { number: -6, severity: 'request', retriable: false },
  AGAIN: { number: -7, severity: 'request', retriable: true },
  TIMEOUT: { number: -8, severity: 'reset', retriable: false },
  CANCELLED: { number: -9, severity: 'request', retriable: false },
  INCOMPATIBLE: { number: -10, severity: 'request', retriable: false },
  FAULT: { number: -11, severity: 'reset', retriable: false },
  LOST: { number: -12, severity: 'lost', retriable: false },
} as const satisfies Record<string, Status>;

/**
 * How using a card fails. `INVALID` a wrong argument or order; `BUSY` held by another process, or by this one already;
 * `AGAIN` too many requests wait; `TIMEOUT` no answer in time; `CANCELLED` given up or closed; `INCOMPATIBLE` a function,
 * driver, library or network that does not fit; `FAULT` the card stopped or answered nonsense; `LOST` the card is gone.
 */
export class DeviceError extends Error {
  override readonly name = 'DeviceError';
  /** E.g. `CARD_TIMEOUT`. */
  readonly code: `CARD_${CardStatusName}`;
  readonly status: CardStatusName;
  /** The number of the driver table, -1 to -12. */
  readonly number: number;
  readonly severity: CardSeverity;
  readonly retriable: boolean;

  constructor(status: CardStatusName, text: string) {
    super(text);
    const { number, severity, retriable } = STATUSES[status];
    this.code = `CARD_${status}`;
    this.status = status;
    this.number = number;
    this.severity = severity;
    this.retriable = retriable;
  }
}
