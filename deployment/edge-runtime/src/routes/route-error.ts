/** A fault in the text of one route. */
export class RouteSyntaxError extends Error {
  override readonly name = 'RouteSyntaxError';

  constructor(
    message: string,
    /** 1-based, in the route's text. */
    readonly column: number,
  ) {
    super(message);
  }
}

export interface RouteFinding {
  readonly route: string;
  /** 1-based column in the route's text; absent when the entry itself is wrong (its type, priority, time to live). */
  readonly column?: number;
  readonly message: string;
}

/** One bad route refuses the whole set, as edgeHub does. */
export class RouteSetError extends Error {
  override readonly name = 'RouteSetError';

  constructor(readonly findings: readonly RouteFinding[]) {
    super(findings.map(describe).join('; '));
  }
}

function describe({ route, column, message }: RouteFinding): string {
  return `Error parsing route ${route} - ${message}${column === undefined ? '' : ` (column ${column})`}`;
}
