import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CardError, cardFault, startCard, stopCard, whyNotHere } from '@edgeslot/card';
import { probeCatapult } from '@edgeslot/native';

/** A virtual card in a directory of its own, for one test file. */
export class VirtualCard {
  /** @param directory what `--card` takes */
  private constructor(readonly directory: string) {}

  static async start(): Promise<VirtualCard> {
    const card = new VirtualCard(await mkdtemp(join(tmpdir(), 'edgeslot-card-')));
    await card.startAgain();
    return card;
  }

  /** Why there can be none here, in one line; such tests are skipped with it. */
  static async whyNotHere(): Promise<string | undefined> {
    const reason = whyNotHere() ?? whyNoCompiler() ?? (await whyNoAddon());
    if (reason !== undefined) return reason;
    try {
      // Some sandboxes show only then that they let nobody mount.
      await (await VirtualCard.start()).remove();
      return undefined;
    } catch (error) {
      if (error instanceof CardError && error.message.startsWith('the virtual card needs')) return error.message;
      throw error;
    }
  }

  get node(): string {
    return join(this.directory, 'dev', 'catapult0');
  }

  /** After its death: in the same place, as a card that came back. */
  async startAgain(): Promise<void> {
    await startCard({ directory: this.directory });
  }

  fault(...words: (string | number)[]): Promise<void> {
    return cardFault(this.directory, words.map(String));
  }

  async remove(): Promise<void> {
    await stopCard(this.directory).catch(async (error: unknown) => {
      if (!(error instanceof CardError)) throw error;
      // One that died left its mount behind; only the next one takes it away.
      await this.startAgain();
      await stopCard(this.directory);
    });
    await rm(this.directory, { recursive: true, force: true });
  }
}

function whyNoCompiler(): string | undefined {
  const works = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
  return works('g++') && works('make') ? undefined : 'the virtual card needs g++ and make';
}

async function whyNoAddon(): Promise<string | undefined> {
  const { addon } = await probeCatapult();
  return addon === 'loaded' ? undefined : 'the native addon is not built';
}
