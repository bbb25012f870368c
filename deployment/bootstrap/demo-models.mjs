// Makes the models that the end-to-end tests share, where they are not there yet. A script of its own, because workers
// take on how their process was started.
import { demoModels } from '../../test/dist/support/demo-models.js';

await demoModels();
