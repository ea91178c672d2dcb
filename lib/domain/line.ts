const DEMO = '-demo';

/**
 * The line of versions a pipeline's models belong to. Models of generated data have one of their own, so that none of them
 * can ever take the place of a real champion.
 */
export const modelLine = (pipeline: string, generated: boolean): string =>
  generated ? `${pipeline}${DEMO}` : pipeline;

/** Whether models of generated data may stand in a line. */
export const isDemo = (line: string): boolean => line.endsWith(DEMO);

/** Lines without those of generated data whose real one is among them: these are only taken when they are named. */
export const withoutDemos = (lines: readonly string[]): string[] =>
  lines.filter((line) => !isDemo(line) || !lines.includes(line.slice(0, -DEMO.length)));
