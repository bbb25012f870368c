/** What the work gives, or what `late` gives (or throws) when it takes longer than `ms`; the work itself goes on. */
export async function within<T>(work: Promise<T>, ms: number, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    return await Promise.race([work, bound.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
