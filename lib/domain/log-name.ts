/** What a log may be called, so that its runs have names elsewhere: ci:41. */
export const LOG_NAME = /^[a-z][a-z0-9-]{0,31}$/;
