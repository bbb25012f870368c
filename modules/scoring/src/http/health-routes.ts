import type { FastifyInstance } from 'fastify';
import type { DoorContext } from '../door-context.js';
import { scoringError } from '../errors.js';
import { formatModelId } from '../model/model-id.js';
import { sendError } from './errors.js';

/** `GET /live`: the event loop turns. `GET /ready`: a model is AVAILABLE, or will be again when a short swap ends. */
export function healthRoutes(app: FastifyInstance, context: DoorContext): void {
  app.get('/live', async () => ({ status: 'live' }));

  app.get('/ready', async (_request, reply) => {
    const { state, model, error } = context.state();
    const id = model ? formatModelId(model) : 'none';
    if (context.readiness.ready) return { status: 'ready', model: id, device: context.deviceKind() };
    return sendError(
      reply,
      state === 'END' && error
        ? scoringError('SLOT_FAILED', error.model ?? id, error.text)
        : scoringError('SLOT_NOT_AVAILABLE', state, id),
    );
  });
}
