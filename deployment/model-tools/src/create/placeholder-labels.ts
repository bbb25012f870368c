import type { Network } from '../networks/network.js';

/** One line per class. Weights that were never trained know no objects, so classes have numbers for names. */
export function placeholderLabels({ kind }: Pick<Network, 'kind'>, classes: number): string {
  const labels = Array.from({ length: classes }, (_, index) =>
    kind === 'detector' && index === 0 ? 'background' : `class ${index}`,
  );
  return `${labels.join('\n')}\n`;
}
