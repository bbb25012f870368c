import { Session } from './session.js';

/** The sessions of all modules, by module id; one is made when a module first connects or is first sent something. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  constructor(
    private readonly deviceId: string,
    private readonly log: (text: string) => void,
  ) {}

  get(moduleId: string): Session {
    let session = this.#sessions.get(moduleId);
    if (session === undefined) {
      session = new Session(this.deviceId, moduleId, this.log);
      this.#sessions.set(moduleId, session);
    }
    return session;
  }

  find(moduleId: string): Session | undefined {
    return this.#sessions.get(moduleId);
  }

  forget(moduleId: string): void {
    const session = this.#sessions.get(moduleId);
    this.#sessions.delete(moduleId);
    session?.end();
  }

  endAll(): void {
    for (const moduleId of [...this.#sessions.keys()]) this.forget(moduleId);
  }
}
