/** The manifest schema's limit of a text. */
const MOST_CHARACTERS = 4096;

/**
 * Refuses first what the manifest's schema would refuse only after the model was copied and run.
 *
 * @throws RangeError
 */
export function checkTexts(description: string | undefined, tags: Readonly<Record<string, string>> = {}): void {
  const texts: [string, string][] = Object.entries(tags).map(([key, value]) => [`tag ${key.slice(0, 80)}`, value]);
  if (description !== undefined) texts.push(['description', description]);
  for (const [field, text] of texts) {
    if (text.length > MOST_CHARACTERS) {
      throw new RangeError(`${field}: expected at most ${MOST_CHARACTERS} characters, found ${text.length}`);
    }
  }
  if ('' in tags) throw new RangeError('tag: expected k=v, found an empty key');
}
