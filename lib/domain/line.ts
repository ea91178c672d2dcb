/**
 * The line of versions a pipeline's models belong to. Models of generated data have one of their own, so that none of them
 * can ever take the place of a real champion.
 */
export const modelLine = (pipeline: string, generated: boolean): string => (generated ? `${pipeline}-demo` : pipeline);
