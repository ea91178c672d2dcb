// Loaded before the command, so that it believes it is so much later.
const now = Date.now;
const laterMs = Number(process.env.MLLOOP_TEST_LATER_MS ?? 0);
Date.now = () => now() + laterMs;
