/** How far a task is. */
export interface TaskProgress {
  readonly phase: 'features' | 'train' | 'pictures';
  readonly done: number;
  readonly total: number;
  /** Of the pictures done, those whose features were known. */
  readonly cached: number;
}
