/**
 * One `/dev/catapultN`, as far as it could be identified. A field is absent when it could not be read; `error` says
 * what failed first, naming the call, the errno and the value.
 */
export interface CatapultNode {
  readonly path: string;
  /** Driver version as four numbers, e.g. `5.1.4.12` (product major.minor, build major.minor). */
  readonly driver?: string;
  /** `role` runs models, `management` owns the board, `legacy` is the one function of older shells. */
  readonly functionType?: string;
  readonly shellVersion?: string;
  readonly shellId?: string;
  readonly roleId?: string;
  readonly boardId?: string;
  readonly chipId?: string;
  /** Degrees Celsius. */
  readonly temperature?: number;
  readonly slots?: number;
  readonly bytesPerSlot?: number;
  readonly error?: string;
}

/** What was found of a Catapult card. `available` says that it can be opened and identified, not that it runs models. */
export interface CatapultProbe {
  readonly available: boolean;
  /** One readable line: what was found, or why there is no card to use. */
  readonly reason: string;
  readonly addon: 'loaded' | 'missing';
  /** Each file that was tried for the addon and why it could not be loaded; only when it is missing. */
  readonly addonError?: string;
  readonly nodes: readonly CatapultNode[];
  /** Path of the role function's node; only when `available`. */
  readonly role?: string;
}
