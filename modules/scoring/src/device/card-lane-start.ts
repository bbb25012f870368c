import type { CardNetwork } from '@edgeslot/native';
import type { GraphSpec } from '../model/manifest.js';
import type { LaneStart } from './lane-messages.js';

/** What the worker of a card's lane is started with. */
export interface CardLaneStart extends LaneStart {
  readonly card: {
    /** Names the card that this process holds, see `attachCard`. */
    readonly token: number;
    readonly path: string;
    readonly output: Pick<CardNetwork['output'], 'name' | 'rows' | 'columns' | 'channels'>;
    readonly tail?: GraphSpec;
    /** Milliseconds for one run. */
    readonly runTimeoutMs: number;
  };
}
