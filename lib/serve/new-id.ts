import { v7 } from 'uuid';

/** An id nobody has had: it begins with the time, so that a database adds rows at its end (RFC 9562, version 7). */
export const newId = (): string => v7();
