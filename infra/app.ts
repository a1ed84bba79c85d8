import { App } from 'aws-cdk-lib';
import { stageOf } from './stages.ts';
import { stepwise } from './stepwise.ts';

const app = new App();
const context = (key: string) => app.node.tryGetContext(key) as string | undefined;
const bundles = context('bundles');
const workflows = context('workflows');
stepwise(app, stageOf(app), { ...(bundles && { bundles }), ...(workflows && { workflows }) });
