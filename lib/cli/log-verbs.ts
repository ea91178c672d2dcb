import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import type { Io } from './io.ts';
export const runsVerb = (_: unknown, __: Io): ExitCode => EXIT.done;
export const showVerb = (_: unknown, __: unknown, ___: Io): ExitCode => EXIT.done;
export const compareVerb = (_: unknown, __: unknown, ___: Io): ExitCode => EXIT.done;
export const logsVerb = (_: unknown, __: unknown, ___: Io): ExitCode => EXIT.done;
