import { readFileSync, writeFileSync } from 'node:fs';
import { RULES } from 'mlloop/domain/rules';
import { type FeedbackSummary, summariseFeedback } from 'mlloop/monitor/feedback-summary';
import { decideNext } from 'mlloop/monitor/rules';
import { defineStage } from 'mlloop/stage/define-stage';
import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;

const Params = Type.Object(
  {
    /** Follow-up runs one run may lead to. */
    maxRounds: Type.Optional(Type.Integer({ minimum: 0, maximum: 10 })),
    rules: Type.Optional(RULES),
  },
  closed,
);

export default defineStage({
  params: Params,
  reads: ['labels', 'round'],
  effects: true,
  async run(ctx) {
    const { line } = JSON.parse(readFileSync(ctx.deps['summary'] ?? '', 'utf8')) as FeedbackSummary & { line: string };
    const state = await ctx.ask('labels', { line });
    const round = await ctx.ask('round', null);
    const { maxRounds = 1, rules = {} } = ctx.params;
    const { mode, real, simulated } = summariseFeedback(state);
    const isSimulated = mode === 'simulated';
    const labelled = isSimulated ? simulated : real;
    const newLabels = isSimulated ? state.fresh.simulated : state.fresh.real;
    const decision = decideNext({ rules, labelled, simulated: isSimulated, newLabels, round, maxRounds });
    ctx.record({ kind: 'decision', ...decision });
    if (decision.verdict === 'retrain') {
      ctx.effect({ kind: 'accept', line, simulated: isSimulated });
      ctx.next({ reason: decision.reason });
    }
    writeFileSync(ctx.outs['decision'] ?? '', `${JSON.stringify(decision)}\n`);
  },
});
