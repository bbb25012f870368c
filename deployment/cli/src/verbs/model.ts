import type { Command } from 'commander';
import type { Context } from '../context.js';
import { addModelCompare } from './model-compare.js';
import { addModelCreate } from './model-create.js';
import { addModelDelete } from './model-delete.js';
import { addModelHead } from './model-head.js';
import { addModelList } from './model-list.js';
import { addModelPreprocess } from './model-preprocess.js';
import { addModelQuantize } from './model-quantize.js';
import { addModelRegister } from './model-register.js';
import { addModelShow } from './model-show.js';
import { addModelVerify } from './model-verify.js';

const VERBS = [
  addModelCreate,
  addModelRegister,
  addModelHead,
  addModelQuantize,
  addModelList,
  addModelShow,
  addModelVerify,
  addModelPreprocess,
  addModelCompare,
  addModelDelete,
];

export function addModel(program: Command, context: Context): void {
  const model = program
    .command('model')
    .description(
      'create, register, list, show, verify, compare and delete models, train heads, quantise, preprocess pictures',
    )
    .showHelpAfterError('(edgeslot model --help lists the verbs)')
    .helpCommand(false);
  for (const add of VERBS) add(model, context);
}
