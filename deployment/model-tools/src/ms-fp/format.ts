/**
 * Block floating point: the values of a block share one exponent, each has its own sign and mantissa. A value is a whole
 * number of steps 2^(e - (m - 1)), at most 2^m - 1 of them, with e the exponent of the block's largest magnitude.
 */
export interface MsFpFormat {
  /** `ms-fp11`, or `custom`. */
  readonly name: string;
  /** Of the shared exponent, biased as IEEE 754 biases it: 5 is half precision's range, 8 single precision's. */
  readonly exponentBits: 5 | 8;
  /** Without the sign. */
  readonly mantissaBits: number;
  /** Values that share an exponent, along the input channels. */
  readonly block: number;
}

const BRAINWAVE_BLOCK = 128;
const MSFP_BLOCK = 16;

/**
 * The published formats. Project Brainwave shares a 5-bit exponent over its native vector of 128: ms-fp8 and ms-fp9
 * (Chung et al., Hot Chips 2017), and 1 sign, 5 exponent, 5 mantissa bits for the convolutional networks (Fowers et al.,
 * ISCA 2018), here ms-fp11. MSFP12 to MSFP16 share an 8-bit exponent over 16 (Rouhani et al., NeurIPS 2020).
 */
export const MS_FP_FORMATS: readonly MsFpFormat[] = [
  { name: 'ms-fp8', exponentBits: 5, mantissaBits: 2, block: BRAINWAVE_BLOCK },
  { name: 'ms-fp9', exponentBits: 5, mantissaBits: 3, block: BRAINWAVE_BLOCK },
  { name: 'ms-fp11', exponentBits: 5, mantissaBits: 5, block: BRAINWAVE_BLOCK },
  ...[3, 4, 5, 6, 7].map((mantissaBits) => ({
    name: `msfp${9 + mantissaBits}`,
    exponentBits: 8 as const,
    mantissaBits,
    block: MSFP_BLOCK,
  })),
];

export interface MsFpChoice {
  /** One of the published names; default `ms-fp11`. */
  readonly format?: string;
  /** 2 to 7, instead of the format's own. */
  readonly mantissaBits?: number;
  /** 1 to 1024, instead of the format's own. */
  readonly block?: number;
}

const MOST_BLOCK = 1024;

/** Throws RangeError for an unknown name, a mantissa or a block out of range. */
export function chooseFormat({ format = 'ms-fp11', mantissaBits, block }: MsFpChoice = {}): MsFpFormat {
  const named = MS_FP_FORMATS.find(({ name }) => name === format);
  if (!named) {
    const names = MS_FP_FORMATS.map(({ name }) => name).join(', ');
    throw new RangeError(`format: expected one of ${names}, got "${format}"`);
  }
  const chosen = { ...named, mantissaBits: mantissaBits ?? named.mantissaBits, block: block ?? named.block };
  checkRange('mantissa', chosen.mantissaBits, 2, 7);
  checkRange('block', chosen.block, 1, MOST_BLOCK);
  const same = MS_FP_FORMATS.find(
    (one) =>
      one.exponentBits === chosen.exponentBits &&
      one.mantissaBits === chosen.mantissaBits &&
      one.block === chosen.block,
  );
  return { ...chosen, name: same?.name ?? 'custom' };
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name}: expected a whole number from ${least} to ${most}, got ${value}`);
}

/** The range that the shared exponent is held in: that of the normal numbers. */
export function exponentRange({ exponentBits }: MsFpFormat): { readonly least: number; readonly most: number } {
  const most = 2 ** (exponentBits - 1) - 1;
  return { least: 1 - most, most };
}

/** The largest mantissa: values beyond it saturate. */
export function largestMantissa({ mantissaBits }: MsFpFormat): number {
  return 2 ** mantissaBits - 1;
}
