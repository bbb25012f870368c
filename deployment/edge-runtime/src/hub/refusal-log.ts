/** SDKs try again about twice a second: the same refusal in a row is a warning once a minute. */
export class RefusalLog {
  #last = { text: '', time: 0 };

  constructor(private readonly log: (level: 'warning' | 'debug', text: string) => void) {}

  say(clientId: string, { returnCode, reason }: { readonly returnCode: number; readonly reason: string }): void {
    const text = `${clientId}: connection refused (CONNACK ${returnCode}): ${reason}`;
    const repeated = this.#last.text === text && Date.now() - this.#last.time < 60_000;
    this.log(repeated ? 'debug' : 'warning', text);
    if (!repeated) this.#last = { text, time: Date.now() };
  }
}
