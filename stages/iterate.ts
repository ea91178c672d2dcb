import { readFileSync, writeFileSync } from 'node:fs';
import { MOST_WINDOWS, RULES } from 'mlloop/domain/rules';
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
  reads: ['labels', 'driftWindows', 'round'],
  effects: true,
  async run(ctx) {
    const { line } = JSON.parse(readFileSync(ctx.deps['summary'] ?? '', 'utf8')) as FeedbackSummary & { line: string };
    const { maxRounds = 1, rules = {} } = ctx.params;
    const state = await ctx.ask('labels', { line });
    const windows = await ctx.ask('driftWindows', { line, limit: MOST_WINDOWS });
    const round = await ctx.ask('round', null);
    const { mode, real, simulated } = summariseFeedback(state);
    // One kind speaks for the whole decision: simulated rows count for nothing as soon as there are real ones.
    const isSimulated = mode === 'simulated' && windows.real.length === 0;
    const kind = isSimulated ? 'simulated' : 'real';
    const decision = decideNext({
      rules,
      labelled: isSimulated ? simulated : real,
      simulated: isSimulated,
      newLabels: state.fresh[kind],
      givenBack: state.givenBack[kind],
      windows: windows[kind],
      round,
      maxRounds,
    });
    ctx.record({ kind: 'decision', ...decision });
    if (decision.verdict === 'retrain') {
      ctx.effect({ kind: 'accept', line, simulated: isSimulated });
      ctx.next({ reason: decision.reason });
    }
    writeFileSync(ctx.outs['decision'] ?? '', `${JSON.stringify(decision)}\n`);
  },
});
