export { defineStage } from '../stage/define-stage.ts';
