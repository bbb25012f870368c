export interface Answer {
  /** The label, or `class N` where none is known. */
  readonly label: string;
  readonly classId: number;
  readonly confidence: number;
}

/** The `k` classes with the highest probability, best first; of equals the lower class first. */
export function topK(probabilities: ArrayLike<number>, k = 5, labels: readonly string[] = []): Answer[] {
  return Array.from(probabilities, (confidence, classId) => ({
    label: labels[classId] ?? `class ${classId}`,
    classId,
    confidence,
  }))
    .sort((a, b) => b.confidence - a.confidence || a.classId - b.classId)
    .slice(0, Math.max(0, k));
}
